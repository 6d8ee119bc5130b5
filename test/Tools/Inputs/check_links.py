"""Bytes between devices, and times with them, against derivations by hand.

usage: check_links.py DEVICES_PY BIN
"""

import itertools
import subprocess
import sys


def run(script, folder, flags):
    """Rows of the table: {(cut, devices): columns}."""
    told = subprocess.run(
        [sys.executable, script, f"--bin={folder}", *flags.split()],
        check=True, capture_output=True, text=True).stdout
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in told.splitlines()[2:]]
    return {(r[0], int(r[1])): r for r in rows}


def tensor(layers, hidden, words, tokens, n):
    """Two ring all-reduces a layer in bf16; this part of the logits, in f32, to
    each of the others."""
    ring = 2 * (n - 1) / n * tokens * hidden * 2
    return layers * 2 * ring + (n - 1) * tokens * words / n * 4


def expert(layers, hidden, experts, chosen, tokens, n):
    """Every choice of experts in turn: how many other devices one token goes
    to. There and back in bf16."""
    own = experts // n
    choices = list(itertools.combinations(range(experts), chosen))
    others = sum(len({e // own for e in choice} - {0}) for choice in choices)
    return 2 * tokens / n * others / len(choices) * hidden * 2 * layers


def context(layers, heads, size, tokens, n):
    """An all-reduce of outputs, largest scores and sums, in f32."""
    return layers * 2 * (n - 1) / n * tokens * heads * (size + 2) * 4


CASES = [
    ("--model=llama3-70b --target=h100-sxm --batch=16 --context=8192", {
        ("tensor", 4): tensor(80, 8192, 128256, 16, 4),
        ("context", 4): context(80, 64, 128, 16, 4)}),
    ("--model=mixtral-8x7b --target=h100-sxm --batch=64 --context=2048", {
        ("tensor", 2): tensor(32, 4096, 32000, 64, 2),
        ("expert", 2): expert(32, 4096, 8, 2, 64, 2),
        ("expert", 4): expert(32, 4096, 8, 2, 64, 4)}),
    ("--model=gpt-oss-20b --target=b200 --batch=8 --context=4096 --most=4", {
        ("expert", 4): expert(24, 2880, 32, 4, 8, 4),
        # Half of the layers attend to 128 tokens, which every device has.
        ("context", 2): context(12, 64, 64, 8, 2)}),
    # 34 layers, every sixth attends to all.
    ("--model=gemma3-4b --target=h100-sxm --context=8192 --most=2", {
        ("tensor", 2): tensor(34, 2560, 262208, 1, 2),
        ("context", 2): context(5, 8, 256, 1, 2)}),
    # Latent attention: values of 128 numbers.
    ("--model=deepseek-v3 --target=h200-sxm --batch=4 --context=4096 --most=2", {
        ("tensor", 2): tensor(61, 7168, 129280, 4, 2),
        ("context", 2): context(61, 128, 128, 4, 2)}),
]


def is_near(found, expected):
    """Three digits are printed."""
    return abs(found / expected - 1) < 0.006


def main():
    script, folder = sys.argv[1:]
    for flags, expected in CASES:
        rows = run(script, folder, flags)
        for case, sent in expected.items():
            _, _, _, device, told, link, overlap, serial, _ = rows[case]
            device, link, overlap, serial = map(
                float, (device, link, overlap, serial))
            if not is_near(float(told) * 1e6, sent):
                print(f"WRONG: {flags} {case}: {told} MB, by hand {sent / 1e6}")
            if not (is_near(overlap, max(device, link)) and
                    is_near(serial, device + link)):
                print(f"WRONG: {flags} {case}: times {rows[case]}")
        print(f"checked: {flags.split()[0]} {len(expected)}")


if __name__ == "__main__":
    main()
