"""Reads MLIR in generic form, printed with locations and local scope.

mlir-opt prints one op per line, and a region between `({` and `})`. That is
all this needs to know: it is no parser of MLIR. Independent of memwall.
"""

import re
import subprocess


def run(*command):
    return subprocess.run(
        [str(part) for part in command], check=True,
        stdout=subprocess.PIPE, universal_newlines=True,
    ).stdout


class Op:
    """One operation; `line` is that of the file mlir-opt read."""

    def __init__(self, name, results, operands, properties):
        self.name = name
        self.results = results
        self.operands = operands
        self.properties = properties
        self.regions = []  # Of blocks.
        self.operand_types = []
        self.result_types = []
        self.line = 0

    def integers(self, key):
        """`key = array<i64: 1, 2>` as a list."""
        match = re.search(rf"\b{key} = array<i\d+(?:: ([^>]*))?>", self.properties)
        return [int(n) for n in match[1].split(",")] if match and match[1] else []

    def body(self):
        return self.regions[0][0].ops


class Block:
    def __init__(self, arguments):
        self.arguments = arguments
        self.ops = []


def split_list(text):
    """`a, tensor<1x2xf32>, (b, c)` -> its parts."""
    parts, depth, previous = [""], 0, ""
    for character in text:
        if character in "<([{":
            depth += 1
        elif character in ")]}" or (character == ">" and previous != "-"):
            depth -= 1
        previous = character
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def read_types(op, text):
    """The end of an op: ` : (types) -> types loc("file":line:column)`."""
    text, location = text.rsplit(" loc(", 1)
    position = re.match(r'"[^"]*":(\d+):\d+\)$', location)
    op.line = int(position[1]) if position else 0
    ins, outs = text[text.rindex(" : (") + 4 :].rsplit(") -> ", 1)
    op.operand_types = split_list(ins)
    op.result_types = split_list(outs[1:-1] if outs.startswith("(") else outs)


def read_results(text):
    """`%0:2 = ` -> ["%0#0", "%0#1"]; `%0 = ` -> ["%0"]."""
    match = re.match(r"(%[\w.$-]+)(?::(\d+))? = ", text)
    if not match:
        return []
    if match[2]:
        return [f"{match[1]}#{i}" for i in range(int(match[2]))]
    return [match[1]]


def parse(text):
    """The module as an Op."""
    root = Block([])
    blocks, ops = [root], []
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("^"):
            arguments = re.findall(r"(%[\w.$-]+): ", line)
            block = Block(arguments)
            if ops[-1].regions[-1] and not ops[-1].regions[-1][-1].ops:
                ops[-1].regions[-1][-1] = block
            else:
                ops[-1].regions[-1].append(block)
            blocks[-1] = block
        elif line.startswith("}, {"):
            ops[-1].regions.append([Block([])])
            blocks[-1] = ops[-1].regions[-1][-1]
        elif line.startswith("})"):
            blocks.pop()
            read_types(ops.pop(), line)
        else:
            head = re.search(r'(?:^| = )"([\w.$]+)"\(([^)]*)\)', line)
            if not head:
                continue
            rest = line[head.end() :]
            op = Op(head[1], read_results(line), split_list(head[2]), rest)
            blocks[-1].ops.append(op)
            if line.endswith("({"):
                op.regions.append([Block([])])
                ops.append(op)
                blocks.append(op.regions[-1][-1])
            else:
                read_types(op, line)
    return root.ops[0]


def parse_file(path):
    """Named linalg ops generalized, everything else as it stands."""
    return parse(run(
        "mlir-opt", path, "--linalg-generalize-named-ops",
        "--mlir-print-op-generic", "--mlir-print-local-scope",
        "--mlir-print-debuginfo", "--mlir-elide-elementsattrs-if-larger=1",
    ))
