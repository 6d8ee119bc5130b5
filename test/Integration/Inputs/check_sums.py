"""What must hold for every report, whatever the program: floor <= scheduled at
DRAM, compulsory <= bound of every op, and the scheduled bytes of a function are
the sums over its ops: by reuse distances on all shipped targets, by walks on
two.

usage: check_sums.py FOLDER    (memwall-opt on PATH; prints what breaks)
"""

import json
import pathlib
import subprocess
import sys

from random_ops import list_targets


def find_broken(function):
    broken = []
    for i, target in enumerate(function["targets"]):
        name = target["name"]
        for j, level in enumerate(target["levels"]):
            for what, total in level["scheduled"].items():
                ops = sum(op["targets"][i]["levels"][j]["scheduled"][what]
                          for op in function["ops"])
                if ops != total:
                    broken.append(f"{name}, {level['name']}: {what} {total}, ops {ops}")
            for op in function["ops"]:
                bound = op["targets"][i]["levels"][j]["bound"]["bytes"]
                if bound < sum(op["compulsory"].values()):
                    broken.append(f"{name}, {level['name']}: bound of {op['loc']}")
        for what, floor in function["floor"].items():
            found = target["levels"][-1]["scheduled"][what]
            if floor > found:
                broken.append(f"{name}: floor {what} {floor}, scheduled {found}")
    return broken


def read_report(path, targets, accuracy):
    return json.loads(subprocess.run(
        ["memwall-opt", path, "--memwall-import-tosa",
         f"--memwall-report=targets={targets} accuracy={accuracy} format=json"],
        check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout)


def main(folder):
    functions = 0
    for path in sorted(pathlib.Path(folder).glob("*.mlir")):
        for targets, accuracy in ((",".join(list_targets()), "fast"),
                                  ("h100-sxm,ddr5-2ch", "default")):
            for function in read_report(path, targets, accuracy)["functions"]:
                broken = find_broken(function)
                functions += not broken
                for line in broken[:5]:
                    print(f"broken: {path.name}, @{function['name']}: {line}")
    print(functions, "functions hold")


if __name__ == "__main__":
    main(sys.argv[1])
