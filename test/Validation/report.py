"""Writes the small sweep's part of docs/Validation.md, and its plots."""

import os

from experiments import explain
from families import FAMILIES
from judge import (DIRECTIONS, LIMITS, TITLES, Figures,
                   find_access_mismatches, percent, select)
from plots import plot_errors, plot_scatter
from sections import write_part

HEAD = """# Validation: predicted bytes against simulated bytes

Written by `tools/validate`; do not edit. The same seed gives the same tables.

`tools/validate` writes {count} random programs (seed {seed}) as MLIR, in
{families} families. Every program has a machine of its own: a memory behind two
fully associative and two set-associative caches, from a few lines to more than
everything, and on purpose near the sizes of the program's working sets; lines of
32 to 128 bytes, some of them in sectors; stores that fetch, allocate or bypass.
Every cache sees every access. The traffic model predicts the bytes that miss each
cache and are written back from it; `memwall-run`'s simulator, which lowers the
program with upstream passes, executes it and knows nothing of the model, measures
them. No program is left out. Caches that take victims (`inclusive = false`) are not
among them: how far model and simulator are apart there says [Model.md](Model.md),
"Victim caches".

The error of a prediction p of a measurement m is |p - m| / max(m, compulsory), for
reads and writes apart. Compulsory is the function's floor: the bytes of arguments
that it must read and of results that it must write. One program again, with every
buffer: `tools/validate --program=17`.

"""


EXPLICIT = """## Levels that the program fills

IR on tensors does not say what a program keeps in shared memory, so nothing can
be executed that would fill it; the sweep has caches only, and `memwall-run` runs
such a level as a cache on both sides. What the model says of explicit levels
(best retention: Model.md, "Explicit levels") is held to other things:

- *Staging by hand.* A program that copies tiles keeps, of each operand, what the
  loops below some depth touch. `Retention.IsTheBestOfAllStagings` walks random
  nests, untiled and tiled, element by element, with every operand staged at every
  depth, and takes the best choice that fits: in more than 500 comparisons the
  model says the same to the byte, except for windows that overlap (convolutions),
  where it says up to 1.4 times as much.
- *Bounds and LRU.* Never below a proven bound, never above an LRU cache of as many
  elements (`Traffic.ExplicitLevelIsBetweenBoundAndLRU`).
- *By hand.* Matrix products in three loop orders (`test/Traffic/explicit.mlir`).
- *Exhaustive tilings* of matrix products in integers: [Results.md](Results.md),
  "explicit / best".
"""

DISTANCES = """## By reuse distances alone

What `accuracy=fast` says of the same programs, without sets. There are no limits
on it.
"""


def count_text(count, word):
    return f"{count} {word}" + ("" if count == 1 else "s")


def write_totals(out, measurements, failed):
    programs = sum(m.kind == "none" for m in measurements)
    mismatches = find_access_mismatches(measurements)
    out.append(f"- {count_text(programs, 'program')} measured, {len(failed)} "
               "failed to be predicted or executed")
    out.append(f"- bytes of the accesses themselves: {programs - len(mismatches)}"
               f" of {programs} programs exactly as predicted\n")
    out.append("| caches | direction | measurements | median | 95% within | worst "
               "| limits |")
    out.append("|---|---|--:|--:|--:|--:|---|")
    for kind, limits in LIMITS.items():
        for direction in DIRECTIONS:
            figures = Figures(select(measurements, kind, direction))
            shown = " | ".join(map(percent, figures.values()))
            allowed = ", ".join(percent(l) for l in limits if l is not None)
            out.append(f"| {TITLES[kind]} | {direction} | {figures.count} | "
                       f"{shown} | {allowed} |")
    out.append("")


def write_distances(out, measurements):
    out.append(DISTANCES)
    out.append("| caches | family | read: median | 95% | worst | written: median "
               "| 95% | worst |")
    out.append("|---|---|--:|--:|--:|--:|--:|--:|")
    for kind in LIMITS:
        for family in [None, *FAMILIES]:
            cells = []
            for direction in DIRECTIONS:
                errors = select(measurements, kind, direction, family, True)
                if errors:
                    cells += map(percent, Figures(errors).values())
            if cells:
                out.append(f"| {TITLES[kind]} | {family or 'all'} | "
                           f"{' | '.join(cells)} |")
    out.append("")


def write_families(out, measurements, kind):
    out.append(f"## {TITLES[kind].capitalize()} caches, by family\n")
    out.append(f"![predicted over measured](validation-{kind}.svg)\n")
    out.append("| family | n | read: median | 95% | worst | written: median | 95% "
               "| worst |")
    out.append("|---|--:|--:|--:|--:|--:|--:|--:|")
    for family in FAMILIES:
        cells, count = [], 0
        for direction in DIRECTIONS:
            errors = select(measurements, kind, direction, family)
            if errors:
                figures = Figures(errors)
                cells += map(percent, figures.values())
                count = figures.count
        if count:
            out.append(f"| {family} | {count} | {' | '.join(cells)} |")
    out.append("")


def describe_cache(m):
    lines = m.capacity // m.line
    text = f"{lines} lines of {m.line}"
    if m.sector != m.line:
        text += f" in sectors of {m.sector}"
    if m.ways:
        text += f", {m.sets} x {m.ways} ways"
    return f"{text}, {m.policy}"


def write_worst(out, measurements, kind, binary):
    out.append(f"### Worst programs, {TITLES[kind]} caches\n")
    out.append("| family | program | shape | cache | direction | predicted | "
               "measured | error | found by experiment |")
    out.append("|---|---|---|---|---|--:|--:|--:|---|")
    for family in FAMILIES:
        found = [(m.error(d), m, d) for m in measurements for d in DIRECTIONS
                 if m.kind == kind and m.sample.family == family]
        found.sort(key=lambda entry: -entry[0])
        shown = set()
        for error, m, direction in found:
            if len(shown) == 2 or error <= 0.01:
                break
            if m.sample.name in shown:
                continue
            shown.add(m.sample.name)
            i = DIRECTIONS.index(direction)
            out.append(
                f"| {family} | {m.sample.name} | {m.sample.shape} | "
                f"{describe_cache(m)} | {direction} | {m.predicted[i]} | "
                f"{m.measured[i]} | {percent(error)} | "
                f"{explain(binary, m, direction)} |")
    out.append("")


def write_plots(folder, measurements):
    for kind in LIMITS:
        pairs = {d: [(m.measured[i], m.predicted[i]) for m in measurements
                     if m.kind == kind] for i, d in enumerate(DIRECTIONS)}
        plot_scatter(os.path.join(folder, f"validation-{kind}.svg"),
                     f"{TITLES[kind].capitalize()} caches", pairs)
    groups = {}
    for kind, color in (("full", "#2a8a4a"), ("sets", "#8a2a7a")):
        errors = [e for d in DIRECTIONS for e in select(measurements, kind, d)]
        groups[TITLES[kind]] = (errors, color, "")
        errors = [e for d in DIRECTIONS
                  for e in select(measurements, kind, d, None, True)]
        groups[f"{TITLES[kind]}, by distances alone"] = (errors, color, "4 3")
    plot_errors(os.path.join(folder, "validation-errors.svg"),
                "How many predictions are how good", groups)


def write_report(arguments, measurements, failed):
    count = len({m.sample.name for m in measurements}) + len(failed)
    out = [HEAD.format(count=count, seed=arguments.seed, families=len(FAMILIES))]
    write_totals(out, measurements, failed)
    out.append("![how many predictions are how good](validation-errors.svg)\n")
    for sample in failed:
        out.append(f"- failed: {sample.name}, {sample.family}: {sample.shape}")
    for m in find_access_mismatches(measurements):
        out.append(f"- other accesses than predicted: {m.sample.name}, "
                   f"{m.sample.family}: {m.sample.shape}")
    for kind in LIMITS:
        write_families(out, measurements, kind)
        write_worst(out, measurements, kind, arguments.binary)
    write_distances(out, measurements)
    out.append(EXPLICIT)
    write_plots(arguments.report, measurements)
    write_part(os.path.join(arguments.report, "Validation.md"), None,
               "\n".join(out))
