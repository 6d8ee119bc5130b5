"""What program-filled levels read back, they wrote: the invariant of the model
(findLostWrite) on every function of the files, on the shared memories of an H100,
the VMEM of a TPU v5e and smaller levels.

usage: check_explicit.py FILE-OR-FOLDER...    (prints what is lost)
"""

import pathlib
import subprocess
import sys


def check(path):
    options = ["--split-input-file", "--memwall-import-tosa"]
    if "?" in path.read_text():
        options.append("--memwall-bind-dims=dims=64")
    imported = subprocess.run(["memwall-opt", path, *options], check=True,
                              stdout=subprocess.PIPE).stdout
    checked = subprocess.run(
        ["memwall-test-opt", "--split-input-file", "--test-memwall-explicit-levels",
         "-o", "/dev/null"],
        input=imported, check=True, stdout=subprocess.PIPE).stdout.decode()
    hold = 0
    for line in checked.splitlines():
        if line.endswith(" hold"):
            hold += int(line.split()[0])
        else:
            print(f"{path.name}: {line}")
    return hold


def main(arguments):
    files, hold = [], 0
    for argument in map(pathlib.Path, arguments):
        files += sorted(argument.glob("*.mlir")) if argument.is_dir() else [argument]
    for path in files:
        hold += check(path)
    print(len(files), "files,", hold, "levels hold")


if __name__ == "__main__":
    main(sys.argv[1:])
