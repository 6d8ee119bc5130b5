"""Compares the processor time per operation of two sizes of one benchmark."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    runs = json.load(file)["benchmarks"]
small, large = [run for run in runs if run["run_type"] == "iteration"]
growth = (large["cpu_time"] / large["ops"]) / (small["cpu_time"] / small["ops"])
print(f"{large['ops'] / small['ops']:.0f} times the operations take "
      f"{growth:.2f} times as long each")
if growth > 3:
    sys.exit("the time per operation grows with the program")
