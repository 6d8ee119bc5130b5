"""Streams whose rows are narrow: corrections are not rounded to the type of a row,
so that they err no more than the program as it stands.

usage: check_stream_types.py <work folder>
memwall-opt and memwall-run are on PATH. Every exponent is a difference of up to 60,
so that a row rounded once more, by 2^-9 of itself, would be an error of 12 %."""

import pathlib
import re
import sys

from check_groups import MACHINE, run

ROWS, COLUMNS, DEPTH, TILE = 8, 64, 4, 8

MAPS = """#xt = affine_map<(n, t) -> (n, t)>
#row = affine_map<(n, t) -> (n)>
"""
PROGRAM = """func.func @f(%x: tensor<{n}x{t}x{ty}>, %v: tensor<{t}x{d}xf32>) -> tensor<{n}x{d}xf32> {{
  %inf = arith.constant {inf} : {ty}
  %zero = arith.constant 0.0 : f32
  %em = tensor.empty() : tensor<{n}x{ty}>
  %el = tensor.empty() : tensor<{n}xf32>
  %ee = tensor.empty() : tensor<{n}x{t}xf32>
  %eo = tensor.empty() : tensor<{n}x{d}xf32>
  %m0 = linalg.fill ins(%inf : {ty}) outs(%em : tensor<{n}x{ty}>) -> tensor<{n}x{ty}>
  %l0 = linalg.fill ins(%zero : f32) outs(%el : tensor<{n}xf32>) -> tensor<{n}xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%eo : tensor<{n}x{d}xf32>) -> tensor<{n}x{d}xf32>
  %m = linalg.generic {{indexing_maps = [#xt, #row], iterator_types = ["parallel", "reduction"]}}
      ins(%x : tensor<{n}x{t}x{ty}>) outs(%m0 : tensor<{n}x{ty}>)
      attrs = {{memwall.schedule = #memwall.schedule<group = "g", stream = [<"l2", dim = 1, size = {tile}>]>}} {{
  ^bb0(%a: {ty}, %b: {ty}):
    %r = arith.maximumf %a, %b : {ty}
    linalg.yield %r : {ty}
  }} -> tensor<{n}x{ty}>
  %e = linalg.generic {{indexing_maps = [#xt, #row, #xt], iterator_types = ["parallel", "parallel"]}}
      ins(%x, %m : tensor<{n}x{t}x{ty}>, tensor<{n}x{ty}>) outs(%ee : tensor<{n}x{t}xf32>)
      attrs = {{memwall.schedule = #memwall.schedule<group = "g">}} {{
  ^bb0(%a: {ty}, %b: {ty}, %c: f32):
{exponent}
    %r = math.exp2 %z : f32
    linalg.yield %r : f32
  }} -> tensor<{n}x{t}xf32>
  %l = linalg.generic {{indexing_maps = [#xt, #row], iterator_types = ["parallel", "reduction"]}}
      ins(%e : tensor<{n}x{t}xf32>) outs(%l0 : tensor<{n}xf32>)
      attrs = {{memwall.schedule = #memwall.schedule<group = "g">}} {{
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  }} -> tensor<{n}xf32>
  %o = linalg.matmul {{memwall.schedule = #memwall.schedule<group = "g">}}
      ins(%e, %v : tensor<{n}x{t}xf32>, tensor<{t}x{d}xf32>) outs(%o0 : tensor<{n}x{d}xf32>) -> tensor<{n}x{d}xf32>
  %y = linalg.generic {{indexing_maps = [#xt, #row, #xt], iterator_types = ["parallel", "parallel"]}}
      ins(%o, %l : tensor<{n}x{d}xf32>, tensor<{n}xf32>) outs(%eo : tensor<{n}x{d}xf32>)
      attrs = {{memwall.schedule = #memwall.schedule<bands = [<"l3", sizes = [2, 0], order = [0]>], group = "g">}} {{
  ^bb0(%a: f32, %b: f32, %c: f32):
    %r = arith.divf %a, %b : f32
    linalg.yield %r : f32
  }} -> tensor<{n}x{d}xf32>
  return %y : tensor<{n}x{d}xf32>
}}
}}
"""

# What is computed of %a and %b, and by what a stream may differ: by the order of
# its sums, and where exponents are rounded to the narrow type, by these roundings.
EXPONENTS = {
    "wide": (
        [
            "%u = arith.extf %a : {ty} to f32",
            "%w = arith.extf %b : {ty} to f32",
            "%s = arith.constant 30.3 : f32",
            "%d = arith.subf %u, %w : f32",
            "%z = arith.mulf %d, %s : f32",
        ],
        2e-5,
    ),
    "both": (
        [
            "%u = arith.extf %a : {ty} to f32",
            "%w = arith.extf %b : {ty} to f32",
            "%s = arith.constant 30.3 : f32",
            "%p = arith.mulf %u, %s : f32",
            "%q = arith.mulf %w, %s : f32",
            "%z = arith.subf %p, %q : f32",
        ],
        2e-5,
    ),
    "narrow": (
        [
            "%d = arith.subf %a, %b : {ty}",
            "%s = arith.constant 30.25 : {ty}",
            "%p = arith.mulf %d, %s : {ty}",
            "%z = arith.extf %p : {ty} to f32",
        ],
        0.03,
    ),
}
TYPES = {"bf16": "0xFF80", "f16": "0xFC00", "f32": "0xFF800000"}


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    count = wrong = 0
    for ty, inf in TYPES.items():
        for name, (lines, most) in EXPONENTS.items():
            body = "\n".join("    " + line.format(ty=ty) for line in lines)
            if ty == "f32":  # Nothing is cast.
                body = re.sub(r"    (%\w+) = arith.extf (%\w+) : f32 to f32\n?", "", body)
                body = body.replace("%u", "%a").replace("%w", "%b")
                body = body.replace("%p = arith.mulf %d", "%z = arith.mulf %d")
            path, applied = work / f"{ty}.{name}.mlir", work / f"{ty}.{name}.applied.mlir"
            sizes = {"n": ROWS, "t": COLUMNS, "d": DEPTH, "tile": TILE}
            path.write_text(MAPS + MACHINE + PROGRAM.format(ty=ty, inf=inf, exponent=body, **sizes))
            done = run("memwall-opt", str(path), "--memwall-apply-schedule", "-o", str(applied))
            if done.returncode != 0:
                sys.exit(f"{path}: {done.stderr}")
            done = run("memwall-run", str(path), "--entry=f", f"--compare={applied}", "--time=0")
            found = re.search(r"largest relative error: (\S+)", done.stdout)
            count += 1
            if not found or not float(found.group(1)) < most:
                print(f"{path}: {done.stdout}{done.stderr}")
                wrong += 1
    print(f"{count} types, {wrong} wrong")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
