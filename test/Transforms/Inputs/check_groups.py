"""Random fusion groups as data (scheduleTree, which Search decides on) and as
rewritten IR (applyGroup): both move the same bytes at every level of a small
machine, and the rewritten program computes the same, to the last bit.

usage: check_groups.py <cases> <work folder>
Seeds are fixed. memwall-test-opt, memwall-opt and memwall-run are on PATH."""

import math
import pathlib
import random
import subprocess
import sys

MACHINE = """module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "units" = 4,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 1024, "associativity" = 4>,
      "l2" = #dlti.map<"capacity_bytes" = 4096>,
      "l3" = #dlti.map<"capacity_bytes" = 32768, "units_per_instance" = 4>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
"""


class Program:
    """A function of ops in einsum notation; every op has storage of its own."""

    def __init__(self, r):
        self.r = r
        self.lines, self.arguments, self.results = [], [], []
        self.shapes, self.count = {}, 0
        self.members = []  # (line number, dims, reductions, extents, operands)

    def argument(self, shape):
        name = f"%x{len(self.arguments)}"
        self.arguments.append(f"{name}: {self.type(shape)}")
        self.shapes[name] = shape
        return name

    @staticmethod
    def type(shape):
        return "tensor<" + "".join(f"{s}x" for s in shape) + "f32>"

    def expand(self, a, groups, shape):
        kind = self.type(self.shapes[a])
        number, self.count = self.count, self.count + 1
        self.lines.append(
            f"  %v{number} = tensor.expand_shape {a} {groups} output_shape {shape} : {kind} into {self.type(shape)}"
        )
        self.shapes[f"%v{number}"] = shape
        return f"%v{number}"

    def collapse(self, a, groups):
        old, number, self.count = self.shapes[a], self.count, self.count + 1
        shape = [math.prod(old[d] for d in group) for group in groups]
        self.lines.append(f"  %v{number} = tensor.collapse_shape {a} {groups} : {self.type(old)} into {self.type(shape)}")
        self.shapes[f"%v{number}"] = shape
        return f"%v{number}"

    def slice(self, a, begin, count):
        """Of the last dimension."""
        old, number, self.count = self.shapes[a], self.count, self.count + 1
        shape = old[:-1] + [count]
        offsets = [0] * (len(old) - 1) + [begin]
        self.lines.append(
            f"  %v{number} = tensor.extract_slice {a}{offsets} {shape} {[1] * len(old)} : {self.type(old)} to {self.type(shape)}"
        )
        self.shapes[f"%v{number}"] = shape
        return f"%v{number}"

    def insert(self, a, into, begin):
        """Along the last dimension."""
        old, whole, number, self.count = self.shapes[a], self.shapes[into], self.count, self.count + 1
        offsets = [0] * (len(old) - 1) + [begin]
        self.lines.append(
            f"  %v{number} = tensor.insert_slice {a} into {into}{offsets} {old} {[1] * len(old)} : {self.type(old)} into {self.type(whole)}"
        )
        self.shapes[f"%v{number}"] = whole
        return f"%v{number}"

    def empty(self, shape):
        number, self.count = self.count, self.count + 1
        self.lines.append(f"  %v{number} = tensor.empty() : {self.type(shape)}")
        self.shapes[f"%v{number}"] = shape
        return f"%v{number}"

    def op(self, spec, operands, body, start=None, into=None):
        """`spec` is "ij,jk->ik"; `start` fills the accumulators of a reduction;
        `into` is what is overwritten, instead of an empty tensor."""
        inputs, output = spec.split("->")
        inputs = inputs.split(",")
        letters = output + "".join(sorted(set("".join(inputs)) - set(output)))
        extents = {}
        for operand, part in zip(operands, inputs):
            extents.update(zip(part, self.shapes[operand]))
        number, self.count = self.count, self.count + 1
        shape = [extents[c] for c in output]
        dims = ", ".join(letters)
        maps = ", ".join(f"affine_map<({dims}) -> ({', '.join(p)})>" for p in inputs + [output])
        kinds = ", ".join('"parallel"' if c in output else '"reduction"' for c in letters)
        kind, init = self.type(shape), f"%e{number}"
        if into is None:
            self.lines.append(f"  %e{number} = tensor.empty() : {kind}")
        else:
            init = into
        if start is not None:
            self.lines.append(f"  %c{number} = arith.constant {start} : f32")
            self.lines.append(
                f"  %f{number} = linalg.fill ins(%c{number} : f32) outs(%e{number} : {kind}) -> {kind}"
            )
            init = f"%f{number}"
        values = ", ".join(operands)
        types = ", ".join(self.type(self.shapes[o]) for o in operands)
        blocks = ", ".join(f"%i{k}: f32" for k in range(len(operands)))
        self.members.append(
            {
                "line": len(self.lines),
                "number": number,
                "letters": letters,
                "output": output,
                "inputs": inputs,
                "extents": [extents[c] for c in letters],
            }
        )
        self.lines.append(
            f"  %v{number} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}"
            f" ins({values} : {types}) outs({init} : {kind}) attrs = {{%SCHEDULE{number}}} {{\n"
            f"  ^bb0({blocks}, %o: f32):\n{body}\n    linalg.yield %r : f32\n  }} -> {kind}"
        )
        self.shapes[f"%v{number}"] = shape
        return f"%v{number}"

    def product(self, spec, a, b):
        body = "    %m = arith.mulf %i0, %i1 : f32\n    %r = arith.addf %m, %o : f32"
        return self.op(spec, [a, b], body, "0.0")

    def reduce(self, spec, a, what):
        start = "0.0" if what == "addf" else "0xFF800000"
        return self.op(spec, [a], f"    %r = arith.{what} %i0, %o : f32", start)

    def map(self, spec, operands, what="mulf"):
        if len(operands) == 1:
            return self.op(spec, operands, "    %r = arith.negf %i0 : f32")
        return self.op(spec, operands, f"    %r = arith.{what} %i0, %i1 : f32")

    def text(self, schedules):
        results = ", ".join(self.type(self.shapes[v]) for v in self.results)
        body = "\n".join(self.lines)
        for member, schedule in zip(self.members, schedules):
            body = body.replace(f"%SCHEDULE{member['number']}}}", f"memwall.schedule = #memwall.schedule<{schedule}>}}")
        return (
            MACHINE
            + f"func.func @f({', '.join(self.arguments)}) -> ({results}) {{\n{body}\n"
            + f"  return {', '.join(self.results)} : {results}\n}}\n}}\n"
        )


SIZES = [3, 5, 8, 12, 16, 21, 32]


def size(r):
    return r.choice(SIZES)


def attention(r):
    """Scores, mask by a bias, softmax, context; queries may share keys."""
    p = Program(r)
    h, g, n, t, d = r.choice([1, 2, 3]), r.choice([1, 2]), size(r), size(r), r.choice([4, 8])
    q, k, v = p.argument([n, h, g, d]), p.argument([t, h, d]), p.argument([t, h, d])
    bias = p.argument([n, t])
    s = p.product("nhgd,thd->hgnt", q, k)
    s = p.map("hgnt,nt->hgnt", [s, bias], "addf")
    m = p.reduce("hgnt->hgn", s, "maximumf")
    e = p.map("hgnt,hgn->hgnt", [s, m], "subf")
    l = p.reduce("hgnt->hgn", e, "addf")
    c = p.product("hgnt,thd->nhgd", e, v)
    p.results.append(p.map("nhgd,hgn->nhgd", [c, l], "subf"))
    return p, {"n": r.choice([2, 3, 4, n]), "h": 1, "g": r.choice([0, 1])}


def siblings(r):
    """A norm of rows and the products that read it: several results."""
    p = Program(r)
    m, k = size(r), size(r)
    x = p.argument([m, k])
    s = p.reduce("mk->m", x, "addf")
    y = p.map("mk,m->mk", [x, s])
    for _ in range(r.choice([1, 2, 3])):
        n = size(r)
        o = p.product("mk,kn->mn", y, p.argument([k, n]))
        p.results.append(p.map("mn->mn", [o]) if r.random() < 0.7 else o)
    return p, {"m": r.choice([2, 3, 8])}


def gated(r):
    """Two products of one input, and what joins them; rows and columns."""
    p = Program(r)
    m, k, n = size(r), size(r), size(r)
    x, a, b = p.argument([m, k]), p.argument([k, n]), p.argument([n, k])
    left, right = p.product("mk,kn->mn", x, a), p.product("mk,nk->mn", x, b)
    p.results.append(p.map("mn,mn->mn", [left, right]))
    return p, {"m": r.choice([0, 2, 5]), "n": r.choice([2, 4, 7])}


def rows(r):
    """Row-wise: two reductions and what they scale."""
    p = Program(r)
    m, n = size(r), size(r)
    x = p.argument([m, n])
    a = p.reduce("mn->m", x, "maximumf")
    e = p.map("mn,m->mn", [x, a], "subf")
    l = p.reduce("mn->m", e, "addf")
    p.results.append(p.map("mn,m->mn", [e, l]))
    return p, {"m": r.choice([1, 2, 4, 5])}


def chain(r):
    """A product of a product; one row block of both."""
    p = Program(r)
    m, k, n, j = size(r), size(r), size(r), size(r)
    t = p.product("mk,kn->mn", p.argument([m, k]), p.argument([k, n]))
    t = p.map("mn->mn", [t])
    p.results.append(p.product("mn,nj->mj", t, p.argument([n, j])))
    return p, {"m": r.choice([2, 3, 8])}


def heads(r):
    """A product whose columns are heads; maybe halves of heads that are rotated,
    put together, and read whole, or two inputs that are concatenated."""
    p = Program(r)
    m, k, h, d = size(r), size(r), r.choice([1, 2, 3, 5]), r.choice([4, 6, 8])
    ones = r.random() < 0.3
    y = p.product("mk,ko->mo", p.argument([m, k]), p.argument([k, h * d]))
    if r.random() < 0.5:
        y = p.map("mo->mo", [y])
    if ones:  # Dimensions of 1, as front ends have them.
        y = p.expand(y, [[0, 1], [2, 3, 4]], [1, m, h, 1, d])
        y = p.collapse(y, [[0, 1], [2, 3], [4]])
    else:
        y = p.expand(y, [[0], [1, 2]], [m, h, d])
    kind = r.choice(["plain", "halves", "rotated", "joined"])
    if kind == "halves":
        y = p.map("mhd,mhd->mhd", [p.slice(y, 0, d // 2), p.slice(y, d // 2, d // 2)], "subf")
    elif kind != "plain":
        a, b = y, y
        if kind == "rotated":
            a, b = p.slice(y, 0, d // 2), p.slice(y, d // 2, d // 2)
        n = p.shapes[a][2]
        c = p.argument([m, n])
        whole = p.empty([m, h, 2 * n])
        body = "    %a = arith.mulf %i0, %i2 : f32\n    %r = arith.subf %a, %i1 : f32"
        low = p.op("mhd,mhd,md->mhd", [a, b, c], body, into=p.slice(whole, 0, n))
        whole = p.insert(low, whole, 0)
        high = p.op("mhd,mhd,md->mhd", [b, a, c], body, into=p.slice(whole, n, n))
        y = p.insert(high, whole, n)
    if r.random() < 0.3:
        p.results.append(p.map("mhd->hmd", [y]))
    else:
        p.results.append(p.map("mhd->mhd", [y]))
    return p, {"m": r.choice([0, 2, 5, 8]), "h": r.choice([1, 2, 2, 4])}


def merged(r):
    """Heads that are columns of what reads them, and a row of sums."""
    p = Program(r)
    m, k, h, d, n = size(r), size(r), r.choice([2, 3]), r.choice([4, 5]), size(r)
    y = p.product("mk,khd->mhd", p.argument([m, k]), p.argument([k, h, d]))
    y = p.collapse(p.map("mhd->mhd", [y]), [[0], [1, 2]])
    p.results.append(p.map("mn->mn", [p.product("mo,on->mn", y, p.argument([h * d, n]))]))
    return p, {"m": r.choice([1, 2, 5])}


def draw_schedules(r, p, cuts):
    """The root's loops over the letters of `cuts`, and what members do inside."""
    root = p.members[-1]
    sizes = {c: min(s, root["extents"][root["letters"].index(c)]) for c, s in cuts.items()}
    # Loops outside go over what moves every member.
    order = [c for c in root["letters"] if sizes.get(c)]
    if r.random() < 0.5 and set(cuts) != {"n", "h", "g"}:
        r.shuffle(order)
    schedules = []
    for number, member in enumerate(p.members):
        parts, letters = [], member["letters"]
        tile = {c: min(e, sizes.get(c) or e) for c, e in zip(letters, member["extents"])}
        if "o" in letters and "h" in sizes and "o" in member["output"]:  # Columns of all heads of a tile.
            e = member["extents"][letters.index("o")]
            root_h = root["extents"][root["letters"].index("h")]
            tile["o"] = min(e, e // root_h * (sizes["h"] or root_h))
        isRoot = number == len(p.members) - 1
        bands = []
        if isRoot:
            level = [sizes.get(c, 0) for c in letters]
            text = f'<"l3", sizes = {level}, order = {[letters.index(c) for c in order]}'
            if r.random() < 0.3 and order:
                text += f", parallel = [{letters.index(order[0])}]"
                parts.append("units = 4")
            bands.append(text + ">")
        if len(member["inputs"]) == 2 and len(letters) > len(member["output"]):
            if r.random() < 0.6:
                inner = [r.choice([0, 2, 4]) for _ in letters]
                inner = [s if s < tile[c] else 0 for s, c in zip(inner, letters)]
                inside = [d for d, s in enumerate(inner) if s]
                r.shuffle(inside)
                if inside:
                    bands.append(f'<"l1", sizes = {inner}, order = {inside}>')
            if not isRoot and r.random() < 0.4 and member["inputs"][1][0] not in sizes:
                part = member["inputs"][1]
                cut = set(sizes) | ({"o"} if "h" in sizes else set())
                free = [d for d, c in enumerate(part) if c not in cut]
                tiles = [member["extents"][letters.index(part[d])] for d in free]
                if all(member["extents"][letters.index(c)] > 1 for c in part):
                    parts.append(f"packs = [<operand = 1, inner_dims = {free}, inner_tiles = {tiles}>]")
            if r.random() < 0.3:
                leaf = list(range(len(letters)))
                r.shuffle(leaf)
                parts.append(f"leaf_order = {leaf}")
        if bands:
            parts.append("bands = [" + ", ".join(bands) + "]")
        schedules.append(", ".join(parts + ['group = "g"']))
    return schedules


KINDS = [attention, siblings, gated, rows, chain, heads, merged, heads]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def check(what, kinds, draw, least, is_equal):
    """Compares data and IR of `cases` programs in turn of `kinds`; `draw` writes
    their schedules, `least` is the part that must not be refused, and `is_equal`
    says whether the output of memwall-run does."""
    cases, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    different = compared = refused = 0
    for number in range(cases):
        r = random.Random(number)
        p, cuts = kinds[number % len(kinds)](r)
        schedules = draw(r, p, cuts)
        path, applied = work / f"{number}.mlir", work / f"{number}.applied.mlir"
        path.write_text(p.text(schedules))
        done = run("memwall-test-opt", str(path), "--test-memwall-schedule-tree", "-o", "/dev/null")
        if done.returncode != 0:
            # What does not fit is said, in data and in IR alike.
            refused += 1
            if "error:" not in done.stderr or "see current operation" not in done.stderr:
                sys.exit(f"case {number}: {done.stderr}")
            print(f"case {number} refused: " + done.stderr.split("error: ")[1].splitlines()[0])
            continue
        compared += 1
        for line in done.stdout.splitlines():
            name, *counts = line.split()
            if counts[:2] != counts[2:]:
                print(f"case {number} {kinds[number % len(kinds)].__name__}: {line}")
                different += 1
        done = run("memwall-opt", str(path), "--memwall-apply-schedule", "-o", str(applied))
        if done.returncode != 0:
            sys.exit(f"case {number}: {done.stderr}")
        done = run("memwall-run", str(path), "--entry=f", f"--compare={applied}", "--time=0")
        if done.returncode != 0 or not is_equal(done.stdout):
            print(f"case {number}: {done.stdout}{done.stderr}")
            different += 1
    print(f"{compared} of {cases} {what} compared, {refused} refused, {different} differ")
    sys.exit(different != 0 or compared < least * cases)


if __name__ == "__main__":
    check("groups", KINDS, draw_schedules, 0.7, lambda output: "largest relative error: 0 " in output)
