"""Compares a report of llama2_7b_rows.mlir with a table of that layer that
others published: phase,op,flops,weight_bytes,act_read_bytes,write_bytes,...

The table counts every operand once, as compulsory bytes and floors do. What is
converted, and why:
 - RMSNorm: 4 FLOP per element there; here 3 more per row (divide, add, rsqrt).
 - RoPE: the table leaves out the bytes of the cosines and sines: two of 64
   numbers per token, for queries and for keys.
 - LAYER rows: sums of the rows above; the floor as well leaves out the tables.

usage: check_llama2.py IR TABLE    (memwall-opt on PATH)
"""

import csv
import json
import subprocess
import sys

HALF = 2  # Bytes of an f16.

# Of every row of the table: the function, and the op in it; None: the function.
ROWS = {
    "rmsnorm_attn": ("rmsnorm", None),
    "q_proj": ("projection", "contraction"),
    "k_proj": ("projection", "contraction"),
    "v_proj": ("projection", "contraction"),
    "rope(q,k)": ("rope", None),
    "qk^T": ("attention", 0),
    "softmax": ("attention", "softmax"),
    "pv": ("attention", 1),
    "o_proj": ("projection", "contraction"),
    "add_attn": ("add", "elementwise"),
    "rmsnorm_mlp": ("rmsnorm", None),
    "gate_proj": ("gate", "contraction"),
    "up_proj": ("gate", "contraction"),
    "silu*mul": ("silu_mul", "elementwise"),
    "down_proj": ("down", "contraction"),
    "add_mlp": ("add", "elementwise"),
    "fused_attention(lower bound)": ("attention", None),
}


def read_report(path, tokens):
    text = subprocess.run(
        ["memwall-opt", path, "--memwall-report="
         f"targets=h100-sxm dims={tokens} format=json"],
        check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    return {f["name"]: f for f in json.loads(text)["functions"]}


def find_row(functions, name, op):
    """[FLOPs, bytes read, bytes written]."""
    function = functions[name]
    if op is None:
        found, moved = function, function["floor"]
    elif isinstance(op, int):
        found = [o for o in function["ops"] if o["kind"] == "contraction"][op]
        moved = found["compulsory"]
    else:
        found = next(o for o in function["ops"] if o["kind"] == op)
        moved = found["compulsory"]
    return [found["flops"], moved["read"], moved["written"]]


def convert(op, row, tokens):
    """From our rules to the table's."""
    flops, read, written = row
    if op.startswith("rmsnorm"):
        flops -= 3 * tokens
    if op.startswith("rope"):  # Of queries and of keys.
        read -= 2 * 64 * tokens * HALF
        flops, read, written = 2 * flops, 2 * read, 2 * written
    return [flops, read, written]


def main(ir, table):
    agreeing, totals, counts = 0, {}, {}
    for row in csv.DictReader(open(table)):
        phase, op = row["phase"], row["op"]
        tokens = 1 if phase.startswith("decode") else 2048
        if phase not in counts:
            counts[phase], totals[phase] = read_report(ir, tokens), {}
        rows = totals[phase]
        if op in ROWS:
            rows[op] = convert(op, find_row(counts[phase], *ROWS[op]), tokens)
            found = [*rows[op], sum(rows[op][1:])]
            expected = [
                int(row["flops"]),
                int(row["weight_bytes"]) + int(row["act_read_bytes"]),
                int(row["write_bytes"]), int(row["total_bytes"]),
            ]
        else:
            single = [r for name, r in rows.items() if "fused" not in name]
            flops = sum(r[0] for r in single)
            moved = sum(r[1] + r[2] for r in single)
            if op == "LAYER attn fused":
                unit = rows["fused_attention(lower bound)"]
                parts = [rows[p] for p in ("qk^T", "softmax", "pv")]
                moved += sum(unit[1:]) - sum(r[1] + r[2] for r in parts)
            elif op != "LAYER unfused":
                continue  # The floor of another function: not in this file.
            found = [flops, moved]
            expected = [int(row["flops"]), int(row["total_bytes"])]
        if found == expected:
            agreeing += 1
        else:
            print(f"differs: {phase}, {op}: {found}, the table has {expected}")
    print(agreeing, "rows agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
