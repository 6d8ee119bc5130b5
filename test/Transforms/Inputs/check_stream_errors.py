"""Groups that cannot be streamed, each with the reason that it is refused for.

usage: check_stream_errors.py <work folder>
memwall-opt is on PATH."""

import pathlib
import random
import re
import sys

from check_groups import run
from check_streams import Stream

CASES = []


def case(message, size=2, dims=None, twice=False, parts=None, more=""):
    """A program of rows x columns; `message` is what its stream is refused for."""

    def add(build):
        CASES.append((build.__name__, message, size, dims, twice, parts, more, build))

    return add


def start(p):
    x = p.argument([4, 8])
    m = p.reduce("nt->n", x, "maximumf")
    return x, m


def finish(p, e):
    p.results.append(p.product("nt,tj->nj", e, p.argument([8, 4])))


def exponential(p, x, m):
    return p.body("nt,n->nt", [x, m], "%d = arith.subf %i0, %i1 : f32", "%r = math.exp %d : f32")


@case(r"stream cuts dimension 0 of linalg.generic at .*, which is no reduction", dims="n")
def parallel(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"stream has a tile of 9 in dimension 2 of linalg.generic at .*, which has 8 iterations", size=9)
def tooLarge(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"group 'g' is streamed twice, expected one stream", twice=True)
def twoStreams(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"math.tanh in linalg.generic at .*:\d+:\d+ mixes a row with what is reduced")
def tanh(p):
    x, m = start(p)
    finish(p, p.body("nt,n->nt", [x, m], "%d = arith.subf %i0, %i1 : f32", "%r = math.tanh %d : f32"))


@case(r"arith.divf in linalg.generic at .* mixes a row with what is reduced")
def quotient(p):
    x, m = start(p)
    finish(p, p.body("nt,n->nt", [x, m], "%d = arith.addf %i0, %i1 : f32", "%r = arith.divf %i0, %d : f32"))


@case(r"arith.mulf in linalg.generic at .* mixes a row with what is reduced")
def variance(p):
    x = p.argument([4, 8])
    mean = p.reduce("nt->n", x, "addf")
    e = p.body("nt,n->nt", [x, mean], "%d = arith.subf %i0, %i1 : f32", "%r = arith.mulf %d, %d : f32")
    finish(p, e)


@case(r"arith.mulf in linalg.generic at .* mixes a row with what is reduced")
def difference(p):
    x, m = start(p)
    finish(p, p.map("nt,n->nt", [x, m], "subf"))


@case(r"linalg.generic at .* reduces by a product")
def product(p):
    x, m = start(p)
    e = exponential(p, x, m)
    l = p.op("nt->n", [e], "    %r = arith.mulf %i0, %o : f32", "1.0")
    finish(p, p.body("nt,n->nt", [e, l], "%r = arith.divf %i0, %i1 : f32"))


@case(r"linalg.generic at .* starts from undefined content")
def undefined(p):
    x = p.argument([4, 8])
    m = p.op("nt->n", [x], "    %r = arith.maximumf %i0, %o : f32")
    finish(p, exponential(p, x, m))


@case(r"linalg.generic at .* starts from 1, not from the identity of its sum")
def startsFromOne(p):
    x, m = start(p)
    e = exponential(p, x, m)
    l = p.op("nt->n", [e], "    %r = arith.addf %i0, %o : f32", "1.0")
    finish(p, p.body("nt,n->nt", [e, l], "%r = arith.divf %i0, %i1 : f32"))


@case(r"arith.subf in linalg.generic at .* refers to a row times what is no constant")
def rowTimesData(p):
    x, m = start(p)
    lines = ["%a = arith.mulf %i1, %i2 : f32", "%d = arith.subf %i0, %a : f32", "%r = math.exp %d : f32"]
    finish(p, p.body("nt,n,n->nt", [x, m, p.argument([4])], *lines))


@case(r"refers to linalg.generic at .* times what is no constant")
def temperatureOfDerived(p):
    x, m = start(p)
    z = p.map("n,n->n", [m, p.argument([4])], "addf")
    lines = ["%d = arith.subf %i0, %i1 : f32", "%a = arith.mulf %d, %i2 : f32", "%r = math.exp %a : f32"]
    finish(p, p.body("nt,n,n->nt", [x, z, p.argument([4])], *lines))


@case(r"linalg.generic at .* takes the largest or smallest of what refers to rows")
def largest(p):
    x, m = start(p)
    e = exponential(p, x, m)
    l = p.reduce("nt->n", e, "maximumf")
    finish(p, p.body("nt,n->nt", [e, l], "%r = arith.divf %i0, %i1 : f32"))


@case(r"arith.fptosi in linalg.generic at .* mixes a row with what is reduced")
def integerCast(p):
    x, m = start(p)
    e = p.body(
        "nt,n->nt",
        [x, m],
        "%d = arith.divf %i0, %i1 : f32",
        "%q = arith.fptosi %d : f32 to i32",
        "%r = arith.sitofp %q : i32 to f32",
    )
    finish(p, e)


@case(r"linalg.generic at .* refers to linalg.generic at .*, which is no maximum")
def sumAsReference(p):
    x = p.argument([4, 8])
    l = p.reduce("nt->n", x, "addf")
    finish(p, exponential(p, x, l))


UNITS = ", units = 4"


@case(r"the stream of dimension 2 expects at least 2 parts, found 1", parts=1, more=UNITS)
def onePart(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"the stream makes 9 parts of dimension 2, which has 8 iterations", parts=9, more=UNITS)
def tooManyParts(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"the stream makes 3 parts of dimension 2: with 4 iterations each, 2 parts have all 8", parts=3, more=UNITS)
def partOfNothing(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"the stream of group 'g' has 2 parts for 1 unit", parts=2)
def oneUnit(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


PACK = ", packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [8, 4]>]"


@case(r"streamed in parts: linalg.generic at .* has an operand that is packed", parts=2, more=UNITS + PACK)
def packed(p):
    x, m = start(p)
    finish(p, exponential(p, x, m))


@case(r"streamed in parts: linalg.generic at .* is read outside, and made by every part", parts=2, more=UNITS)
def rowsOutside(p):
    x, m = start(p)
    e = exponential(p, x, m)
    l = p.reduce("nt->n", e, "addf")
    p.results.append(l)
    p.results.append(p.body("nt,n->nt", [e, l], "%r = arith.divf %i0, %i1 : f32"))


@case(r"streamed in parts: linalg.generic at .* needs linalg.generic at .* behind the parts", parts=2, more=UNITS)
def frontBehind(p):
    x, m = start(p)
    e = exponential(p, x, m)
    l = p.reduce("nt->n", e, "addf")
    w = p.map("n->n", [p.argument([4])])
    p.results.append(p.body("nt,n,n->nt", [e, l, w], "%d = arith.divf %i0, %i1 : f32", "%r = arith.mulf %d, %i2 : f32"))


@case(r"streamed in parts: linalg.generic at .* makes tiles that are read outside", parts=2, more=UNITS)
def tilesOutside(p):
    x = p.map("nt->nt", [p.argument([4, 8])])
    p.results.append(x)
    m = p.reduce("nt->n", x, "maximumf")
    finish(p, exponential(p, x, m))


@case(r"streamed in parts: linalg.generic at .* needs linalg.generic at .* behind the parts", parts=2, more=UNITS)
def rowBehind(p):
    x, m = start(p)
    row = p.map("n->n", [p.argument([4])])
    e = p.body("nt,n,n->nt", [x, m, row], "%d = arith.subf %i0, %i1 : f32", "%y = arith.mulf %d, %i2 : f32", "%r = math.exp %d : f32")
    o = p.product("nt,tj->nj", e, p.argument([8, 4]))
    p.results.append(p.map("nj,n->nj", [o, row]))


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, message, size, dims, twice, parts, more, build in CASES:
        p = Stream(random.Random(0))
        build(p)
        schedules = ['group = "g"'] * len(p.members)
        root = p.members[-1]
        letter = dims or "t"
        # The root, or the first that reduces.
        carrier = len(p.members) - 1 if letter in root["letters"] and (dims or "t" not in root["output"]) else 0
        dim = p.members[carrier]["letters"].index(letter)
        tail = f", parts = {parts}>" if parts else ">"
        level = [2 if c == "n" else 0 for c in root["letters"]]
        schedules[-1] = f'bands = [<"l3", sizes = {level}>], group = "g"{more}'
        schedules[carrier] += f', stream = [<"l2", dim = {dim}, size = {size}{tail}]'
        if twice:
            schedules[0] = f'group = "g", stream = [<"l2", dim = 1, size = {size}>]'
        path = work / f"{name}.mlir"
        path.write_text(p.text(schedules))
        done = run("memwall-opt", str(path), "--memwall-apply-schedule", "-o", "/dev/null")
        if done.returncode == 0 or not re.search(message, done.stderr):
            print(f"{name}: expected {message}, found {done.stderr or 'success'}")
            wrong += 1
    print(f"{len(CASES)} refusals, {wrong} without their reason")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
