"""What must hold for every report, whatever the program: floor <= scheduled at
DRAM, compulsory <= bound of every op, and the scheduled bytes of a function are
the sums over its ops, of these over their operands, and of these over causes:
by reuse distances on all shipped targets, by walks on the two of a report that
names none. That one has all fields, and nothing unmodelled but calls of functions
that the module only declares.

usage: check_sums.py FOLDER CHECK_REPORT.PY    (memwall-opt on PATH; prints what breaks)
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parents[2] / "Fuzz"))
from invariants import check_function, list_targets


def write_report(path, options, output):
    subprocess.run(
        ["memwall-opt", path, "--memwall-import-tosa",
         f"--memwall-report={options} causes=true format=json output={output}"],
        check=True)
    return json.loads(output.read_text())["functions"]


def find_left_out(functions):
    """Ops that are not modelled, though the module has what they do."""
    for function in functions:
        for op in function["unmodelled"]:
            if not op["op"].startswith("func.call"):
                yield f"@{function['name']}: {op} is not modelled"
    if not any(function["ops"] for function in functions):
        yield "no operations"


def main(folder, check_report):
    holding = 0
    with tempfile.TemporaryDirectory() as scratch:
        output = pathlib.Path(scratch, "report.json")
        for path in sorted(pathlib.Path(folder).glob("*.mlir")):
            fast = write_report(
                path, f"targets={','.join(list_targets())} accuracy=fast", output)
            walked = write_report(path, "", output)
            subprocess.run([sys.executable, check_report, output], check=True)
            broken = list(find_left_out(walked))
            for function in fast + walked:
                lines = list(check_function(function))
                holding += not lines
                broken += [f"@{function['name']}: {line}" for line in lines[:5]]
            for line in broken:
                print(f"broken: {path.name}, {line}")
    print(holding, "functions hold")


if __name__ == "__main__":
    main(*sys.argv[1:])
