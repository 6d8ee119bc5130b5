"""What the judge of the large sweep refuses: made-up measurements, one rule each."""

import unittest

from judge import Measurement
from judge_large import LARGE, PRODUCTS

COUNT = 60
MEASURED = 1000000


class Sample:
    shape, hashed = "", set()

    def __init__(self, name, family):
        self.name, self.family = name, family


def measure(number, error=0.001, stated=0.001, walked=10, family="layer",
            method="sets", written=MEASURED):
    """A cache whose reads are predicted `error` too high; all is a share of what
    is measured. `stated` None: no statement."""
    sample = Sample(f"L1/{number}", family)
    text = "" if stated is None else str(stated * MEASURED)
    row = {"cache": "l2", "policy": "fetch", "capacity": "65536", "line": "64",
           "sector": "64", "ways": "8", "sets": "128", "method": method,
           "sampled_in_time": "0", "sets_walked": str(walked),
           "walked_of": "100", "error_of_read": text, "error_of_written": text,
           "predicting_seconds": "0", "accesses": "10000000",
           "compulsory_read": "0", "compulsory_written": "0",
           "distances_read": "0", "distances_written": "0",
           "measured_read": str(MEASURED), "measured_written": str(written),
           "predicted_read": str(round(MEASURED * (1 + error))),
           "predicted_written": str(written)}
    return Measurement(sample, row)


def measure_all(first=0, others=(), **facts):
    """COUNT programs; the first ones with `facts`, the rest with `others`."""
    others = dict(others)
    return [measure(n, **(facts if n < first or not first else others))
            for n in range(COUNT)]


class LargeRules(unittest.TestCase):
    def expect(self, measurements, *words):
        """Every problem has one of the words, and every word a problem."""
        problems = LARGE.check(measurements, [])
        for problem in problems:
            self.assertTrue(any(word in problem for word in words), problem)
        for word in words:
            self.assertTrue(any(word in problem for problem in problems), word)

    def test_good(self):
        self.expect(measure_all())

    def test_median(self):
        self.expect(measure_all(error=0.006, stated=0.004), "median error")

    def test_95th_percentile(self):
        self.expect(measure_all(first=4, error=0.04, stated=0.02),
                    "95th percentile")

    def test_worst(self):
        self.expect(measure_all(first=1, error=0.16, stated=0.1), "worst error")

    def test_within_three_standard_errors(self):
        self.expect(measure_all(first=4, error=0.0031, stated=0.001),
                    "three stated standard errors")
        self.expect(measure_all(first=3, error=0.0031, stated=0.001))

    def test_stated_error(self):
        self.expect(measure_all(stated=0.011), "median stated error")

    def test_no_statement(self):
        self.expect(measure_all(first=4, error=0.001, stated=None),
                    "three stated standard errors")

    def test_zero_where_not_all_was_walked(self):
        self.expect(measure_all(first=1, error=0, stated=0), "error of 0")
        self.expect(measure_all(first=1, error=0, stated=0, method="distances",
                                walked=100), "error of 0")
        self.expect(measure_all(first=1, error=0, stated=0, walked=100))

    def test_nothing_moves(self):
        self.expect(measure_all(first=1, error=0, written=0))

    def test_gathers(self):
        gathers = dict(family="gather", error=0.3)
        self.expect(measure_all(first=9, stated=0.11, **gathers))
        self.expect(measure_all(first=9, stated=0.09, **gathers),
                    "gathers, all levels")

    def test_failures(self):
        failed = LARGE.check(measure_all(), [Sample("L1/99", "layer")])
        self.assertEqual(failed, ["program L1/99 (layer) failed"])
        self.assertEqual(LARGE.check([], []), ["nothing was measured"])


class ProductRules(unittest.TestCase):
    def test_limit(self):
        self.assertEqual(PRODUCTS.check(measure_all(error=0.05), []), [])
        problems = PRODUCTS.check(measure_all(first=1, error=0.051), [])
        self.assertEqual(len(problems), 1)


if __name__ == "__main__":
    unittest.main()
