"""Operations (1e9, 12 layers) and operations per compulsory byte of the groups
of bert_base.mlir, from its JSON report on standard input.

Products of two activations count 2K - 1 operations per dot product in the
table they are compared with: one less per element of the result (1 byte each).
"""

import json
import sys

for function in json.load(sys.stdin)["functions"]:
    operations = moved = 0
    for op in function["ops"]:
        operations += op["int_ops"]
        if function["name"] == "activations":
            operations -= op["compulsory"]["written"]
        moved += sum(op["compulsory"].values())
    total = 12 * operations / 1e9
    print(f"{function['name']} {total:.2f} {operations / moved:.2f}")
