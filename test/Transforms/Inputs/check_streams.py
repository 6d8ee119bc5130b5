"""Random streamed groups as data (scheduleTree, which Search decides on) and as
rewritten IR (applyGroup): both move the same bytes at every level of a small
machine, and the rewritten program computes the same, up to the order of sums.

usage: check_streams.py <cases> <work folder>
Seeds are fixed. memwall-test-opt, memwall-opt and memwall-run are on PATH."""

from check_groups import Program, check, size

LOWEST = "0xFF800000"  # -inf


class Stream(Program):
    """A program one dimension of which, "t", is streamed."""

    exponents = ["one", "two", "scaled", "temperature"]

    def body(self, spec, operands, *lines, start=None):
        return self.op(spec, operands, "\n".join("    " + line for line in lines), start)

    def scores(self):
        """Rows of scores that are masked in one of several ways, as "hgnt"."""
        r = self.r
        h, g, n, t, d = r.choice([1, 2, 3]), r.choice([2, 3]), size(r), size(r), r.choice([4, 8])
        q, k, v = self.argument([n, h, g, d]), self.argument([t, h, d]), self.argument([t, h, d])
        s = self.product("nhgd,thd->hgnt", q, k)
        kind = r.choice(["none", "bias", "causal", "shifted", "window", "dead", "alibi", "cap", "huge"])
        if kind == "bias":
            s = self.map("hgnt,nt->hgnt", [s, self.argument([n, t])], "addf")
        elif kind == "cap":
            s = self.body("hgnt->hgnt", [s], "%r = math.tanh %i0 : f32")
        elif kind == "huge":
            s = self.body("hgnt->hgnt", [s], "%c = arith.constant 1.0e18 : f32", "%r = arith.mulf %i0, %c : f32")
        elif kind != "none":
            s = self.mask(s, kind, n, t)
        return s, v

    def mask(self, s, kind, n, t):
        far = [
            "%a = linalg.index 2 : index",
            "%b = linalg.index 3 : index",
            f"%low = arith.constant {LOWEST} : f32",
        ]
        if kind == "causal":
            keep = ["%keep = arith.cmpi sge, %a, %b : index"]
        elif kind == "shifted":  # The last row sees all, or the first see nothing.
            keep = [
                f"%w = arith.constant {t - n} : index",
                "%e = arith.addi %a, %w : index",
                "%keep = arith.cmpi sge, %e, %b : index",
            ]
        elif kind == "window":  # Nothing of the first tiles is seen by late rows.
            keep = [
                "%w = arith.constant 3 : index",
                "%e = arith.addi %b, %w : index",
                "%c1 = arith.cmpi sge, %a, %b : index",
                "%c2 = arith.cmpi slt, %a, %e : index",
                "%keep = arith.andi %c1, %c2 : i1",
            ]
        elif kind == "dead":  # Some rows see nothing at all: NaN, as it was.
            keep = [
                f"%w = arith.constant {max(1, n // 2)} : index",
                "%keep = arith.cmpi sge, %a, %w : index",
            ]
        else:
            return self.body(
                "hgnt->hgnt",
                [s],
                "%a = linalg.index 2 : index",
                "%b = linalg.index 3 : index",
                "%e = arith.subi %b, %a : index",
                "%f = arith.index_cast %e : index to i32",
                "%x = arith.sitofp %f : i32 to f32",
                "%y = arith.constant 0.25 : f32",
                "%z = arith.mulf %x, %y : f32",
                "%r = arith.addf %i0, %z : f32",
            )
        return self.body("hgnt->hgnt", [s], *far, *keep, "%r = arith.select %keep, %i0, %low : f32")

    def exponential(self, spec, s, m):
        kind = self.r.choice(self.exponents)
        if kind == "one":
            return self.body(spec, [s, m], "%d = arith.subf %i0, %i1 : f32", "%r = math.exp %d : f32")
        if kind == "two":  # The difference is an op of its own.
            d = self.map(spec, [s, m], "subf")
            out = spec.split("->")[1]
            return self.body(f"{out}->{out}", [d], "%r = math.exp %i0 : f32")
        if kind == "temperature":  # Of no known sign.
            sizes = dict(zip(spec.split(",")[1].split("->")[0], self.shapes[m]))
            letters = self.r.choice([c for c in ("", "n", "h") if all(d in sizes for d in c)])
            t = self.argument([sizes[c] for c in letters])
            first, row = spec.split("->")[0].split(",")
            return self.body(
                f"{first},{row},{letters}->{first}",
                [s, m, t],
                "%d = arith.subf %i0, %i1 : f32",
                "%b = math.absf %i2 : f32",
                "%c = arith.mulf %d, %b : f32",
                "%r = math.exp %c : f32",
            )
        return self.body(
            spec,
            [s, m],
            "%c = arith.constant 1.4375 : f32",
            "%a = arith.mulf %i0, %c : f32",
            "%b = arith.mulf %i1, %c : f32",
            "%d = arith.subf %a, %b : f32",
            "%r = math.exp2 %d : f32",
        )


def attention(r):
    """In the spellings that models have."""
    p = Stream(r)
    s, v = p.scores()
    m = p.reduce("hgnt->hgn", s, r.choice(["maximumf", "maxnumf"]))
    e = p.exponential("hgnt,hgn->hgnt", s, m)
    l = p.reduce("hgnt->hgn", e, "addf")
    spelling = r.choice(["divide", "reciprocal", "late"])
    if spelling == "divide":
        e = p.body("hgnt,hgn->hgnt", [e, l], "%r = arith.divf %i0, %i1 : f32")
    elif spelling == "reciprocal":
        inverse = p.body("hgn->hgn", [l], "%c = arith.constant 1.0 : f32", "%r = arith.divf %c, %i0 : f32")
        e = p.map("hgnt,hgn->hgnt", [e, inverse])
    if r.random() < 0.25:  # Nothing of a row that is masked out.
        lines = [
            f"%low = arith.constant {LOWEST} : f32",
            "%zero = arith.constant 0.0 : f32",
            "%dead = arith.cmpf oeq, %i1, %low : f32",
            "%r = arith.select %dead, %zero, %i0 : f32",
        ]
        e = p.body("hgnt,hgn->hgnt", [e, m], *lines)
    o = p.product("hgnt,thd->nhgd", e, v)
    if spelling == "late":
        o = p.body("nhgd,hgn->nhgd", [o, l], "%r = arith.divf %i0, %i1 : f32")
    elif r.random() < 0.5:
        o = p.map("nhgd->nhgd", [o])
    p.results.append(o)
    return p, {"n": r.choice([2, 3, 4, 0]), "h": 1}


def twoRows(r):
    """P = exp(s - m - log l), in one op or in two."""
    p = Stream(r)
    s, v = p.scores()
    m = p.reduce("hgnt->hgn", s, "maximumf")
    d = p.map("hgnt,hgn->hgnt", [s, m], "subf")
    l = p.reduce("hgnt->hgn", p.body("hgnt->hgnt", [d], "%r = math.exp %i0 : f32"), "addf")
    z = p.body("hgn->hgn", [l], "%r = math.log %i0 : f32")
    if r.random() < 0.5:
        w = p.body("hgnt,hgn->hgnt", [d, z], "%e = arith.subf %i0, %i1 : f32", "%r = math.exp %e : f32")
    else:
        lines = ["%e = arith.subf %i0, %i1 : f32", "%f = arith.subf %e, %i2 : f32", "%r = math.exp %f : f32"]
        w = p.body("hgnt,hgn,hgn->hgnt", [s, m, z], *lines)
    p.results.append(p.product("hgnt,thd->nhgd", w, v))
    return p, {"n": r.choice([2, 3, 4, 0]), "h": 1}


def undivided(r):
    """Nothing makes no number of what a dead row makes."""
    p = Stream(r)
    s, v = p.scores()
    m = p.reduce("hgnt->hgn", s, r.choice(["maximumf", "maxnumf"]))
    e = p.exponential("hgnt,hgn->hgnt", s, m)
    if r.random() < 0.5:
        l = p.reduce("hgnt->hgn", e, "addf")
        lines = ["%c = arith.constant 1.0e-6 : f32", "%y = arith.addf %i1, %c : f32", "%r = arith.divf %i0, %y : f32"]
        e = p.body("hgnt,hgn->hgnt", [e, l], *lines)
    p.results.append(p.product("hgnt,thd->nhgd", e, v))
    return p, {"n": r.choice([2, 3, 4, 0]), "h": 1}


def logsumexp(r):
    """P = exp(s - (m + log l))."""
    p = Stream(r)
    s, v = p.scores()
    m = p.reduce("hgnt->hgn", s, "maximumf")
    e = p.body("hgnt,hgn->hgnt", [s, m], "%d = arith.subf %i0, %i1 : f32", "%r = math.exp %d : f32")
    l = p.reduce("hgnt->hgn", e, "addf")
    z = p.body("hgn,hgn->hgn", [m, l], "%g = math.log %i1 : f32", "%r = arith.addf %i0, %g : f32")
    w = p.body("hgnt,hgn->hgnt", [s, z], "%d = arith.subf %i0, %i1 : f32", "%r = math.exp %d : f32")
    p.results.append(p.product("hgnt,thd->nhgd", w, v))
    return p, {"n": r.choice([2, 3, 4, 0]), "h": 1}


def softmax(r):
    """Alone: what needs final rows runs in a second loop."""
    p = Stream(r)
    n, t = size(r), size(r)
    x = p.argument([n, t])
    m = p.reduce("nt->n", x, "maximumf")
    e = p.exponential("nt,n->nt", x, m)
    l = p.reduce("nt->n", e, "addf")
    p.results.append(p.body("nt,n->nt", [e, l], "%r = arith.divf %i0, %i1 : f32"))
    return p, {"n": r.choice([1, 2, 4])}


def logSoftmax(r):
    """Two rows in the second loop, one of them made behind the first."""
    p = Stream(r)
    n, t = size(r), size(r)
    x = p.argument([n, t])
    m = p.reduce("nt->n", x, "maximumf")
    l = p.reduce("nt->n", p.exponential("nt,n->nt", x, m), "addf")
    z = p.body("n->n", [l], "%r = math.log %i0 : f32")
    p.results.append(
        p.body("nt,n,n->nt", [x, m, z], "%d = arith.subf %i0, %i1 : f32", "%r = arith.subf %d, %i2 : f32")
    )
    return p, {"n": r.choice([1, 2, 4])}


def norm(r):
    """RMS norm into a product over the same dimension."""
    p = Stream(r)
    n, t, j = size(r), size(r), size(r)
    x, w = p.argument([n, t]), p.argument([t, j])
    q = p.body("nt->n", [x], "%m = arith.mulf %i0, %i0 : f32", "%r = arith.addf %m, %o : f32", start="0.0")
    s = p.body("n->n", [q], "%c = arith.constant 0.01 : f32", "%a = arith.addf %i0, %c : f32", "%r = math.rsqrt %a : f32")
    y = p.map("nt,n->nt", [x, s])
    if r.random() < 0.5:
        y = p.map("nt,t->nt", [y, p.argument([t])])
    o = p.product("nt,tj->nj", y, w)
    p.results.append(p.map("nj->nj", [o]) if r.random() < 0.5 else o)
    return p, {"n": r.choice([1, 2, 4])}


def draw_parts(r, extent, tile):
    """How many parts the stream is dealt out in; 0: it is not. Parts are whole
    tiles, and none has nothing."""
    tiles = -(-extent // tile)
    counts = [k for k in range(2, min(tiles, 6) + 1) if -(-tiles // -(-tiles // k)) == k]
    return r.choice(counts) if counts else 0


def draw_schedules(r, p, cuts):
    root = p.members[-1]
    extents = dict(zip(root["letters"], root["extents"]))
    # Loops that would run once are none.
    if extents.get("h", 1) == 1 or cuts.get("n", 0) >= extents["n"]:
        cuts = {"n": 2}
    sizes = {c: min(s, extents[c]) for c, s in cuts.items() if s}
    order = [root["letters"].index(c) for c in ("h", "n") if c in sizes]
    level = [sizes.get(c, 0) for c in root["letters"]]
    carriers = [k for k, m in enumerate(p.members) if "t" in m["letters"] and "t" not in m["output"]]
    carrier = r.choice(carriers)
    schedules = []
    packs = r.random() < 0.5  # Parts have none.
    for number, member in enumerate(p.members):
        parts = []
        if member is root:
            band = f'<"l3", sizes = {level}, order = {order}'
            if r.random() < 0.3:
                band += f", parallel = [{order[0]}]"
                parts.append("units = 4")
            parts.append(f"bands = [{band}>]")
        parts.append('group = "g"')
        if "thd" in member["inputs"] and number < len(p.members) - 1 and packs and r.random() < 0.8:
            # The keys or values of a head, one after the other.
            t, d = (member["extents"][member["letters"].index(c)] for c in "td")
            parts.append(f"packs = [<operand = 1, inner_dims = [0, 2], inner_tiles = [{t}, {d}]>]")
        if number == carrier:
            dim = member["letters"].index("t")
            extent = member["extents"][dim]
            tile = r.choice([1, 2, 3, 4, 8, extent]) if extent >= 8 else r.choice([1, 2, extent])
            count = 0 if packs else draw_parts(r, extent, tile)
            stream = f'<"l2", dim = {dim}, size = {tile}' + (f", parts = {count}>" if count else ">")
            parts.append(f"stream = [{stream}]")
        schedules.append(", ".join(parts))
    if any("parts = " in schedule for schedule in schedules) and "units" not in schedules[-1]:
        schedules[-1] += ", units = 4"
    return schedules


KINDS = [attention, logsumexp, softmax, norm, attention, twoRows, undivided, logSoftmax]


if __name__ == "__main__":
    # What differs by more than the order of sums, memwall-run refuses.
    check("streams", KINDS, draw_schedules, 0.9, lambda output: True)
