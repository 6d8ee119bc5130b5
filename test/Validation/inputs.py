"""Real models: predicted bytes against simulated ones, at the last two levels.

  inputs.py --binary=memwall-run --folder=../shared/inputs [name ...]
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time

LIMIT = 0.10
TARGET = "ddr5-2ch"
# Name, and the function to run where nothing else says it.
INPUTS = {
    "attn_tosa_buddy": "kernel",
    "bert_2layer_torch": "forward",
    "gqa_tosa_buddy": "kernel",
    "ffn_swiglu_buddy": "kernel",
    "mlp3_bf16_1024": "forward",
    "gpt2_full_torch": "forward",
}


def run_input(binary, folder, name):
    """The last two levels of a run, as memwall-run prints them."""
    command = [binary, os.path.join(folder, f"{name}.mlir"),
               f"--entry={INPUTS[name]}", f"--simulate={TARGET}",
               "--format=json"]
    run = subprocess.run(command, text=True, stdout=subprocess.PIPE)
    if run.returncode != 0:
        sys.exit(f"error: {' '.join(command)} ended with {run.returncode}")
    # A program may print, too: the report is the last object.
    text = run.stdout[run.stdout.rindex('{\n  "schema"'):]
    return json.JSONDecoder().raw_decode(text)[0]["levels"][-2:]


def compare(level):
    """[(direction, predicted, measured, error)] of a level; the last is both."""
    rows = []
    for keys in ["read"], ["written"], ["read", "written"]:
        p = sum(level["predicted"][key] for key in keys)
        m = sum(level["measured"][key] for key in keys)
        error = 0.0 if p == m else abs(p - m) / m if m else math.inf
        rows.append((" and ".join(keys), p, m, error))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="memwall-run")
    parser.add_argument("--folder", required=True, help="where the models are")
    parser.add_argument("names", nargs="*", default=list(INPUTS))
    arguments = parser.parse_args()
    print("| model | level | direction | predicted | measured | error |")
    print("|---|---|---|--:|--:|--:|")
    exceeded = False
    for name in arguments.names:
        started = time.time()
        for level in run_input(arguments.binary, arguments.folder, name):
            for direction, p, m, error in compare(level):
                print(f"| {name} | {level['name']} | {direction} | {p} | {m} | "
                      f"{100 * error:.2f}% |", flush=True)
            exceeded |= error > LIMIT  # Of all bytes of the level.
        if sys.stderr.isatty():
            print(f"{name}: {time.time() - started:.0f} s", file=sys.stderr)
    if exceeded:
        print(f"error: an error above {100 * LIMIT:.0f}%", file=sys.stderr)
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
