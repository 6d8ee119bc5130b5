"""Where the control loop of a robot fits."""

import os

import machines
import plots
from machines import MACHINES
from phases import command, table

# Tokens of one action: OpenVLA, arXiv 2406.09246 (7); RT-2, arXiv 2307.15818
# (8: the first says whether to go on).
ACTION_TOKENS = {"openvla-7b": 7, "rt2-palm-e-12b": 8}
# A scale for a whole row: 4304 inputs of a vision tower are no whole groups.
KINDS = {"bf16": "", "i8": " --weights=i8 --group-size=0",
         "i4": " --weights=i4 --group-size=0"}
PROMPT = 280
LOOPS = {"50 Hz": 0.02, "10 Hz": 0.1}
# pi0, arXiv 2410.24164: a chunk of 50 actions is made in ten steps.
CHUNK_STEPS = 10


def flags(model, more):
    """The image and the instruction, then one token at a time."""
    last = PROMPT + ACTION_TOKENS[model] - 1
    return (machines.prefill(model, more),
            machines.decode(model, 1, last, more))


class Action:
    """Seconds of one action: no machine is faster with bf16 activations."""

    def __init__(self, lab, model, kind, target):
        look, step = (lab.get(f, list(MACHINES))
                      for f in flags(model, KINDS[kind]))
        self.first = look.floor_seconds(target)
        self.all = self.first + \
            (ACTION_TOKENS[model] - 1) * step.floor_seconds(target)
        self.fits = look.devices(target) == 1


class Chunk:
    """Seconds of the actions that pi0 makes together, at the floor."""

    def __init__(self, lab, kind, target):
        look, step = (lab.get(f, list(MACHINES))
                      for f in chunk_flags(KINDS[kind]))
        self.first = look.floor_seconds(target)
        self.all = self.first + CHUNK_STEPS * step.floor_seconds(target)
        self.fits = max(f.devices(target) for f in (look, step)) == 1


def chunk_flags(more):
    """The images and the words, then one step of all actions."""
    prompt = 816
    return (machines.prefill("pi0", more),
            machines.decode("pi0", 1, prompt + 51, more))


def chunk_table(lab):
    """Milliseconds of a chunk; how many there are in a second."""
    targets = list(MACHINES)
    lab.prepare([(f, targets) for more in KINDS.values()
                 for f in chunk_flags(more)])
    chunks = {(kind, target): Chunk(lab, kind, target)
              for kind in KINDS for target in targets}
    rows = [[MACHINES[t]] + [cell(chunks[kind, t]) for kind in KINDS]
            for t in targets]
    return ("pi0, a chunk of 50 actions: images and words / with the ten "
            "steps of the action expert:\n\n" +
            table(["ms at the floor", *KINDS], rows)), chunks


def milliseconds(seconds):
    """Three digits, or all before the point."""
    value = 1e3 * seconds
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def cell(action):
    """Milliseconds in one pass and token by token; in brackets: too large."""
    text = f"{milliseconds(action.first)} / {milliseconds(action.all)}"
    return text if action.fits else f"({text})"


def robot_tables(lab, folder):
    targets = list(MACHINES)
    lab.prepare([(f, targets) for m in ACTION_TOKENS for k in KINDS.values()
                 for f in flags(m, k)])
    parts, actions = [], {}
    for model in ACTION_TOKENS:
        rows = []
        for target in targets:
            row = [MACHINES[target]]
            for kind in KINDS:
                action = Action(lab, model, kind, target)
                actions[model, kind, target] = action
                row.append(cell(action))
            rows.append(row)
        parts.append(f"{model}, {ACTION_TOKENS[model]} tokens per action:\n\n" +
                     table(["ms at the floor", *KINDS], rows))
    first, step = flags("openvla-7b", KINDS["i4"])
    draw(actions, folder)
    part, chunks = chunk_table(lab)
    parts.append(command(lab, chunk_flags("")[1], targets) + "\n" + part)
    return (command(lab, first, targets) + command(lab, step, targets) + "\n" +
            "\n".join(parts)), actions, chunks


def draw(actions, folder):
    """OpenVLA on every machine."""
    targets = list(MACHINES)
    plot = plots.Dots("OpenVLA-7B: milliseconds per action, at least",
                      "ms (open: does not fit in memory)", (3, 10000),
                      list(MACHINES.values()), list(KINDS))
    for row, target in enumerate(targets):
        for index, kind in enumerate(KINDS):
            action = actions["openvla-7b", kind, target]
            plot.dot(row, index, 1e3 * action.all, action.fits)
    for name, seconds in LOOPS.items():
        plot.mark(1e3 * seconds, name)
    plot.write(os.path.join(folder, "study-robots.svg"))
