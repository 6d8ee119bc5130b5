"""HBM against DDR with the same arithmetic in front of it."""

import os

import machines
from lab import Lab
from phases import command, short, table

FILE = "tools/study-lib/equal-compute.mlir"
MEMORIES = {"with-hbm3e": "HBM3E 8000", "with-hbm3": "HBM3 3350",
            "with-mrdimm": "MRDIMM 845", "with-ddr5": "DDR5 576",
            "with-ddr5-2ch": "DDR5 90"}
# Machines that exist with two memories.
TWINS = [("h100-sxm", "h200-sxm"), ("xeon-6980p-ddr5", "xeon-6980p")]

WORK = {
    "decode, batch 1": machines.decode("llama3-8b"),
    "decode, batch 16": machines.decode("llama3-8b", 16),
    "decode, batch 256": machines.decode("llama3-8b", 256),
    "decode, batch 16, 32k": machines.decode("llama3-8b", 16, 32768),
    "verify 4 tokens": machines.verify("llama3-8b"),
    "verify 16 tokens": machines.verify("llama3-8b", 16),
    "prefill 128": "--model=llama3-8b --seq=128 --layers=all",
    "prefill 2048": machines.prefill("llama3-8b"),
    "train 8 x 1024": machines.train("llama3-8b"),
}


def _label(flags):
    """A row's WORK in the command."""
    return "`" + flags.replace("--model=llama3-8b ", "").replace(
        " --layers=all", "") + "`"


def _cells(f, target):
    mark = " c" if f.is_compute_bound_at_floor(target) else ""
    return short(f.tokens / f.floor_seconds(target)) + mark


def one_processor(lab):
    """One processor in front of five memories."""
    own = Lab(lab.bin, FILE, lab.accuracy)
    targets = list(MEMORIES)
    own.prepare([(flags, targets) for flags in WORK.values()])
    rows, slower = [], {}
    for name, flags in WORK.items():
        f = own.get(flags, targets)
        slower[name] = (f.floor_seconds("with-ddr5") /
                        f.floor_seconds("with-hbm3"))
        rows.append([_label(flags)] + [_cells(f, t) for t in targets] +
                    [f"{slower[name]:.2f}"])
    head = ["WORK", *MEMORIES.values(), "HBM3 / DDR5 576"]
    text = (command(own, "--model=llama3-8b WORK --layers=all", targets) +
            "\n" + table(head, rows))
    return text, slower


def twins(lab):
    """Real machines that differ in their memory only."""
    targets = [t for pair in TWINS for t in pair]
    lab.prepare([(flags, targets) for flags in WORK.values()])
    rows = []
    for flags in WORK.values():
        f = lab.get(flags, targets)
        row = [_label(flags)] + [_cells(f, t) for t in targets]
        row += [f"{f.floor_seconds(a) / f.floor_seconds(b):.2f}"
                for a, b in TWINS]
        rows.append(row)
    head = ["WORK", "H100 (HBM3)", "H200 (HBM3E)", "6980P (DDR5)",
            "6980P (MRDIMM)", "H200 / H100", "MRDIMM / DDR5"]
    return command(lab, "--model=llama3-8b WORK --layers=all", targets) + \
        "\n" + table(head, rows)
