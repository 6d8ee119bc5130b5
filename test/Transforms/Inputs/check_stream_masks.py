"""Streams under masks: which tiles are left out, and how much that saves.

usage: check_stream_masks.py <work folder>
memwall-opt, memwall-test-opt and memwall-run are on PATH."""

import pathlib
import random
import re
import sys

from check_groups import run
from check_streams import LOWEST, Stream

HEADS, ROWS, COLUMNS, DEPTH = 2, 64, 64, 8
TILE = 8  # Of rows and of columns.

INDICES = ["%a = linalg.index 1 : index", "%b = linalg.index 2 : index"]
CAUSAL = INDICES + ["%keep = arith.cmpi sge, %a, %b : index"]
CASES = []


def case(cut):
    """A mask, and where it cuts the loop of the stream: at its "end" or "begin"."""

    def add(build):
        CASES.append((build.__name__, cut.split(), build))

    return add


def attention(mask):
    """`mask` makes masked scores "hnt" of scores and finishes the program."""
    p = Stream(random.Random(0))
    p.exponents = ["one"]
    q = p.argument([ROWS, HEADS, DEPTH])
    k, v = p.argument([COLUMNS, HEADS, DEPTH]), p.argument([COLUMNS, HEADS, DEPTH])
    s = p.product("nhd,thd->hnt", q, k)
    s = mask(p, s)
    m = p.reduce("hnt->hn", s, "maximumf")
    e = p.exponential("hnt,hn->hnt", s, m)
    l = p.reduce("hnt->hn", e, "addf")
    o = p.product("hnt,thd->nhd", e, v)
    p.results.append(p.body("nhd,hn->nhd", [o, l], "%r = arith.divf %i0, %i1 : f32"))
    return p


def select(p, s, lines, low=LOWEST, inputs=(), spec="hnt->hnt", sides="%i0, %low"):
    return p.body(
        spec, [s, *inputs], f"%low = arith.constant {low} : f32", *lines, f"%r = arith.select %keep, {sides} : f32"
    )


@case("end")
def causal(p, s):
    return select(p, s, CAUSAL)


@case("end")
def swapped(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi slt, %a, %b : index"], sides="%low, %i0")


@case("end")
def unsigned(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi uge, %a, %b : index"])


@case("end")
def integers(p, s):
    lines = ["%c = arith.index_cast %a : index to i32", "%d = arith.index_cast %b : index to i32"]
    return select(p, s, INDICES + lines + ["%keep = arith.cmpi sge, %c, %d : i32"])


@case("end")
def flipped(p, s):
    lines = ["%true = arith.constant true", "%hide = arith.cmpi sgt, %b, %a : index"]
    return select(p, s, INDICES + lines + ["%keep = arith.xori %hide, %true : i1"])


@case("begin end")
def window(p, s):
    lines = [
        "%w = arith.constant 5 : index",
        "%e = arith.addi %b, %w : index",
        "%c1 = arith.cmpi sge, %a, %b : index",
        "%c2 = arith.cmpi slt, %a, %e : index",
        "%keep = arith.andi %c1, %c2 : i1",
    ]
    return select(p, s, INDICES + lines)


@case("begin end")
def offsetWindow(p, s):
    """Rows that divide by no tile see 19 columns, the last of them 3 further on."""
    lines = [
        "%w = arith.constant 16 : index",
        "%x = arith.constant 3 : index",
        "%e = arith.addi %b, %w : index",
        "%g = arith.addi %a, %x : index",
        "%c1 = arith.cmpi sge, %g, %b : index",
        "%c2 = arith.cmpi slt, %a, %e : index",
        "%keep = arith.andi %c1, %c2 : i1",
    ]
    return select(p, s, INDICES + lines)


@case("begin")
def leftPadding(p, s):
    """Columns before 20 are padding for all rows."""
    lines = ["%w = arith.constant 20 : index", "%keep = arith.cmpi sge, %b, %w : index"]
    return select(p, s, INDICES + lines)


@case("end")
def valid(p, s):
    """Columns from 20 on are padding for all rows."""
    lines = ["%w = arith.constant 20 : index", "%keep = arith.cmpi slt, %b, %w : index"]
    return select(p, s, INDICES + lines)


@case("")
def finite(p, s):
    return select(p, s, CAUSAL, low="-1.0e9")


@case("")
def lowest(p, s):
    return select(p, s, CAUSAL, low="0xFF7FFFFF")


@case("")
def data(p, s):
    x = p.argument([ROWS, COLUMNS])
    zero = "%zero = arith.constant 0.0 : f32"
    lines = [zero, "%keep = arith.cmpf ogt, %i1, %zero : f32"]
    return select(p, s, lines, inputs=[x], spec="hnt,nt->hnt")


@case("")
def product(p, s):
    lines = ["%c = arith.muli %a, %a : index", "%keep = arith.cmpi sge, %c, %b : index"]
    return select(p, s, INDICES + lines)


@case("")
def blocks(p, s):
    """Columns are seen in pairs of every four."""
    lines = [
        "%four = arith.constant 4 : index",
        "%two = arith.constant 2 : index",
        "%c = arith.remui %b, %four : index",
        "%keep = arith.cmpi slt, %c, %two : index",
    ]
    return select(p, s, INDICES + lines)


@case("")
def either(p, s):
    """Hidden where both comparisons say so: none is enough alone."""
    lines = [
        "%w = arith.constant 20 : index",
        "%c1 = arith.cmpi sge, %a, %b : index",
        "%c2 = arith.cmpi slt, %b, %w : index",
        "%keep = arith.ori %c1, %c2 : i1",
    ]
    return select(p, s, INDICES + lines)


@case("")
def equal(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi ne, %a, %b : index"])


@case("begin")
def future(p, s):
    """The first tiles are hidden, not the last."""
    return select(p, s, INDICES + ["%keep = arith.cmpi sle, %a, %b : index"])


@case("")
def returned(p, s):
    s = select(p, s, CAUSAL)
    p.results.append(s)
    return s


@case("")
def summed(p, s):
    """The scores are summed before they are masked as well."""
    p.results.append(p.reduce("hnt->hn", s, "addf"))
    return select(p, s, CAUSAL)


@case("")
def biased(p, s):
    """The bias could make minus infinity no number."""
    s = select(p, s, CAUSAL)
    return p.map("hnt,nt->hnt", [s, p.argument([ROWS, COLUMNS])], "addf")


def write(p, path):
    schedules = ['group = "g"'] * len(p.members)
    for number, member in enumerate(p.members):
        if member["letters"] == "hnt" and member["output"] == "hn":
            carrier = number
    schedules[carrier] += f', stream = [<"l2", dim = 2, size = {TILE}>]'
    root = p.members[-1]
    sizes = [{"n": TILE, "h": 1}.get(c, 0) for c in root["letters"]]
    order = [root["letters"].index(c) for c in "hn"]
    schedules[-1] += f', bands = [<"l3", sizes = {sizes}, order = {order}>]'
    path.write_text(p.text(schedules))


def measure(path):
    """What data and IR say of each level and of arithmetic; None if they differ."""
    done = run("memwall-test-opt", str(path), "--test-memwall-schedule-tree", "-o", "/dev/null")
    if done.returncode != 0:
        sys.exit(f"{path}: {done.stderr}")
    found = {}
    for line in done.stdout.splitlines():
        name, *counts = line.split()
        if counts[:2] != counts[2:]:
            print(f"{path}: {line}")
            return None
        found[name] = [int(count) for count in counts[:2]]
    return found


def countVisibleTiles(begin, end):
    """Pairs of a block of rows and a tile of columns of which a row sees any; row
    n sees columns begin(n) to end(n) - 1."""
    tiles = range(0, COLUMNS, TILE)
    rows = lambda block: range(block, block + TILE)
    return sum(
        any(begin(n) < tile + TILE and tile < end(n) for n in rows(block))
        for block in range(0, ROWS, TILE)
        for tile in tiles
    )


def checkSavings(work, name, begin, end):
    """Outside of the loop there is a division per element of the result."""
    plain, cut = measure(work / "finite.mlir"), measure(work / f"{name}.mlir")
    if not plain or not cut:
        return 1
    left, whole = countVisibleTiles(begin, end), (ROWS // TILE) * (COLUMNS // TILE)
    outside = HEADS * ROWS * DEPTH
    wrong = 0
    # The body of the mask itself differs in its integer operations, which are
    # not counted.
    for number, after in enumerate([outside, 0]):
        before = plain["arithmetic"][number]
        expected = after + (before - after) * left // whole
        if cut["arithmetic"][number] != expected:
            print(f"{name}: arithmetic {number}: expected {expected}, found {cut['arithmetic'][number]}")
            wrong += 1
    # At the first level everything in the loop misses; in the second, keys and
    # values are read as often as tiles are.
    for level in ["l1", "l2"]:
        share = sum(cut[level]) / sum(plain[level])
        if not 0.9 * left / whole < share < left / whole + 0.17:
            print(f"{name}: {level}: {plain[level]} becomes {cut[level]}")
            wrong += 1
    return wrong


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, cut, mask in CASES:
        path, applied = work / f"{name}.mlir", work / f"{name}.applied.mlir"
        write(attention(mask), path)
        wrong += measure(path) is None
        done = run("memwall-opt", str(path), "--memwall-apply-schedule", "-o", str(applied))
        if done.returncode != 0:
            sys.exit(f"{name}: {done.stderr}")
        # The loops are over heads, rows and columns, and tiles that are seen.
        ends = re.findall(r"scf.for %\w+ = %\w+ to %(\w+) ", applied.read_text())
        found = ["begin"] * (len(ends) == 4) + ["end"] * (not ends[2].startswith(f"c{COLUMNS}"))
        if found != cut:
            print(f"{name}: expected the loop to be cut at {cut}, found {found}")
            wrong += 1
        done = run("memwall-run", str(path), "--entry=f", f"--compare={applied}", "--time=0")
        if done.returncode != 0:
            print(f"{name}: {done.stdout}{done.stderr}")
            wrong += 1
    wrong += checkSavings(work, "causal", lambda n: 0, lambda n: n + 1)
    wrong += checkSavings(work, "window", lambda n: n - 4, lambda n: n + 1)
    wrong += checkSavings(work, "offsetWindow", lambda n: n - 15, lambda n: n + 4)
    wrong += checkSavings(work, "leftPadding", lambda n: 20, lambda n: COLUMNS)
    wrong += checkSavings(work, "future", lambda n: n, lambda n: COLUMNS)
    print(f"{len(CASES)} masks, {wrong} wrong")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
