"""Applies random schedules to one op at a time and holds the result to what
applySchedule promises: it verifies, computes the same, allocates and copies no
more whole tensors than before, and stays something that memwall counts.

usage: check_schedules.py <cases> <work folder>
Seeds are fixed. memwall-opt and memwall-run are on PATH."""

import pathlib
import random
import re
import subprocess
import sys

HEADER = """
#id2 = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#swap = affine_map<(i, j) -> (j, i)>
"""


class Op:
    """Text of a function @f around one op, and what its schedules may say."""

    def __init__(
        self, text, extents, reductions, leaf=True, cut=True, pack=None, split=True
    ):
        self.text = text  # With %SCHEDULE where the attributes go.
        self.extents = extents
        self.reductions = reductions
        self.leaf = leaf  # Its own loops can be reordered.
        self.cut = cut  # Its reductions can be cut.
        self.split = split and cut  # Its reductions can be split.
        self.pack = pack  # (operand, its dimensions as dimensions of the op)


def function(arguments, result, body):
    return HEADER + f"func.func @f({arguments}) -> {result} {{\n{body}\n}}\n"


def filled(shape, element, zero="0.0"):
    tensor = f"tensor<{shape}x{element}>"
    return (
        f"  %zero = arith.constant {zero} : {element}\n"
        f"  %empty = tensor.empty() : {tensor}\n"
        f"  %init = linalg.fill ins(%zero : {element}) outs(%empty : {tensor}) -> {tensor}\n"
    )


def matmul(r, element="f32", accumulator="f32", zero="0.0"):
    m, n, k = (r.choice([1, 7, 16, 24, 33, 48]) for _ in range(3))
    a, b, c = (
        f"tensor<{m}x{k}x{element}>",
        f"tensor<{k}x{n}x{element}>",
        f"tensor<{m}x{n}x{accumulator}>",
    )
    body = filled(f"{m}x{n}", accumulator, zero)
    body += f"  %r = linalg.matmul {{%SCHEDULE}} ins(%a, %b : {a}, {b}) outs(%init : {c}) -> {c}\n  return %r : {c}"
    text = function(f"%a: {a}, %b: {b}", c, body)
    return Op(text, [m, n, k], [2], pack=(1, [2, 1]))


def integer_matmul(r):
    return matmul(r, "i8", "i32", "0")


def accumulating_matmul(r):
    op = matmul(r)
    m, n, _ = op.extents
    c = f"tensor<{m}x{n}xf32>"
    op.text = op.text.replace("%a:", f"%c: {c}, %a:").replace("outs(%init", "outs(%c")
    return op


def biased_matmul(r):
    op = matmul(r)
    m, n, _ = op.extents
    bias, c = f"tensor<{n}xf32>", f"tensor<{m}x{n}xf32>"
    op.text = op.text.replace("%a:", f"%bias: {bias}, %a:")
    op.text = re.sub(
        r"%init = .*",
        f"%init = linalg.broadcast ins(%bias : {bias}) outs(%empty : {c}) dimensions = [0]",
        op.text,
    )
    return op


def batch_matmul(r):
    b, m, n, k = (r.choice([1, 2, 5, 12]) for _ in range(4))
    x, y, z = (f"tensor<{b}x{s}xf32>" for s in (f"{m}x{k}", f"{k}x{n}", f"{m}x{n}"))
    body = filled(f"{b}x{m}x{n}", "f32")
    body += f"  %r = linalg.batch_matmul {{%SCHEDULE}} ins(%x, %y : {x}, {y}) outs(%init : {z}) -> {z}\n  return %r : {z}"
    return Op(
        function(f"%x: {x}, %y: {y}", z, body), [b, m, n, k], [3], pack=(1, [0, 3, 2])
    )


def convolution(r):
    n, h, w, f, c, kh, kw = 1, *(r.choice([3, 4, 7]) for _ in range(4)), 3, 2
    x = f"tensor<{n}x{h + kh - 1}x{w + kw - 1}x{c}xf32>"
    y, z = f"tensor<{kh}x{kw}x{c}x{f}xf32>", f"tensor<{n}x{h}x{w}x{f}xf32>"
    body = filled(f"{n}x{h}x{w}x{f}", "f32")
    body += f"  %r = linalg.conv_2d_nhwc_hwcf {{%SCHEDULE}} ins(%x, %y : {x}, {y}) outs(%init : {z}) -> {z}\n  return %r : {z}"
    return Op(
        function(f"%x: {x}, %y: {y}", z, body), [n, h, w, f, kh, kw, c], [4, 5, 6]
    )


def row_sum(r):
    m, n = (r.choice([1, 5, 16, 31]) for _ in range(2))
    x, y = f"tensor<{m}x{n}xf32>", f"tensor<{m}xf32>"
    body = filled(m, "f32")
    body += f"""  %r = linalg.generic {{indexing_maps = [#id2, #row],
      iterator_types = ["parallel", "reduction"]}} ins(%x : {x}) outs(%init : {y}) attrs = {{%SCHEDULE}} {{
    ^bb0(%in: f32, %out: f32):
      %s = arith.addf %in, %out : f32
      linalg.yield %s : f32
  }} -> {y}
  return %r : {y}"""
    return Op(function(f"%x: {x}", y, body), [m, n], [1])


def largest_and_place(r):
    """Two results, and an index in the body."""
    m, n = (r.choice([2, 5, 16, 31]) for _ in range(2))
    x, y, z = f"tensor<{m}x{n}xf32>", f"tensor<{m}xf32>", f"tensor<{m}xi64>"
    body = filled(m, "f32", "-1.0e30")
    body += f"""  %0 = arith.constant 0 : i64
  %places = tensor.empty() : {z}
  %p = linalg.fill ins(%0 : i64) outs(%places : {z}) -> {z}
  %r:2 = linalg.generic {{indexing_maps = [#id2, #row, #row],
      iterator_types = ["parallel", "reduction"]}} ins(%x : {x}) outs(%init, %p : {y}, {z}) attrs = {{%SCHEDULE}} {{
    ^bb0(%in: f32, %most: f32, %place: i64):
      %j = linalg.index 1 : index
      %here = arith.index_cast %j : index to i64
      %more = arith.cmpf ogt, %in, %most : f32
      %a = arith.select %more, %in, %most : f32
      %b = arith.select %more, %here, %place : i64
      linalg.yield %a, %b : f32, i64
  }} -> ({y}, {z})
  return %r#0, %r#1 : {y}, {z}"""
    result = f"({y}, {z})"
    return Op(function(f"%x: {x}", result, body), [m, n], [1], split=False)


def transposed_sum(r):
    m, n = (r.choice([1, 5, 16, 31]) for _ in range(2))
    x, y, z = f"tensor<{m}x{n}xf32>", f"tensor<{n}x{m}xf32>", f"tensor<{n}xf32>"
    body = f"""  %empty = tensor.empty() : {x}
  %r = linalg.generic {{indexing_maps = [#swap, #column, #id2],
      iterator_types = ["parallel", "parallel"]}} ins(%y, %z : {y}, {z}) outs(%empty : {x}) attrs = {{%SCHEDULE}} {{
    ^bb0(%a: f32, %b: f32, %out: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  }} -> {x}
  return %r : {x}"""
    return Op(function(f"%y: {y}, %z: {z}", x, body), [m, n], [], pack=(0, [1, 0]))


def pack(r):
    rows, columns, p, q = (r.choice([1, 2, 5, 8]) for _ in range(4))
    permutation = r.choice([[0, 1], [1, 0]])
    outer = [[rows, columns][d] for d in permutation]
    x = f"tensor<{rows * p}x{columns * q}xf32>"
    y = f"tensor<{outer[0]}x{outer[1]}x{p}x{q}xf32>"
    body = f"""  %empty = tensor.empty() : {y}
  %r = linalg.pack %x outer_dims_perm = {permutation} inner_dims_pos = [0, 1] inner_tiles = [{p}, {q}]
      into %empty {{%SCHEDULE}} : {x} -> {y}
  return %r : {y}"""
    return Op(function(f"%x: {x}", y, body), outer, [], leaf=False)


def softmax(r):
    m, n = (r.choice([1, 5, 16]) for _ in range(2))
    x = f"tensor<{m}x{n}xf32>"
    body = f"""  %empty = tensor.empty() : {x}
  %r = linalg.softmax {{%SCHEDULE}} dimension(1) ins(%x : {x}) outs(%empty : {x}) -> {x}
  return %r : {x}"""
    return Op(function(f"%x: {x}", x, body), [m, n], [1], leaf=False, cut=False)


KINDS = [
    matmul,
    integer_matmul,
    accumulating_matmul,
    biased_matmul,
    batch_matmul,
    convolution,
    row_sum,
    largest_and_place,
    transposed_sum,
    softmax,
    pack,
]


def draw_band(r, op, level, outer, plain):
    """One band with tiles of at most `outer`; None without any loop. `plain`:
    none of them runs once."""
    dims = range(len(op.extents))
    sizes = [r.choice([0, r.randint(1, outer[d]), outer[d]]) for d in dims]
    if plain:
        sizes = [0 if s == o else s for s, o in zip(sizes, outer)]
    if not op.cut:
        sizes = [0 if d in op.reductions else s for d, s in enumerate(sizes)]
    order = [d for d in dims if sizes[d]]
    r.shuffle(order)
    parallel = []
    if level == "l3" and r.random() < 0.5:
        for d in order:
            if d in op.reductions:
                break
            parallel.append(d)
        parallel = parallel[: r.randint(0, len(parallel))]
    text = f'<"{level}", sizes = {sizes}, order = {order}'
    text += f", parallel = {parallel}>" if parallel else ">"
    return (sizes, text) if order else None


def draw_pack(r, op, bands, plain):
    """A pack whose tiles the loops stay inside of: the innermost tile, or some
    of them; only when outer tiles start at multiples of it."""
    operand, dims = op.pack
    inner = []
    for d in dims:
        cuts = [sizes[d] for sizes in bands if sizes[d]]
        innermost = cuts[-1] if cuts else op.extents[d]
        if any(c % innermost for c in cuts):
            return None
        inner.append(innermost * (r.choice([1, 1, 2]) if cuts and not plain else 1))
    chosen = sorted(r.sample(range(len(dims)), r.randint(1, len(dims))))
    r.shuffle(chosen)
    text = f"<operand = {operand}, inner_dims = {chosen}, inner_tiles = {[inner[i] for i in chosen]}"
    if r.random() < 0.3:
        permutation = list(range(len(dims)))
        r.shuffle(permutation)
        text += f", outer_permutation = {permutation}"
    return text + (", ahead>" if r.random() < 0.3 and not plain else ">")


def draw_split(r, op, outer):
    """A split of a reduction, or None; `outer` becomes what a part has of it."""
    dims = [d for d in op.reductions if op.extents[d] > 1]
    if not op.split or not dims or r.random() < 0.6:
        return None
    dim = r.choice(dims)
    size = r.randint(1, op.extents[dim] - 1)
    parts = -(-op.extents[dim] // size)
    outer[dim] = -(-op.extents[dim] // parts)
    return f"split = <dim = {dim}, parts = {-(-op.extents[dim] // outer[dim])}>"


def draw_schedule(r, op, plain=False):
    bands, texts, outer = [], [], list(op.extents)
    split = draw_split(r, op, outer)
    for level in ("l3", "l2", "l1")[: r.choice([0, 1, 1, 2, 2, 3])]:
        band = draw_band(r, op, level, outer, plain)
        if band:
            bands.append(band[0])
            texts.append(band[1])
            outer = [s or o for s, o in zip(band[0], outer)]
    parts = [f"bands = [{', '.join(texts)}]"] if texts else []
    if op.leaf and r.random() < 0.3:
        order = list(range(len(op.extents)))
        r.shuffle(order)
        parts.append(f"leaf_order = {order}")
    if split:
        parts.append(split)
    draws_pack = op.pack and not split and r.random() < 0.5
    pack = draw_pack(r, op, bands, plain) if draws_pack else None
    if pack:
        parts.append(f"packs = [{pack}]")
    return f"#memwall.schedule<{', '.join(parts + ['units = 4'])}>", bool(pack)


def run(command, what, text=None):
    done = subprocess.run(command, capture_output=True, text=True, input=text)
    if done.returncode != 0:
        sys.exit(f"{what}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


BUFFERIZE = "--one-shot-bufferize=bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map"


def count_storage(path, what):
    """(allocations, copies) after bufferization. Copies of a view to itself are
    folded away."""
    fold = ["--canonicalize", "--cse", "--canonicalize"]
    text = run(["memwall-opt", path, BUFFERIZE, *fold], what)
    return text.count("memref.alloc("), text.count("memref.copy")


def check(number, work):
    r = random.Random(number)
    op = KINDS[number % len(KINDS)](r)
    schedule, packs = draw_schedule(r, op)
    what = f"case {number}, {schedule}"
    before, scheduled, after = (
        str(work / f"{number}.{s}.mlir") for s in ("before", "scheduled", "after")
    )
    pathlib.Path(before).write_text(op.text.replace("%SCHEDULE", ""))
    pathlib.Path(scheduled).write_text(
        op.text.replace("%SCHEDULE", "memwall.schedule = " + schedule)
    )
    run(["memwall-opt", scheduled, "--memwall-apply-schedule", "-o", after], what)
    text = pathlib.Path(after).read_text()
    if "memwall.schedule" in text or "memwall.tiled" not in text:
        sys.exit(f"{what}: not applied\n{text}")
    run(["memwall-run", before, f"--compare={after}", "--time=0"], what)
    # Upstream bufferizes linalg.pack only after taking it apart.
    if "linalg.pack" not in text:
        allowed, found = count_storage(before, what), count_storage(after, what)
        # A split has partial results.
        allowed = (allowed[0] + ("split" in schedule), allowed[1])
        if found[0] > allowed[0] or found[1] > allowed[1]:
            sys.exit(
                f"{what}: {found[0]} allocations and {found[1]} copies, "
                f"expected at most {allowed[0]} and {allowed[1]}"
            )
    report = run(
        ["memwall-opt", after, "--memwall-report=targets=ddr5-2ch", "-o", "/dev/null"],
        what,
    )
    if "unmodelled" in report:
        sys.exit(f"{what}: cannot be counted\n{report}")


def main():
    cases, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    for number in range(cases):
        check(number, work)
    print(f"{cases} schedules applied")


if __name__ == "__main__":
    main()
