"""What a report says of memwall-optimize is what a report of its output says.

usage: check_optimized.py <report with optimize=true> <report of the optimized program>"""

import json
import sys

before, after = (json.load(open(path))["functions"][0]["targets"][0] for path in sys.argv[1:])
said, moved = before["optimized"]["dram"], after["levels"][-1]["scheduled"]
before_moved = before["levels"][-1]["scheduled"]
print(f"said {said}, moved {moved}, before {before_moved}")
if said != moved or sum(moved.values()) >= sum(before_moved.values()):
    sys.exit("expected the same bytes, and fewer than before")
