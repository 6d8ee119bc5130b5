"""Checks that a JSON report has the fields of docs/Report.md and adds up."""

import json
import sys

BYTES = {"read", "written"}
FUNCTION = {"name", "flops", "transcendentals", "int_ops", "floor",
            "resident_bytes", "warnings", "unmodelled", "ops", "units", "targets",
            "live", "curves"}
OP = {"index", "name", "label", "step", "loc", "calls", "kind", "shape",
      "compute_type", "executions", "flops", "transcendentals", "int_ops",
      "compulsory", "operands", "targets"}

PROVENANCE = {"method", "sets_walked", "sets", "sampled_in_time",
              "standard_error", "reason"}
METHODS = {"accesses", "sets", "distances", "retention"}


def check(condition, message):
    if not condition:
        sys.exit(f"{sys.argv[1]}: {message}")


ROLES = ["weights", "KV cache", "optimizer", "activations"]


def check_roles(roles, total):
    check([role["role"] for role in roles] == ROLES, "roles")
    moved = sum(role[key] for role in roles for key in BYTES)
    check(moved == total, f"roles move {moved} bytes, all {total}")
    shares = sum(role["share"] for role in roles)
    check(abs(shares - (total > 0)) < 1e-9, f"shares {shares}")


def check_model(function):
    """What models have more; no other function has any of it."""
    if "model" not in function:
        check(not any("model" in t for t in function["targets"]), "model")
        return
    model = function["model"]
    check(set(model) == {"tokens", "sequences", "interconnect_bytes",
                         "compulsory", "floor"}, f"{model}")
    check_roles(model["floor"], sum(function["floor"].values()))
    check_roles(model["compulsory"],
                sum(op["compulsory"][key] for op in function["ops"]
                    for key in BYTES))
    check(sum(role["resident_bytes"] for role in model["compulsory"]) ==
          function["resident_bytes"], "resident bytes by role")
    for target in function["targets"]:
        check(set(target["model"]) ==
              {"tokens_per_second", "bound_by_at_floor", "bytes_per_token",
               "joules_per_token", "devices", "scheduled", "ridge"}, f"{target['model']}")
        check_roles(target["model"]["scheduled"],
                    sum(target["levels"][-1]["scheduled"].values()))


def check_target(target, is_op):
    keys = {"name", "levels", "bound_by", "bound_by_as_scheduled", "seconds",
            "types_without_peak"}
    if not is_op:
        keys |= {"fits", "bounds_exceed_scheduled", "bound_by_at_floor",
                 "optimized"}
    check(set(target) - {"model"} == keys, f"{target}")
    seconds = {"at_bound", "scheduled"}
    check(set(target["seconds"]) == seconds | (set() if is_op else {"at_floor"}),
          "seconds")
    names = [level["name"] for level in target["levels"]]
    check(target["bound_by"] in names + ["compute", "unknown"], "bound_by")
    for level in target["levels"]:
        keys = {"name", "scheduled", "bound", "flop_per_byte",
                "flop_per_byte_at_bound", "ridge", "seconds"}
        check(set(level) == keys | ({"operands"} if is_op else PROVENANCE),
              f"{level}")
        for key in BYTES if is_op else ():
            check(sum(operand[key] for operand in level["operands"]) ==
                  level["scheduled"][key], f"sum of operands: {level}")
        if not is_op:
            check(level["method"] in METHODS, f"{level}")
            check(0 <= level["sets_walked"] <= level["sets"], f"{level}")
            check((level["sets"] > 0) == (level["method"] == "sets"), f"{level}")
            check(set(level["standard_error"]) == BYTES, f"{level}")
            check(all(error is None or error >= 0
                      for error in level["standard_error"].values()), f"{level}")
        check(set(level["scheduled"]) == BYTES, "scheduled")
        check(all(type(level["scheduled"][key]) is int for key in BYTES),
              "bytes are integers")
        moved = sum(level["scheduled"].values())
        check((level["flop_per_byte"] is None) == (moved == 0), f"{level}")


def check_function(function):
    check(set(function) - {"model"} == FUNCTION, f"keys {set(function)}")
    for unit in function["units"]:
        check(unit["first"] < unit["second"] < len(function["ops"]), f"{unit}")
        for target in unit["targets"]:
            bounds = [level["bound_bytes"] for level in target["levels"]]
            check(bounds[0] == min(bounds),
                  f"{target}: the innermost level has the compulsory bytes")
    check_model(function)
    check(set(function["floor"]) == BYTES, "floor")
    live = function["live"]
    check(live["live_in_bytes"] + live["peak_bytes"] ==
          function["resident_bytes"], f"{live}")
    check(sum(alive["bytes"] for alive in live["alive_at_peak"]) ==
          live["peak_bytes"] == max(live["bytes"], default=0), f"{live}")
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
        check(sum(target["levels"][-1]["scheduled"].values()) >=
              sum(function["floor"].values()), "floor above scheduled")
        exceeds = [level["bound"]["bytes"] > sum(level["scheduled"].values())
                   for level in target["levels"]]
        check(target["bounds_exceed_scheduled"] == any(exceeds), "exceeds")
        for depth, level in enumerate(target["levels"]):
            bound = sum(op["targets"][position]["levels"][depth]["bound"]
                        ["bytes"] for op in ops)
            check(level["bound"]["bytes"] == bound, "sum of bounds")
            for key in BYTES:
                total = sum(op["targets"][position]["levels"][depth]
                            ["scheduled"][key] for op in ops)
                check(level["scheduled"][key] == total,
                      f"{function['name']} {target['name']} {level['name']}: "
                      f"{key} {level['scheduled'][key]}, ops {total}")


with open(sys.argv[1]) as file:
    report = json.load(file)
check(report["schema"] == "memwall.report/2", "schema")
check(set(report) == {"schema", "bandwidth", "accuracy", "targets",
                      "functions"}, "root")
for one in report["functions"]:
    check_function(one)
