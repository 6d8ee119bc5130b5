"""Checks that a JSON report has the fields of docs/Report.md and adds up."""

import json
import sys

BYTES = {"read", "written"}
FUNCTION = {"name", "flops", "transcendentals", "int_ops", "floor",
            "resident_bytes", "unmodelled", "ops", "targets"}
OP = {"index", "name", "loc", "kind", "executions", "flops",
      "transcendentals", "int_ops", "compulsory", "targets"}


def check(condition, message):
    if not condition:
        sys.exit(f"{sys.argv[1]}: {message}")


def check_target(target, is_op):
    keys = {"name", "levels", "bound_by", "seconds"}
    check(set(target) == (keys if is_op else keys | {"fits"}), f"{target}")
    check(set(target["seconds"]) == {"at_bound", "scheduled"}, "seconds")
    names = [level["name"] for level in target["levels"]]
    check(target["bound_by"] in names + ["compute", "unknown"], "bound_by")
    for level in target["levels"]:
        keys = {"name", "scheduled", "flop_per_byte"}
        check(set(level) == (keys | {"bound"} if is_op else keys), f"{level}")
        check(set(level["scheduled"]) == BYTES, "scheduled")
        check(all(type(level["scheduled"][key]) is int for key in BYTES),
              "bytes are integers")
        moved = sum(level["scheduled"].values())
        check((level["flop_per_byte"] is None) == (moved == 0), f"{level}")


def check_function(function):
    check(set(function) == FUNCTION, f"keys {set(function)}")
    check(set(function["floor"]) == BYTES, "floor")
    ops = function["ops"]
    check([op["index"] for op in ops] == list(range(len(ops))), "indices")
    for op in ops:
        check(set(op) == OP, f"keys {set(op)}")
        check(set(op["compulsory"]) == BYTES, "compulsory")
        for target in op["targets"]:
            check_target(target, is_op=True)
    for key in ["flops", "transcendentals", "int_ops"]:
        check(function[key] == sum(op[key] for op in ops), key)
    for position, target in enumerate(function["targets"]):
        check_target(target, is_op=False)
        for depth, level in enumerate(target["levels"]):
            for key in BYTES:
                total = sum(op["targets"][position]["levels"][depth]
                            ["scheduled"][key] for op in ops)
                check(level["scheduled"][key] == total,
                      f"{function['name']} {target['name']} {level['name']}: "
                      f"{key} {level['scheduled'][key]}, ops {total}")


with open(sys.argv[1]) as file:
    report = json.load(file)
check(report["schema"] == "memwall.report/1", "schema")
check(set(report) == {"schema", "bandwidth", "functions"}, "root")
for one in report["functions"]:
    check_function(one)
