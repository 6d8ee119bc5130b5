"""Optimizes models for a GPU, a CPU and a TPU: what comes out verifies, can be
counted as before, computes at most 1 % more (streams correct sums), moves at most 1 % more at DRAM in any
function, is not changed by a second run, copies no whole operand once it is
bufferized, and, for the models that are named with a function to run, computes
the same.

usage: check_shared_inputs.py <folder> <work folder> [targets=<a,b,...>] <name>[=<function>] ...
memwall-opt and memwall-run are on PATH."""

import collections

import json
import os
import pathlib
import re
import subprocess
import sys
import time

TARGETS = ["h100-sxm", "ddr5-2ch", "tpu-v5e"]
# What the simulator bufferizes with.
BUFFERIZE = [
    "--one-shot-bufferize=bufferize-function-boundaries "
    "function-boundary-type-conversion=identity-layout-map allow-return-allocs-from-loops",
    "--canonicalize", "--cse", "--canonicalize",
]
# Elements of what is copied without being an operand: rows and scalars.
LEAST_OPERAND = 4096


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done


def report(path, target, scratch):
    run(["memwall-opt", path, f"--memwall-report=format=json targets={target} output={scratch}", "-o", os.devnull])
    functions = json.loads(pathlib.Path(scratch).read_text())["functions"]
    return {
        f["name"]: (sum(f["targets"][0]["levels"][-1]["scheduled"].values()),
                    len(f["unmodelled"]), f["flops"],
                    sum(e or 0 for e in f["targets"][0]["levels"][-1]["standard_error"].values()))
        for f in functions
    }


def count_copies(path):
    """How often a memref.copy of each number of elements stands in the bufferized
    program; None where it cannot be bufferized."""
    done = subprocess.run(["memwall-opt", path, *BUFFERIZE], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    copies = collections.Counter()
    for shape in re.findall(r"memref\.copy .* to memref<([0-9x]*)x", done.stdout):
        elements = 1
        for size in shape.split("x"):
            elements *= int(size)
        if elements >= LEAST_OPERAND:
            copies[elements] += 1
    return copies


def list_operands(path):
    """The numbers of elements of tensors in a program."""
    sizes = set()
    for shape in re.findall(r"tensor<([0-9x]+)x[a-z]", pathlib.Path(path).read_text()):
        elements = 1
        for size in shape.split("x"):
            elements *= int(size)
        sizes.add(elements)
    return sizes


def check(folder, work, name, entry, targets):
    before = str(work / f"{name}.before.mlir")
    run(["memwall-opt", f"{folder}/{name}.mlir", "--memwall-import-tosa", "-o", before])
    operands, copied = list_operands(before), count_copies(before)
    for target in targets:
        after, again = str(work / f"{name}.{target}.mlir"), str(work / f"{name}.again.mlir")
        start = time.time()
        run(["memwall-opt", before, f"--memwall-optimize=target={target}", "-o", after])
        seconds = time.time() - start
        run(["memwall-opt", after, f"--memwall-optimize=target={target}", "-o", again])
        if pathlib.Path(after).read_text() != pathlib.Path(again).read_text():
            sys.exit(f"{name}: a second run for {target} changes something")
        scratch = str(work / "report.json")
        then, now = report(before, target, scratch), report(after, target, scratch)
        for function, (moved, unmodelled, flops, error) in now.items():
            if flops > 1.01 * then[function][2]:
                sys.exit(f"{name}: @{function} computes {flops} for {target}, before {then[function][2]}")
            # One percent more is allowed, or what the counts may be off by (docs/Search.md).
            most = max(1.01 * then[function][0], then[function][0] + then[function][3] + error)
            if moved > most or unmodelled > then[function][1]:
                sys.exit(
                    f"{name}: @{function} moves {moved} bytes on {target}, with {unmodelled} "
                    f"ops that are not counted, before {then[function]}"
                )
        copies = count_copies(after)
        if copied is not None and copies is None:
            sys.exit(f"{name}: what comes out for {target} cannot be bufferized")
        more = {} if copied is None else {
            e: n for e, n in copies.items() if e in operands and n > copied[e]}
        if more:
            sys.exit(f"{name}: for {target} copies of whole operands (elements: copies) {more}, before {dict(copied)}")
        if entry:
            run(["memwall-run", before, f"--entry={entry}", f"--compare={after}", "--time=0"])
        tiled = pathlib.Path(after).read_text().count("memwall.tiled")
        sums = [sum(moved for moved, *_ in each.values()) for each in (then, now)]
        print(
            f"{name} {target}: {tiled} ops tiled, {sums[0]} to {sums[1]} bytes"
            f"{', equal' if entry else ''}{'' if copied is not None else ', not bufferized'}",
            flush=True,
        )
        if sys.stderr.isatty() or os.environ.get("SHOW_TIMES"):
            print(f"  {seconds:.1f} s", file=sys.stderr, flush=True)


def main():
    folder, work = sys.argv[1], pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    targets, count = TARGETS, 0
    for argument in sys.argv[3:]:
        name, _, entry = argument.partition("=")
        if name == "targets":
            targets = entry.split(",")
            continue
        check(folder, work, name, entry, targets)
        count += 1
    print(f"{count} models optimized")


main()
