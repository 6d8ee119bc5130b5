#!/usr/bin/env python3
"""What holds of every normal form.

    check_normalize.py SCRATCH FILE[=ENTRY,...] ...

For each file (after TOSA is lowered): the normal form verifies, a second run
changes nothing, no function moves more bytes at DRAM on ddr5-2ch and h100-sxm,
no FLOP is added, and with ENTRY the functions give the same bits. Arithmetic on
whole tensors (math.exp) takes the place of an operand when it is lowered; in the
normal form its result has memory of its own, which stores may fetch once. A folder
stands for all .mlir files in it. Prints a row of the table in docs/Fusion.md for
each file. Bytes are those of reuse distances: estimates from a few sets of a
cache differ by more than what is compared."""

import csv
import pathlib
import subprocess
import sys
import time

TARGETS = {"ddr5-2ch": "ddr5", "h100-sxm": "hbm3"}


def run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr[-2000:]}")
    return result.stdout


def report(path, scratch):
    """({(function, target): DRAM bytes}, {function: flops}, number of ops,
    {(function, target): bytes of results of arithmetic on whole tensors})."""
    out = scratch / "report.csv"
    options = f"targets={','.join(TARGETS)} format=csv accuracy=fast dims=16 output={out}"
    run(["memwall-opt", path, f"--memwall-report={options}", "-o", "/dev/null"])
    moved, flops, ops, in_place = {}, {}, set(), {}
    with open(out) as file:
        for row in csv.DictReader(file):
            function, target = row["function"], row["target"]
            if row["kind"] in ("unmodelled", "operand") or row["level"] != TARGETS.get(target):
                continue
            key = function, target
            moved.setdefault(key, 0)
            moved[key] += int(row["scheduled_read"] or 0) + int(row["scheduled_written"] or 0)
            ops.add((function, row["index"]))
            if row["name"].startswith(("arith.", "math.")):
                in_place[key] = in_place.get(key, 0) + int(row["compulsory_written"])
            if target == "ddr5-2ch":
                flops[function] = flops.get(function, 0) + int(row["flops"] or 0)
    return moved, flops, len(ops), in_place


def compare(before, after, entries):
    """Runs the entries of both; their outputs have to be equal bit by bit."""
    for entry in filter(None, entries.split(",")):
        command = ["memwall-run", before, f"--entry={entry}", f"--compare={after}", "--time=0"]
        lines = run(command).splitlines()
        error = next(line for line in lines if line.startswith("largest relative error: "))
        if not error.startswith("largest relative error: 0 ") and not error.endswith(": 0"):
            sys.exit(f"{before}: @{entry}: {error}")


def check(path, entries, scratch):
    before, after, again = (scratch / f"{path.stem}.{part}.mlir" for part in ("before", "after", "again"))
    run(["memwall-opt", path, "--memwall-import-tosa", "-o", before])
    start = time.time()
    run(["memwall-opt", before, "--memwall-normalize", "-o", after])
    seconds = time.time() - start
    run(["memwall-opt", after, "--memwall-normalize", "-o", again])
    if after.read_text() != again.read_text():
        sys.exit(f"{path.stem}: a second run changes something")
    then, flops_then, ops_then, in_place = report(before, scratch)
    now, flops_now, ops_now, _ = report(after, scratch)
    for key, moved in now.items():
        if moved > then[key] + in_place.get(key, 0):
            sys.exit(f"{path.stem}: {key} moves {moved} bytes at DRAM, before {then[key]}")
    for function, count in flops_now.items():
        if count > flops_then[function]:
            sys.exit(f"{path.stem}: @{function} has {count} FLOP, before {flops_then[function]}")
    compare(before, after, entries)
    cells = []
    for target in TARGETS:
        for moved in (then, now):
            cells.append(f"{sum(v for (_, t), v in moved.items() if t == target) / 1e9:.4g}")
    print(f"| {path.stem} | {ops_then} | {ops_now} | {' | '.join(cells)} |", flush=True)
    print(f"{path.stem}: {seconds:.1f} s", file=sys.stderr)


def main():
    scratch = pathlib.Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    count = 0
    for argument in sys.argv[2:]:
        name, _, entries = argument.partition("=")
        path = pathlib.Path(name)
        for file in sorted(path.glob("*.mlir")) if path.is_dir() else [path]:
            check(file, entries, scratch)
            count += 1
    print(f"{count} normal forms hold")


main()
