"""Errors of the model, and whether they are small enough.

The error of a prediction p against a measurement m is
|p - m| / max(m, compulsory), reads and writes apart; compulsory is what the
function must at least read of its arguments, and write of its results.
"""

import math

#              median  95th percentile  worst (None: no limit; gathers have none,
# since chance decides which of their rows share a line)
LIMITS = {
    "full": (0.0001, 0.01, 0.25),
    "sets": (0.0001, 0.01, None),
}
TITLES = {"full": "fully associative", "sets": "set-associative"}
DIRECTIONS = ("read", "written")


def is_gather(measurement):
    return measurement.sample.family == "gather"


class Measurement:
    """One cache behind one program: a row of the table of memwall-validate."""

    def __init__(self, sample, row):
        number = lambda name: int(row[name])
        # None where the model makes no statement.
        stated = lambda name: float(row[name]) if row[name] else None
        self.sample, self.row = sample, row
        self.cache, self.policy = row["cache"], row["policy"]
        self.capacity, self.line = number("capacity"), number("line")
        self.sector, self.ways = number("sector"), number("ways")
        self.sets = number("sets")
        self.predicted = [number(f"predicted_{d}") for d in DIRECTIONS]
        self.by_distances = [number(f"distances_{d}") for d in DIRECTIONS]
        self.measured = [number(f"measured_{d}") for d in DIRECTIONS]
        self.compulsory = [number(f"compulsory_{d}") for d in DIRECTIONS]
        self.stated = [stated("error_of_read"), stated("error_of_written")]
        self.is_walked_whole = (
            row["method"] == "sets" and row["sampled_in_time"] == "0"
            and row["sets_walked"] == row["walked_of"])
        self.accesses = number("accesses")
        self.seconds = float(row["predicting_seconds"])

    @property
    def kind(self):
        """full, sets, or none: the accesses themselves."""
        if self.cache == "none":
            return "none"
        return "sets" if self.ways else "full"

    def error(self, direction, by_distances=False):
        """Of the model, or of its part that needs no walk."""
        i = DIRECTIONS.index(direction)
        p = (self.by_distances if by_distances else self.predicted)[i]
        return self.share(direction, abs(p - self.measured[i]))

    def share(self, direction, difference):
        """A number of bytes, of what the error of a direction is relative to."""
        i = DIRECTIONS.index(direction)
        scale = max(self.measured[i], self.compulsory[i])
        if difference == 0:
            return 0.0
        return difference / scale if scale else math.inf

    def stated_error(self, direction):
        """The standard error that the model states; inf where it states none."""
        stated = self.stated[DIRECTIONS.index(direction)]
        return math.inf if stated is None else self.share(direction, stated)

    def is_within(self, direction, errors=3):
        """Whether the error is at most so many stated standard errors; a model
        that makes no statement is not."""
        i = DIRECTIONS.index(direction)
        if self.stated[i] is None:
            return False
        return abs(self.predicted[i] - self.measured[i]) <= errors * self.stated[i]


class Figures:
    """Median, 95th percentile, worst of some errors: of n sorted values the
    one at ceil(share * n)."""

    def __init__(self, errors):
        ordered = sorted(errors)
        at = lambda share: ordered[max(0, math.ceil(share * len(ordered)) - 1)]
        self.count = len(ordered)
        self.median, self.p95, self.worst = at(0.5), at(0.95), ordered[-1]

    def values(self):
        return self.median, self.p95, self.worst


def percent(value):
    return "inf" if math.isinf(value) else f"{100 * value:.2f}%"


def select(measurements, kind, direction, family=None, by_distances=False):
    return [m.error(direction, by_distances) for m in measurements
            if m.kind == kind and family in (None, m.sample.family)]


def find_access_mismatches(measurements):
    """Programs whose accesses themselves are counted wrongly."""
    return [m for m in measurements
            if m.kind == "none" and m.predicted != m.measured]


def summarize(measurements, failed):
    """A few lines for the terminal."""
    mismatches = find_access_mismatches(measurements)
    programs = sum(m.kind == "none" for m in measurements)
    text = (f"{programs} programs measured, {len(failed)} failed, "
            f"{len(mismatches)} with other accesses than predicted\n")
    for kind in LIMITS:
        for direction in DIRECTIONS:
            errors = select(measurements, kind, direction)
            if not errors:
                continue
            median, p95, worst = Figures(errors).values()
            text += (f"{TITLES[kind]}, {direction}: median {percent(median)}, "
                     f"95% within {percent(p95)}, worst {percent(worst)}\n")
    return text


def check(measurements, failed):
    """What is not as it has to be, in words."""
    problems = [f"program {s.name} ({s.family}) failed" for s in failed]
    problems += [
        f"program {m.sample.name} ({m.sample.family}): predicted accesses of "
        f"{m.predicted} bytes (read, written), found {m.measured}"
        for m in find_access_mismatches(measurements)]
    for kind, limits in LIMITS.items():
        for direction in DIRECTIONS:
            errors = select(measurements, kind, direction)
            if not errors:
                problems.append(f"no {TITLES[kind]} cache was measured")
                continue
            median, p95, _ = Figures(errors).values()
            worst = max(select([m for m in measurements if not is_gather(m)],
                               kind, direction), default=0)
            found = median, p95, worst
            for name, value, limit in zip(("median", "95th percentile", "worst"),
                                          found, limits):
                if limit is not None and value > limit:
                    problems.append(
                        f"{TITLES[kind]}, {direction}: expected a {name} error "
                        f"of at most {percent(limit)}, found {percent(value)}")
    return problems
