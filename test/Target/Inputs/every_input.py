"""Reports inputs for targets: every_input.py TARGETS INPUTS all|sample.

Each report has to end without an error and to know, for every function and target, what moves at every level. The sample
is the four smallest inputs for every tenth target."""

import json
import os
import subprocess
import sys

targets_folder, inputs_folder, which = sys.argv[1:]
targets = sorted(name[:-5] for name in os.listdir(targets_folder) if name.endswith(".mlir"))
paths = sorted((os.path.join(inputs_folder, name) for name in os.listdir(inputs_folder) if name.endswith(".mlir")),
               key=lambda path: (os.path.getsize(path), path))
if which == "sample":
    targets, paths = targets[::10], paths[:4]
wrong = []
for path in paths:
    done = subprocess.run(["memwall-opt", path, "--memwall-import-tosa",
                           f"--memwall-report=targets={','.join(targets)} accuracy=fast format=json"], capture_output=True)
    if done.returncode:
        wrong.append(f"{path}: {done.stderr.decode().splitlines()[0]}")
        continue
    for function in json.loads(done.stdout)["functions"]:
        if [each["name"] for each in function["targets"]] != targets:
            wrong.append(f"{path}: @{function['name']} is not reported for every target")
        wrong += [f"{path}: @{function['name']} on {target['name']}: {level['name']} moves an unknown number of bytes"
                  for target in function["targets"] for level in target["levels"] if None in level["scheduled"].values()]
print("\n".join(wrong))
print(f"{len(paths)} inputs for {len(targets)} targets, {len(wrong)} wrong")
sys.exit(bool(wrong))
