"""What must hold of the large sweep and of products.

Of the large sweep, at every level and of all together, reads and writes apart
(judge.py defines the error): limits on the errors, the share of them within three of the standard
errors that the model states, and the size of these. Where rows are gathered at
random, which of them share a set is chance: no worst error, but the stated
errors must cover it all the same.
"""

from judge import (DIRECTIONS, Figures, find_access_mismatches, is_gather,
                   percent)

MEDIAN, P95, WORST = 0.005, 0.03, 0.15
WITHIN, STATED = 0.95, 0.01
# A level with fewer errors than this is judged with all others only: one error in
# twenty must be allowed to be larger than the 95th percentile.
FEWEST = 40
PRODUCTS_WORST = 0.05


def level_name(m):
    return f"{m.cache}, hashed" if m.cache in m.sample.hashed else m.cache


class Group:
    """Errors of some measurements in one direction."""

    def __init__(self, measurements, direction):
        self.figures = Figures([m.error(direction) for m in measurements])
        within = sum(m.is_within(direction) for m in measurements)
        self.within = within / len(measurements)
        self.stated = Figures(
            [m.stated_error(direction) for m in measurements]).median

    def cells(self):
        return [str(self.figures.count), *map(percent, self.figures.values()),
                f"{100 * self.within:.1f}%", percent(self.stated)]


def split_by(measurements, key):
    """Groups of measurements of caches, by key, in the order they are met."""
    groups = {}
    for m in measurements:
        if m.kind != "none":
            groups.setdefault(key(m), []).append(m)
    return groups


def list_groups(measurements):
    """(name, measurements) that limits hold for: every level, and all levels;
    gathers apart."""
    gathers = [m for m in measurements if is_gather(m)]
    others = [m for m in measurements if not is_gather(m)]
    groups = sorted(split_by(others, level_name).items())
    for name, found in ("all levels", others), ("gathers, all levels", gathers):
        caches = [m for m in found if m.kind != "none"]
        if caches:
            groups.append((name, caches))
    return groups


def find_false_zeros(measurements):
    """Errors stated to be 0 although not all was counted."""
    return [(m, d) for m in measurements for d in DIRECTIONS
            if m.kind != "none" and m.stated_error(d) == 0
            and not m.is_walked_whole]


def format_programs(measurements, failed):
    accesses = [m for m in measurements if m.kind == "none"]
    seconds = [m.seconds for m in accesses]
    mismatches = find_access_mismatches(measurements)
    text = (f"{len(accesses)} programs measured, {len(failed)} failed, "
            f"{len(mismatches)} with other accesses than predicted\n")
    if accesses:
        counts = Figures([m.accesses for m in accesses])
        fewest = min(m.accesses for m in accesses)
        text += (f"accesses: fewest {fewest:.2g}, median {counts.median:.2g}, most "
                 f"{counts.worst:.2g}; seconds to predict: median "
                 f"{Figures(seconds).median:.3f}, most {max(seconds):.2f}, "
                 f"sum {sum(seconds):.1f}\n")
    return text


def find_common_problems(measurements, failed):
    problems = [f"program {s.name} ({s.family}) failed" for s in failed]
    problems += [
        f"program {m.sample.name} ({m.sample.family}): predicted accesses of "
        f"{m.predicted} bytes (read, written), found {m.measured}"
        for m in find_access_mismatches(measurements)]
    if not measurements:
        problems.append("nothing was measured")
    return problems


def check_group(name, found, direction):
    """What of a group is above its limits."""
    group, is_whole = Group(found, direction), name.endswith("all levels")
    name = f"{name}, {direction}"
    limits = []
    if not is_gather(found[0]):
        limits = [("median error", group.figures.median, MEDIAN),
                  ("worst error", group.figures.worst, WORST)]
        if is_whole or len(found) >= FEWEST:
            limits += [("95th percentile of errors", group.figures.p95, P95),
                       ("median stated error", group.stated, STATED)]
    problems = [f"{name}: expected a {what} of at most {percent(limit)}, found "
                f"{percent(value)}" for what, value, limit in limits
                if value > limit]
    if group.within < WITHIN and (is_whole or len(found) >= FEWEST):
        problems.append(
            f"{name}: expected {percent(WITHIN)} of errors within three stated "
            f"standard errors, found {percent(group.within)}")
    return problems


class LARGE:
    """The rules of the large sweep."""

    @staticmethod
    def summarize(measurements, failed):
        text = format_programs(measurements, failed)
        text += (f"{'':34}{'n':>6}{'median':>9}{'95%':>10}{'worst':>11}"
                 f"{'in 3 s.e.':>11}{'stated':>9}\n")
        for name, found in list_groups(measurements):
            for direction in DIRECTIONS:
                n, *cells = Group(found, direction).cells()
                widths = (9, 10, 11, 11, 9)
                text += f"{name + ', ' + direction:34}{n:>6}" + "".join(
                    f"{c:>{w}}" for c, w in zip(cells, widths)) + "\n"
        return text

    @staticmethod
    def check(measurements, failed):
        problems = find_common_problems(measurements, failed)
        for name, found in list_groups(measurements):
            for direction in DIRECTIONS:
                problems += check_group(name, found, direction)
        zeros = find_false_zeros(measurements)
        problems += [f"program {m.sample.name}, {m.cache}, {d}: stated an error "
                     "of 0, and not all sets were walked" for m, d in zeros[:5]]
        if len(zeros) > 5:
            problems.append(f"{len(zeros) - 5} more such errors of 0")
        return problems


class PRODUCTS:
    """The rules of products: every level of every one within a limit."""

    @staticmethod
    def summarize(measurements, failed):
        text = format_programs(measurements, failed)
        for name, found in split_by(measurements, lambda m: m.cache).items():
            for direction in DIRECTIONS:
                figures = Figures([m.error(direction) for m in found])
                text += (f"{name}, {direction}: median "
                         f"{percent(figures.median)}, 95% within "
                         f"{percent(figures.p95)}, worst "
                         f"{percent(figures.worst)}\n")
        return text

    @staticmethod
    def check(measurements, failed):
        problems = find_common_problems(measurements, failed)
        for m in measurements:
            for i, d in enumerate(DIRECTIONS):
                if m.kind != "none" and m.error(d) > PRODUCTS_WORST:
                    problems.append(
                        f"{m.sample.name} ({m.sample.shape}), {m.cache}, {d}: "
                        f"predicted {m.predicted[i]}, measured {m.measured[i]}, "
                        f"an error of {percent(m.error(d))}")
        return problems
