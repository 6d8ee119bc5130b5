"""Bits per weight of every format, from the arguments of a generated layer, of a
mixture of experts, of an embedding and of a head.

usage: check_formats.py    (memwall-gen on PATH)
"""

import collections
import math
import re
import subprocess

ARGUMENT = re.compile(
    r'tensor<([0-9x]+)x(\w+)> \{memwall\.name = "([^"]*)", '
    r'memwall\.role = "weight"')
BITS = {"f32": 32, "bf16": 16, "f16": 16, "f8E4M3FN": 8, "f8E8M0FNU": 8,
        "f4E2M1FN": 4, "i8": 8, "i6": 6, "i5": 5, "i4": 4}
# 16 bits of scale per 128 inputs are 0.125; the others are sums of what a block
# has: q4_k 144 bytes per 256 weights, q5_k 176, q6_k 210.
FORMATS = {"bf16": 16, "f8": 8, "i4": 4.125, "f4": 4.125, "nvfp4": 4.5,
           "mxfp4": 4.25, "q4_0": 4.5, "q5_0": 5.5, "q5_1": 6, "q8_0": 8.5,
           "q4_k": 144 * 8 / 256, "q5_k": 176 * 8 / 256,
           "q6_k": 210 * 8 / 256}
FLAGS = ("--hidden=256 --heads=4 --ffn=512 --experts=2 --top-k=1 "
         "--expert-ffn=256 --vocabulary=64 --layers=all")


# Bits per weight of published files of q4_k_m, and the error that is allowed.
MIXTURES = {
    # Llama-3.1-8B: tools/quantize/README.md of ggml-org/llama.cpp.
    "llama3-8b": (4.8944, 1e-3),
    # Qwen3 Next 80B A3B Instruct: 'file type = Q4_K - Medium', 'file size =
    # 45.08 GiB (4.86 BPW)', 'type q6_K: 55 tensors':
    # https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1266
    "qwen3-next-80b-a3b": (4.86, 1e-2),
}
# Inputs that are no whole blocks of 256 are stored in 32s, and in the type of the
# activations where these do not fit: tensor_type_fallback of llama.cpp's
# src/llama-quant.cpp ('case GGML_TYPE_Q4_K: return_type = GGML_TYPE_Q5_0', 'case
# GGML_TYPE_Q5_K: return_type = GGML_TYPE_Q5_1', 'case GGML_TYPE_Q6_K: return_type =
# GGML_TYPE_Q8_0'). block_q5_1 has two f16, 32 bits and 16 bytes: 24 bytes per 32.
# Of gpt2-xl only the down projection has whole ones: 6400 inputs, not 1600.
FALLBACKS = {
    ("gpt2-xl", "q4_k"): {"o_proj": 5.5, "up_proj": 5.5, "down_proj": 4.5},
    ("gpt2-xl", "q5_k"): {"o_proj": 6, "up_proj": 6, "down_proj": 5.5},
    ("gpt2-xl", "q6_k"): {"o_proj": 8.5, "up_proj": 8.5, "down_proj": 6.5625},
    ("gpt-oss-20b", "q4_k"): {"q_proj": 5.5, "o_proj": 4.5,
                              "experts.down_proj": 5.5},
    ("siglip-so400m-896", "q4_0"): {"o_proj": 4.5, "up_proj": 4.5,
                                    "down_proj": 16},
}
# A file of Qwen2.5-0.5B in q4_k_m, 'n_embd = 896': 'type q5_0: 132 tensors', 'type
# q8_0: 13 tensors', 'type q4_K: 12 tensors', 'type q6_K: 12 tensors':
# https://github.com/ollama/ollama/issues/9031
QWEN_05B = ("--hidden=896 --heads=14 --kv-heads=2 --ffn=4864 --num-layers=24 "
            "--vocabulary=151936 --qkv-bias --tied-embeddings --phase=decode "
            "--context=64 --layers=all --weights=q4_k_m")
TENSORS_OF_QWEN = {5.5: 132, 8.5: 13, 4.5: 12, 6.5625: 12}
FLAGS_OF_MIXTURES = ("--phase=decode --context=64 --layers=all "
                     "--weights=q4_k_m --model=")


def uses_more_bits(index, count):
    """use_more_bits of llama.cpp's src/llama-quant.cpp."""
    return (index < count // 8 or index >= 7 * count // 8
            or (index - count // 8) % 3 == 2)


def list_fine(model):
    """Matrices with the bits of q6_k, by hand."""
    layers = {"llama3-8b": 32, "qwen3-next-80b-a3b": 48}[model]
    down = [i for i in range(layers) if uses_more_bits(i, layers)]
    if model == "llama3-8b":
        return {f"layers.{i}.{name}" for i in down
                for name in ("v_proj", "down_proj")} | {"lm_head"}
    # Every fourth layer attends: only they have values, and are counted.
    attend = [i for i in range(layers) if i % 4 == 3]
    values = [i for n, i in enumerate(attend) if uses_more_bits(n, len(attend))]
    return ({f"layers.{i}.{name}" for i in down
             for name in ("experts.down_proj", "shared_down_proj")}
            | {f"layers.{i}.v_proj" for i in values} | {"lm_head"})


def count_stored(flags):
    """Of each matrix of a model: its weights, and its bits."""
    ir = subprocess.run(["memwall-gen", *flags.split()], check=True,
                        capture_output=True, text=True).stdout
    entry = next(line for line in ir.splitlines() if "func.func @model(" in line)
    weights, bits = {}, {}
    for shape, kind, name in ARGUMENT.findall(entry.split(") -> ")[0]):
        base, _, part = name.rpartition(".")
        if part == "bias":
            continue
        elements = math.prod(map(int, shape.split("x")))
        bits[base] = bits.get(base, 0) + elements * BITS[kind]
        if part == "weight":
            weights[base] = elements
    # Norms and vectors are in the type of the activations.
    return {base: (weights[base], bits[base]) for base in weights
            if not base.endswith("norm")}


def count_bits(kind):
    """Bits per weight of each matrix that is stored in the format."""
    flags = (f"{FLAGS} --weights={kind} --expert-weights={kind} "
             f"--embedding={kind} --head={kind}")
    return {base: bits / weights
            for base, (weights, bits) in count_stored(flags).items()}


def check_mixture(model):
    """Which matrices have more bits, and how many bits a weight has in all."""
    stored = count_stored(FLAGS_OF_MIXTURES + model)
    fine = {base for base, (weights, bits) in stored.items()
            if bits / weights == 6.5625}
    mean = (sum(bits for _, bits in stored.values())
            / sum(weights for weights, _ in stored.values()))
    published, limit = MIXTURES[model]
    is_right = fine == list_fine(model) and abs(mean / published - 1) < limit
    print(f"ok: q4_k_m of {model} {mean:.2f}" if is_right else
          f"WRONG: q4_k_m of {model} {mean} {sorted(fine ^ list_fine(model))}")


def check_published_types():
    """How many matrices of a small model have which format."""
    found = collections.Counter(
        bits / weights for weights, bits in count_stored(QWEN_05B).values())
    print("ok: q4_k_m of Qwen2.5-0.5B" if found == TENSORS_OF_QWEN else
          f"WRONG: q4_k_m of Qwen2.5-0.5B {found}")


def check_fallback(model, kind):
    phase = "" if "siglip" in model else "--phase=decode --context=64 "
    stored = count_stored(f"{phase}--layers=all --model={model} "
                          f"--weights={kind}")
    for name, expected in FALLBACKS[model, kind].items():
        found = {bits / weights for base, (weights, bits) in stored.items()
                 if base.endswith(f".{name}")}
        verdict = "ok" if found == {expected} else f"WRONG {found}"
        print(f"{verdict}: {kind} of {model} {name} {expected:g}")


def main():
    for kind, expected in FORMATS.items():
        found = count_bits(kind)
        verdict = "ok" if set(found.values()) == {expected} else f"WRONG {found}"
        print(f"{verdict}: {kind} {expected:g}")
    for model in MIXTURES:
        check_mixture(model)
    for case in FALLBACKS:
        check_fallback(*case)
    check_published_types()


if __name__ == "__main__":
    main()
