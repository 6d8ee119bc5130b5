"""What must hold whatever the program, the machine or the values: promises that
are broken, as lines of text that begin with the promise's name."""

import subprocess


def list_targets():
    text = subprocess.run(["memwall-opt", "--memwall-list-targets"], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout
    rows = text[: text.index("\nridge:")].split("\n")
    return [row.split()[0] for row in rows if row and row[0] != " "][1:]


def add_bytes(figure):
    """Read plus written; None where they do not fit 64 bits."""
    return None if None in figure.values() else sum(figure.values())


def find_negative(value, place=""):
    """Paths to figures below 0, anywhere in a report."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from find_negative(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from find_negative(inner, f"{place}[{i}]")
    elif isinstance(value, (int, float)) and not value >= 0:
        yield f"{place} is {value}"


def is_cold(function, op):
    """Whether an op is all that its function does, once, and its results are the
    function's: what is scheduled for it then begins with empty caches, and what
    it stores does not die in them."""
    floor, compulsory = function["floor"], op["compulsory"]
    dies = floor and compulsory and floor["written"] < compulsory["written"]
    return (len(function["ops"]) == 1 and op["executions"] == 1
            and not function["unmodelled"] and not dies)


def check_op(function, op, index):
    """compulsory <= bound, and <= scheduled where the op is alone and cold."""
    compulsory = add_bytes(op["compulsory"])
    for target in op["targets"]:
        for level in target["levels"]:
            place = (f"op {index} ({op['name']}) on {target['name']},"
                     f" {level['name']}")
            bound = level["bound"]["bytes"]
            scheduled = add_bytes(level["scheduled"])
            if compulsory is None or bound is None or scheduled is None:
                continue
            if compulsory > bound:
                yield f"compulsory {compulsory} > bound {bound}: {place}"
            if is_cold(function, op) and bound > scheduled:
                yield (f"bound {bound} ({level['bound']['theorem']}) > scheduled"
                       f" {scheduled}: {place}")


def check_sums(function):
    """Totals are sums over the ops, level by level, where they fit 64 bits."""
    for key in ("flops", "transcendentals", "int_ops"):
        if function[key] is None:
            continue
        total = sum(op[key] for op in function["ops"])
        if total != function[key]:
            yield f"sum of {key} {function[key]}, of its ops {total}"
    for i, target in enumerate(function["targets"]):
        for j, level in enumerate(target["levels"]):
            for what, total in level["scheduled"].items():
                if total is None:
                    continue
                ops = sum(op["targets"][i]["levels"][j]["scheduled"][what]
                          for op in function["ops"])
                if ops != total:
                    yield (f"sum of {what} {total}, of its ops {ops}:"
                           f" {target['name']}, {level['name']}")


def check_operands(function):
    """Rows of operands add up to the op, level by level, where they fit 64 bits."""
    for index, op in enumerate(function["ops"]):
        for target in op["targets"]:
            for level in target["levels"]:
                for what, total in level["scheduled"].items():
                    parts = [operand[what] for operand in level["operands"]]
                    if total is not None and sum(parts) != total:
                        yield (f"{what} {total} of op {index}, of its operands"
                               f" {sum(parts)}: {target['name']}, {level['name']}")
                for operand in level["operands"]:
                    if None in (operand["read"], operand["read_by_stores"]):
                        continue
                    if operand["read_by_stores"] > operand["read"]:
                        yield (f"stores of op {index} fetch more than is read:"
                               f" {operand}")


def check_causes(function):
    """Causes, where they were asked for, add up to what is moved of an operand."""
    for index, op in enumerate(function["ops"]):
        for target in op["targets"]:
            for level in target["levels"]:
                for operand in level["operands"]:
                    causes = dict(operand.get("causes") or {})
                    if not causes:
                        continue
                    causes["conflict"] = causes["conflict"] or 0
                    written = causes.pop("written_once") + causes.pop("written_again")
                    if (sum(causes.values()), written) != (operand["read"],
                                                           operand["written"]):
                        yield (f"causes of op {index}: {operand}: {target['name']},"
                               f" {level['name']}")


def check_floor(function):
    """floor <= scheduled at DRAM."""
    for target in function["targets"]:
        scheduled = target["levels"][-1]["scheduled"]
        for what, floor in function["floor"].items():
            if scheduled[what] is not None and floor > scheduled[what]:
                yield (f"floor {what} {floor} > scheduled {scheduled[what]}:"
                       f" {target['name']}")


def check_function(function):
    """Broken promises of one function of a report (`memwall.report/2`)."""
    for figure in find_negative(function):
        yield f"negative: {figure}"
    for index, op in enumerate(function["ops"]):
        yield from check_op(function, op, index)
    yield from check_sums(function)
    yield from check_operands(function)
    yield from check_causes(function)
    yield from check_floor(function)


def check_run(run, function):
    """Broken promises of a simulated run (`memwall.run/1`) of a function that is
    modelled as a whole: the model knows every access, and no machine moves less
    than the floor."""
    # docs/Model.md, "Simulation": unpack is measured with upstream's temporaries,
    # and loops without the copy of what they yield.
    differ = ("linalg.unpack", "scf.yield")
    if function["unmodelled"] or any(op["name"] in differ
                                     for op in function["ops"]):
        return
    for level in run["levels"]:
        if level.get("method") == "accesses" and level["predicted"] != level["measured"]:
            yield (f"accesses {level['predicted']} predicted,"
                   f" {level['measured']} measured: {level['name']}")
    for what, floor in function["floor"].items():
        measured = run["levels"][-1]["measured"][what]
        if floor > measured:
            yield f"floor {what} {floor} > measured {measured}"
