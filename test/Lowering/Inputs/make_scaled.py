"""Prints functions with products of weights of few bits, groups of which share a
scale, in the form of memwall-gen: make_scaled.py. All are arguments but those of
the last function, which it makes itself."""

import itertools

ROWS = [0, 1, 2, 3, 8]  # 0: a product with a vector.
COLUMNS = [1, 7, 32, 65]
GROUPS = [0, 1, 2, 5]  # 0: one scale for a whole column.
DEPTHS = [1, 16, 31, 64, 96, 130]
# Weights, the left operand, scales.
TYPES = [("i4", "bf16", "bf16"), ("i8", "bf16", "f32"), ("i4", "f32", "f32"),
         ("i2", "bf16", "bf16"), ("i4", "bf16", "f32"), ("i8", "f16", "f16"),
         ("i4", "f64", "f32")]
CONVERSIONS = ["arith.sitofp", "arith.uitofp"]


def tensor(sizes, element):
    return f"tensor<{'x'.join(str(size) for size in sizes if size)}x{element}>"


def widen(name, element):
    op = {"f32": None, "f64": "arith.truncf"}.get(element, "arith.extf")
    if op is None:
        return f"%{name}", ""
    return f"%w{name}", f"    %w{name} = {op} %{name} : {element} to f32\n"


def write(number, rows, columns, groups, depth, types, conversion, argument=True):
    weight, left, scale = types
    dims = ["m"] * bool(rows) + ["n"] + ["g"] * bool(groups) + ["k"]
    of = lambda names: f"affine_map<({', '.join(dims)}) -> ({', '.join(d for d in names if d in dims)})>"
    kinds = ", ".join(f'"{"parallel" if d in "mn" else "reduction"}"' for d in dims)
    x, w = tensor([rows, groups, depth], left), tensor([columns, groups, depth], weight)
    s, out = tensor([columns, groups], scale), tensor([rows, columns], "f32")
    wide_a, widen_a = widen("a", left)
    wide_d, widen_d = widen("d", scale)
    make = ""
    if not argument:
        make = (f"  %e = tensor.empty() : {w}\n"
                f"  %v = linalg.add ins(%w, %w : {w}, {w}) outs(%e : {w}) -> {w}\n")
    v = "%w" if argument else "%v"
    print(
        f"func.func @s{number}(%x: {x}, %w: {w}, %s: {s}, %c: {out}) -> {out} {{\n{make}"
        f"  %r = linalg.generic {{indexing_maps = [{of('mgk')}, {of('ngk')}, {of('ng')}, {of('mn')}], iterator_types = [{kinds}]}}\n"
        f"      ins(%x, {v}, %s : {x}, {w}, {s}) outs(%c : {out}) {{\n"
        f"  ^bb0(%a: {left}, %b: {weight}, %d: {scale}, %o: f32):\n{widen_a}{widen_d}"
        f"    %wb = {conversion} %b : {weight} to f32\n"
        f"    %q = arith.mulf %wb, {wide_d} : f32\n"
        f"    %p = arith.mulf {wide_a}, %q : f32\n"
        f"    %t = arith.addf %o, %p : f32\n"
        f"    linalg.yield %t : f32\n"
        f"  }} -> {out}\n  return %r : {out}\n}}"
    )


def main():
    axes = [ROWS, COLUMNS, GROUPS, DEPTHS, TYPES, CONVERSIONS]
    cycles = [itertools.islice(itertools.cycle(each), 35) for each in axes]
    for number, choice in enumerate(zip(*cycles)):
        write(number, *choice)
    write(35, 2, 32, 2, 64, TYPES[0], CONVERSIONS[0], argument=False)


main()
