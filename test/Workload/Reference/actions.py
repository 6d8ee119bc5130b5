"""An action expert (pi0, arXiv 2410.24164): a prompt of two images and some words
that sees all of itself, then a decode step of the robot's state and its actions,
which find the prompt in the caches.

usage: actions.py [--style=STYLE]
"""

import math
import sys

from program import distance, narrow
from reference import Model, Weights, linear, multiply, norm, silu, split
from forward import fill_caches, report, set_tables
from models import embed, prepare
from vision import LANGUAGE, TOWER, project

WIDTH, ACTIONS, HORIZON, VIEWS, SIZE = 16, 5, 3, 2, 6
PROMPT = VIEWS * 4 + 3
FLAGS = (f"--model=pi0 {TOWER} {LANGUAGE} --kv-heads=2 --projector=24 "
         f"--views={VIEWS} --action-hidden={WIDTH} --action-ffn=12 "
         f"--action-dim={ACTIONS} --action-horizon={HORIZON}")


class ActionLayers(Model):
    """Layers whose rows come after those of a prompt, given by its keys and
    values."""

    def __init__(self, prompt, **model):
        super().__init__(**model)
        self.prompt = prompt

    def sees(self, query, key):
        """The first row is the state's: the actions are hidden from it."""
        return query > 0 or key <= PROMPT

    def attention(self, weights, rows, bias=None):
        q, k, v = ([split(row, SIZE) for row in
                    linear(weights, f"{name}_proj", rows)] for name in "qkv")
        q, k = ([[self.turn(head, PROMPT + t) for head in row]
                 for t, row in enumerate(x)] for x in (q, k))
        q = [[[x / math.sqrt(SIZE) for x in head] for head in row] for row in q]
        mixed = self.mix(q, self.prompt["k_cache"] + k,
                         self.prompt["v_cache"] + v)
        return multiply(mixed, weights.matrix("o_proj")), {}


def run_prompt(top, pixels, words):
    """Rows after the last norm, and what each layer leaves in its caches."""
    size = len(pixels) // VIEWS
    rows = []
    for view in range(VIEWS):
        rows += project(top, [("siglip", "gelu-tanh", 0)],
                        pixels[view * size:(view + 1) * size])
    rows += [[x * math.sqrt(24) for x in row] for row in embed(top, words)]
    model = Model(heads=4, activation="geglu", causal=False)
    caches = []
    for layer in range(2):
        rows, made = model.layer(top.under(f"layers.{layer}."), rows)
        caches.append(made)
    return norm(top, "final_norm", rows), caches


def run_actions(top, state, noisy, time, caches):
    """The direction of every action."""
    rows = linear(top, "action_in_proj", noisy)
    rows = linear(top, "action_time_mlp_in", [row + time for row in rows])
    rows = linear(top, "action_time_mlp_out",
                  [[silu(x) for x in row] for row in rows])
    rows = linear(top, "state_proj", [state]) + rows
    for layer, prompt in enumerate(caches):
        model = ActionLayers(prompt, heads=4, activation="geglu")
        rows, _ = model.layer(top.under(f"action_layers.{layer}."), rows)
    return linear(top, "action_out_proj", norm(top, "action_final_norm",
                                               rows[1:]))


def cut(data, parts):
    size = len(data) // parts
    return [data[i * size:(i + 1) * size] for i in range(parts)]


def check(style):
    """Two sequences, each with images, a state and actions of its own."""
    base = f"{FLAGS} --batch=2 --style={style}"
    # 1. The prompts.
    program, values, _ = prepare(f"{base} --seq={PROMPT}", "prompt")
    set_tables(program, values, range(PROMPT))
    top = Weights(program, values)
    prompts = [run_prompt(top, pixels, words) for pixels, words in
               zip(cut(values["image"], 2), cut(values["tokens"], 2))]
    outputs = program.run(values)
    error = distance(outputs["hidden"].data,
                     [x for rows, _ in prompts for row in rows for x in row])
    for layer in range(2):
        for name in ("k_cache", "v_cache"):
            expected = [x for _, caches in prompts
                        for head in zip(*caches[layer][name])
                        for row in head for x in row]
            error = max(error, distance(
                outputs[f"layers.{layer}.{name}"].data, expected))
    report(f"action expert prefill {style}", error)

    # 2. A step; the caches have room for it.
    context = PROMPT + 1 + HORIZON
    step, given, _ = prepare(f"{base} --phase=decode --context={context}",
                             "step")
    set_tables(step, given, range(PROMPT, context))
    for sequence, (_, caches) in enumerate(prompts):
        named = {f"layers.{layer}.{name}": [[[narrow(x) for x in head]
                                             for head in row] for row in rows]
                 for layer, made in enumerate(caches)
                 for name, rows in made.items()}
        fill_caches(step, given, named, sequence, PROMPT)
    top = Weights(step, given)
    expected = []
    for sequence, (_, caches) in enumerate(prompts):
        noisy = cut(cut(given["noisy_actions"], 2)[sequence], HORIZON)
        rows = run_actions(top, cut(given["state"], 2)[sequence], noisy,
                           given["time_embedding"], caches)
        expected += [x for row in rows for x in row]
    report(f"action expert decode {style}",
           distance(step.run(given)["velocity"].data, expected))


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    for argument in arguments:
        styles = argument.removeprefix("--style=").split(",")
    for style in styles:
        check(style)


if __name__ == "__main__":
    main(sys.argv[1:])
