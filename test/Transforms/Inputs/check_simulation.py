"""Optimizes generated programs for a small machine and simulates them before
and after: the bytes at DRAM change as predicted, and the outputs are equal.

usage: check_simulation.py <cases> <work folder>
Cases in which nothing is tiled do not count. Seeds are fixed. memwall-opt and
memwall-run are on PATH."""

import json
import pathlib
import random
import subprocess
import sys

LIMIT = 0.05

MACHINE = """
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 8>,
      "l2" = #dlti.map<"capacity_bytes" = 32768, "associativity" = 16>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
"""


def maps(texts):
    return "[" + ", ".join(f"affine_map<{t}>" for t in texts) + "]"


def function(inputs, result, zero, body):
    """@f of `inputs` (types), with %init a filled tensor of type `result`."""
    element = result.split("x")[-1].rstrip(">")
    arguments = ", ".join(f"%{i}: {t}" for i, t in enumerate(inputs))
    return f"""{MACHINE}
func.func @f({arguments}) -> {result} {{
  %zero = arith.constant {zero} : {element}
  %empty = tensor.empty() : {result}
  %init = linalg.fill ins(%zero : {element}) outs(%empty : {result}) -> {result}
  {body}
  return %r : {result}
}}
}}
"""


def tensor(sizes, element):
    return "tensor<" + "x".join(map(str, sizes)) + f"x{element}>"


def matmul(r, element, accumulator, zero):
    m, n, k = (r.choice([40, 64, 96, 101, 128]) for _ in range(3))
    a, b, c = tensor([m, k], element), tensor([k, n], element), tensor([m, n], accumulator)
    return function([a, b], c, zero, f"%r = linalg.matmul ins(%0, %1 : {a}, {b}) outs(%init : {c}) -> {c}")


def contraction(r):
    """A . B transposed, A transposed . B, or both transposed."""
    m, n, k = (r.choice([64, 90, 96, 127]) for _ in range(3))
    x, y = r.choice([("i, k", "j, k"), ("k, i", "k, j"), ("k, i", "j, k")])
    sizes = {"i": m, "j": n, "k": k}
    a, b = (tensor([sizes[d] for d in s.split(", ")], "f32") for s in (x, y))
    c = tensor([m, n], "f32")
    indexing = maps([f"(i, j, k) -> ({s})" for s in (x, y, "i, j")])
    return function([a, b], c, "0.0", f"""%r = linalg.generic {{indexing_maps = {indexing},
      iterator_types = ["parallel", "parallel", "reduction"]}} ins(%0, %1 : {a}, {b}) outs(%init : {c}) {{
    ^bb0(%p: f32, %q: f32, %s: f32):
      %t = arith.mulf %p, %q : f32
      %u = arith.addf %s, %t : f32
      linalg.yield %u : f32
  }} -> {c}""")


def batch(r):
    b, m, n, k = r.choice([2, 3]), *(r.choice([64, 80, 97]) for _ in range(3))
    x, y, z = (tensor(s, "f32") for s in ([b, m, k], [b, k, n], [b, m, n]))
    return function([x, y], z, "0.0", f"%r = linalg.batch_matmul ins(%0, %1 : {x}, {y}) outs(%init : {z}) -> {z}")


def transpose(r):
    m, n = (r.choice([250, 256, 300, 384]) for _ in range(2))
    x, z = tensor([n, m], "f32"), tensor([m, n], "f32")
    return function([x], z, "0.0", f"%r = linalg.transpose ins(%0 : {x}) outs(%empty : {z}) permutation = [1, 0]")


def convolution(r):
    h, w = (r.choice([14, 20, 24]) for _ in range(2))
    c, f = (r.choice([16, 24, 32]) for _ in range(2))
    x, y, z = (tensor(s, "f32") for s in ([1, h + 2, w + 2, c], [3, 3, c, f], [1, h, w, f]))
    return function([x, y], z, "0.0", f"%r = linalg.conv_2d_nhwc_hwcf ins(%0, %1 : {x}, {y}) outs(%init : {z}) -> {z}")


def column_sum(r):
    m, n = (r.choice([200, 256, 320]) for _ in range(2))
    x, z = tensor([m, n], "f32"), tensor([n], "f32")
    return function([x], z, "0.0", f"""%r = linalg.generic {{indexing_maps = {maps(["(j, i) -> (i, j)", "(j, i) -> (j)"])},
      iterator_types = ["parallel", "reduction"]}} ins(%0 : {x}) outs(%init : {z}) {{
    ^bb0(%p: f32, %s: f32):
      %u = arith.addf %s, %p : f32
      linalg.yield %u : f32
  }} -> {z}""")


KINDS = [
    lambda r: matmul(r, "f32", "f32", "0.0"),
    contraction,
    lambda r: matmul(r, "i8", "i32", "0"),
    batch,
    transpose,
    convolution,
    lambda r: matmul(r, "f64", "f64", "0.0"),
    column_sum,
]


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{what}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def measure(path, what, *flags):
    """(predicted, measured) bytes at DRAM."""
    text = run(["memwall-run", path, "--entry=f", "--simulate=small", "--format=json", *flags], what)
    level = json.loads(text)["levels"][-1]
    return sum(level["predicted"].values()), sum(level["measured"].values())


def main():
    wanted, work = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    worst, counted, number = 0.0, 0, 0
    while counted < wanted:
        before, after = str(work / f"{number}.before.mlir"), str(work / f"{number}.after.mlir")
        text = KINDS[number % len(KINDS)](random.Random(number))
        pathlib.Path(before).write_text(text)
        run(["memwall-opt", before, "--memwall-optimize=target=small", "-o", after], text)
        number += 1
        if number > 3 * wanted:
            sys.exit(f"only {counted} of {number} programs were tiled")
        if "memwall.tiled" not in pathlib.Path(after).read_text():
            continue
        counted += 1
        run(["memwall-run", before, "--entry=f", f"--compare={after}", "--time=0"], text)
        (predicted, measured), (predicted_now, measured_now) = measure(before, text), measure(after, text)
        error = abs((measured_now / measured) / (predicted_now / predicted) - 1)
        worst = max(worst, error)
        if error > LIMIT:
            sys.exit(
                f"case {number - 1}: measured {measured} to {measured_now} bytes, predicted "
                f"{predicted} to {predicted_now}\n{text}"
            )
    print(f"{counted} programs, worst error {100 * worst:.2f}%")


main()
