"""Writes MLIR: functions of structured ops, tiled and fused by hand.

Tiling is written here as loops, slices and affine.min, not by a
transformation: what the sweep feeds to the model owes nothing to the project.
"""

import math


class Rng:
    """splitmix64: the same numbers on every version of Python."""

    def __init__(self, *seeds):
        self.state = 0
        for seed in seeds:
            self.state = (self.state * 0x100000001B3 + seed + 1) % 2**64
            self.next()

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def uniform(self):
        return self.next() / 2**64

    def log_between(self, low, high):
        return int(low * (high / low) ** self.uniform())

    def chance(self, p):
        return self.uniform() < p

    def choice(self, items):
        return items[self.below(len(items))]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def bits(element):
    digits = "".join(c for c in element.split("E")[0] if c.isdigit())
    return int(digits or 64)


def is_float(element):
    return element.startswith(("f", "bf"))


class Size:
    """A size that is known only while running; `most` bounds it."""

    def __init__(self, name, most):
        self.name = name
        self.most = most


def most(size):
    return size.most if isinstance(size, Size) else size


class Tensor:
    def __init__(self, name, shape, element):
        self.name = name
        self.shape = list(shape)
        self.element = element

    def type(self):
        sizes = ["?" if isinstance(s, Size) else str(s) for s in self.shape]
        return f"tensor<{'x'.join(sizes + [self.element])}>"

    def bytes(self):
        elements = 1
        for size in self.shape:
            elements *= most(size)
        return (elements * bits(self.element) + 7) // 8


def parse_expr(text):
    """'oh*2+kh' -> [('oh', 2), ('kh', 1)]."""
    terms = []
    for term in text.split("+"):
        name, _, factor = term.partition("*")
        terms.append((name, int(factor or 1)))
    return terms


class Operand:
    """A tensor and, per dimension of it, an expression of loop dimensions."""

    def __init__(self, tensor, *exprs):
        self.tensor = tensor
        self.exprs = [parse_expr(e) for e in exprs]

    def footprint(self, extents):
        elements = 1
        for expr in self.exprs:
            elements *= 1 + sum(f * (extents[d] - 1) for d, f in expr)
        return (elements * bits(self.tensor.element) + 7) // 8


class Op:
    """One structured op. `extents`: dimension -> size, in loop order. `body`:
    function of the function being written and the operands' scalars, to the
    lines and the scalar that is the result."""

    def __init__(self, extents, reductions, ins, out, body, name=None):
        self.extents = dict(extents)
        self.reductions = set(reductions)
        self.ins = ins
        self.out = out
        self.body = body
        self.name = name

    def operands(self):
        return self.ins + [self.out]


class Function:
    """Text of `func.func @f`, grown op by op."""

    def __init__(self):
        self.arguments = []
        self.lines = []
        self.constants = {}
        self.count = 0
        self.indent = 1
        self.footprints = []  # Working sets that a capacity may straddle.
        self.accesses = 0  # Estimated: of structured ops alone.
        self.storage_bytes = 0  # Of what is not an argument.
        self.rounds = []  # Iterations of the loops that are open.

    def fresh(self, stem="v"):
        self.count += 1
        return f"%{stem}{self.count}"

    def line(self, text):
        self.lines.append("  " * self.indent + text)

    def argument(self, shape, element):
        tensor = Tensor(f"%a{len(self.arguments)}", shape, element)
        self.arguments.append(tensor)
        return tensor

    def constant(self, value):
        """An index constant at the function's head."""
        self.constants[value] = f"%c{value}"
        return f"%c{value}"

    def number(self, value, element):
        """A scalar constant, here."""
        name = self.fresh("k")
        text = f"{float(value):e}" if is_float(element) else str(int(value))
        self.line(f"{name} = arith.constant {text} : {element}")
        return name

    def empty(self, shape, element):
        tensor = Tensor(self.fresh("e"), shape, element)
        self.storage_bytes += Tensor("", [most(d) for d in shape], element).bytes()
        sizes = ", ".join(s.name for s in shape if isinstance(s, Size))
        self.line(f"{tensor.name} = tensor.empty({sizes}) : {tensor.type()}")
        return tensor

    def filled(self, shape, element, value=0):
        empty = self.empty(shape, element)
        return self.fill(empty, value)

    def fill(self, tensor, value):
        scalar = self.number(value, tensor.element)
        result = Tensor(self.fresh("f"), tensor.shape, tensor.element)
        self.line(
            f"{result.name} = linalg.fill ins({scalar} : {tensor.element})"
            f" outs({tensor.name} : {tensor.type()}) -> {result.type()}"
        )
        return result

    # -- loops and slices ----------------------------------------------------

    def begin_for(self, extent, step, carried):
        """Opens a loop; returns (induction variable, carried tensors)."""
        iv = self.fresh("i")
        end = extent.name if isinstance(extent, Size) else self.constant(extent)
        begin, by = self.constant(0), self.constant(step)
        inner = [Tensor(self.fresh("t"), t.shape, t.element) for t in carried]
        pairs = ", ".join(f"{i.name} = {t.name}" for i, t in zip(inner, carried))
        types = ", ".join(t.type() for t in carried)
        results = [Tensor(self.fresh("r"), t.shape, t.element) for t in carried]
        names = ", ".join(r.name for r in results)
        self.line(
            f"{names} = scf.for {iv} = {begin} to {end} step {by}"
            f" iter_args({pairs}) -> ({types}) {{"
        )
        self.indent += 1
        self.rounds.append(-(-most(extent) // step))
        return iv, inner, results

    def end_for(self, yielded):
        names = ", ".join(t.name for t in yielded)
        types = ", ".join(t.type() for t in yielded)
        self.line(f"scf.yield {names} : {types}")
        self.indent -= 1
        self.rounds.pop()
        self.line("}")

    def tile_size(self, iv, extent, tile):
        """min(tile, extent - iv), static where it can be."""
        if not isinstance(extent, Size):
            if extent % tile == 0:
                return tile
            text = f"affine_map<(d0) -> ({tile}, -d0 + {extent})>({iv})"
        else:
            text = (
                f"affine_map<(d0)[s0] -> ({tile}, -d0 + s0)>({iv})"
                f"[{extent.name}]"
            )
        name = self.fresh("s")
        self.line(f"{name} = affine.min {text}")
        return Size(name, min(tile, most(extent)))

    def linear(self, terms, constant=0):
        """sum of factor * value + constant; values are names or numbers."""
        names, parts, factors = [], [], []
        for value, factor in terms:
            if isinstance(value, int):
                constant += value * factor
            else:
                parts.append(f"d{len(names)} * {factor}")
                names.append(value)
                factors.append(factor)
        if not names:
            return constant
        if factors == [1] and constant == 0:
            return names[0]
        if constant:
            parts.append(str(constant))
        dims = ", ".join(f"d{i}" for i in range(len(names)))
        result = self.fresh("x")
        self.line(
            f"{result} = affine.apply affine_map<({dims}) -> "
            f"({' + '.join(parts)})>({', '.join(names)})"
        )
        return result

    def box(self, operand, ivs, sizes):
        """Offsets and sizes of an operand's part, given those of loops. A
        dimension without an induction variable is whole."""
        offsets, extents = [], []
        for expr, whole in zip(operand.exprs, operand.tensor.shape):
            if not any(d in ivs for d, _ in expr):
                offsets.append(0)
                extents.append(whole)
                continue
            offsets.append(self.linear([(ivs[d], f) for d, f in expr if d in ivs]))
            terms, bound, constant = [], 1, 1
            for d, f in expr:
                size = sizes[d]
                bound += f * (most(size) - 1)
                constant -= f
                terms.append((size.name if isinstance(size, Size) else size, f))
            value = self.linear(terms, constant)
            extents.append(value if isinstance(value, int) else Size(value, bound))
        return offsets, extents

    def slice_text(self, offsets, sizes):
        show = lambda v: v.name if isinstance(v, Size) else str(v)
        ones = ", ".join("1" for _ in sizes)
        return (
            f"[{', '.join(map(show, offsets))}]"
            f" [{', '.join(map(show, sizes))}] [{ones}]"
        )

    def extract(self, operand, ivs, sizes):
        if not any(d in ivs for expr in operand.exprs for d, _ in expr):
            return operand.tensor, None
        place = self.box(operand, ivs, sizes)
        tensor = operand.tensor
        part = Tensor(self.fresh("p"), place[1], tensor.element)
        self.line(
            f"{part.name} = tensor.extract_slice {tensor.name}"
            f"{self.slice_text(*place)} : {tensor.type()} to {part.type()}"
        )
        return part, place

    def insert(self, part, whole, place):
        if place is None:
            return part
        result = Tensor(self.fresh("n"), whole.shape, whole.element)
        self.line(
            f"{result.name} = tensor.insert_slice {part.name} into {whole.name}"
            f"{self.slice_text(*place)} : {part.type()} into {result.type()}"
        )
        return result

    # -- ops -----------------------------------------------------------------

    def generic(self, op):
        names = list(op.extents)
        number = {name: f"d{i}" for i, name in enumerate(names)}
        maps = []
        for operand in op.operands():
            exprs = [
                " + ".join(
                    number[d] + (f" * {f}" if f != 1 else "") for d, f in expr
                )
                for expr in operand.exprs
            ]
            maps.append(
                f"affine_map<({', '.join(number.values())}) -> "
                f"({', '.join(exprs)})>"
            )
        kinds = ", ".join(
            '"reduction"' if n in op.reductions else '"parallel"' for n in names
        )
        out = op.out.tensor
        result = Tensor(self.fresh(), out.shape, out.element)
        inputs = ""
        if op.ins:
            values = ", ".join(o.tensor.name for o in op.ins)
            types = ", ".join(o.tensor.type() for o in op.ins)
            inputs = f" ins({values} : {types})"
        self.line(
            f"{result.name} = linalg.generic {{indexing_maps = "
            f"[{', '.join(maps)}], iterator_types = [{kinds}]}}"
            f"{inputs} outs({out.name} : {out.type()}) {{"
        )
        scalars = [
            (self.fresh("b"), o.tensor.element) for o in op.operands()
        ]
        self.line(f"^bb0({', '.join(f'{n}: {t}' for n, t in scalars)}):")
        self.indent += 1
        value = op.body(self, scalars)
        self.line(f"linalg.yield {value} : {out.element}")
        self.indent -= 1
        self.line(f"}} -> {result.type()}")
        return result

    def named(self, op):
        out = op.out.tensor
        result = Tensor(self.fresh(), out.shape, out.element)
        values = ", ".join(o.tensor.name for o in op.ins)
        types = ", ".join(o.tensor.type() for o in op.ins)
        self.line(
            f"{result.name} = {op.name} ins({values} : {types})"
            f" outs({out.name} : {out.type()}) -> {result.type()}"
        )
        return result

    def note_footprints(self, op, extents):
        """Working sets of the op's loops, from all of them to the last."""
        sizes = {d: most(e) for d, e in extents.items()}
        for name in [None, *extents]:
            if name is not None:
                sizes[name] = 1
            parts = [o.footprint(sizes) for o in op.operands()]
            self.footprints.append(sum(parts))
            self.footprints.extend(parts)

    def count_accesses(self, op):
        iterations = math.prod(most(e) for e in op.extents.values())
        iterations *= math.prod(self.rounds)
        self.accesses += iterations * (len(op.ins) + 1 + bool(op.reductions))

    def apply(self, op, levels=()):
        """Writes `op`, tiled by `levels`: each a list of (dimension, tile), in
        loop order."""
        self.count_accesses(op)
        return self.apply_levels(op, levels)

    def apply_on_units(self, op, tiles, levels=()):
        """Writes `op` with tiles that are dealt to the units, each tiled by
        `levels`; `tiles`: (dimension that is no reduction, tile)."""
        self.count_accesses(op)
        self.note_footprints(op, op.extents)
        whole, sizes, ivs = op.out.tensor, dict(op.extents), {}
        for dimension, _ in tiles:
            ivs[dimension] = self.fresh("i")
        target = Tensor(self.fresh("t"), whole.shape, whole.element)
        result = Tensor(self.fresh("r"), whole.shape, whole.element)
        show = lambda numbers: ", ".join(map(str, numbers))
        self.line(
            f"{result.name} = scf.forall ({show(ivs.values())}) = "
            f"({show(0 for _ in tiles)}) to "
            f"({show(op.extents[d] for d, _ in tiles)}) step "
            f"({show(t for _, t in tiles)}) shared_outs({target.name} = "
            f"{whole.name}) -> ({whole.type()}) {{"
        )
        self.indent += 1
        for dimension, tile in tiles:
            sizes[dimension] = self.tile_size(
                ivs[dimension], op.extents[dimension], tile)
        inner, place = self.cut(op, ivs, sizes, target)
        value = self.apply_levels(inner, levels)
        self.line("scf.forall.in_parallel {")
        self.line(
            f"  tensor.parallel_insert_slice {value.name} into {target.name}"
            f"{self.slice_text(*place)} : {value.type()} into {target.type()}"
        )
        self.line("}")
        self.indent -= 1
        self.line("}")
        return result

    def cut(self, op, ivs, sizes, whole):
        """`op` on the parts of its operands at `ivs`, the result's out of
        `whole`; and where that part is."""
        ins = []
        for operand in op.ins:
            part, _ = self.extract(operand, ivs, sizes)
            ins.append(self.replaced(operand, part))
        part, place = self.extract(self.replaced(op.out, whole), ivs, sizes)
        inner = Op(sizes, op.reductions, ins, self.replaced(op.out, part),
                   op.body, op.name)
        return inner, place

    def apply_levels(self, op, levels):
        self.note_footprints(op, op.extents)
        if not levels:
            return self.named(op) if op.name else self.generic(op)
        ivs, sizes, opened = {}, dict(op.extents), []
        whole = op.out.tensor
        for dimension, tile in levels[0]:
            extent = op.extents[dimension]
            iv, (whole,), (result,) = self.begin_for(extent, tile, [whole])
            opened.append(result)
            ivs[dimension] = iv
            sizes[dimension] = self.tile_size(iv, extent, tile)
        inner, place = self.cut(op, ivs, sizes, whole)
        value = self.insert(self.apply_levels(inner, levels[1:]), whole, place)
        for result in reversed(opened):
            self.end_for([value])
            value = result
        return value

    @staticmethod
    def replaced(operand, tensor):
        result = Operand(tensor)
        result.exprs = operand.exprs
        return result

    # -- text ----------------------------------------------------------------

    def text(self, results):
        arguments = ", ".join(f"{a.name}: {a.type()}" for a in self.arguments)
        types = ", ".join(r.type() for r in results)
        head = [f"  func.func @f({arguments}) -> ({types}) {{"]
        head += [
            f"    {name} = arith.constant {value} : index"
            for value, name in sorted(self.constants.items())
        ]
        values = ", ".join(r.name for r in results)
        tail = [f"    return {values} : {types}", "  }"]
        return "\n".join(head + ["  " + l for l in self.lines] + tail) + "\n"


# -- bodies -------------------------------------------------------------------


def convert(f, value, source, target):
    """A number as another type."""
    if source == target:
        return value
    name = f.fresh("q")
    if is_float(source) and is_float(target):
        if bits(source) == bits(target):
            wide = convert(f, value, source, "f32")
            return convert(f, wide, "f32", target)
        op = "extf" if bits(source) < bits(target) else "truncf"
    elif is_float(target):
        op = "sitofp"
    elif is_float(source):
        op = "fptosi"
    else:
        op = "extsi" if bits(source) < bits(target) else "trunci"
    f.line(f"{name} = arith.{op} {value} : {source} to {target}")
    return name


def binary(f, op, a, b, element):
    """op: add, mul, sub, max."""
    suffix = "f" if is_float(element) else "i"
    if op == "max":
        text = "maximumf" if is_float(element) else "maxsi"
    else:
        text = op + suffix
    name = f.fresh("m")
    f.line(f"{name} = arith.{text} {a}, {b} : {element}")
    return name


def unary(f, op, value, element):
    """A math or arith op, in f32 where the type has no such arithmetic."""
    wide = element if element in ("f32", "f64") else "f32"
    value = convert(f, value, element, wide)
    name = f.fresh("u")
    f.line(f"{name} = {op} {value} : {wide}")
    return convert(f, name, wide, element)


def multiply_add(f, scalars):
    """acc + product of the inputs, in the type of acc."""
    *inputs, (acc, element) = scalars
    values = [convert(f, v, t, element) for v, t in inputs]
    product = values[0]
    for value in values[1:]:
        product = binary(f, "mul", product, value, element)
    return binary(f, "add", acc, product, element)


def accumulate(op):
    """acc op input."""

    def body(f, scalars):
        (value, source), (acc, element) = scalars
        return binary(f, op, acc, convert(f, value, source, element), element)

    return body


def elementwise(ops):
    """The inputs folded by binary ops; 'arith.'/'math.' names are unary."""

    def body(f, scalars):
        *inputs, (_, element) = scalars
        values = [convert(f, v, t, element) for v, t in inputs]
        value = values.pop(0)
        for op in ops:
            if op in ("add", "mul", "sub", "max"):
                # x - x and max(x, x) would be folded, and x never read.
                use = op if values else "mul"
                other = values.pop(0) if values else value
                value = binary(f, use, value, other, element)
            elif is_float(element):
                value = unary(f, op, value, element)
        while values:
            value = binary(f, "add", value, values.pop(0), element)
        return value

    return body
