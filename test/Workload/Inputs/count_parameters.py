"""Parameters of every preset, counted from the arguments of the generated whole
model, against the published count.

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
    return subprocess.run(["memwall-gen", *flags], check=True,
                          stdout=subprocess.PIPE,
                          universal_newlines=True).stdout


ENTRY_FLAGS = ["--layers=all"]


def count_weights(ir):
    # The signature of the entry is one line, up to its results.
    entry = next(line for line in ir.splitlines()
                 if "func.func @model(" in line)
    weights = ARGUMENT.findall(entry.split(") -> ")[0])
    names = [name for _, name in weights]
    if len(set(names)) != len(names):
        sys.exit("two weights of one name")
    return sum(math.prod(map(int, shape.split("x"))) for shape, _ in weights)


def main():
    for line in run("--list-models").splitlines()[1:]:
        model, published = line.split()[:2]
        published = float(published.rstrip("B")) * 1e9
        found = count_weights(run(f"--model={model}", *ENTRY_FLAGS))
        error = found / published - 1
        verdict = "ok" if abs(error) < 0.01 else "wrong"
        print(f"{verdict}: {model} {found} {100 * error:+.2f}%")


if __name__ == "__main__":
    main()
