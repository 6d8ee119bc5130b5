"""Counts the operations of linalg ops on their text and compares.

Independent of memwall: upstream generalizes named ops, and the FLOP rule of
CountArithmetic.h is applied to the printed bodies with regular expressions.

usage: check_flops.py FOLDER    (mlir-opt and memwall-test-opt on PATH)
"""

import math
import pathlib
import re
import subprocess
import sys
import tempfile

from flop_rule import FLOAT, FREE, INTEGER, LOWER_TOSA, TRANSCENDENTAL


def run(*command):
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, universal_newlines=True
    ).stdout


def split_types(text):
    """`tensor<2x3xf32>, f32` -> its parts, commas inside of <> aside."""
    parts, depth = [""], 0
    for character in text:
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def count_iterations(header):
    """Product of the loop ranges of one linalg.generic header."""
    maps = re.findall(r"affine_map<\([^)]*\) -> \(([^)]*)\)>", header)
    operands = re.findall(
        r"(?:ins|outs)\(.*? : (.*?)\)(?= outs| \{|$| attrs)", header
    )
    types = [t for group in operands for t in split_types(group)]
    assert len(maps) == len(types), header
    sizes = {}
    for results, operand in zip(maps, types):
        shape = re.match(r"tensor<((?:\d+x)*)", operand)
        if not shape:
            continue
        extents = [int(extent) for extent in shape[1].split("x") if extent]
        for result, extent in zip(results.split(","), extents):
            if re.fullmatch(r"d\d+", result.strip()):
                sizes[result.strip()] = extent
    iterators = re.search(r"iterator_types = \[(.*?)\]", header)[1]
    assert len(sizes) == iterators.count('"') // 2, header
    return math.prod(sizes.values())


def count_body(lines):
    """Operations that the yield of a body depends on, once."""
    ops = {}
    for line in lines[:-1]:
        match = re.match(r"\s*(%\w+) = ([\w.]+)(.*)", line)
        if match:
            ops[match[1]] = (match[2], match[3])
    worklist = re.findall(r"%\w+", lines[-1].split(" : ")[0])
    live, count = set(), [0, 0, 0]
    while worklist:
        value = worklist.pop()
        if value in live or value not in ops:
            continue
        live.add(value)
        name, rest = ops[value]
        if name in FLOAT | TRANSCENDENTAL:
            count[0] += 1
            count[1] += name in TRANSCENDENTAL
        elif name in INTEGER:
            count[2] += not rest.endswith("index")
        else:
            assert name in FREE, name
        if name != "tensor.extract":
            worklist += re.findall(r"%\w+", rest.split(" : ")[0])
    return count


def count_text(path):
    """[flops, transcendentals, integer operations] of all linalg ops."""
    text = run(
        "mlir-opt", path, "--linalg-generalize-named-ops",
        "--mlir-print-local-scope",
    )
    total, lines = [0, 0, 0], iter(text.split("\n"))
    for line in lines:
        if "linalg.softmax" in line:
            # Maximum, subtract, exp, add, divide.
            shape = re.search(r"ins\(.*?tensor<([0-9x]+)x", line)[1]
            iterations, count = math.prod(map(int, shape.split("x"))), [5, 1, 0]
        elif "linalg.generic" in line:
            iterations, body = count_iterations(line), [next(lines)]
            while "linalg.yield" not in body[-1]:
                body.append(next(lines))
            count = count_body(body)
        else:
            continue
        total = [t + iterations * c for t, c in zip(total, count)]
    return total


def read_descriptions(path):
    """The same from memwall; None where an op has no description."""
    total, is_linalg = [0, 0, 0], False
    text = run(
        "memwall-test-opt", path, "--test-memwall-describe-ops", "-o", "/dev/null"
    )
    for line in text.splitlines():
        if "unmodelled" in line:
            return None
        if not line.startswith("  "):
            is_linalg = line.startswith("linalg.")
            continue
        if not is_linalg:
            continue
        dims = re.match(r"  \(([^)]*)\)", line)[1].replace("r", "")
        iterations = math.prod(int(dim) for dim in dims.split(",") if dim)
        for i, name in enumerate(["flops", "transcendentals", "int_ops"]):
            count = re.search(rf"\b{name}=(\d+)", line)
            total[i] += iterations * int(count[1]) if count else 0
    return total


def main(folder):
    agreeing = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(pathlib.Path(folder).glob("*.mlir")):
            lowered = f"{scratch}/{path.name}"
            run("mlir-opt", path, f"--pass-pipeline={LOWER_TOSA}", "-o", lowered)
            expected, found = count_text(lowered), read_descriptions(lowered)
            if expected == found:
                agreeing += 1
            else:
                outcome = f"differs from {found}" if found else "unmodelled"
                print(f"{path.name}: {expected} {outcome}")
    print(agreeing, "files agree")


if __name__ == "__main__":
    main(sys.argv[1])
