"""Bytes of caches and states of one sequence, from the arguments of generated
decode steps, against published ones.

usage: check_caches.py CONFIGS    (memwall-gen on PATH)
"""

import math
import re
import subprocess
import sys

ARGUMENT = re.compile(r'tensor<([0-9x]+)x(\w+)> \{memwall\.name = "([^"]*)", '
                      r'memwall\.role = "kv"')
BITS = {"f32": 32, "bf16": 16, "f16": 16, "f8E4M3FN": 8, "i8": 8, "i4": 4}
KIB, MIB, GIB = 2 ** 10, 2 ** 20, 2 ** 30
MAX_ERROR = 0.01

LLAMA31 = ("https://github.com/huggingface/blog/issues/2345: 'Model Size | 1k "
           "tokens | 16k tokens | 128k tokens' 'KV cache size for FP16' ")
ACROSS = "https://ai-paper-delta.vercel.app/en/papers/hn_47558733: "
# Flags, tokens, what is counted of an argument's name, published bytes, source.
# Thousands of tokens are 1000 where the published table takes them so.
PUBLISHED = [
    ("--model=gpt2-xl", 1000, "", 1000 * 300 * KIB,
     ACROSS + "'GPT-2 (2019) [...] a KV Cache cost of 300KiB per token'"),
    ("--model=llama3-8b", 1000, "", 1000 * 128 * KIB,
     ACROSS + "'Llama 3 (2024) [...] the per-token cost dropped to 128KiB'"),
    ("--model=llama3-8b", 128000, "", 15.62 * GIB,
     LLAMA31 + "'8B | 0.125 GB | 1.95 GB | 15.62 GB'"),
    ("--model=llama3-70b", 128000, "", 39.06 * GIB,
     LLAMA31 + "'70B | 0.313 GB | 4.88 GB | 39.06 GB'"),
    # The table of Llama 3.1 has twice as much of 405B as its 8 KV heads take.
    ("--model=llama3-405b", 1000, "", 1000 * 516e3,
     "https://www.taojin168.com/cloud/forum.php?action=printable&mod=viewthread"
     "&tid=29712: 'MLA compression reduces KV cache size per token from 516 KB "
     "to 70 KB', Llama-3.1-405B and DeepSeek-V3"),
    ("--model=llama2-7b", 1000, "", 1000 * 512 * KIB,
     "https://github.com/rohitg00/ai-engineering-from-scratch/pull/57: "
     "'Standard Llama-2-style 7B has 32 heads [...] = 512 KB/token'"),
    ("--model=deepseek-v3", 1 << 20, "", 68.625 * GIB,
     "https://provide.ai/the-exact-kv-cache-usage-of-deepseek-v4/: '10.72GiB at "
     "160k context and 68.625GiB at hypothetical 1m context', 1024*1024 tokens"),
    ("--model=deepseek-v3", 160 << 10, "", 10.72 * GIB, "the same"),
    ("--model=gpt-oss-20b", 131072, "full", 3.0 * GIB,
     "https://github.com/gpustack/gguf-parser-go/issues/32: '12 full blocks, 12 "
     "with a 128-token window. At ctx 131072: [...] per llama.cpp's layout "
     "[...] 3.00 GiB full'"),
    # A layer with a state is as one of Qwen3-Next: 24 of 32 layers there.
    ("--model=qwen3-next-80b-a3b --types=f32 --num-layers=32", 64, "state",
     48.00 * MIB,
     "https://github.com/JamePeng/llama-cpp-python/issues/78: 'size = 50.25 MiB "
     "(1 cells, 32 layers, 1 seqs), R (f32): 2.25 MiB, S (f32): 48.00 MiB'"),
    ("--model=qwen3-next-80b-a3b --types=f32 --num-layers=32", 64, "conv_state",
     2.25 * MIB, "the same"),
    ("--config={configs}/mamba-codestral-7b.json --types=f32", 64, "",
     263.5 * MIB,
     "https://github.com/ggml-org/llama.cpp/pull/9126: 'Mamba-Codestral-7B-v0.1 "
     "takes 263.5 MiB (in F32) per sequence'"),
    ("--config={configs}/jamba-v0.1.json", 256 << 10, "_cache", 4 * GIB,
     "https://app.argminai.com/arxiv-dashboard/papers/2403.19887v2: 'cuts KV "
     "cache memory heavily (4GB at 256K tokens)'"),
]


def is_counted(part, name, shape, context):
    """Of the states, of their convolutions, or of layers that keep all rows."""
    base = name.rpartition(".")[2]
    if part == "state":
        return base == "state"
    if part == "full":
        return shape[2] == context
    return not part or base.endswith(part)


def count_bytes(flags, context, part):
    ir = subprocess.run(
        ["memwall-gen", *flags.split(), "--layers=all", "--phase=decode",
         f"--context={context}"], check=True, capture_output=True, text=True).stdout
    entry = next(line for line in ir.splitlines() if "func.func @model(" in line)
    bits = 0
    for sizes, kind, name in ARGUMENT.findall(entry.split(") -> ")[0]):
        shape = [int(size) for size in sizes.split("x")]
        if is_counted(part, name, shape, context):
            bits += math.prod(shape) * BITS[kind]
    return bits / 8


def main(configs):
    for flags, context, part, published, _ in PUBLISHED:
        found = count_bytes(flags.format(configs=configs), context, part)
        error = found / published - 1
        verdict = "ok" if abs(error) < MAX_ERROR else "WRONG"
        name = re.search(r"([^/=]+?)(\.json)?( |$)", flags).group(1)
        print(f"{verdict}: {name} {context} {part} {found / MIB:.2f} MiB "
              f"{100 * error:+.2f}%")


if __name__ == "__main__":
    main(sys.argv[1])
