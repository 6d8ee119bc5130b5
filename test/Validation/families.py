"""The families of random programs. Each takes a Source and returns a program."""

import math

from ir import (Function, Op, Operand, Rng, Tensor, accumulate, elementwise,
                is_float, multiply_add)
from stages import Stage, emit_fused, emit_sequence

FLOATS = ["f32"] * 8 + ["bf16"] * 3 + ["f16"] * 3 + ["f64"] * 2
ALL = FLOATS + ["f8E4M3FN", "f8E5M2", "i8", "i8", "i4", "i4", "i16"]


class Source(Rng):
    """Random numbers, and how large the programs made of them are: an op has
    between `iterations[0]` and `iterations[1]` innermost iterations, and its
    extents may be `growth` times as large as those of the small programs."""

    def __init__(self, *seeds, iterations=(20000, 1000000), growth=1):
        super().__init__(*seeds)
        self.iterations, self.growth = iterations, growth

    def grown(self, high, power=1):
        return int(high * self.growth ** power)


class Program:
    """`text` of a function f, and what a reader has to know of it."""

    units = 1

    def __init__(self, function, results, shape):
        self.function = function
        self.results = results
        self.shape = shape

    def text(self):
        return self.function.text(self.results)


def show(extents):
    return " ".join(f"{d}={e}" for d, e in extents.items())


def show_levels(levels):
    return "".join(
        "; tiles " + " ".join(f"{d}:{t}" for d, t in level) for level in levels
    )


def extent(r, low, high):
    """A size: often a power of two, as in transformers, often not."""
    value = max(low, r.log_between(low, high))
    if r.chance(0.45):
        power = 1 << (value.bit_length() - 1)
        return min(max(power, low), high)
    if r.chance(0.4):
        return min(max((value + 7) // 8 * 8, low), high)
    return value


def extents_within(r, names, budget, low=4, high=256):
    """A size per name, their product about `budget` at most."""
    result, high = {}, r.grown(high)
    for position, name in enumerate(r.shuffled(names)):
        left = len(names) - position
        share = int(budget ** (1 / left) * (4 if left > 1 else 1))
        top = max(low, min(high, share))
        result[name] = extent(r, max(low, top // 20), top)
        budget = max(1, budget // result[name])
    return {name: result[name] for name in names}


def budget(r):
    """Innermost iterations of an op."""
    return r.log_between(*r.iterations)


def wide(element):
    """The type that sums of these are kept in."""
    if not is_float(element):
        return "i32"
    return element if element in ("f32", "f64") else "f32"


def lowest(element):
    return {"f16": -6e4, "f64": -1e30}.get(element, -1e30)


def choose_tile(r, size):
    if size <= 2 or r.chance(0.1):
        return size
    if r.chance(0.5):
        divisors = [d for d in range(2, size) if size % d == 0]
        if divisors:
            return r.choice(divisors)
    return r.between(2, max(2, size - 1))


def choose_levels(r, extents, depth):
    """`depth` levels of tiles, each within the one before, in any order."""
    levels, sizes = [], dict(extents)
    for _ in range(depth):
        names = [d for d in r.shuffled(extents) if r.chance(0.8)]
        names = names or [r.choice(list(extents))]
        level = [(d, choose_tile(r, sizes[d])) for d in names]
        sizes.update(level)
        levels.append(level)
    return levels


# -- contractions -------------------------------------------------------------


def contraction(r, extents, a, b, c, levels=(), name=None, keep_order=False):
    """C[c] (+)= A[a] * B[b]; the loops in any order."""
    element = r.choice(ALL)
    total = wide(element) if r.chance(0.85) or not is_float(element) else element
    if total not in ("f32", "f64", "f16", "bf16", "i32"):
        total = "f32"
    f = Function()
    shape = lambda exprs: [extents[e] for e in exprs]
    ins = [
        Operand(f.argument(shape(a), element), *a),
        Operand(f.argument(shape(b), element), *b),
    ]
    if r.chance(0.25):
        out = f.argument(shape(c), total)
    else:
        out = f.filled(shape(c), total)
    order = list(extents) if keep_order else r.shuffled(extents)
    reductions = [d for d in extents if d not in c]
    op = Op({d: extents[d] for d in order}, reductions, ins, Operand(out, *c),
            multiply_add, name)
    result = f.apply(op, levels)
    text = (f"{name or ','.join(order)} {element}->{total} {show(extents)}"
            f"{show_levels(levels)}")
    return Program(f, [result], text)


def matmul_plain(r):
    extents = extents_within(r, ["m", "n", "k"], budget(r))
    if r.chance(0.3):
        return contraction(r, extents, ["m", "k"], ["k", "n"], ["m", "n"],
                           name="linalg.matmul", keep_order=True)
    return contraction(r, extents, ["m", "k"], ["k", "n"], ["m", "n"])


def matmul_variants(r, levels_of=lambda r, extents: ()):
    """Batched, transposed, with operands that are broadcast."""
    extents = extents_within(r, ["b", "m", "n", "k"], budget(r), low=2, high=128)
    a = r.choice([["b", "m", "k"], ["b", "k", "m"], ["m", "b", "k"], ["m", "k"]])
    b = r.choice([["b", "k", "n"], ["b", "n", "k"], ["k", "n"], ["n", "k"]])
    c = r.choice([["b", "m", "n"], ["b", "n", "m"], ["m", "b", "n"]])
    return contraction(r, extents, a, b, c, levels_of(r, extents))


def matmul_decode(r):
    extents = {"m": r.choice([1, 1, 1, 2, 4])}
    extents |= extents_within(r, ["n", "k"], budget(r), low=8, high=1024)
    b = r.choice([["k", "n"], ["n", "k"]])
    levels = choose_levels(r, extents, 1) if r.chance(0.4) else ()
    return contraction(r, extents, ["m", "k"], b, ["m", "n"], levels)


def matmul_tiled(r):
    extents = extents_within(r, ["m", "n", "k"], budget(r))
    a = r.choice([["m", "k"], ["m", "k"], ["k", "m"]])
    b = r.choice([["k", "n"], ["k", "n"], ["n", "k"]])
    return contraction(r, extents, a, b, ["m", "n"], choose_levels(r, extents, 1))


def matmul_tiled_deep(r):
    if r.chance(0.3):
        return matmul_variants(
            r, lambda r, e: choose_levels(r, e, r.between(2, 3)))
    extents = extents_within(r, ["m", "n", "k"], budget(r))
    levels = choose_levels(r, extents, r.between(2, 3))
    return contraction(r, extents, ["m", "k"], ["k", "n"], ["m", "n"], levels)


def convolution(r):
    """One and two dimensions, depthwise, strided, dilated; pooling."""
    element = r.choice(ALL)
    total = wide(element)
    stride, dilation = r.choice([1, 1, 1, 2]), r.choice([1, 1, 1, 2])
    size = budget(r)
    kh, kw = r.choice([1, 3, 3, 5]), r.choice([1, 3, 3, 5])
    kind = r.choice(["conv1d", "conv2d_nhwc", "conv2d_nchw", "depthwise", "pool"])
    across = lambda o, k: f"{o}*{stride}+{k}*{dilation}"
    if kind == "conv1d":
        extents = extents_within(r, ["n", "ow", "f"], size // kw // 8 + 64, 2, 96)
        extents |= {"kw": kw, "c": extent(r, 4, r.grown(32, 0.5))}
        image, kernel = ["n", across("ow", "kw"), "c"], ["kw", "c", "f"]
        out = ["n", "ow", "f"]
    elif kind == "conv2d_nhwc":
        extents = {"n": 1} | extents_within(
            r, ["oh", "ow", "f"], size // (kh * kw * 8) + 64, 3, 48)
        extents |= {"kh": kh, "kw": kw, "c": extent(r, 3, r.grown(16, 0.5))}
        image = ["n", across("oh", "kh"), across("ow", "kw"), "c"]
        kernel, out = ["kh", "kw", "c", "f"], ["n", "oh", "ow", "f"]
    elif kind == "conv2d_nchw":
        extents = {"n": 1} | extents_within(
            r, ["f", "oh", "ow"], size // (kh * kw * 8) + 64, 3, 48)
        extents |= {"c": extent(r, 3, r.grown(16, 0.5)), "kh": kh, "kw": kw}
        image = ["n", "c", across("oh", "kh"), across("ow", "kw")]
        kernel, out = ["f", "c", "kh", "kw"], ["n", "f", "oh", "ow"]
    else:
        extents = {"n": 1} | extents_within(
            r, ["oh", "ow", "c"], size // (kh * kw) + 64, 4, 64)
        extents |= {"kh": kh, "kw": kw}
        image = ["n", across("oh", "kh"), across("ow", "kw"), "c"]
        kernel, out = ["kh", "kw", "c"], ["n", "oh", "ow", "c"]
    f = Function()
    operand = Operand(Tensor("", [], element), *image)
    shape = [1 + sum(k * (extents[d] - 1) for d, k in e) for e in operand.exprs]
    ins = [Operand(f.argument(shape, element), *image)]
    body = accumulate("max")
    if kind == "pool":  # The window gives the loops their sizes; nobody reads it.
        ins.append(Operand(f.empty([kh, kw], element), "kh", "kw"))
        body = lambda f, scalars: accumulate("max")(f, [scalars[0], scalars[2]])
    else:
        weights = f.argument([extents[d] for d in kernel], element)
        ins.append(Operand(weights, *kernel))
        body = multiply_add
    target = f.filled([extents[d] for d in out], total)
    reductions = [d for d in extents if d not in out]
    op = Op(extents, reductions, ins, Operand(target, *out), body)
    levels = ()
    if r.chance(0.4):
        names = [d for d in r.shuffled(out) if extents[d] > 2][: r.between(1, 3)]
        levels = [[(d, choose_tile(r, extents[d])) for d in names]] if names else ()
    result = f.apply(op, levels)
    text = (f"{kind} {element}->{total} stride {stride} dilation {dilation} "
            f"{show(extents)}{show_levels(levels)}")
    return Program(f, [result], text)


# -- elementwise, reductions, movement ----------------------------------------

UNARY = ["math.exp", "arith.negf", "math.absf", "math.sqrt", "math.tanh"]


def elementwise_chain(r):
    """One to four ops on two dimensions, operands broadcast or transposed."""
    element = r.choice(ALL)
    extents = extents_within(r, ["i", "j"], budget(r) // 2, low=4, high=512)
    f = Function()
    known = {("i", "j"): [f.argument([extents["i"], extents["j"]], element)]}
    texts, unread = [], []
    for _ in range(r.between(1, 4)):
        ins = [Operand(r.choice(known[("i", "j")]), "i", "j")]
        for _ in range(r.below(3)):
            exprs = r.choice([("i", "j"), ("i", "j"), ("i",), ("j",), ("j", "i")])
            if exprs not in known or r.chance(0.5):
                tensor = f.argument([extents[e] for e in exprs], element)
                known.setdefault(exprs, []).append(tensor)
            ins.append(Operand(r.choice(known[exprs]), *exprs))
        ops = [r.choice(["add", "mul", "sub", "max"] + UNARY)
               for _ in range(r.between(1, 3))]
        order = r.shuffled(extents) if r.chance(0.3) else list(extents)
        out = Operand(f.empty([extents["i"], extents["j"]], element), "i", "j")
        op = Op({d: extents[d] for d in order}, [], ins, out, elementwise(ops))
        levels = choose_levels(r, extents, 1) if r.chance(0.3) else ()
        result = f.apply(op, levels)
        known[("i", "j")].append(result)
        read = [o.tensor for o in ins]
        unread = [t for t in unread if t not in read] + [result]
        reads = "+".join("".join(d for e in o.exprs for d, _ in e) for o in ins)
        texts.append(f"{','.join(order)}({reads}){show_levels(levels)}")
    return Program(f, unread, f"{element} {show(extents)} {' then '.join(texts)}")


def reductions(r):
    """Elementwise, then reductions over any dimensions."""
    element = r.choice(ALL)
    total = wide(element)
    extents = extents_within(r, ["i", "j", "l"], budget(r), low=2, high=256)
    f = Function()
    value = f.argument(list(extents.values()), element)
    dims, texts = list(extents), []
    for _ in range(r.between(1, 2)):
        if len(dims) == 1:
            break
        kept = [d for d in dims if r.chance(0.5)] or [r.choice(dims)]
        if len(kept) == len(dims):
            kept = kept[:-1]
        order = r.shuffled(dims)
        out = f.filled([extents[d] for d in kept], total)
        sizes = {d: extents[d] for d in order}
        op = Op(sizes, [d for d in dims if d not in kept],
                [Operand(value, *dims)], Operand(out, *kept),
                accumulate(r.choice(["add", "max"])))
        levels = choose_levels(r, sizes, 1) if r.chance(0.4) else ()
        value = f.apply(op, levels)
        texts.append(f"{','.join(order)}->{','.join(kept)}{show_levels(levels)}")
        dims = kept
    return Program(f, [value], f"{element}->{total} {show(extents)} "
                   + " then ".join(texts))


def movement(r):
    """Transposes, broadcasts, pads and copies, then an op that reads them."""
    element = r.choice(ALL)
    f = Function()
    kind = r.choice(["transpose", "broadcast", "pad", "slice", "concat"])
    extents = extents_within(r, ["i", "j"], budget(r) // 2, low=4, high=512)
    i, j = extents.values()
    source = f.argument([i, j], element)
    value = Tensor("%moved", [i, j], element)
    if kind == "transpose":
        value.shape = [j, i]
        empty = f.empty(value.shape, element)
        f.line(f"%moved = linalg.transpose ins({source.name} : {source.type()})"
               f" outs({empty.name} : {empty.type()}) permutation = [1, 0]")
    elif kind == "broadcast":
        copies = r.between(2, 6)
        value.shape = [copies, i, j]
        empty = f.empty(value.shape, element)
        f.line(f"%moved = linalg.broadcast ins({source.name} : {source.type()})"
               f" outs({empty.name} : {empty.type()}) dimensions = [0]")
    elif kind == "pad":
        low, high = r.below(4), r.between(1, 8)
        value.shape = [i + low, j + high]
        zero = f.number(0, element)
        f.line(f"%moved = tensor.pad {source.name} low[{low}, 0] high[0, {high}]"
               f" {{\n  ^bb0(%p: index, %q: index):\n    tensor.yield {zero} : "
               f"{element}\n  }} : {source.type()} to {value.type()}")
    elif kind == "slice":
        value.shape = [i - i // 3, j - j // 4]
        f.line(f"%moved = tensor.extract_slice {source.name}[{i // 3}, {j // 4}]"
               f" [{value.shape[0]}, {value.shape[1]}] [1, 1] : {source.type()}"
               f" to {value.type()}")
    else:
        other = f.argument([r.between(1, i), j], element)
        value.shape = [i + other.shape[0], j]
        f.line(f"%moved = tensor.concat dim(0) {source.name}, {other.name} : "
               f"({source.type()}, {other.type()}) -> {value.type()}")
    names = [f"d{n}" for n in range(len(value.shape))]
    sizes = dict(zip(names, value.shape))
    if kind != "slice":  # A slice is a view; others read and write every element.
        f.accesses += 2 * math.prod(value.shape)
    out = f.empty(value.shape, element)
    op = Op(sizes, [], [Operand(value, *names)], Operand(out, *names),
            elementwise(["add"]))
    result = f.apply(op)
    return Program(f, [result], f"{kind} {element} {show(extents)}")


def gather(r):
    """Rows of a table by index, one after the other or in tiles."""
    element = r.choice(ALL)
    index = r.choice(["i32", "i64", "index"])
    rows = extent(r, 16, r.grown(512))
    extents = {"n": extent(r, 4, rows), "d": extent(r, 4, r.grown(512))}
    f = Function()
    table = f.argument([rows, extents["d"]], element)
    indices = f.argument([extents["n"]], index)
    out = f.empty([extents["n"], extents["d"]], element)

    def body(f, scalars):
        row, column = scalars[0][0], f.fresh("c")
        if index != "index":
            cast = f.fresh("c")
            f.line(f"{cast} = arith.index_cast {row} : {index} to index")
            row = cast
        f.line(f"{column} = linalg.index {position} : index")
        value = f.fresh("g")
        f.line(f"{value} = tensor.extract {table.name}[{row}, {column}] : "
               f"{table.type()}")
        return value

    order = r.shuffled(extents) if r.chance(0.2) else ["n", "d"]
    position = order.index("d")
    sizes = {d: extents[d] for d in order}
    op = Op(sizes, [], [Operand(indices, "n")], Operand(out, "n", "d"), body)
    f.footprints += [table.bytes(), out.bytes(), table.bytes() + out.bytes()]
    result = f.apply(op)
    text = f"{element} by {index} table={rows} {','.join(order)} {show(extents)}"
    if r.chance(0.5):
        weight = f.argument([extents["d"]], element)
        out = f.empty([extents["n"], extents["d"]], element)
        op = Op(extents, [], [Operand(result, "n", "d"), Operand(weight, "d")],
                Operand(out, "n", "d"), elementwise(["mul"]))
        result = f.apply(op)
        text += " then scaled"
    return Program(f, [result], text)


# -- programs of stages ---------------------------------------------------------


def softmax_stages(source, row, column, element):
    """Over `column`; `row` and `column` are dicts of extents."""
    both, rows, dims = row | column, list(row), list(row | column)
    inner = list(column)
    return [
        Stage("top", both, [(source, *dims)], rows, element, accumulate("max"),
              lowest(element), inner),
        Stage("exp", both, [(source, *dims), ("top", *rows)], dims, element,
              elementwise(["sub", "math.exp"])),
        Stage("sum", both, [("exp", *dims)], rows, element, accumulate("add"), 0,
              inner),
        Stage("soft", both, [("exp", *dims), ("sum", *rows)], dims, element,
              elementwise(["mul"])),
    ]


def rms_stages(source, row, column, element):
    both, rows, dims = row | column, list(row), list(row | column)
    inner = list(column)

    def square(f, scalars):
        (value, source), (acc, target) = scalars
        return multiply_add(f, [(value, source), (value, source), (acc, target)])

    return [
        Stage("square", both, [(source, *dims)], rows, "f32", square, 0, inner),
        Stage("root", row, [("square", *rows)], rows, "f32",
              elementwise(["math.rsqrt"])),
        Stage("norm", both, [(source, *dims), ("root", *rows), ("gamma", *inner)],
              dims, element, elementwise(["mul", "mul"])),
    ]


def layernorm_stages(source, row, column, element):
    both, rows, dims = row | column, list(row), list(row | column)
    inner = list(column)

    def square(f, scalars):
        (value, source), (acc, target) = scalars
        return multiply_add(f, [(value, source), (value, source), (acc, target)])

    return [
        Stage("mean", both, [(source, *dims)], rows, "f32", accumulate("add"), 0,
              inner),
        Stage("centre", both, [(source, *dims), ("mean", *rows)], dims, element,
              elementwise(["sub"])),
        Stage("var", both, [("centre", *dims)], rows, "f32", square, 0, inner),
        Stage("norm", both,
              [("centre", *dims), ("var", *rows), ("gamma", *inner),
               ("beta", *inner)],
              dims, element, elementwise(["mul", "mul", "add"])),
    ]


def finish(r, f, stages, values, tiles, text, p_fused):
    """Writes the stages fused or in sequence."""
    if tiles and r.chance(p_fused):
        result = emit_fused(f, stages, values, tiles)
        text += f"; fused {' '.join(f'{d}:{t}' for d, t in tiles)}"
    else:
        result = emit_sequence(f, stages, values)
    return Program(f, [result], text)


def choose_rows(r, low=8, high=512):
    """Extents of rows (one or two dimensions) and of what is reduced."""
    names = ["b", "i"] if r.chance(0.3) else ["i"]
    sizes = extents_within(r, names + ["j"], budget(r) // 3, low=2, high=high)
    return {d: sizes[d] for d in names}, {"j": max(low, sizes["j"])}


def softmax(r):
    element = r.choice(FLOATS)
    row, column = choose_rows(r)
    f = Function()
    source = f.argument([*row.values(), *column.values()], element)
    text = f"{element} {show(row | column)}"
    if r.chance(0.3):
        out = f.empty(source.shape, element)
        f.line(f"%soft = linalg.softmax dimension({len(row)}) ins({source.name} :"
               f" {source.type()}) outs({out.name} : {out.type()}) -> "
               f"{out.type()}")
        f.footprints += [source.bytes(), 2 * source.bytes(),
                         source.bytes() // list(row.values())[0]]
        return Program(f, [Tensor("%soft", source.shape, element)],
                       text + " linalg.softmax")
    stages = softmax_stages("x", row, column, element)
    tiles = [(d, choose_tile(r, e)) for d, e in row.items()]
    return finish(r, f, stages, {"x": source}, tiles, text, 0.3)


def norm(stages_of, parameters):
    def family(r):
        element = r.choice(FLOATS)
        row, column = choose_rows(r)
        f = Function()
        values = {"x": f.argument([*row.values(), *column.values()], element)}
        for name in parameters:
            values[name] = f.argument(list(column.values()), element)
        stages = stages_of("x", row, column, element)
        tiles = [(d, choose_tile(r, e)) for d, e in row.items()]
        text = f"{element} {show(row | column)}"
        return finish(r, f, stages, values, tiles, text, 0.3)

    return family


def gqa_decode(r):
    """One token's attention: g query heads share each of h KV heads."""
    element = r.choice(FLOATS)
    total = wide(element)
    e = {"h": r.choice([1, 2, 4, 8]), "g": r.choice([1, 2, 4, 8]),
         "s": extent(r, 16, r.grown(256)), "d": r.choice([16, 32, 64, 128, 40])}
    while e["h"] * e["g"] * e["s"] * e["d"] > r.iterations[1] * 3 // 20:
        e[r.choice([d for d in e if e[d] > 1])] //= 2
    f = Function()
    cache = r.choice([["h", "s", "d"], ["s", "h", "d"]])
    shape = lambda dims: [e[d] for d in dims]
    values = {"q": f.argument(shape("hgd"), element),
              "k": f.argument(shape(cache), element),
              "v": f.argument(shape(cache), element)}
    part = lambda dims: {d: e[d] for d in dims}
    stages = [
        Stage("x", part("hgsd"), [("q", *"hgd"), ("k", *cache)], "hgs", total,
              multiply_add, 0, "d"),
        *softmax_stages("x", part("hg"), part("s"), total),
        Stage("out", part(r.choice(["hgds", "hgsd"])),
              [("soft", *"hgs"), ("v", *cache)], "hgd", total, multiply_add, 0,
              "s"),
    ]
    tiles = [("h", r.choice([1, e["h"]]))]
    text = f"{element}->{total} cache {','.join(cache)} {show(e)}"
    return finish(r, f, stages, values, tiles, text, 0.3)


def mlp_stages(e, element):
    part = lambda dims: {d: e[d] for d in dims}
    return [
        Stage("hidden", part("mnk"), [("x", "m", "k"), ("w1", "k", "n")], "mn",
              element, multiply_add, 0, "k"),
        Stage("act", part("mn"), [("hidden", "m", "n"), ("b1", "n")], "mn",
              element, elementwise(["add", "math.tanh"])),
        Stage("out", part("mpn"), [("act", "m", "n"), ("w2", "n", "p")], "mp",
              element, multiply_add, 0, "n"),
    ]


def attention_stages(e, element):
    part = lambda dims: {d: e[d] for d in dims}
    return [
        Stage("x", part("msd"), [("q", "m", "d"), ("k", "s", "d")], "ms", element,
              multiply_add, 0, "d"),
        *softmax_stages("x", part("m"), part("s"), element),
        Stage("out", part("mps"), [("soft", "m", "s"), ("v", "s", "p")], "mp",
              element, multiply_add, 0, "s"),
    ]


def chosen_stages(r, f, element):
    """Stages, their arguments, dimensions that tiles may share, a text."""
    kind = r.choice(["mlp", "attention", "norm_matmul", "swiglu", "shared"])
    size = budget(r)
    argument = lambda dims: f.argument([e[d] for d in dims], element)
    part = lambda dims: {d: e[d] for d in dims}
    if kind == "mlp":
        e = extents_within(r, list("mnkp"), size * 4, low=4, high=96)
        values = {"x": argument("mk"), "w1": argument("kn"), "b1": argument("n"),
                  "w2": argument("np")}
        stages, shared = mlp_stages(e, element), "m"
    elif kind == "attention":
        e = extents_within(r, list("msdp"), size * 4, low=4, high=96)
        values = {"q": argument("md"), "k": argument("sd"), "v": argument("sp")}
        stages, shared = attention_stages(e, element), "m"
    elif kind == "norm_matmul":
        e = extents_within(r, list("mnk"), size, low=4, high=128)
        values = {"x": argument("mk"), "gamma": argument("k"),
                  "w": argument("kn")}
        stages = rms_stages("x", part("m"), part("k"), element) + [
            Stage("out", part("mnk"), [("norm", "m", "k"), ("w", "k", "n")], "mn",
                  element, multiply_add, 0, "k")]
        shared = "m"
    elif kind == "swiglu":
        e = extents_within(r, list("mnk"), size, low=4, high=128)
        values = {"x": argument("mk"), "w1": argument("kn"),
                  "w3": argument("kn")}
        stages = [
            Stage("gate", part("mnk"), [("x", "m", "k"), ("w1", "k", "n")], "mn",
                  element, multiply_add, 0, "k"),
            Stage("up", part("mkn"), [("x", "m", "k"), ("w3", "k", "n")], "mn",
                  element, multiply_add, 0, "k"),
            Stage("out", part("mn"), [("gate", "m", "n"), ("up", "m", "n")], "mn",
                  element, elementwise(["mul"])),
        ]
        shared = r.choice(["m", "mn", "n", "nm"])
    else:
        e = extents_within(r, list("mn"), size // 2, low=8, high=512)
        values = {"x": argument("mn"), "y": argument("mn"), "b": argument("n")}
        stages = [
            Stage("one", part("mn"), [("x", "m", "n"), ("b", "n")], "mn", element,
                  elementwise(["add"])),
            Stage("two", part("mn"), [("x", "m", "n"), ("y", "m", "n")], "mn",
                  element, elementwise(["mul"])),
            Stage("three", part("mn"), [("one", "m", "n"), ("two", "m", "n")],
                  "mn", element, elementwise(["max"])),
            Stage("out", part("mn"), [("three", "m", "n"), ("x", "m", "n")], "mn",
                  element, elementwise(["add"])),
        ]
        shared = r.choice(["m", "mn", "n", "nm"])
    return stages, values, shared, e, f"{kind} {element} {show(e)}"


def sequence(r):
    """Ops one after the other that share tensors; some of them tiled."""
    element = r.choice(FLOATS)
    f = Function()
    stages, values, _, _, text = chosen_stages(r, f, element)
    tilings = {}
    for stage in stages:
        if r.chance(0.25):
            tilings[stage.name] = choose_levels(r, stage.extents, 1)
            text += f"; {stage.name}{show_levels(tilings[stage.name])[1:]}"
    result = emit_sequence(f, stages, values, tilings)
    return Program(f, [result], text)


def fused(r):
    """The same ops in one tiled nest, with intermediates of a tile's size."""
    element = r.choice(FLOATS)
    f = Function()
    stages, values, shared, e, text = chosen_stages(r, f, element)
    tiles = [(d, choose_tile(r, e[d])) for d in shared]
    inner = {}
    for stage in stages:
        free = {d: x for d, x in stage.extents.items() if d not in shared}
        if free and r.chance(0.25):
            inner[stage.name] = choose_levels(r, free, 1)
            text += f"; {stage.name}{show_levels(inner[stage.name])[1:]}"
    result = emit_fused(f, stages, values, tiles, inner)
    text += f"; fused {' '.join(f'{d}:{t}' for d, t in tiles)}"
    return Program(f, [result], text)


FAMILIES = {
    "contraction": matmul_plain,
    "contraction, batched or transposed": matmul_variants,
    "contraction, decode": matmul_decode,
    "contraction, tiled": matmul_tiled,
    "contraction, tiled 2-3 deep": matmul_tiled_deep,
    "convolution": convolution,
    "elementwise": elementwise_chain,
    "reduction": reductions,
    "movement": movement,
    "softmax": softmax,
    "layernorm": norm(layernorm_stages, ["gamma", "beta"]),
    "rmsnorm": norm(rms_stages, ["gamma"]),
    "gqa decode": gqa_decode,
    "gather": gather,
    "sequence": sequence,
    "fused": fused,
}
