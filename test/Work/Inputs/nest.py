"""Prints a program whose calls or loops are nested.

usage: nest.py chain <n>   n functions, each of which calls the next one
       nest.py tree <n>    n functions, each of which calls the next one twice
       nest.py loops <n>   n loops around one addition"""

import sys

T = "tensor<4xf32>"


def print_calls(depth, calls):
    print(f"func.func private @f{depth}(%x0: {T}) -> {T} {{\n"
          f"  %r = linalg.exp ins(%x0 : {T}) outs(%x0 : {T}) -> {T}\n"
          f"  return %r : {T}\n}}")
    for i in reversed(range(depth)):
        print(f"func.func {'private ' if i else ''}@f{i}(%x0: {T}) -> {T} {{")
        for call in range(calls):
            print(f"  %x{call + 1} = call @f{i + 1}(%x{call}) : ({T}) -> {T}")
        print(f"  return %x{calls} : {T}\n}}")


def print_loops(depth):
    print("func.func @f(%m: memref<4xf32>) {")
    for i in range(depth):
        print(f"affine.for %i{i} = 0 to 1 {{")
    print("%x = affine.load %m[0] : memref<4xf32>\n"
          "%y = arith.addf %x, %x : f32\n"
          "affine.store %y, %m[0] : memref<4xf32>")
    print("}\n" * depth + "return }")


kind, n = sys.argv[1], int(sys.argv[2])
if kind == "loops":
    print_loops(n)
else:
    print_calls(n, 2 if kind == "tree" else 1)
