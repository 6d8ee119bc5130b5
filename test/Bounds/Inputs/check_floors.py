"""Floors of functions against what comments say, and against a run.

    check_floors.py FILE.mlir

Before each function stands `// floor READ WRITTEN: why`, in bytes. What can be
run makes exactly the accesses that are predicted, and moves no less.
"""

import json
import re
import subprocess
import sys

MOST_ACCESSES = 50_000
# docs/Model.md: the condition of a loop runs once more than its body, and
# unpack is measured with upstream's temporaries.
INEXACT = ["counter_tensor_while", "unpack_cut"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def check_run(path, name, floor):
    done = run("memwall-run", path, f"--entry={name}", "--simulate=ddr5-2ch",
               "--format=json", f"--max-accesses={MOST_ACCESSES}",
               "--memwall-accuracy=fast")
    if done.returncode:
        return False
    levels = json.loads(done.stdout)["levels"]
    if name not in INEXACT and levels[0]["predicted"] != levels[0]["measured"]:
        sys.exit(f"@{name}: {levels[0]}")
    for what, least in floor.items():
        if levels[-1]["measured"][what] < least:
            sys.exit(f"@{name}: floor {floor}, measured {levels[-1]['measured']}")
    return True


def main(path):
    with open(path) as file:
        stated = {name: {"read": int(read), "written": int(written)}
                  for read, written, name in re.findall(
                      r"^// floor (\d+) (\d+): .*\nfunc.func @(\w+)",
                      file.read(), re.MULTILINE)}
    done = run("memwall-opt", path,
               "--memwall-report=target=ddr5-2ch format=json", "-o", "/dev/null")
    functions = json.loads(done.stdout)["functions"]
    ran = 0
    if len(functions) != len(stated):
        sys.exit(f"{len(functions)} functions, {len(stated)} floors")
    for function in functions:
        name = function["name"]
        if function["floor"] != stated[name]:
            sys.exit(f"@{name}: expected {stated[name]}, found {function['floor']}")
        scheduled = function["targets"][0]["levels"][-1]["scheduled"]
        if any(scheduled[what] < function["floor"][what] for what in scheduled):
            sys.exit(f"@{name}: floor {function['floor']}, scheduled {scheduled}")
        ran += check_run(path, name, function["floor"])
    if ran < len(functions) // 2:
        sys.exit(f"only {ran} of {len(functions)} functions ran")


main(sys.argv[1])
