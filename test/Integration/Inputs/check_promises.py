"""Applies what memwall-explain offers and holds the bytes that it said against a
report of the result; holds causes and operands against the op's figures, too.

usage: check_promises.py [--pairs=N] [--accuracy=A] FILE...
(memwall-opt on PATH; prints a line per pair, what breaks, and counts.) A pair
is an op and a target at the level that explain chooses for it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

TARGETS = ["ddr5-2ch", "h100-sxm", "epyc-9654", "m4-max", "phone"]


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr[:500]}")
    return result.stdout


def list_targets():
    text = run("memwall-opt", "--memwall-list-targets")
    rows = text[: text.index("\nridge:")].split("\n")
    known = [row.split()[0] for row in rows if row and row[0] != " "][1:]
    return [name for name in TARGETS if name in known] or known[:4]


def insert(text, line, attribute):
    """The text with an attribute on the op of a line, which is in the generic
    form: discardable attributes stand before the types."""
    lines = text.split("\n")
    indent = re.match(" *", lines[line - 1]).group()
    at = line - 1
    if "({" in lines[at]:
        at += 1
        while not lines[at].startswith(indent + "})"):
            at += 1
    head, types = lines[at].split(" : (", 1)
    if head.endswith("}") and not head.endswith(("})", "}>")):
        head = head[:-1] + ", " + attribute + "}"
    else:
        head += " {" + attribute + "}"
    lines[at] = head + " : (" + types
    return "\n".join(lines)


def check_sums(why):
    """Causes add up to their operands, and operands to the op."""
    for operand in why["operands"]:
        causes = dict(operand["causes"])
        causes["conflict"] = causes["conflict"] or 0
        written = causes.pop("written_once") + causes.pop("written_again")
        if min(causes.values()) < 0 or sum(causes.values()) != operand["read"]:
            yield f"causes of what is read: {operand}"
        if written != operand["written"]:
            yield f"causes of what is written: {operand}"
    for key in ("read", "written"):
        if sum(operand[key] for operand in why["operands"]) != why["scheduled"][key]:
            yield f"operands: {key}"


def check_offer(path, text, why, offer, accuracy):
    """The function's bytes once the offer is applied are those that were said."""
    for paste in offer["pastes"]:
        text = insert(text, int(paste["loc"].rsplit(":", 2)[1]), paste["attribute"])
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as changed:
        changed.write(text)
        changed.flush()
        report = json.loads(run(
            "memwall-opt", changed.name, "--memwall-apply-schedule",
            f"--memwall-report=targets={why['target']} accuracy={accuracy} format=json"))
    function = next(f for f in report["functions"] if f["name"] == why["function"])
    level = next(l for l in function["targets"][0]["levels"]
                 if l["name"] == why["level"])
    if level["scheduled"] != offer["function_after"]:
        yield (f"{offer['text']}: said {offer['function_after']},"
               f" found {level['scheduled']}")
    if len(offer["pastes"]) > 1:
        print(f"{len(offer['pastes'])} ops together: {offer['op_before']} ->"
              f" {offer['op_after']}, apart {offer.get('apart')}", flush=True)


def list_ops(path, target):
    """Indices of the ops of a function, one of each group of equal ones."""
    report = json.loads(run(
        "memwall-opt", path,
        f"--memwall-report=targets={target} accuracy=fast format=json"))
    seen = set()
    for function in report["functions"][:1]:
        for op in function["ops"]:
            levels = [(l["scheduled"]["read"], l["bound"]["bytes"])
                      for l in op["targets"][0]["levels"]]
            key = (op["name"], op["shape"], str(levels))
            above = any(read > 1.05 * bound for read, bound in levels[1:])
            if key not in seen and above and op["kind"] != "unmodelled":
                seen.add(key)
                yield op["index"]


def check_pair(path, text, op, target, accuracy):
    """What breaks of one op on one target, and how much was offered."""
    why = json.loads(run(
        "memwall-opt", path, f"--memwall-explain=target={target} op={op}"
        f" accuracy={accuracy} format=json"))["explanations"][0]
    broken = list(check_sums(why))
    applied = [offer for offer in why["suggestions"]
               if offer["applied"] and offer["pastes"]]
    for offer in applied:
        broken += check_offer(path, text, why, offer, accuracy)
    return why, len(applied), broken


def check_file(source, most, accuracy):
    """Counts pairs, offers and what breaks of one file, and prints them."""
    pairs = offers = wrong = 0
    text = run("memwall-opt", source, "--memwall-import-tosa",
               "--mlir-print-op-generic")
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
        file.write(text)
        file.flush()
        todo = [(op, target) for target in list_targets()
                for op in list_ops(file.name, target)]
        # Spread over ops and targets alike.
        step = max(1, len(todo) / most)
        todo = [todo[int(i * step)] for i in range(min(most, len(todo)))]
        for op, target in todo:
            started = time.process_time() + sum(os.times()[2:4])
            why, applied, broken = check_pair(file.name, text, op, target,
                                              accuracy)
            took = time.process_time() + sum(os.times()[2:4]) - started
            pairs += 1
            offers += applied
            wrong += len(broken)
            print(f"{os.path.basename(source)}, op {op} on {target},"
                  f" {why['level']}: {applied} schedules, {took:.1f} s",
                  flush=True)
            for line in broken:
                print(f"broken: {line}", flush=True)
    return pairs, offers, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--accuracy", default="default")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    each = -(-arguments.pairs // len(arguments.files))
    sums = [check_file(source, each, arguments.accuracy)
            for source in arguments.files]
    pairs, offers, broken = map(sum, zip(*sums))
    print(f"{pairs} pairs, {offers} schedules that were offered, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
