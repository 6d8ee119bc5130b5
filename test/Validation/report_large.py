"""Writes the large sweep's part of docs/Validation.md, its plot, and the part of
matrix products."""

import os

import judge_large
from experiments import explain
from judge import DIRECTIONS, Figures, percent
from judge_large import (FEWEST, MEDIAN, P95, PRODUCTS_WORST, STATED, WITHIN,
                         WORST, Group, is_gather, list_groups, split_by)
from plots import plot_errors_by_size
from products import LARGEST_SIDE, TARGETS
from report import describe_cache
from sections import LARGE, PRODUCTS, write_part

HEAD = LARGE + """

Written by `tools/validate --large`. {count} programs (seed {seed}) of {families}
families: those above with larger sizes, whole transformer layers, products of
matrices whose rows lie further apart than they are long, and loops on several
units with caches of their own. Every program has an L1, an L2 and an L3 of 8, 12
or 16 ways, the L3 often with a hashed index, and often a fully associative level
like a GPU's L2; in three of four, one capacity is within 2% of a working set.
Every cache sees every access.

What must hold at every level and of all together, reads and writes apart: a median
error of at most {median}, 95% of errors within {p95}, none above {worst}; {within}
of them within three of the standard errors that the model states, whose median is
at most {stated}; and an error stated to be 0 only where all sets were walked. Where
rows are gathered at random, only that the stated errors cover what is found. Shares
are judged of levels with at least {fewest} programs.
Seconds are the processor's. One program again: `tools/validate --large
--program=17`.
"""

PRODUCTS_HEAD = PRODUCTS + """

Written by `tools/validate --large`: {count} random products of i8, f16 and f32 (seed
{seed}), with sides of 1 to {side}, on {targets}, as they are and as the search tiles
them. Every level of every one must be predicted within {limit}.
"""

MOST_WORST = 15


def write_table(out, groups, title):
    out.append(f"| {title} | direction | n | median | 95% within | worst | within "
               "3 stated errors | median stated |")
    out.append("|---|---|--:|--:|--:|--:|--:|--:|")
    for name, found in groups:
        for direction in DIRECTIONS:
            cells = " | ".join(Group(found, direction).cells())
            out.append(f"| {name} | {direction} | {cells} |")
    out.append("")


def write_seconds(out, measurements):
    out.append("| family | programs | accesses: median | most | seconds to "
               "predict: median | most |")
    out.append("|---|--:|--:|--:|--:|--:|")
    families = {}
    for m in measurements:
        if m.kind == "none":
            families.setdefault(m.sample.family, []).append(m)
    for family, found in families.items():
        accesses = Figures([m.accesses for m in found])
        seconds = Figures([m.seconds for m in found])
        out.append(f"| {family} | {len(found)} | {accesses.median:.1e} | "
                   f"{accesses.worst:.1e} | {seconds.median:.2f} | "
                   f"{seconds.worst:.2f} |")
    out.append("")


def write_worst(out, measurements, binary):
    """The worst direction of the worst levels, each program once."""
    found = [(m.error(d), m, d) for m in measurements for d in DIRECTIONS
             if m.kind != "none" and not is_gather(m)]
    found.sort(key=lambda entry: -entry[0])
    out.append("| program | shape | cache | accesses | direction | predicted | "
               "measured | error | stated | found by experiment |")
    out.append("|---|---|---|--:|---|--:|--:|--:|--:|---|")
    shown = set()
    for error, m, direction in found:
        if len(shown) == MOST_WORST or error <= P95:
            break
        if m.sample.name in shown:
            continue
        shown.add(m.sample.name)
        i = DIRECTIONS.index(direction)
        out.append(
            f"| {m.sample.name} | {m.sample.family}: {m.sample.shape} | {m.cache}: "
            f"{describe_cache(m)} | {m.accesses:.1e} | {direction} | "
            f"{m.predicted[i]} | {m.measured[i]} | {percent(error)} | "
            f"{percent(m.stated_error(direction))} | "
            f"{explain(binary, m, direction)} |")
    if not shown:
        out.append(f"\nNo error is above {percent(P95)}.")
    out.append("")


def write_problems(out, problems):
    if problems:
        out.append("What does not hold:\n")
        out += [f"- {problem}" for problem in problems] + [""]


LEFT_OUT = """
{count} more programs of this seed were not measured and are in no figure
(`--only-measured`); they are the ones with the most accesses.
"""


def write_report(arguments, measurements, failed):
    samples = {m.sample.name: m.sample for m in measurements}
    families = {s.family for s in samples.values()}
    out = [HEAD.format(count=len(samples) + len(failed), seed=arguments.seed,
                       families=len(families), median=percent(MEDIAN),
                       p95=percent(P95), worst=percent(WORST),
                       within=percent(WITHIN), stated=percent(STATED),
                       fewest=FEWEST)]
    if arguments.left_out:
        out.append(LEFT_OUT.format(count=arguments.left_out))
    write_problems(out, judge_large.LARGE.check(measurements, failed))
    out.append("![errors against accesses](validation-large.svg)\n")
    write_table(out, list_groups(measurements), "level")
    by_family = split_by(measurements, lambda m: m.sample.family)
    write_table(out, by_family.items(), "family, all levels")
    write_seconds(out, measurements)
    out.append("### Worst large programs\n")
    write_worst(out, measurements, arguments.binary)
    points = {d: [(m.accesses, m.error(d)) for m in measurements
                  if m.kind != "none"] for d in DIRECTIONS}
    plot_errors_by_size(os.path.join(arguments.report, "validation-large.svg"),
                        "Errors of large programs", points)
    write_part(os.path.join(arguments.report, "Validation.md"), LARGE,
               "\n".join(out))


def write_products(arguments, measurements, failed):
    samples = {m.sample.name: m.sample for m in measurements}
    products = sum(s.family == "product" for s in samples.values())
    out = [PRODUCTS_HEAD.format(count=products, seed=arguments.seed,
                                side=LARGEST_SIDE, targets=", ".join(TARGETS),
                                limit=percent(PRODUCTS_WORST))]
    write_problems(out, judge_large.PRODUCTS.check(measurements, failed))
    groups = split_by(measurements, lambda m: f"{m.sample.family}, {m.cache}")
    write_table(out, sorted(groups.items()), "level")
    write_part(os.path.join(arguments.report, "Validation.md"), PRODUCTS,
               "\n".join(out))
