"""What must hold for every report, whatever the program: floor <= scheduled at
DRAM, compulsory <= bound of every op, and the scheduled bytes of a function are
the sums over its ops, of these over their operands, and of these over causes:
by reuse distances on all shipped targets, by walks on two.

usage: check_sums.py FOLDER    (memwall-opt on PATH; prints what breaks)
"""

import json
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "Fuzz"))
from invariants import check_function, list_targets


def read_report(path, targets, accuracy):
    return json.loads(subprocess.run(
        ["memwall-opt", path, "--memwall-import-tosa",
         f"--memwall-report=targets={targets} accuracy={accuracy} causes=true format=json"],
        check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout)


def main(folder):
    functions = 0
    for path in sorted(pathlib.Path(folder).glob("*.mlir")):
        for targets, accuracy in ((",".join(list_targets()), "fast"),
                                  ("h100-sxm,ddr5-2ch", "default")):
            for function in read_report(path, targets, accuracy)["functions"]:
                broken = list(check_function(function))
                functions += not broken
                for line in broken[:5]:
                    print(f"broken: {path.name}, @{function['name']}: {line}")
    print(functions, "functions hold")


if __name__ == "__main__":
    main(sys.argv[1])
