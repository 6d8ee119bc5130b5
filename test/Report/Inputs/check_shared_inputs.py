"""Reports every model of a folder; checks each report.

    check_shared_inputs.py <folder> <scratch file> <check_report.py>

No crash, fields and sums as documented, nothing unmodelled but calls of
functions that the module only declares, and never less than the floor.
"""

import glob
import json
import os
import subprocess
import sys

folder, scratch, check_report = sys.argv[1:]
paths = sorted(glob.glob(os.path.join(folder, "*.mlir")))
if not paths:
    sys.exit(f"no models in {folder}")
for path in paths:
    subprocess.run(["memwall-opt", path, "--memwall-import-tosa",
                    f"--memwall-report=format=json output={scratch}",
                    "-o", os.devnull], check=True)
    subprocess.run([sys.executable, check_report, scratch], check=True)
    with open(scratch, encoding="utf-8") as file:
        report = json.load(file)
    if not any(function["ops"] for function in report["functions"]):
        sys.exit(f"{path}: no operations")
    for function in report["functions"]:
        lost = [op for op in function["unmodelled"]
                if not op["op"].startswith("func.call")]
        if lost:
            sys.exit(f"{path}: @{function['name']}: not modelled: {lost}")
        floor = sum(function["floor"].values())
        for target in function["targets"]:
            moved = sum(target["levels"][-1]["scheduled"].values())
            if moved < floor:
                sys.exit(f"{path}: @{function['name']}: {moved} bytes "
                         f"scheduled on {target['name']}, floor {floor}")
print(f"{len(paths)} models reported")
