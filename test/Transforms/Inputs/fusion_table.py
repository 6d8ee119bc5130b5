"""Prints the table of docs/Fusion.md: GB at DRAM of generated layers as they
stand, op by op (fuse=false), with groups, and the least that has to move.

usage: fusion_table.py <scratch folder> [--check]
`--check`: only the first row, and no program may move more with groups. memwall-gen
and memwall-opt are on PATH."""

import json
import os
import pathlib
import subprocess
import sys

LAYERS = [
    ("gpt2, 1024 tokens", ["--model=gpt2", "--phase=prefill", "--seq=1024"]),
    ("bert-large, 512 tokens", ["--model=bert-large", "--seq=512"]),
    ("llama2-7b, prefill of 2048", ["--model=llama2-7b", "--phase=prefill", "--seq=2048"]),
    ("llama3-8b, prefill of 2048", ["--model=llama3-8b", "--phase=prefill", "--seq=2048"]),
    ("llama3-8b, decode, 8 of 8192", ["--model=llama3-8b", "--phase=decode", "--batch=8", "--context=8192"]),
]
TARGETS = ["ddr5-2ch", "h100-sxm"]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def count(path, target, scratch):
    """(scheduled, floor) in GB."""
    run(["memwall-opt", path, f"--memwall-report=format=json targets={target} output={scratch}", "-o", os.devnull])
    function = json.loads(pathlib.Path(scratch).read_text())["functions"][0]
    moved = function["targets"][0]["levels"][-1]["scheduled"]
    return sum(moved.values()) / 1e9, sum(function["floor"].values()) / 1e9


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    isCheck = "--check" in sys.argv
    scratch = str(work / "report.json")
    print("| layer | " + " | ".join(f"{t}: as it stands | op by op | groups | least" for t in TARGETS) + " |")
    print("|---|" + "--:|" * (4 * len(TARGETS)))
    for name, options in LAYERS[:1] if isCheck else LAYERS:
        plain = str(work / "plain.mlir")
        pathlib.Path(plain).write_text(run(["memwall-gen", *options]))
        cells = []
        for target in TARGETS:
            now, least = count(plain, target, scratch)
            moved = [now]
            for fuse in ["false", "true"]:
                tiled = str(work / f"{fuse}.mlir")
                run(["memwall-opt", plain, f"--memwall-optimize=target={target} fuse={fuse}", "-o", tiled])
                moved.append(count(tiled, target, scratch)[0])
            if moved[2] > 1.01 * moved[1]:
                sys.exit(f"{name}: groups move {moved[2]} GB on {target}, without them {moved[1]}")
            cells += [f"{gb:.4g}" for gb in moved + [least]]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


main()
