"""Compares what memwall-gen makes of Llama-2-7B with a table of that layer that
others published: phase,op,flops,weight_bytes,act_read_bytes,write_bytes,...

Rows are steps of the generated layer, a function each; the LAYER floor is that
of the layer. What is converted, and why:
 - RMSNorm: 4 FLOP per element there; here 3 more per row (divide, add, rsqrt).
 - RoPE: the table leaves out the sines and cosines, 2 * 64 numbers per token,
   which queries and keys share.
 - Scaling of the queries (1 FLOP per element), the causal mask and the copies
   into the cache are steps that the table does not have.
 - Decode floor: the table counts 2048 cached rows and the new one; here the
   context of 2048 includes the new one, so K and V have one row less to read:
   2 * 4096 numbers of 2 bytes, 16384 bytes.

usage: check_llama2.py TABLE    (memwall-gen and memwall-opt on PATH)
"""

import csv
import json
import subprocess
import sys

HALF = 2  # Bytes of an f16.
HIDDEN = 4096
ROWS = {
    "rmsnorm_attn": "attn_norm",
    "q_proj": "q_proj",
    "k_proj": "k_proj",
    "v_proj": "v_proj",
    "rope(q,k)": "rope",
    "qk^T": "scores",
    "softmax": "softmax",
    "pv": "context",
    "o_proj": "o_proj",
    "add_attn": "attn_residual",
    "rmsnorm_mlp": "ffn_norm",
    "gate_proj": "gate_proj",
    "up_proj": "up_proj",
    "silu*mul": "activation",
    "down_proj": "down_proj",
    "add_mlp": "ffn_residual",
}
PHASES = {
    "decode b1 ctx2048": (["--phase=decode", "--context=2048"], 1),
    "prefill b1 s2048": (["--phase=prefill", "--seq=2048"], 2048),
}


def report(*flags):
    ir = subprocess.run(
        ["memwall-gen", "--model=llama2-7b", "--types=f16", *flags],
        check=True, stdout=subprocess.PIPE).stdout
    text = subprocess.run(
        ["memwall-opt", "--memwall-report=targets=h100-sxm accuracy=fast format=json"],
        check=True, input=ir, stdout=subprocess.PIPE).stdout
    return {f["name"]: [f["flops"], *f["floor"].values()]
            for f in json.loads(text)["functions"]}


def convert(op, row, tokens):
    flops, read, written = row
    if op.startswith("rmsnorm"):
        flops -= 3 * tokens
    if op.startswith("rope"):
        read -= 2 * 64 * tokens * HALF
    return [flops, read, written]


def fuse(rows):
    """Attention as one op: its intermediates, scores and weights, do not move."""
    parts = [rows[part] for part in ("qk^T", "softmax", "pv")]
    read = parts[0][1] + parts[2][1] - rows["softmax"][2]
    return [sum(part[0] for part in parts), read, parts[2][2]]


def layer(op, rows, floor, tokens):
    """[FLOPs, bytes] of a row of the whole layer."""
    single = [rows[name] for name in ROWS]
    flops = sum(row[0] for row in single)
    if op == "LAYER floor":
        tables = 2 * 64 * tokens * HALF
        new_row = 2 * HIDDEN * HALF if tokens == 1 else 0
        return [flops, sum(floor[1:]) - tables + new_row]
    moved = sum(row[1] + row[2] for row in single)
    if op == "LAYER attn fused":
        parts = [rows[part] for part in ("qk^T", "softmax", "pv")]
        moved += sum(fuse(rows)[1:]) - sum(r[1] + r[2] for r in parts)
    return [flops, moved]


def main(table):
    agreeing, known = 0, {}
    for row in csv.DictReader(open(table)):
        phase, op = row["phase"], row["op"]
        flags, tokens = PHASES[phase]
        if phase not in known:
            steps = report(*flags, "--steps")
            known[phase] = ({name: convert(name, steps[step], tokens)
                             for name, step in ROWS.items()},
                            report(*flags)["decoder_layer"])
        rows, floor = known[phase]
        if op.startswith("LAYER"):
            found = layer(op, rows, floor, tokens)
            expected = [int(row["flops"]), int(row["total_bytes"])]
        else:
            found = fuse(rows) if op.startswith("fused") else rows[op]
            expected = [
                int(row["flops"]),
                int(row["weight_bytes"]) + int(row["act_read_bytes"]),
                int(row["write_bytes"]),
            ]
        if found == expected:
            agreeing += 1
        else:
            print(f"differs: {phase}, {op}: {found}, the table has {expected}")
    print(agreeing, "rows agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
