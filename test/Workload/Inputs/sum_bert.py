"""GFLOP of 12 layers, and FLOP per compulsory byte, of groups of steps of a
BERT-Base layer, from the JSON report of its steps on standard input.

Products of two activations count 2K - 1 FLOP per dot product in the table they
are compared with: one less per element of the result (1 byte each).
"""

import json
import sys

GROUPS = {
    "projections": ["q_proj", "k_proj", "v_proj", "o_proj"],
    "activations": ["scores", "context"],
    "feed_forward": ["up_proj", "down_proj"],
}

functions = {f["name"]: f for f in json.load(sys.stdin)["functions"]}
for group, steps in GROUPS.items():
    flops = moved = 0
    for step in steps:
        for op in functions[step]["ops"]:
            if op["kind"] != "contraction":
                continue
            flops += op["flops"]
            if group == "activations":
                flops -= op["compulsory"]["written"]
            moved += sum(op["compulsory"].values())
    print(f"{group} {12 * flops / 1e9:.2f} {flops / moved:.2f}")
