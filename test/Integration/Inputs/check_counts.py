"""Counts FLOPs and compulsory bytes of every op on its text and compares them
with memwall's JSON report, op by op.

Independent of memwall: the IR is read with regular expressions (generic_ir.py),
elements are enumerated or multiplied out here, and the rules are those of
docs/Report.md, applied again.

usage: check_counts.py [--tosa] FILE-OR-FOLDER...
       (mlir-opt and memwall-opt on PATH)
"""

import itertools
import json
import math
import pathlib
import re
import sys
import tempfile

from generic_ir import parse_file, run, split_list

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "Work" / "structured" / "Inputs"))
from flop_rule import FLOAT, FREE, INTEGER, LOWER_TOSA, TRANSCENDENTAL

FREE = FREE | set(
    "linalg.yield tensor.yield memref.load memref.store vector.load"
    " affine.yield scf.yield cf.assert".split()
)
VIEWS = set(
    "tensor.extract_slice tensor.expand_shape tensor.collapse_shape"
    " tensor.cast bufferization.to_buffer bufferization.to_tensor".split()
)


class CannotCount(Exception):
    pass


# Types ----------------------------------------------------------------------


def is_shaped(text):
    return text.startswith(("tensor<", "memref<"))


def shape(text):
    match = re.match(r"(?:tensor|memref|vector)<((?:\d+x)*)", text)
    if not match or "?" in text or "*" in text:
        raise CannotCount(text)
    return [int(extent) for extent in match[1].split("x") if extent]


def bits(text):
    element = re.match(r"(?:\w+<)?(?:[\dx]+x)?(\w+)", text)[1]
    return 64 if element == "index" else int(re.search(r"\d+", element)[0])


def to_bytes(elements, text):
    return -(-elements * bits(text) // 8)


# Affine maps ----------------------------------------------------------------


def read_maps(op):
    """Of every operand, every result as ({dim: factor}, constant)."""
    maps = re.search(r"indexing_maps = \[(.*?)\], \w+ =", op.properties)[1]
    results = [
        re.match(r"affine_map<\(.*?\) -> \((.*)\)>", text)[1]
        for text in split_list(maps)
    ]
    return [[read_linear(part) for part in split_list(r)] for r in results]


def read_linear(text):
    factors, constant = {}, 0
    for term in text.replace(" - ", " + -").split(" + "):
        match = re.fullmatch(r"(-?)d(\d+)(?: \* (-?\d+))?", term)
        if match:
            factor = int(match[3] or 1) * (-1 if match[1] else 1)
            factors[int(match[2])] = factors.get(int(match[2]), 0) + factor
        else:
            constant += int(term)
    return factors, constant


def count_points(results, extents):
    """Distinct values of a tuple of linear forms."""
    used = [set(factors) for factors, _ in results]
    if sum(map(len, used)) == len(set().union(*used)):
        # No dim in two results: they choose independently.
        return math.prod(count_sums(f, extents) for f, _ in results)
    dims = sorted(set().union(*used))
    if math.prod(extents[d] for d in dims) > 10**6:
        raise CannotCount("diagonal")
    points = set()
    for choice in itertools.product(*(range(extents[d]) for d in dims)):
        value = dict(zip(dims, choice))
        points.add(tuple(
            sum(factor * value[d] for d, factor in f.items()) for f, _ in results
        ))
    return len(points)


def count_sums(factors, extents):
    """Distinct values of one linear form."""
    sums = {0}
    if len(factors) <= 1:
        return math.prod(extents[dim] for dim in factors)
    for dim, factor in factors.items():
        sums = {s + factor * i for s in sums for i in range(extents[dim])}
    return len(sums)


# Values ---------------------------------------------------------------------


class Value:
    """What an SSA name stands for in one call of its function."""

    def __init__(self, type, op=None):
        self.type = type
        self.op = op  # None of arguments.
        self.base = self  # Whose storage it is a view of.
        # Offset and steps in elements of the base; None: unknown to us.
        self.offset, self.steps = 0, None
        if is_shaped(type) and "?" not in type and "*" not in type:
            self.steps = row_major(shape(type))
        self.reads_data = self.is_init = False  # How others use it.

    def is_fill(self):
        return self.base.op is not None and (
            is_splat(self.base.op) or is_fill(self.base.op)
        )


def row_major(extents):
    steps = [1]
    for extent in reversed(extents[1:]):
        steps.insert(0, steps[0] * extent)
    return steps[: len(extents)]


def is_splat(op):
    return op.name == "arith.constant" and re.search(
        r"dense<[^\[\]\"]*>", op.properties
    )


def is_fill(op):
    """A generic that puts one scalar everywhere."""
    if op.name != "linalg.generic" or op.body()[0].name != "linalg.yield":
        return False
    inputs = op.operand_types[: len(op.operand_types) - len(op.result_types)]
    results = op.regions[0][0].arguments[len(inputs) :]
    return not any(map(is_shaped, inputs)) and not set(results) & set(
        op.body()[0].operands
    )


def make_view(op, source):
    value = Value(op.result_types[0], op)
    value.base, value.offset = source.base, source.offset
    extents = shape(op.operand_types[0]) if source.steps is not None else []
    if source.steps is None:
        value.steps = None
    elif op.name == "tensor.extract_slice":
        value.offset += sum(
            o * s for o, s in zip(op.integers("static_offsets"), source.steps)
        )
        steps = [
            step * stride
            for step, stride in zip(source.steps, op.integers("static_strides"))
        ]
        sizes = op.integers("static_sizes")
        kept, value.steps = shape(value.type), []
        for size, step in zip(sizes, steps):
            if len(value.steps) < len(kept) and size == kept[len(value.steps)]:
                value.steps.append(step)
        if len(value.steps) < len(kept):
            value.steps = None
    elif op.name in ("tensor.expand_shape", "tensor.collapse_shape"):
        if [s for s, n in zip(source.steps, extents) if n > 1] != [
            s for s, n in zip(row_major(extents), extents) if n > 1
        ]:
            value.steps = None
    return value


class Touched:
    """Elements that one operand of one op touches."""

    def __init__(self, value, points, places, elements=None):
        self.value, self.points = value, points
        # Accesses of one storage with the same key touch the same elements.
        self.key = (value.offset, str(value.steps), str(places))
        self.elements = elements  # The function that lists them, for overlaps.


def sum_touched(touched):
    """Bytes, elements of the same storage once."""
    total = 0
    by_base = {}
    for one in touched:
        by_base.setdefault(id(one.value.base), []).append(one)
    for group in by_base.values():
        type = group[0].value.type
        if len({one.key for one in group}) == 1:
            total += to_bytes(group[0].points, type)
        else:
            total += to_bytes(count_union(group), type)
    return total


def count_union(group):
    spans = []
    for one in group:
        if one.elements is None or one.value.steps is None:
            raise CannotCount("views of one storage")
        if one.points > 2 * 10**6:
            extents = shape(one.value.type)
            last = one.value.offset + sum(
                (n - 1) * s for n, s in zip(extents, one.value.steps)
            )
            spans.append((one.value.offset, last, one))
        else:
            elements = one.elements()
            spans.append((min(elements), max(elements), one))
    spans.sort(key=lambda span: span[:2])
    if all(a[1] < b[0] for a, b in zip(spans, spans[1:])):
        return sum(one.points for _, _, one in spans)
    return len(set().union(*(one.elements() for _, _, one in spans)))


def list_elements(value, results, extents):
    """Where in the storage of `value` the points of a map lie."""
    dims = sorted(set().union(*(set(f) for f, _ in results)))
    places = set()
    for choice in itertools.product(*(range(extents[d]) for d in dims)):
        at = dict(zip(dims, choice))
        places.add(value.offset + sum(
            step * (constant + sum(k * at[d] for d, k in factors.items()))
            for (factors, constant), step in zip(results, value.steps)
        ))
    return places


# Bodies ---------------------------------------------------------------------


def live_ops(block):
    """Ops that the terminator depends on, and what it reads; loads are leaves."""
    makers = {r: op for op in block.ops for r in op.results}
    work, used, live = list(block.ops[-1].operands), set(), []
    while work:
        name = work.pop()
        if name in used:
            continue
        used.add(name)
        op = makers.get(name)
        if op and op not in live:
            live.append(op)
            if op.name != "tensor.extract":
                work += op.operands
    # What only positions of loads use is read, but not arithmetic.
    for op in [op for op in live if op.name == "tensor.extract"]:
        work = op.operands[1:]
        while work:
            name = work.pop()
            used.add(name)
            if name in makers:
                work += makers[name].operands
    return live, used, makers


def arithmetic(ops):
    count = [0, 0, 0]
    for op in ops:
        type = (op.operand_types or [""])[0]
        lanes = math.prod(shape(type)) if type.startswith("vector<") else 1
        if op.name in FLOAT | TRANSCENDENTAL:
            count[0] += lanes
            count[1] += lanes * (op.name in TRANSCENDENTAL)
        elif op.name == "vector.fma":
            count[0] += 2 * lanes
        elif op.name == "vector.reduction":
            count[0] += lanes
        elif op.name in INTEGER:
            count[2] += lanes * (type != "index")
        elif op.name not in FREE:
            raise CannotCount(op.name)
    return count


def read_index(name, makers, extents, arguments):
    """A position in a body: ({dim: factor}, constant); ({}, 0) when it depends
    on data, because a gather counts one row."""
    op = makers.get(name)
    if op is None:
        return ({}, 0)
    if op.name == "linalg.index":
        return ({int(re.search(r"dim = (\d+)", op.properties)[1]): 1}, 0)
    if op.name == "arith.constant":
        return ({}, int(re.search(r"value = (-?\d+)", op.properties)[1]))
    if op.name in ("arith.addi", "arith.subi"):
        (f, a), (g, b) = (
            read_index(o, makers, extents, arguments) for o in op.operands
        )
        sign = 1 if op.name == "arith.addi" else -1
        return (
            {d: f.get(d, 0) + sign * g.get(d, 0) for d in set(f) | set(g)},
            a + sign * b,
        )
    return ({}, 0)


# Functions ------------------------------------------------------------------


class Count:
    def __init__(self, line, kind, flops, read, written, lines=()):
        self.line, self.kind, self.flops = line, kind, flops
        self.read, self.written = read, written
        self.lines = set(lines) or {line}


class Counter:
    """Walks one function that nothing calls, and what it calls."""

    def __init__(self, functions):
        self.functions = functions
        self.fills = []  # (its count, its result)
        self.counts = []

    def count(self, function):
        block = function.regions[0][0]
        types = argument_types(function)
        names = dict(zip(block.arguments, map(Value, types)))
        self.walk_block(block, names, [])
        for count, value in self.fills:
            if value.is_init and not value.reads_data:
                count.read = count.written = 0
        return self.counts

    def walk_block(self, block, names, loops):
        scalars = []
        for op in block.ops:
            if op.name in VIEWS and is_shaped(op.result_types[0]):
                names[op.results[0]] = make_view(op, names[op.operands[0]])
                if op.name == "bufferization.to_buffer":
                    self.to_buffer(op, names)
            elif op.name in ("affine.for", "scf.for"):
                self.flush(scalars, loops, names)
                self.walk_loop(op, names, loops)
            elif op.name == "func.call":
                self.call(op, names)
            elif op.name in ("func.return", "tensor.empty", "memref.alloc"):
                self.plain(op, names)
            elif op.name.startswith(("linalg.", "tensor.")) and op.results and (
                is_shaped(op.result_types[0])
            ) or is_elementwise(op):
                self.flush(scalars, loops, names)
                self.counts.append(self.count_op(op, names))
            else:
                self.plain(op, names)
                scalars.append(op)
        self.flush(scalars, loops, names)

    def plain(self, op, names):
        """Makes its results known, and notes that its operands are read."""
        for operand in op.operands:
            if operand in names:
                names[operand].base.reads_data = True
        for name, type in zip(op.results, op.result_types):
            names[name] = Value(type, op)

    def to_buffer(self, op, names):
        """May be a copy: One-Shot's decision, which another test compares."""
        source = names[op.operands[0]]
        source.base.reads_data = True
        size = to_bytes(math.prod(shape(source.type)), source.type)
        self.counts.append(Count(op.line, "maybe", 0, size, size))

    def call(self, op, names):
        callee = self.functions[re.search(r"callee = @(\w+)", op.properties)[1]]
        arguments = [names[operand] for operand in op.operands]
        if not callee.regions[0][0].ops:
            return self.plain(op, names)
        block = callee.regions[0][0]
        inner = dict(zip(block.arguments, arguments))
        self.walk_block(block, inner, [])
        for name, returned in zip(op.results, block.ops[-1].operands):
            names[name] = inner[returned]

    def walk_loop(self, op, names, loops):
        block = op.regions[0][0]
        if op.name == "affine.for":
            low, high = (
                int(re.search(key + r"BoundMap = affine_map<\(\) -> \((\d+)\)>",
                              op.properties)[1]) for key in ("lower", "upper")
            )
            step = int(re.search(r"step = (\d+)", op.properties)[1])
        else:
            low, high, step = (
                int(re.search(r"value = (\d+)",
                              names[operand].op.properties)[1])
                for operand in op.operands[:3]
            )
        names = dict(names)
        for name in block.arguments:
            names[name] = Value("index")
        loop = (block.arguments[0], range(low, high, step))
        self.walk_block(block, names, loops + [loop])

    def flush(self, ops, loops, names):
        """A straight line of scalar code in loops is one op of the report."""
        line, ops[:] = list(ops), []
        reads, writes, written = [], [], set()
        if not loops:
            return
        trips = math.prod(len(values) for _, values in loops)
        for op in line:
            if op.name in ("memref.load", "tensor.extract", "vector.load"):
                reads.append(self.enumerate(op, op.operands, loops, names))
            elif op.name == "memref.store":
                writes.append(self.enumerate(op, op.operands[1:], loops, names))
        work = [op for op in line if op.result_types != ["index"]]
        if not reads and not writes and not any(arithmetic(work)):
            return
        flops = [trips * count for count in arithmetic(work)]
        self.counts.append(Count(
            line[-1].line, "scalars", flops, sum_touched(reads),
            sum_touched(writes), {op.line for op in line},
        ))

    def enumerate(self, op, operands, loops, names):
        """Elements over all iterations, positions evaluated one by one."""
        value = names[operands[0]]
        lanes = 1
        for type in op.result_types:
            lanes = shape(type)[-1] if type.startswith("vector<") else 1
        places, used = [], []
        for name in operands[1:]:
            needed = set()
            self.collect(name, names, loops, needed)
            used += needed
            ranges = [(n, v) for n, v in loops if n in needed]
            places.append({
                self.evaluate(name, names, dict(zip((n for n, _ in ranges), at)))
                for at in itertools.product(*(values for _, values in ranges))
            })
        if len(used) != len(set(used)):
            raise CannotCount("one loop in two positions")
        if lanes > 1:
            places[-1] = {p + i for p in places[-1] for i in range(lanes)}
        points = math.prod(map(len, places))
        return Touched(value, points, [sorted(p) for p in places])

    def collect(self, name, names, loops, needed):
        if any(name == loop for loop, _ in loops):
            needed.add(name)
        elif names[name].op and names[name].op.name.startswith("arith."):
            for operand in names[name].op.operands:
                self.collect(operand, names, loops, needed)

    def evaluate(self, name, names, at):
        if name in at:
            return at[name]
        op = names[name].op
        if op and op.name == "arith.constant":
            return int(re.search(r"value = (-?\d+)", op.properties)[1])
        if op and op.name == "arith.divsi":
            a, b = (self.evaluate(o, names, at) for o in op.operands)
            return a // b
        return 0  # Data: a gather counts one row.

    # Ops on tensors.

    def count_op(self, op, names):
        for operand, type in zip(op.operands, op.operand_types):
            if operand in names and is_shaped(type):
                self.note_use(op, operand, names)
        if op.name == "linalg.generic":
            count = self.count_generic(op, names)
        elif op.name == "linalg.softmax":
            source = names[op.operands[0]]
            n = math.prod(shape(source.type))
            count = Count(op.line, "op", [5 * n, n, 0],
                          to_bytes(n, source.type),
                          to_bytes(n, op.result_types[0]))
        elif op.name == "tensor.insert_slice":
            size = math.prod(op.integers("static_sizes"))
            size = to_bytes(size, op.operand_types[0])
            count = Count(op.line, "op", [0, 0, 0], size, size)
        elif op.name == "tensor.pad":
            count = Count(op.line, "op", [0, 0, 0],
                          to_bytes(math.prod(shape(op.operand_types[0])),
                                   op.operand_types[0]),
                          to_bytes(math.prod(shape(op.result_types[0])),
                                   op.result_types[0]))
        elif op.name == "tensor.generate" or is_elementwise(op):
            count = self.count_elementwise(op, names)
        else:
            raise CannotCount(op.name)
        for name, type in zip(op.results, op.result_types):
            names[name] = Value(type, op)
            if is_fill(op):
                self.fills.append((count, names[name]))
        return count

    def note_use(self, op, operand, names):
        """An init that is a fill is not read: whatever else uses it, is."""
        inputs = op.operands
        if op.name == "linalg.generic":
            inputs = op.operands[: op.integers("operandSegmentSizes")[0]]
        elif op.name == "linalg.softmax":
            inputs = op.operands[:1]
        if operand in inputs:
            names[operand].base.reads_data = True
        else:
            names[operand].base.is_init = True

    def count_elementwise(self, op, names):
        n = math.prod(shape(op.result_types[0]))
        ops, read = [op], []
        for operand, type in zip(op.operands, op.operand_types):
            if is_shaped(type):
                value = names[operand]
                box = [({i: 1}, 0) for i in range(len(shape(type)))]
                read.append(Touched(
                    value, n, box,
                    lambda v=value, b=box: list_elements(v, b, shape(v.type))))
        if op.name == "tensor.generate":
            ops = live_ops(op.regions[0][0])[0]
        type = op.result_types[0]
        flops = [n * count for count in arithmetic_of_elements(ops)]
        return Count(op.line, "op", flops, sum_touched(read), to_bytes(n, type))

    def count_generic(self, op, names):
        maps, block = read_maps(op), op.regions[0][0]
        extents = {}
        for results, type in zip(maps, op.operand_types):
            for (factors, constant), extent in zip(
                results, shape(type) if is_shaped(type) else []
            ):
                if list(factors.values()) == [1] and constant == 0:
                    extents[next(iter(factors))] = extent
        live, used, makers = live_ops(block)
        inputs = op.integers("operandSegmentSizes")[0]
        read, written = [], 0
        operands = zip(op.operands, op.operand_types, maps, block.arguments)
        for i, (operand, type, results, argument) in enumerate(operands):
            if not is_shaped(type):
                continue
            points = count_points(results, extents)
            if i >= inputs:
                written += to_bytes(points, type)
            value = names[operand]
            if argument in used and not (i >= inputs and value.is_fill()):
                read.append(Touched(
                    value, points, results,
                    lambda v=value, r=results: list_elements(v, r, extents)))
        rows = {}
        for load in live:
            if load.name == "tensor.extract":
                table = names[load.operands[0]]
                table.base.reads_data = True
                index = [read_index(name, makers, extents, block.arguments)
                         for name in load.operands[1:]]
                points = count_points(index, extents)
                rows[id(table.base)] = max(
                    rows.get(id(table.base), 0), to_bytes(points, table.type))
        n = math.prod(extents.values())
        flops = [n * count for count in arithmetic(live)]
        bytes_read = sum_touched(read) + sum(rows.values())
        return Count(op.line, "op", flops, bytes_read, written)


def is_elementwise(op):
    return op.name.startswith(("arith.", "math.")) and bool(
        op.results and op.operands and is_shaped(op.result_types[0])
    )


def arithmetic_of_elements(ops):
    """Of ops on whole tensors: per element."""
    for op in ops:
        op.operand_types = [
            re.sub(r"^tensor<(?:\d+x)*(\w+)>$", r"\1", type)
            for type in op.operand_types
        ]
    return arithmetic(ops)


def argument_types(function):
    type = re.search(r"function_type = \((.*?)\) -> ", function.properties)[1]
    return split_list(type)


# Comparison -----------------------------------------------------------------


def compare(path, report):
    """Differences, as text, and the number of ops that agree."""
    module = parse_file(path)
    functions = {
        re.search(r'sym_name = "(\w+)"', op.properties)[1]: op
        for op in module.body() if op.name == "func.func"
    }
    differences, agreeing = [], 0
    for function in report["functions"]:
        for op in function["unmodelled"]:
            # What happens in other files is unknown, nothing else.
            if not op["op"].startswith("func.call"):
                differences.append(f"{op['loc']}: {op['op']}: unmodelled")
        counts = Counter(functions).count(functions[function["name"]])
        expected = {}
        for count in counts:
            for line in count.lines:
                expected.setdefault(line, []).append(count)
        for op in function["ops"]:
            if op["name"].startswith("func.call"):
                continue  # Its operands and results are counted, with no rule.
            line = int(op["loc"].split(":")[-2])
            count = expected[line].pop(0) if expected.get(line) else None
            if count is None:
                differences.append(f"{op['loc']}: {op['name']}: not expected")
                continue
            for other in count.lines - {line}:
                expected[other].remove(count)
            found = [op["flops"], op["transcendentals"], op["int_ops"]]
            bytes_found = op["compulsory"]
            wanted = count.flops or [0, 0, 0]
            if [bytes_found["read"], bytes_found["written"]] != [
                count.read, count.written
            ] or found != wanted:
                differences.append(
                    f"{op['loc']}: {op['name']}: {found} {bytes_found}, expected"
                    f" {wanted} {count.read} {count.written}")
            else:
                agreeing += 1
        for line, counts in sorted(expected.items()):
            for count in counts:
                if count.kind != "maybe":
                    differences.append(f"{path}:{line}: not in the report")
    return differences, agreeing


def main(arguments):
    tosa = "--tosa" in arguments
    paths = []
    for name in arguments:
        path = pathlib.Path(name)
        if path.is_dir():
            paths += sorted(path.glob("*.mlir"))
        elif name != "--tosa":
            paths.append(path)
    files = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            lowered = f"{scratch}/{path.name}"
            passes = [f"--pass-pipeline={LOWER_TOSA}"] if tosa else []
            run("mlir-opt", path, *passes, "-o", lowered)
            report = json.loads(run(
                "memwall-opt", lowered,
                "--memwall-report=targets=ddr5-2ch accuracy=fast format=json"))
            differences, agreeing = compare(lowered, report)
            print(f"{path.name}: {agreeing} ops agree")
            for difference in differences[:20]:
                print(f"  differs: {difference}")
            files += not differences
    print(files, "files agree")


if __name__ == "__main__":
    main(sys.argv[1:])
