"""Bounds as a unit against programs that memwall-optimize fuses: random attention
and pairs of products move at every level at least what the report says that the
two contractions must move together, and in some programs at most three times that.

usage: check_units.py <cases> <work folder> <folder of check_groups.py>
Seeds are fixed. memwall-opt is on PATH."""

import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, sys.argv[3])
import check_groups  # noqa: E402
import check_stream_masks  # noqa: E402
import check_streams  # noqa: E402
from check_groups import Program  # noqa: E402

MACHINE = """module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 2048, "associativity" = 8>,
      "l2" = #dlti.map<"capacity_bytes" = 32768, "associativity" = 16>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
"""
BYTES = 4  # f32


def attention(r):
    """The program, and the elements of queries, keys, values and outputs."""
    h, g = r.choice([1, 2, 3]), r.choice([1, 2])
    n, t, d, e = (r.choice(sizes) for sizes in ([16, 40], [24, 64], [8, 16], [8, 16]))
    p = Program(r)
    keys, values = r.choice([("thd", "the"), ("htd", "hte"), ("hdt", "the")])
    extents = {"h": h, "g": g, "n": n, "t": t, "d": d, "e": e}
    q, k, v = (p.argument([extents[c] for c in dims]) for dims in ("nhgd", keys, values))
    s = p.product(f"nhgd,{keys}->hgnt", q, k)
    m = p.reduce("hgnt->hgn", s, "maximumf")
    x = p.map("hgnt,hgn->hgnt", [s, m], "subf")
    l = p.reduce("hgnt->hgn", x, "addf")
    scores = "hgnt"
    if r.random() < 0.4:  # The intermediate result changes its layout on the way.
        x, scores = p.map("hgnt->nhgt", [x]), "nhgt"
    c = p.product(f"{scores},{values}->nhge", x, v)
    p.results.append(p.map("nhge,hgn->nhge", [c, l], "subf"))
    return p, h * g * n * d + h * t * d + h * t * e + h * g * n * e


def pair(r):
    m, n, k, e = (r.choice([16, 24, 40, 64]) for _ in range(4))
    p = Program(r)
    a = p.product("mk,kn->mn", p.argument([m, k]), p.argument([k, n]))
    b = p.map("mn->mn", [a])
    p.results.append(p.product("mn,ne->me", b, p.argument([n, e])))
    return p, m * k + k * n + n * e + m * e


def masked(r):
    """Attention whose rows see windows, or what is before them: a stream leaves
    tiles out, and with them what a bound for all pairs would ask for."""
    h, n, t, d = r.choice([1, 2]), r.choice([40, 128]), r.choice([40, 128]), r.choice([8, 16])
    width, behind = r.choice([t, t, 5, 16]), r.choice([0, 3])
    p = check_streams.Stream(r)
    q, k, v = p.argument([n, h, d]), p.argument([t, h, d]), p.argument([t, h, d])
    s = p.product("nhd,thd->hnt", q, k)
    # Row n sees columns n + behind - width + 1 to n + behind.
    s = p.body(
        "hnt->hnt", [s], f"%low = arith.constant {check_streams.LOWEST} : f32",
        *check_stream_masks.INDICES,
        f"%behind = arith.constant {behind} : index",
        f"%width = arith.constant {width} : index",
        "%last = arith.addi %a, %behind : index",
        "%end = arith.addi %b, %width : index",
        "%c1 = arith.cmpi sge, %last, %b : index",
        "%c2 = arith.cmpi slt, %last, %end : index",
        "%keep = arith.andi %c1, %c2 : i1",
        "%r = arith.select %keep, %i0, %low : f32",
    )
    m = p.reduce("hnt->hn", s, "maximumf")
    e = p.exponential("hnt,hn->hnt", s, m)
    l = p.reduce("hnt->hn", e, "addf")
    o = p.product("hnt,thd->nhd", e, v)
    p.results.append(p.body("nhd,hn->nhd", [o, l], "%r = arith.divf %i0, %i1 : f32"))
    seen = [(max(0, i + behind - width + 1), min(t, i + behind + 1)) for i in range(n)]
    if any(first >= end for first, end in seen):
        return p, None  # Rows that see nothing: no bound.
    columns = max(end for _, end in seen) - min(first for first, _ in seen)
    return p, h * (2 * n * d + 2 * columns * d)


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{what}: {' '.join(command)}\n{done.stdout}{done.stderr}")


def report(path, what):
    out = path.with_suffix(".json")
    run(["memwall-opt", str(path), f"--memwall-report=targets=small format=json output={out}",
         "-o", str(path.with_suffix(".out"))], what)
    return json.loads(out.read_text())["functions"][0]


def main():
    cases, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    check_groups.MACHINE = MACHINE
    work.mkdir(parents=True, exist_ok=True)
    bad, near, theorems = 0, 0, set()
    for number in range(cases):
        kind = [attention, masked, pair][number % 3]
        what = f"case {number}, {kind.__name__}"
        program, elements = kind(random.Random(number))
        before, after = work / f"{number}.mlir", work / f"{number}.after.mlir"
        before.write_text(program.text([""] * len(program.members)).replace(
            "memwall.schedule = #memwall.schedule<>", ""))
        run(["memwall-opt", str(before), "--memwall-optimize=target=small", "-o", str(after)], what)
        function = report(before, what)
        if elements is None and not function["units"]:
            continue
        if elements is None or len(function["units"]) != 1:
            sys.exit(f"{what}: expected one unit, found {function['units']}")
        bounds = function["units"][0]["targets"][0]["levels"]
        if bounds[0]["bound_bytes"] != elements * BYTES:
            sys.exit(f"{what}: {bounds[0]['bound_bytes']} compulsory bytes, expected "
                     f"{elements * BYTES}")
        for fused in (function, report(after, what)):
            for bound, level in zip(bounds, fused["targets"][0]["levels"]):
                moved = sum(level["scheduled"].values())
                theorems.add(bound["theorem"])
                near += moved <= 3 * bound["bound_bytes"]
                if moved < bound["bound_bytes"]:
                    bad += 1
                    print(f"{what}: {level['name']} moves {moved}, less than {bound}")
    print(f"{cases} programs, {bad} below their bound; bounds by {', '.join(sorted(theorems))}; "
          f"{'some' if near else 'no'} programs within three times the bound")
    sys.exit(bad != 0)


main()
