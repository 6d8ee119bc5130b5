"""Optimizes programs of several ops for a small machine and simulates them
before and after: bytes change as predicted at DRAM and one level further in, and
the outputs are equal to the last bit where only groups were made.

usage: check_group_simulation.py <cases> <work folder> [small|large]
`large`: more accesses than the model walks whole. Programs in which nothing is
fused do not count. Seeds are fixed. memwall-opt and memwall-run are on PATH."""

import json
import pathlib
import random
import subprocess
import sys

import check_groups
from check_groups import Program

# Of bytes after over bytes before, predicted against simulated.
LIMITS = {"dram": 0.02, "l2": 0.10}

MACHINE = """module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 8>,
      "l2" = #dlti.map<"capacity_bytes" = 65536, "associativity" = 16>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
"""

SIZES = {"small": [40, 48, 64, 80], "large": [160, 192, 250, 256]}


def attention(r, h, g, n, t, d):
    p = Program(r)
    q, k, v = p.argument([n, h, g, d]), p.argument([t, h, d]), p.argument([t, h, d])
    s = p.product("nhgd,thd->hgnt", q, k)
    m = p.reduce("hgnt->hgn", s, "maximumf")
    e = p.map("hgnt,hgn->hgnt", [s, m], "subf")
    l = p.reduce("hgnt->hgn", e, "addf")
    c = p.product("hgnt,thd->nhgd", e, v)
    p.results.append(p.map("nhgd,hgn->nhgd", [c, l], "subf"))
    return p


def size(r):
    return r.choice(check_groups.SIZES)


def multi_head(r):
    return attention(r, r.choice([2, 4]), 1, size(r), size(r), 16)


def grouped_query(r):
    return attention(r, 2, 2, size(r), size(r), 16)


def decode(r):
    return attention(r, 4, 2, 1, 16 * size(r), 16)


def masked(r):
    """The mask is an operand: a row of it per query."""
    return check_groups.attention(r)[0]


def norm_and_projections(r):
    return check_groups.siblings(r)[0]


def gated(r):
    return check_groups.gated(r)[0]


def softmax(r):
    p = Program(r)
    x = p.argument([size(r), 4 * size(r)])
    a = p.reduce("mn->m", x, "maximumf")
    e = p.map("mn,m->mn", [x, a], "subf")
    l = p.reduce("mn->m", e, "addf")
    p.results.append(p.map("mn,m->mn", [e, l]))
    return p


def feed_forward(r):
    return check_groups.chain(r)[0]


def projected_heads(r):
    """Columns that are heads, with halves that are rotated maybe."""
    return check_groups.heads(r)[0]


def residual_chain(r):
    p = Program(r)
    m, k, n = size(r), size(r), size(r)
    x, y = p.argument([m, k]), p.argument([m, n])
    t = p.product("mk,kn->mn", x, p.argument([k, n]))
    y = p.map("mn,mn->mn", [t, y], "addf")
    s = p.reduce("mn->m", y, "addf")
    p.results += [y, p.map("mn,m->mn", [y, s])]
    return p


KINDS = [multi_head, grouped_query, decode, masked, norm_and_projections, gated, softmax,
         feed_forward, residual_chain, projected_heads]


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{what}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def measure(path, what):
    """(predicted, measured) bytes by level."""
    text = run(["memwall-run", path, "--entry=f", "--simulate=small", "--format=json"], what)
    levels = json.loads(text)["levels"]
    return {
        level["name"]: (sum(level["predicted"].values()), sum(level["measured"].values()))
        for level in levels
    }


def main():
    wanted, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    check_groups.MACHINE = MACHINE
    check_groups.SIZES = SIZES[sys.argv[3] if len(sys.argv) > 3 else "small"]
    work.mkdir(parents=True, exist_ok=True)
    worst, counted, number, bad = dict.fromkeys(LIMITS, 0.0), 0, 0, 0
    while counted < wanted:
        kind = KINDS[number % len(KINDS)]
        what = f"case {number}, {kind.__name__}"
        program = kind(random.Random(number))
        before, after = str(work / f"{number}.before.mlir"), str(work / f"{number}.after.mlir")
        pathlib.Path(before).write_text(program.text([""] * len(program.members)).replace(
            "memwall.schedule = #memwall.schedule<>", ""))
        optimize = ["memwall-opt", before, "--memwall-optimize=target=small",
                    "--remarks-filter=memwall", "-o", after]
        done = subprocess.run(optimize, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{what}: {done.stderr}")
        number += 1
        if number > 4 * wanted:
            sys.exit(f"only {counted} of {number} programs were fused")
        if "share loops" not in done.stderr:
            continue
        counted += 1
        text = run(["memwall-run", before, "--entry=f", f"--compare={after}", "--time=0"], what)
        then, now = measure(before, what), measure(after, what)
        for level, limit in LIMITS.items():
            predicted = now[level][0] / then[level][0]
            measured = now[level][1] / then[level][1]
            error = abs(measured / predicted - 1)
            worst[level] = max(worst[level], error)
            if error > limit:
                bad += 1
                print(f"{what}: {level} predicted {then[level][0]} to {now[level][0]}, "
                      f"measured {then[level][1]} to {now[level][1]}: {100 * error:.1f} %")
    text = ", ".join(f"{level} {100 * error:.2f} %" for level, error in worst.items())
    print(f"{counted} of {number} programs, worst errors: {text}; {bad} above the limits")
    sys.exit(bad != 0)


main()
