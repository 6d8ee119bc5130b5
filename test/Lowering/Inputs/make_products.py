"""Prints functions with products, most of narrow elements, each of other sizes, element
types and orders of the operands' dimensions: make_products.py. Every size meets
every other property at least once."""

import itertools

ROWS = [0, 1, 2, 4, 5, 8, 37, 64]  # 0: a product with a vector.
COLUMNS = [1, 17, 64, 203]
DEPTHS = [1, 2, 3, 31, 33, 64, 67, 130, 515]
# Elements of both operands, of the result, and how they are widened.
TYPES = [
    ("bf16", "bf16", "f32", "arith.extf", "arith.extf"),
    ("i8", "i8", "i32", "arith.extsi", "arith.extsi"),
    ("bf16", "bf16", "bf16", None, None),
    ("i8", "i8", "i32", "arith.extsi", "arith.extui"),
    ("i8", "i8", "i32", "arith.extui", "arith.extui"),
    ("i8", "i16", "i32", "arith.extui", "arith.extsi"),
    ("i16", "i16", "i32", "arith.extui", "arith.extsi"),
    ("i8", "i8", "i32", "arith.extui", "arith.extsi"),
    ("i16", "i8", "i32", "arith.extsi", "arith.extsi"),
    ("f16", "f16", "f32", "arith.extf", "arith.extf"),
    ("f32", "bf16", "f32", None, "arith.extf"),
    ("f32", "f32", "f32", None, None),
    ("f64", "f64", "f64", None, None),
]
LEFT = ["(m, k)", "(k, m)"]
RIGHT = ["(k, n)", "(n, k)"]


def shape(dims, sizes, element):
    names = [dim for dim in "mnk" if dim in dims]
    names.sort(key=dims.index)
    return f"tensor<{'x'.join(str(sizes[dim]) for dim in names)}x{element}>"


def widen(op, name, element, result):
    if op is None:
        return f"%{name}", ""
    return f"%w{name}", f"    %w{name} = {op} %{name} : {element} to {result}\n"


def main():
    sizes = itertools.zip_longest(
        *[itertools.islice(itertools.cycle(each), 104) for each in (ROWS, COLUMNS, DEPTHS, TYPES)]
    )
    for number, (rows, columns, depth, types) in enumerate(sizes):
        left, right, result, widen_left, widen_right = types
        maps = [LEFT[number // 8 % 2], RIGHT[number // 4 % 2], "(m, n)"]
        dims, kinds = "(m, n, k)", '"parallel", "parallel", "reduction"'
        if rows == 0:
            maps, dims = ["(k)", maps[1], "(n)"], "(n, k)"
            kinds = '"parallel", "reduction"'
        extents = {"m": rows, "n": columns, "k": depth}
        a, b, c = (
            shape(each, extents, element)
            for each, element in zip(maps, (left, right, result))
        )
        affine = ", ".join(f"affine_map<{dims} -> {each}>" for each in maps)
        kind = "f" if result.endswith(("f64", "f32", "f16")) else "i"
        x, widen_x = widen(widen_left, "x", left, result)
        y, widen_y = widen(widen_right, "y", right, result)
        print(
            f"func.func @p{number}(%a: {a}, %b: {b}, %c: {c}) -> {c} {{\n"
            f"  %r = linalg.generic {{indexing_maps = [{affine}], iterator_types = [{kinds}]}}\n"
            f"      ins(%a, %b : {a}, {b}) outs(%c : {c}) {{\n"
            f"  ^bb0(%x: {left}, %y: {right}, %o: {result}):\n{widen_x}{widen_y}"
            f"    %p = arith.mul{kind} {x}, {y} : {result}\n"
            f"    %s = arith.add{kind} %o, %p : {result}\n"
            f"    linalg.yield %s : {result}\n"
            f"  }} -> {c}\n  return %r : {c}\n}}"
        )


main()
