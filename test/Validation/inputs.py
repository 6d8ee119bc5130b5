"""Real models: predicted bytes against simulated ones, at every level.

  inputs.py --binary=memwall-run --folder=../shared/inputs [name[=function] ...]
  inputs.py ... --report=docs              # the table, into docs/Validation.md

Fails when reads or writes are more than 3% off, unless KNOWN says why. Models
that make more than --max-accesses are listed, and not run.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys

from progress import Progress, work_off
from sections import REAL as TITLE, write_part

LIMIT = 0.03
TARGETS = ["ddr5-2ch", "h100-sxm", "epyc-9654", "grace"]
# These take minutes: two targets, however many accesses.
LARGE = {"gpt2_full_torch": 4e9, "mlp3_bf16_1024": 4e9}
LARGE_TARGETS = TARGETS[:2]
# Explanations of what is further off: (model, target) -> why.
KNOWN = {}
# The function to run, where nothing else says it.
INPUTS = {
    "attn_tosa_buddy": "kernel",
    "bert_2layer_torch": "forward",
    "deepseek_r1_decode_tosa": "subgraph0_decode",
    "deepseek_r1_prefill_tosa": "subgraph0",
    "embedding_buddy": "kernel",
    "ffn_swiglu_buddy": "kernel",
    "ffn_swiglu_noT_buddy": "kernel",
    "gemm3_fp32_1024": "forward",
    "gpt2_full_torch": "forward",
    "gqa_tosa_buddy": "kernel",
    "llama2_postattn_named_bf16": "entry",
    "llama7b_full_linalg": "forward",
    "llama7b_full_mixed": "forward",
    "llama_attn_half_fk": "subgraph2",
    "llama_layer_fk": "subgraph0",
    "llama_layer_noembed_fk": "subgraph1",
    "lm_head_buddy": "kernel",
    "mhsa_core_buddy": "kernel",
    "mlp3_bf16_1024": "forward",
    "moe_silu_top2": "prefill_grok_async",
    "norm_tosa_buddy": "kernel",
    "rope_buddy": "kernel",
    "sd_vae_tosa": "subgraph0",
    "tanh_bwd": "main",
}


SECTION = """Programs of people: `tools/validate` runs every model of `../shared/inputs` that
makes at most {most} accesses on four targets, and two larger ones on two. Bytes
are those of the outermost level, errors the largest of all levels, relative to
what the simulator measures there. Shared memory is an LRU cache for both sides
(Model.md, "Simulation"). It fails where reads or writes of a level are more than
{limit} off and no reason is known.
"""


class Run:
    """One model on one target."""

    def __init__(self, model, target):
        self.name, _, self.entry = model.partition("=")
        self.entry = self.entry or INPUTS[self.name]
        self.target = target
        self.levels = []   # As memwall-run prints them, the innermost first.
        self.accesses = 0
        self.refused = ""  # Why it was not run.
        self.failure = ""

    def execute(self, arguments):
        most = LARGE.get(self.name, arguments.max_accesses)
        command = [arguments.binary,
                   os.path.join(arguments.folder, f"{self.name}.mlir"),
                   f"--entry={self.entry}", f"--simulate={self.target}",
                   f"--max-accesses={most}", "--format=json"]
        run = subprocess.run(command, text=True, capture_output=True)
        if run.returncode != 0:
            found = re.search(r"makes (about \S+ accesses)|"
                              r"(the arguments take \S+ bytes)", run.stderr)
            if found:
                self.refused = found.group(1) or found.group(2)
            else:
                self.failure = (f"{' '.join(command)} ended with "
                                f"{run.returncode}\n{run.stderr[-2000:]}")
            return
        # A program may print, too: the report is the last object.
        text = run.stdout[run.stdout.rindex('{\n  "schema"'):]
        report = json.JSONDecoder().raw_decode(text)[0]
        self.levels = report["levels"]
        self.accesses = report["accesses"]

    def rows(self):
        """[(level, [(direction, predicted, measured, error)])]"""
        return [(level["name"],
                 [(d, level["predicted"][d], level["measured"][d],
                   error(level["predicted"][d], level["measured"][d]))
                  for d in ("read", "written")])
                for level in self.levels]

    def problems(self):
        """What must not be, a line each."""
        if self.failure:
            return [self.failure]
        return [f"{self.name} on {self.target}: {level}, {direction}: predicted "
                f"{p}, measured {m}"
                for level, cells in self.rows() for direction, p, m, e in cells
                if e > LIMIT and (self.name, self.target) not in KNOWN]


def error(predicted, measured):
    if predicted == measured:
        return 0.0
    return abs(predicted - measured) / measured if measured else math.inf


def choose_runs(arguments):
    targets = arguments.targets.split(",")
    return [Run(name, target) for name in arguments.names for target in targets
            if name not in LARGE or target in LARGE_TARGETS]


def execute_all(runs, arguments):
    """In parallel, the long ones first."""
    def work(run):
        run.execute(arguments)
        return 1

    work_off(sorted(runs, key=lambda run: run.name not in LARGE), arguments.jobs,
             Progress(len(runs), "runs"), work)


def format_worst(run, direction):
    """The largest error of all levels, and where it is."""
    found = [(e, level) for level, cells in run.rows()
             for d, _, _, e in cells if d == direction]
    worst, level = max(found, key=lambda entry: entry[0])
    return f"{100 * worst:.2f}% ({level})" if worst else "0"


def format_table(runs):
    """A row for each run: bytes of the outermost level, and the largest errors of
    all levels."""
    lines = ["| model | target | accesses | read: predicted | measured "
             "| written: predicted | measured | worst of reads | of writes |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for run in runs:
        if not run.levels:
            continue
        _, cells = run.rows()[-1]
        figures = " | ".join(f"{p} | {m}" for _, p, m, _ in cells)
        lines.append(f"| {run.name} | {run.target} | {run.accesses} | {figures} "
                     f"| {format_worst(run, 'read')} "
                     f"| {format_worst(run, 'written')} |")
    return lines


def format_section(runs, arguments):
    """The section of docs/Validation.md; a command may leave runs out."""
    lines = [TITLE, "", SECTION.format(limit=f"{100 * LIMIT:.0f}%",
                                       most=arguments.max_accesses)]
    lines += format_table(runs) + [""]
    for run in runs:
        for level, cells in run.rows():
            if any(e > LIMIT for *_, e in cells):
                lines.append(f"- {run.name} on {run.target}, {level}: "
                             f"{KNOWN.get((run.name, run.target), 'unexplained')}.")
    refused = {run.name: run.refused for run in runs if run.refused}
    for name, accesses in refused.items():
        lines.append(f"- {name}: not run, {accesses}.")
    return lines


def write_section(folder, runs, arguments):
    write_part(os.path.join(folder, "Validation.md"), TITLE,
               "\n".join(format_section(runs, arguments)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="memwall-run")
    parser.add_argument("--folder", required=True, help="where the models are")
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--max-accesses", default="1e9")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--report", help="write the table into Validation.md here")
    parser.add_argument("names", nargs="*", default=list(INPUTS))
    arguments = parser.parse_args()
    runs = choose_runs(arguments)
    execute_all(runs, arguments)
    if arguments.report:
        write_section(arguments.report, runs, arguments)
    else:
        print("\n".join(format_table(runs)))
    problems = [problem for run in runs for problem in run.problems()]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
