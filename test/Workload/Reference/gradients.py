"""Gradients of training steps against differences of the reference's loss, and
the AdamW update against its formula.

A gradient g of a weight w is right if loss(w + e d) - loss(w - e d), over 2 e,
is the inner product of g and d, for a random direction d of w.

usage: gradients.py [--style=STYLE] CASE...   (all without)
"""

import math
import random
import sys

from program import Program, distance, draw, narrow
from reference import Model, Weights, angles, linear, multiply, norm

SMALL = ("--phase=train --hidden=16 --heads=4 --ffn=12 --types=f32 "
         "--vocabulary=13 --position-rows=16 --seq=5 --batch=2 --num-layers=2")
TOKENS, BATCH, LAYERS = 5, 2, 2
STEP, LIMIT = 1e-5, 2e-4

CASES = {
    "llama": ("--kv-heads=2", dict(kv_heads=2)),
    "gpt2": ("--norm=layer --biases --activation=gelu-tanh "
             "--positions=learned --tied-embeddings",
             dict(rotary=False, activation="gelu-tanh")),
    "window": ("--window=3 --activation=gelu --qkv-bias",
               dict(window=3, activation="gelu")),
    "parallel": ("--norm-placement=parallel --activation=relu --kv-heads=1",
                 dict(placement="parallel", activation="relu", kv_heads=1)),
    "bert": ("--family=encoder --norm=layer --norm-placement=post --biases "
             "--activation=gelu --positions=learned",
             dict(rotary=False, placement="post", activation="gelu",
                  causal=False)),
}


def compute_loss(program, values, model):
    """Mean cross entropy of the targets; of an encoder, <result, gradient>."""
    top = Weights(program, values)
    table = top.matrix("embedding")
    rows = []
    for sequence in range(BATCH):
        tokens = values["tokens"][sequence * TOKENS:(sequence + 1) * TOKENS]
        x = [list(table[t]) for t in tokens]
        if top.find("position_embedding.weight"):
            places = top.matrix("position_embedding")
            x = [[a + b for a, b in zip(row, places[t])]
                 for t, row in enumerate(x)]
        for layer in range(LAYERS):
            x, _ = model.layer(top.under(f"layers.{layer}."), x)
        rows += x
    if top.find("final_norm.weight"):
        rows = norm(top, "final_norm", rows)
    if "targets" not in values:
        flat = [x for row in rows for x in row]
        return math.fsum(a * b for a, b in
                         zip(flat, values["hidden.gradient"]))
    head = table if not top.find("lm_head.weight") else top.matrix("lm_head")
    loss = 0.0
    for row, target in zip(multiply(rows, head), values["targets"]):
        peak = max(row)
        total = math.fsum(math.exp(x - peak) for x in row)
        loss += peak + math.log(total) - row[target]
    return loss / len(rows)


def prepare(flags, name):
    program = Program(flags)
    values = draw(program, name)
    source = random.Random(name + "tokens")
    for port in program.arguments:
        if port.role == "index":
            values[port.name] = [source.randrange(13)
                                 for _ in range(port.elements)]
    cosines = program.argument("rope_cos")
    if cosines:
        turns = [a for t in range(TOKENS)
                 for a in angles(t, 2 * cosines.shape[-1])]
        values["rope_cos"] = [narrow(math.cos(a)) for a in turns]
        values["rope_sin"] = [narrow(math.sin(a)) for a in turns]
    return program, values


def length(vector):
    return math.sqrt(math.fsum(x * x for x in vector))


def check_gradient(program, values, model, weight, gradient, least):
    """How far the inner product is from the difference, over the gradient's
    size; over `least` where that is 0: softmax does not see biases of keys."""
    source = random.Random(weight)
    worst = 0.0
    for _ in range(2):
        direction = [source.gauss(0, 1) for _ in gradient]
        sides = []
        for sign in (1, -1):
            moved = dict(values)
            moved[weight] = [w + sign * STEP * d for w, d in
                             zip(values[weight], direction)]
            sides.append(compute_loss(program, moved, model))
        slope = (sides[0] - sides[1]) / (2 * STEP)
        product = math.fsum(g * d for g, d in zip(gradient, direction))
        size = max(length(gradient), least)
        worst = max(worst, abs(slope - product) / size)
    return worst


def check_update(name, flags, gradients):
    """One AdamW step from the gradients that the other program returns."""
    program, values = prepare(flags, name)
    values["correction1"], values["correction2"] = [2.5], [4.0]
    outputs = program.run(values)
    rate, first, second, decay = 1e-4, 0.9, 0.95, 0.1
    one, two = (values[f"correction{i}"][0] for i in (1, 2))
    worst = 0.0
    for weight, gradient in gradients.items():
        states = [values[weight + suffix] for suffix in
                  (".first_moment", ".second_moment", "")]
        moved = [[], [], []]
        for g, m, v, w in zip(gradient, *states):
            m = first * m + (1 - first) * g
            v = second * v + (1 - second) * g * g
            step = m * one / (math.sqrt(v * two) + 1e-8) + decay * w
            for out, value in zip(moved, (m, v, w - rate * step)):
                out.append(value)
        for suffix, expected, old in zip(
                (".first_moment", ".second_moment", ""), moved, states):
            found = outputs[weight + suffix].data
            # The step, not the state, is what must be right.
            worst = max(worst, distance(
                [a - b for a, b in zip(found, old)],
                [a - b for a, b in zip(expected, old)]))
    return worst


def report(what, error, limit):
    print(f"{'ok' if error <= limit else 'WRONG'}: {what} {error:.1e}")


def check(name, style):
    more, given = CASES[name]
    flags = f"{SMALL} {more} --layers=all --style={style}"
    program, values = prepare(flags + " --gradients", name)
    model = Model(heads=4, **given)
    outputs = program.run(values)
    if "loss" in outputs:
        loss = compute_loss(program, values, model)
        report(f"{name} {style} loss", abs(outputs["loss"].data[0] - loss),
               1e-5 * abs(loss))
    gradients = {p.name.removesuffix(".gradient"): outputs[p.name].data
                 for p in program.results if p.role == "gradient"}
    least = 1e-2 * max(map(length, gradients.values()))
    for weight, gradient in gradients.items():
        report(f"{name} {style} {weight}",
               check_gradient(program, values, model, weight, gradient, least),
               LIMIT)
    missing = [p.name for p in program.arguments
               if p.role == "weight" and p.name not in gradients]
    if missing:
        print(f"WRONG: {name} {style} has no gradients of {missing}")
    report(f"{name} {style} update", check_update(name, flags, gradients),
           2e-2)


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    names = []
    for argument in arguments:
        if argument.startswith("--style="):
            styles = argument[8:].split(",")
        else:
            names.append(argument)
    for name in names or CASES:
        for style in styles:
            check(name, style)


if __name__ == "__main__":
    main(sys.argv[1:])
