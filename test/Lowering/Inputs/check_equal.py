"""Runs every function of a module in vector code and in plain loops, on the same
inputs: check_equal.py memwall-run file.mlir [flags]. Prints "name: equal" or what
went wrong; the exit status tells."""

import pathlib
import re
import subprocess
import sys


def main():
    run, path, *flags = sys.argv[1:]
    names = re.findall(r"func\.func @(\w+)", pathlib.Path(path).read_text())
    failures = 0
    for name in names:
        command = [run, path, f"--entry={name}", "--compare-lowering"]
        done = subprocess.run(command + flags, capture_output=True, text=True)
        failures += done.returncode != 0
        found = "equal" if done.returncode == 0 else done.stdout + done.stderr
        print(f"{name}: {found}")
    return 1 if failures or not names else 0


sys.exit(main())
