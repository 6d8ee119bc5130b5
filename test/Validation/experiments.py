"""Why a prediction is off: what experiments say, or that nothing is known."""

import re

from judge import DIRECTIONS, Measurement, percent
from measured import has_failed, run_validate

# Of programs that are counted exactly or simulated again: seconds each. Beyond,
# walks of all sets took more than a quarter of an hour.
MOST_ACCESSES = 1e8
SEEDS = range(1, 9)
CAPACITIES = (0.98, 1.02)


class Variant:
    """A sample whose text is another."""

    def __init__(self, sample, text):
        self.name, self.family, self.text = sample.name, sample.family, text


def find_cache(binary, sample, cache, flags):
    """The row of one cache, or None."""
    rows, _ = run_validate(binary, [sample], flags)
    mine = rows.get(sample.name, [])
    if not mine or has_failed(mine):
        return None
    return next(row for row in mine if row["cache"] == cache)


def resize(m, factor):
    """The sample with another capacity of the cache, in whole sets."""
    step = m.line * max(m.ways, 1)
    lines = max(round(m.capacity * factor / step), 1) * step
    pattern = rf'("{m.cache}" = #dlti\.map<[^>]*"capacity_bytes" = )\d+'
    text = re.sub(pattern, lambda found: f"{found.group(1)}{lines}", m.sample.text)
    return Variant(m.sample, text)


def explain_sampling(binary, m, direction):
    """Whether counting everything mends it."""
    row = find_cache(binary, m.sample, m.cache,
                     ["--only=predict", "--accuracy=exact"])
    if not row:
        return None
    measured = {f"measured_{d}": n for d, n in zip(DIRECTIONS, m.measured)}
    exact = Measurement(m.sample, m.row | row | measured | {
        "accesses": m.row["accesses"]})
    if exact.error(direction) > m.error(direction) / 10:
        return None
    return f"`accuracy=exact` is {percent(exact.error(direction))} off"


def explain_chance(binary, m, direction):
    """Whether other random numbers in the arguments measure as much."""
    cell = f"measured_{direction}"
    found = [find_cache(binary, m.sample, m.cache,
                        ["--only=measure", f"--seed={seed}"]) for seed in SEEDS]
    values = [int(row[cell]) for row in found if row]
    predicted = m.predicted[DIRECTIONS.index(direction)]
    if len(set(values)) < 2 or not min(values) <= predicted <= max(values):
        return None
    return (f"with {len(values)} other seeds of the arguments {min(values)} to "
            f"{max(values)} are measured")


def explain_threshold(binary, m, direction):
    """Whether the prediction is right for nearly the same capacity."""
    cell = f"measured_{direction}"
    found = [find_cache(binary, resize(m, factor), m.cache, ["--only=measure"])
             for factor in CAPACITIES]
    if not all(found):
        return None
    values = [int(row[cell]) for row in found]
    predicted = m.predicted[DIRECTIONS.index(direction)]
    if not min(values) <= predicted <= max(values):
        return None
    shares = " and ".join(f"{100 * f:.0f}%" for f in CAPACITIES)
    return (f"at {shares} of the capacity {values[0]} and {values[1]} are "
            "measured")


def explain(binary, m, direction):
    """What the first experiment that tells something says."""
    if m.accesses > MOST_ACCESSES:
        return "not explained; too large to be counted again"
    found = explain_sampling(binary, m, direction)
    if found:
        return found
    if m.sample.family == "gather":
        found = explain_chance(binary, m, direction)
    return found or explain_threshold(binary, m, direction) or "not explained"
