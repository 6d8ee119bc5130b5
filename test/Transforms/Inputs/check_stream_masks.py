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


def case(isCut):
    """A mask, and whether the loop of the stream ends with it."""

    def add(build):
        CASES.append((build.__name__, isCut, build))

    return add


def attention(mask):
    """`mask` makes masked scores "hnt" of scores and finishes the program."""
    p = Stream(random.Random(0))
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


@case(True)
def causal(p, s):
    return select(p, s, CAUSAL)


@case(True)
def swapped(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi slt, %a, %b : index"], sides="%low, %i0")


@case(True)
def unsigned(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi uge, %a, %b : index"])


@case(True)
def integers(p, s):
    lines = ["%c = arith.index_cast %a : index to i32", "%d = arith.index_cast %b : index to i32"]
    return select(p, s, INDICES + lines + ["%keep = arith.cmpi sge, %c, %d : i32"])


@case(True)
def flipped(p, s):
    lines = ["%true = arith.constant true", "%hide = arith.cmpi sgt, %b, %a : index"]
    return select(p, s, INDICES + lines + ["%keep = arith.xori %hide, %true : i1"])


@case(True)
def window(p, s):
    lines = [
        "%w = arith.constant 5 : index",
        "%e = arith.addi %b, %w : index",
        "%c1 = arith.cmpi sge, %a, %b : index",
        "%c2 = arith.cmpi slt, %a, %e : index",
        "%keep = arith.andi %c1, %c2 : i1",
    ]
    return select(p, s, INDICES + lines)


@case(True)
def valid(p, s):
    """Columns from 20 on are padding for all rows."""
    lines = ["%w = arith.constant 20 : index", "%keep = arith.cmpi slt, %b, %w : index"]
    return select(p, s, INDICES + lines)


@case(False)
def finite(p, s):
    return select(p, s, CAUSAL, low="-1.0e9")


@case(False)
def lowest(p, s):
    return select(p, s, CAUSAL, low="0xFF7FFFFF")


@case(False)
def data(p, s):
    x = p.argument([ROWS, COLUMNS])
    zero = "%zero = arith.constant 0.0 : f32"
    lines = [zero, "%keep = arith.cmpf ogt, %i1, %zero : f32"]
    return select(p, s, lines, inputs=[x], spec="hnt,nt->hnt")


@case(False)
def product(p, s):
    lines = ["%c = arith.muli %a, %a : index", "%keep = arith.cmpi sge, %c, %b : index"]
    return select(p, s, INDICES + lines)


@case(False)
def blocks(p, s):
    """Columns are seen in pairs of every four."""
    lines = [
        "%four = arith.constant 4 : index",
        "%two = arith.constant 2 : index",
        "%c = arith.remui %b, %four : index",
        "%keep = arith.cmpi slt, %c, %two : index",
    ]
    return select(p, s, INDICES + lines)


@case(False)
def either(p, s):
    """Hidden where both comparisons say so: none is enough alone."""
    lines = [
        "%w = arith.constant 20 : index",
        "%c1 = arith.cmpi sge, %a, %b : index",
        "%c2 = arith.cmpi slt, %b, %w : index",
        "%keep = arith.ori %c1, %c2 : i1",
    ]
    return select(p, s, INDICES + lines)


@case(False)
def equal(p, s):
    return select(p, s, INDICES + ["%keep = arith.cmpi ne, %a, %b : index"])


@case(False)
def future(p, s):
    """The first tiles are hidden, not the last."""
    return select(p, s, INDICES + ["%keep = arith.cmpi sle, %a, %b : index"])


@case(False)
def returned(p, s):
    s = select(p, s, CAUSAL)
    p.results.append(s)
    return s


@case(False)
def summed(p, s):
    """The scores are summed before they are masked as well."""
    p.results.append(p.reduce("hnt->hn", s, "addf"))
    return select(p, s, CAUSAL)


@case(False)
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


def checkSavings(work):
    """Blocks of rows number 1 to 8 see as many tiles of columns: 36 of 64 are
    left. Outside of the loop there is a division per element of the result."""
    plain, cut = measure(work / "finite.mlir"), measure(work / "causal.mlir")
    if not plain or not cut:
        return 1
    blocks = ROWS // TILE
    left, whole = blocks * (blocks + 1) // 2, blocks * blocks
    outside = HEADS * ROWS * DEPTH
    wrong = 0
    for number, after in enumerate([outside, 0]):
        before = plain["arithmetic"][number]
        expected = after + (before - after) * left // whole
        if cut["arithmetic"][number] != expected:
            print(f"arithmetic {number}: expected {expected}, found {cut['arithmetic'][number]}")
            wrong += 1
    # At the first level everything in the loop misses; in the second, keys and
    # values are read as often as tiles are.
    for level in ["l1", "l2"]:
        if not 0.5 < sum(cut[level]) / sum(plain[level]) < 0.7:
            print(f"{level}: {plain[level]} becomes {cut[level]}")
            wrong += 1
    return wrong


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, isCut, mask in CASES:
        path, applied = work / f"{name}.mlir", work / f"{name}.applied.mlir"
        write(attention(mask), path)
        wrong += measure(path) is None
        done = run("memwall-opt", str(path), "--memwall-apply-schedule", "-o", str(applied))
        if done.returncode != 0:
            sys.exit(f"{name}: {done.stderr}")
        # The loops are over heads, rows and columns.
        ends = re.findall(r"scf.for %\w+ = %\w+ to %(\w+) ", applied.read_text())
        if ends[2].startswith(f"c{COLUMNS}") == isCut:
            print(f"{name}: expected {'a' if isCut else 'no'} loop that ends with the mask")
            wrong += 1
        done = run("memwall-run", str(path), "--entry=f", f"--compare={applied}", "--lowering=plain")
        if done.returncode != 0:
            print(f"{name}: {done.stdout}{done.stderr}")
            wrong += 1
    wrong += checkSavings(work)
    print(f"{len(CASES)} masks, {wrong} wrong")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
