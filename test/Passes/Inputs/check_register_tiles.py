"""Tiles that vector code can use: of a product on stdin, whose dimensions are row, column and depth, every band cuts
rows and columns into whole register tiles and leaves at least 256 steps of depth.

usage: check_register_tiles.py <rows> <columns>"""

import re
import sys

rows, columns = int(sys.argv[1]), int(sys.argv[2])
bands = re.findall(r"sizes = \[(\d+), (\d+), (\d+)\]", sys.stdin.read())
print(bands)
if not bands:
    sys.exit("expected a schedule with bands")
for m, n, k in (map(int, sizes) for sizes in bands):
    if m % rows or n % columns or 0 < k < 256:
        sys.exit(f"expected multiples of {rows} and {columns} and 256 steps, found {m}x{n}x{k}")
