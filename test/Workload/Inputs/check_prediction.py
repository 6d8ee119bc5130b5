"""Predicted against measured bytes of every level, from memwall-run's JSON on
standard input: within 5%."""

import json
import sys

run = json.load(sys.stdin)
levels = run["levels"]
if not levels:
    sys.exit("no levels")
for level in levels:
    for direction in ["read", "written"]:
        measured = level["measured"][direction]
        error = level["predicted"][direction] / measured - 1
        if abs(error) > 0.05:
            sys.exit(f"{level['name']} {direction}: {100 * error:+.1f}%")
