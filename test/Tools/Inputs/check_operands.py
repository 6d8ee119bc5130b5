"""Operands of memwall-run --op add up to the levels, predicted and measured."""

import json
import sys

with open(sys.argv[1]) as file:
    run = json.load(file)
for i, level in enumerate(run["levels"]):
    for kind in ("predicted", "measured"):
        for what in ("read", "written"):
            total = sum(o["levels"][i][kind][what] for o in run["operands"])
            if total != level[kind][what]:
                sys.exit(f"{level['name']}: {kind} {what} {level[kind][what]}, "
                         f"operands {total}")
print(len(run["operands"]), "operands add up")
