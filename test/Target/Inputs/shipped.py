"""Checks every shipped target: it prints, is read back to the same text, has a
source beside its figures, and is reported on the given programs, all in a few
processes. Usage: shipped.py <folder of target files> <scratch file> <program>...
"""

import glob
import json
import os
import re
import subprocess
import sys


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def check_sources(path):
    """Every number has a comment above it, or follows one that has: figures of
    one kind in a row share the comment of the first."""
    commented = False
    for number, line in enumerate(open(path), 1):
        text = line.strip()
        if text.startswith("//"):
            commented = True
        elif re.match(r'"\w+" = #dlti', text):
            commented = False
        elif re.match(r'"(units|capacity\w*|peak_\w+|achievable_\w+|[a-z]+\d+)" ='
                      r' ("?\d)', text) and not commented:
            sys.exit(f"{path}:{number}: a figure without a source: {text}")


folder, scratch, *programs = sys.argv[1:]
names = sorted(os.path.splitext(os.path.basename(path))[0]
               for path in glob.glob(os.path.join(folder, "*.mlir")))
for name in names:
    check_sources(os.path.join(folder, name + ".mlir"))
    printed = run("memwall-opt", f"--memwall-print-target={name}")
    with open(scratch, "w") as file:
        file.write(printed)
    again = run("memwall-opt", f"--memwall-target-file={scratch}",
                f"--memwall-print-target={name}")
    if printed != again:
        sys.exit(f"{name}: does not print as it was read")
print(f"{len(names)} targets print and parse")
for program in programs:
    report = json.loads(run(
        "memwall-opt", program, "-o", os.devnull, "--memwall-report=format=json "
        f"accuracy=fast targets={','.join(names)}"))
    for function in report["functions"]:
        found = [target["name"] for target in function["targets"]]
        if found != names:
            sys.exit(f"{program}: reported on {found}")
        for target in function["targets"]:
            if not target["levels"] or target["seconds"]["at_bound"] < 0:
                sys.exit(f"{program}: nothing is reported on {target['name']}")
    print(f"{os.path.basename(program)} reported on all")
