"""Checks memwall's simulator against valgrind's cachegrind.

Compiles programs from IR to native code and runs each under lackey, which
writes down every address, and under cachegrind, which simulates caches. The
addresses go to memwall-run --trace. Both must count the same data misses in the
program's function at D1, which sees every data access and nothing else
(cachegrind's LL holds instructions too, and sees no write-backs).
"""

import json
import os
import re
import subprocess
import sys

source, targets, directory, cc = sys.argv[1:5]
os.makedirs(directory, exist_ok=True)
os.chdir(directory)

# The caches of caches.mlir as cachegrind says them: bytes, ways, line.
CONFIGURATIONS = {"sets": "4096,4,64", "full": "8192,128,64"}
TOLERANCE = 0.01
PIPELINE = (
    "builtin.module(one-shot-bufferize{bufferize-function-boundaries "
    "function-boundary-type-conversion=identity-layout-map},canonicalize,cse,"
    "canonicalize,func.func(convert-linalg-to-loops),expand-strided-metadata,"
    "lower-affine,convert-scf-to-cf,convert-to-llvm,"
    "reconcile-unrealized-casts)"
)


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def build_main(name, types, result):
    """A program in IR that fills arguments and calls the function."""
    lines = [f"func.func private @{name}({', '.join(types)}) -> {result}",
             "func.func @main() -> i32 {"]
    for i, type in enumerate(types):
        element = re.search(r"x([a-z]\w*)>$", type).group(1)
        value = "1.0" if element.startswith("f") else "1"
        lines += [
            f"  %v{i} = arith.constant {value} : {element}",
            f"  %e{i} = tensor.empty() : {type}",
            f"  %a{i} = linalg.fill ins(%v{i} : {element}) "
            f"outs(%e{i} : {type}) -> {type}",
        ]
    arguments = ", ".join(f"%a{i}" for i in range(len(types)))
    lines += [f"  %r = call @{name}({arguments}) : "
              f"({', '.join(types)}) -> {result}",
              "  %zero = arith.constant 0 : i32",
              "  return %zero : i32", "}"]
    return "\n".join(lines)


def compile_ir(text, path):
    lowered = run("mlir-opt", f"--pass-pipeline={PIPELINE}", input=text)
    with open(path + ".ll", "w") as file:
        file.write(run("mlir-translate", "--mlir-to-llvmir", input=lowered))
    run(cc, "-O1", "-w", "-fno-pie", "-c", path + ".ll", "-o", path + ".o")


def build(name, text):
    """Compiles one function and a main that calls it; separate objects, so
    that the call stays."""
    types = re.findall(r"%\w+: (tensor<\w+>)", text.split("{")[0])
    result = re.search(r"-> (tensor<\w+>)", text).group(1)
    compile_ir(text, name)
    compile_ir(build_main(name, types, result), name + "-main")
    run(cc, "-no-pie", name + ".o", name + "-main.o", "-o", name)
    symbol = re.search(rf"(\w+) (\w+) T {name}$", run("llvm-nm", "-S", name),
                       re.MULTILINE)
    run("valgrind", "--tool=lackey", "--trace-mem=yes",
        f"--log-file={name}.trace", "./" + name)
    return f"0x{symbol.group(1)},0x{symbol.group(2)}"


def count_with_cachegrind(name, configuration):
    """Misses of D1 in the function: loads and stores."""
    run("valgrind", "--tool=cachegrind", "--cache-sim=yes",
        f"--D1={CONFIGURATIONS[configuration]}",
        f"--cachegrind-out-file={name}.cachegrind", "./" + name)
    misses = 0
    function = None
    for line in open(name + ".cachegrind"):
        if line.startswith("fn="):
            function = line[3:].strip()
        elif line[0].isdigit() and function == name:
            # line Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw
            counts = [int(word) for word in line.split()]
            misses += counts[5] + counts[8]
    return misses


def count_with_memwall(name, code, configuration):
    """Lines that the memory below D1 serves while the function runs."""
    report = json.loads(run(
        "memwall-run", f"--trace={name}.trace", f"--trace-code={code}",
        f"--memwall-target-file={targets}", f"--simulate={configuration}",
        "--format=json"))
    return report["levels"][1]["measured"]["read"] // 64


failed = False
programs = 0
for text in open(source).read().split("// -----\n")[1:]:
    name = re.search(r"func.func @(\w+)", text).group(1)
    code = build(name, text)
    programs += 1
    for configuration in CONFIGURATIONS:
        expected = count_with_cachegrind(name, configuration)
        found = count_with_memwall(name, code, configuration)
        error = abs(expected - found) / max(expected, 1)
        correct = expected > 0 and error <= TOLERANCE
        failed |= not correct
        print(f"{name} {configuration}: cachegrind {expected}, memwall {found},"
              f" {100 * error:.2f}% {'ok' if correct else 'WRONG'}")
    os.remove(name + ".trace")
print(f"{programs} programs checked")
sys.exit(failed)
