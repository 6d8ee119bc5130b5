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


# Of Llama-3.1-8B: tools/quantize/README.md of ggml-org/llama.cpp.
MIXTURE_FLAGS = "--model=llama3-8b --phase=decode --context=64 --layers=all --weights=q4_k_m"
MIXTURE_BITS = 4.8944


def count_stored(flags):
    """Of each matrix of a model: its weights, and its bits."""
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
    return {base: (weights[base], bits[base]) for base in bits
            if not base.endswith("norm")}


def count_bits(kind):
    """Bits per weight of each matrix that is stored in the format."""
    flags = (f"{FLAGS} --weights={kind} --expert-weights={kind} "
             f"--embedding={kind} --head={kind}")
    return {base: bits / weights
            for base, (weights, bits) in count_stored(flags).items()}


def check_mixture():
    """Which matrices have more bits, and how many bits a weight has in all."""
    stored = count_stored(MIXTURE_FLAGS)
    more = {base for base, (weights, bits) in stored.items() if bits / weights > 5}
    # use_more_bits(i, 32) of llama.cpp, by hand.
    layers = [*range(0, 4), 6, 9, 12, 15, 18, 21, 24, 27, *range(28, 32)]
    expected = {f"layers.{i}.{name}" for i in layers for name in ("v_proj", "down_proj")}
    mean = sum(bits for _, bits in stored.values()) / sum(weights for weights, _ in stored.values())
    is_right = more == expected | {"lm_head"} and abs(mean / MIXTURE_BITS - 1) < 1e-3
    print(f"ok: q4_k_m {mean:.2f}" if is_right else f"WRONG: q4_k_m {mean} {sorted(more ^ expected)}")


def main():
    for kind, expected in FORMATS.items():
        found = count_bits(kind)
        verdict = "ok" if set(found.values()) == {expected} else f"WRONG {found}"
        print(f"{verdict}: {kind} {expected:g}")
    check_mixture()


if __name__ == "__main__":
    main()
