"""Random schedules as data (scheduleTree, which Search decides on) and as
rewritten IR (applySchedule): both move the same bytes at every level of a small
machine.

usage: check_schedule_tree.py <cases> <work folder>
Seeds are fixed. memwall-test-opt is on PATH."""

import pathlib
import random
import subprocess
import sys

import check_schedules

MACHINE = """module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "units" = 4,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 512, "associativity" = 4>,
      "l2" = #dlti.map<"capacity_bytes" = 2048>,
      "l3" = #dlti.map<"capacity_bytes" = 16384, "units_per_instance" = 4>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
"""


# Softmax is several nests; two fills of two results are one in a tree.
LEFT_OUT = ["softmax", "largest_and_place"]


def main():
    cases, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    kinds = [k for k in check_schedules.KINDS if k.__name__ not in LEFT_OUT]
    compared = different = 0
    for number in range(cases):
        r = random.Random(number)
        op = kinds[number % len(kinds)](r)
        schedule, packs = check_schedules.draw_schedule(r, op, plain=True)
        text = op.text.replace("%SCHEDULE", "memwall.schedule = " + schedule)
        text = text.replace("func.func", MACHINE + "func.func") + "}\n"
        path = work / f"{number}.mlir"
        path.write_text(text)
        command = ["memwall-test-opt", str(path), "--test-memwall-schedule-tree", "-o", "/dev/null"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 and packs:
            continue  # Search packs in tiles of its loops only.
        if done.returncode != 0:
            sys.exit(f"case {number}, {schedule}: {done.stderr}")
        if done.stdout.strip() == "unmodelled":
            continue  # Windows cut twice; memwall-optimize leaves them.
        compared += 1
        for line in done.stdout.splitlines():
            name, *counts = line.split()
            if counts[:2] != counts[2:]:
                print(f"case {number}, {schedule}: {line}")
                different += 1
    print(f"{compared} of {cases} schedules compared, {different} levels differ")
    sys.exit(different != 0 or compared < 0.8 * cases)


main()
