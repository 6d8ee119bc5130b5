"""What the fuzzer calls broken, on reports and tools that break a promise on
purpose, and that its cases are the same every time."""

import json
import os
import pathlib
import tempfile
import unittest

from cases import ONE_OP, Case
from checks import Limits, Session, check_cases
from invariants import check_function, check_run
from minimize import minimize

LEVEL = {"name": "dram", "scheduled": {"read": 100, "written": 40}}
OPERANDS = [{"read": 100, "written": 0, "read_by_stores": 0},
            {"read": 0, "written": 40, "read_by_stores": 0}]
FUNCTION = {
    "name": "f", "flops": 7, "transcendentals": 0, "int_ops": 0,
    "floor": {"read": 100, "written": 40}, "unmodelled": [], "warnings": [],
    "ops": [{"name": "linalg.add", "executions": 1, "flops": 7,
             "transcendentals": 0, "int_ops": 0,
             "compulsory": {"read": 100, "written": 40},
             "targets": [{"name": "m", "levels": [
                 {**LEVEL, "bound": {"bytes": 140, "theorem": "compulsory"},
                  "operands": OPERANDS}]}]}],
    "targets": [{"name": "m", "levels": [LEVEL]}],
}
RUN = {"levels": [{"name": "dram", "method": "accesses",
                   "predicted": {"read": 100, "written": 40},
                   "measured": {"read": 100, "written": 40}}]}


def change(tree, *path_and_value):
    tree = inner = json.loads(json.dumps(tree))
    *path, last, value = path_and_value
    for key in path:
        inner = inner[key]
    inner[last] = value
    return tree


def labels(broken):
    return sorted({line.split()[0].rstrip(":") for line in broken})


class InvariantsTest(unittest.TestCase):
    def test_what_holds(self):
        self.assertEqual(list(check_function(FUNCTION)), [])
        self.assertEqual(list(check_run(RUN, FUNCTION)), [])

    def test_what_breaks(self):
        level = ("ops", 0, "targets", 0, "levels", 0)
        for label, path in (
                ("floor", ("floor", "read", 101)),
                ("sum", ("flops", 8)),
                ("sum", ("targets", 0, "levels", 0, "scheduled", "read", 101)),
                ("negative", ("int_ops", -1)),
                ("read", (*level, "operands", 0, "read", 99)),
                ("stores", (*level, "operands", 1, "read_by_stores", 1)),
                ("compulsory", (*level, "bound", "bytes", 139)),
                ("bound", (*level, "bound", "bytes", 141))):
            self.assertIn(label, labels(check_function(change(FUNCTION, *path))))

    def test_bounds_are_per_op(self):
        """An op that is executed twice may find its operands in a cache."""
        path = ("ops", 0, "targets", 0, "levels", 0, "bound", "bytes", 141)
        twice = change(change(FUNCTION, *path), "ops", 0, "executions", 2)
        self.assertEqual(list(check_function(twice)), [])

    def test_what_breaks_in_a_run(self):
        for label, path in (
                ("accesses", ("levels", 0, "predicted", "read", 99)),
                ("floor", ("levels", 0, "measured", "written", 39))):
            self.assertIn(label, labels(check_run(change(RUN, *path), FUNCTION)))


class ToolsTest(unittest.TestCase):
    """Tools that do what they must not."""

    def check(self, script, *texts):
        """What is broken, and whether it is valid, of cases of these texts."""
        cases = [Case(1, 0) for _ in texts]
        for case, text in zip(cases, texts):
            case.flags, case.text = None, text
        with tempfile.TemporaryDirectory() as folder:
            tool = pathlib.Path(folder, "memwall-opt")
            tool.write_text("#!/bin/sh\n" + script)
            tool.chmod(0o755)
            path = os.environ["PATH"]
            os.environ["PATH"] = f"{folder}:{path}"
            try:
                return check_cases(cases, folder, Limits(cpu_seconds=1))
            finally:
                os.environ["PATH"] = path

    def test_tools(self):
        for script, label in (("kill -SEGV $$", "crash"), ("exit 1", "silent"),
                              ("while :; do :; done", "hang")):
            (broken, _), = self.check(script, "module {}")
            self.assertEqual(labels(broken), [label])
        found = self.check("echo 'error: no' >&2; exit 1", "module {}")
        self.assertEqual(found, [([], False)])

    def test_pieces(self):
        """One program of a process breaks it, others are rejected by line."""
        found = self.check("""
            grep -q boom $1 && kill -SEGV $$
            grep -n bad $1 | sed "s|^\\([0-9]*\\).*|$1:\\1:1: error: no|" >&2
            exit 1""", "bad", "x\nbad", "boom", "bad\nbad")
        self.assertEqual([labels(broken) for broken, _ in found],
                         [[], [], ["crash"], []])
        self.assertEqual([is_valid for _, is_valid in found],
                         [False, False, True, False])


class CasesTest(unittest.TestCase):
    def test_numbers_are_programs(self):
        for number in range(50):
            self.assertEqual(vars(Case(3, number)), vars(Case(3, number)))

    def test_minimize(self):
        """Two lines of forty that break something together."""
        text = "\n".join(map(str, range(40)))
        found = minimize(text, lambda t: {"7", "31"} <= set(t.split("\n")))
        self.assertEqual(found, "7\n31")


class DefinedTest(unittest.TestCase):
    def is_defined(self, text):
        case = Case(seed=1, number=0)
        case.text, case.machines = text, None
        with tempfile.TemporaryDirectory() as folder:
            return Session([case], folder, Limits()).is_defined(case, FUNCTION)

    def test_what_nothing_writes(self):
        self.assertTrue(self.is_defined(ONE_OP))
        box = "tensor<64xf32>"
        self.assertFalse(self.is_defined(
            f"func.func @f(%a: {box}) -> {box} {{\n"
            f"  %e = tensor.empty() : {box}\n"
            "  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>,"
            " affine_map<(i) -> (i mod 4)>], iterator_types = [\"parallel\"]}"
            f" ins(%a : {box}) outs(%e : {box}) {{\n"
            "  ^bb0(%x: f32, %y: f32):\n    linalg.yield %x : f32\n"
            f"  }} -> {box}\n  return %r : {box}\n}}\n"))


if __name__ == "__main__":
    unittest.main()
