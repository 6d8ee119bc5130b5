"""Parameters of every preset, counted from the arguments of the generated whole
model, against the published count. What only a decode step reads, as a robot's
action expert, counts too.

usage: count_parameters.py    (memwall-gen on PATH)
"""

import math
import re
import subprocess
import sys

ARGUMENT = re.compile(
    r'tensor<([0-9x]+)x\w+> \{memwall\.name = "([^"]*)", '
    r'memwall\.role = "weight"')


def run(*flags):
    return subprocess.run(["memwall-gen", *flags], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


ENTRY_FLAGS = ["--layers=all"]


def find_weights(ir):
    """The number of elements of each weight, by name."""
    # The signature of the entry is one line, up to its results.
    entry = next(line for line in ir.splitlines()
                 if "func.func @model(" in line)
    weights = ARGUMENT.findall(entry.split(") -> ")[0])
    names = [name for _, name in weights]
    if len(set(names)) != len(names):
        sys.exit("two weights of one name")
    return {name: math.prod(map(int, shape.split("x")))
            for shape, name in weights}


def count_weights(ir):
    return sum(find_weights(ir).values())


def count_parameters(model):
    # More tokens than three images have.
    length = ["--seq=800"] if model == "pi0" else []
    prefill = run(f"--model={model}", *ENTRY_FLAGS, *length)
    if prefill.returncode:
        sys.exit(prefill.stderr)
    weights = find_weights(prefill.stdout)
    decode = run(f"--model={model}", "--phase=decode", "--context=64",
                 *ENTRY_FLAGS)
    if decode.returncode and "has no cache to decode with" not in decode.stderr:
        sys.exit(decode.stderr)
    if decode.returncode == 0:
        found = find_weights(decode.stdout)
        if any(weights.get(name, size) != size for name, size in found.items()):
            sys.exit(f"{model}: a weight of two sizes")
        weights.update(found)
    return sum(weights.values())


def main():
    for line in run("--list-models").stdout.splitlines()[1:]:
        model, published = line.split()[:2]
        published = float(published.rstrip("B")) * 1e9
        found = count_parameters(model)
        error = found / published - 1
        verdict = "ok" if abs(error) < 0.01 else "wrong"
        print(f"{verdict}: {model} {found} {100 * error:+.2f}%")


if __name__ == "__main__":
    main()
