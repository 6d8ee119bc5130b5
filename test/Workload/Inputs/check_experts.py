"""What experts and scales cost, from memwall-opt's report of generated layers.

1. Every expert that is hit adds its three matrices to the bytes of floor,
   compulsory and scheduled alike.
2. Unless it is said, as many are hit as uniform routing gives.
3. One scale per output costs one FLOP per output, whatever the weights.
"""

import json
import re
import subprocess

HIDDEN, FFN, EXPERTS, TOP_K = 64, 96, 16, 2
LAYER = (f"--types=f32 --hidden={HIDDEN} --heads=4 --ffn={FFN} "
         "--phase=decode --context=8")
MIXTURE = (f"{LAYER} --experts={EXPERTS} --top-k={TOP_K} "
           f"--expert-ffn={FFN}")


def generate(flags):
    return subprocess.run(["memwall-gen", *flags.split()], check=True,
                          capture_output=True, text=True).stdout


def report(flags):
    told = subprocess.run(
        ["memwall-opt", "--memwall-report=targets=h100-sxm format=json"],
        input=generate(flags), check=True, capture_output=True, text=True)
    return json.loads(told.stdout)["functions"][0]


def weights(function):
    """Bytes of weights: floor, compulsory, scheduled."""
    model = function["model"]
    scheduled = function["targets"][0]["model"]["scheduled"]
    return [next(r["read"] for r in roles if r["role"] == "weights")
            for roles in (model["floor"], model["compulsory"], scheduled)]


def check(what, found, expected):
    verdict = "ok" if found == expected else "WRONG"
    print(f"{verdict}: {what}: {found}, expected {expected}")


def check_hits():
    least = weights(report(f"{MIXTURE} --batch=9 --experts-hit=2"))
    for hits in (3, 9, 16):
        found = weights(report(f"{MIXTURE} --batch=9 --experts-hit={hits}"))
        matrices = (hits - 2) * 3 * HIDDEN * FFN * 4
        check(f"{hits} experts", [f - l for f, l in zip(found, least)],
              3 * [matrices])


def check_default():
    for tokens in (1, 2, 9, 100):
        said = re.findall(r"distinct_rows = (\d+)",
                          generate(f"{MIXTURE} --batch={tokens}"))
        expected = EXPERTS * (1 - (1 - TOP_K / EXPERTS) ** tokens)
        check(f"{tokens} tokens", said, 3 * [str(round(expected))])


def check_scales():
    plain = report(f"{LAYER} --batch=3")["flops"]
    rows = report(f"{LAYER} --batch=3 --weights=i8 --group-size=0")["flops"]
    # q, k, v, o, down: HIDDEN outputs; gate, up: FFN.
    check("scales of rows", rows - plain, 3 * (5 * HIDDEN + 2 * FFN))
    groups = report(f"{LAYER} --batch=3 --weights=i8 --group-size=32")["flops"]
    check("scales of groups", groups - plain,
          3 * (4 * HIDDEN * HIDDEN + 3 * HIDDEN * FFN))


check_hits()
check_default()
check_scales()
