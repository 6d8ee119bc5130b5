"""Bits per weight of every format, from the arguments of a generated layer, of a
mixture of experts, of an embedding and of a head.

usage: check_formats.py    (memwall-gen on PATH)
"""

import math
import re
import subprocess

ARGUMENT = re.compile(
    r'tensor<([0-9x]+)x(\w+)> \{memwall\.name = "([^"]*)", '
    r'memwall\.role = "weight"')
BITS = {"f32": 32, "bf16": 16, "f16": 16, "f8E4M3FN": 8, "f8E8M0FNU": 8,
        "f4E2M1FN": 4, "i8": 8, "i6": 6, "i4": 4}
# 16 bits of scale per 128 inputs are 0.125; the others are sums of what a block
# has: q4_k 144 bytes per 256 weights, q6_k 210 bytes per 256.
FORMATS = {"bf16": 16, "f8": 8, "i4": 4.125, "f4": 4.125, "nvfp4": 4.5,
           "mxfp4": 4.25, "q4_0": 4.5, "q8_0": 8.5, "q4_k": 144 * 8 / 256,
           "q6_k": 210 * 8 / 256}
FLAGS = ("--hidden=256 --heads=4 --ffn=512 --experts=2 --top-k=1 "
         "--expert-ffn=256 --vocabulary=64 --layers=all")


def count_bits(kind):
    """Bits per weight of each matrix that is stored in the format."""
    flags = (f"{FLAGS} --weights={kind} --expert-weights={kind} "
             f"--embedding={kind} --head={kind}")
    ir = subprocess.run(["memwall-gen", *flags.split()], check=True,
                        capture_output=True, text=True).stdout
    entry = next(line for line in ir.splitlines() if "func.func @model(" in line)
    weights, bits = {}, {}
    for shape, kind, name in ARGUMENT.findall(entry.split(") -> ")[0]):
        base, _, part = name.rpartition(".")
        elements = math.prod(map(int, shape.split("x")))
        bits[base] = bits.get(base, 0) + elements * BITS[kind]
        if part == "weight":
            weights[base] = elements
    # Norms are in the type of the activations.
    return {base: bits[base] / weights[base] for base in bits
            if not base.endswith("norm")}


def main():
    for kind, expected in FORMATS.items():
        found = count_bits(kind)
        verdict = "ok" if set(found.values()) == {expected} else f"WRONG {found}"
        print(f"{verdict}: {kind} {expected:g}")


if __name__ == "__main__":
    main()
