"""Gradients of training steps against differences of the reference's loss, and
the AdamW update against its formula.

Gradients g of arguments w are right if loss(w + e d) - loss(w - e d), over 2 e,
is the inner product of g and d, for a random direction d of all w together.

usage: gradients.py [--style=STYLE] CASE...   (all without)
"""

import copy
import math
import random
import re
import sys

from models import get_bias, project_rows
from program import Program, distance, draw, narrow
from reference import (Model, Weights, add, angles, linear, multiply,
                       norm, split)

WORDS = 13
SMALL = "--phase=train --types=f32"
# Of models of words.
WIDTHS = " --hidden=16 --heads=4 --ffn=12"
# Of models without a name.
CUSTOM = f" --vocabulary={WORDS} --num-layers=2 --seq=5"
STEP, LIMIT = 1e-7, 2e-4


class Case:
    """A model: its flags and the same for the reference."""

    def __init__(self, flags, layers="all", **model):
        named = "--model" in flags
        batch = "" if "--batch" in flags else " --batch=2"
        widths = "" if "vit" in flags else WIDTHS
        self.flags = (f"{SMALL}{widths}{batch}{'' if named else CUSTOM} {flags} "
                      f"--layers={layers}")
        self.model = {"heads": 4, **model}
        # The update is the same for all weights: one layer shows it.
        self.updates = layers == "1"


BERT = ("--family=encoder --norm=layer --norm-placement=post --biases "
        "--activation=gelu --positions=learned --position-rows=16")
TOWER_HEADS = 3
TOWER = (f"--tower-layers=2 --tower-hidden=12 --tower-heads={TOWER_HEADS} "
         "--tower-ffn=10 --image=4 --patch=2")
# Their activations; in the order in which a model has them.
TOWERS = {"vision": "gelu", "dinov2": "gelu", "siglip": "gelu-tanh",
          "vit_e": "gelu-tanh"}
VIT = f"--model=vit-b-16 {TOWER} --classes={WORDS}"
EXPERTS = "--experts=5 --top-k=2 --expert-ffn=6"
T5 = ("--model=t5-base --head-dim=4 --kv-heads=4 --num-layers=2 "
      f"--encoder-layers=2 --seq=4 --encoder-seq=5 --vocabulary={WORDS}")
LATENT = "--kv-latent=8 --rope-dim=4 --value-dim=5 --head-dim=6"
DECODER = f"--head-dim=4 --num-layers=1 --vocabulary={WORDS}"

CASES = {
    "llama": Case("--kv-heads=2", kv_heads=2),
    "gpt2": Case("--norm=layer --biases --activation=gelu-tanh "
                 "--positions=learned --position-rows=16 --tied-embeddings",
                 rotary=False, activation="gelu-tanh"),
    "window": Case("--window=3 --activation=gelu --qkv-bias", window=3,
                   activation="gelu"),
    "parallel": Case("--norm-placement=parallel --activation=relu "
                     "--kv-heads=1", placement="parallel", activation="relu",
                     kv_heads=1),
    "bert": Case(BERT, rotary=False, placement="post", activation="gelu",
                 causal=False),
    "layer": Case("--kv-heads=2", "1", kv_heads=2),
    "layers": Case("--kv-heads=2", "2", kv_heads=2),
    "vit": Case(VIT),
    "vit-features": Case(VIT + " --classes=0 --class-tokens=3"),
    "vit-layer": Case(VIT, "1", activation="gelu", rotary=False, causal=False,
                      heads=3),
    "experts": Case(EXPERTS + " --shared-experts=1", top_k=2),
    "experts-layer": Case(EXPERTS, "1", top_k=2),
    "experts-token": Case(EXPERTS.replace("top-k=2", "top-k=3") +
                          " --batch=1 --seq=1", "1", top_k=3),
    "t5": Case(T5, rotary=False, activation="relu", scaled=False),
    "t5-layer": Case(T5, "1", rotary=False, activation="relu", scaled=False),
    "cross-post": Case("--family=encoder-decoder --encoder-layers=1 "
                       "--encoder-seq=4 --norm=layer --norm-placement=post "
                       "--biases --activation=gelu --positions=learned "
                       "--position-rows=16 --kv-heads=2", rotary=False, activation="gelu",
                       placement="post", kv_heads=2),
    "latent": Case(LATENT + " --query-latent=10", latent=8, rope=4, value=5),
    "latent-layer": Case(LATENT, "1", latent=8, rope=4, value=5),
    "deepseek": Case(f"--model=deepseek-v3 --ffn=12 --kv-latent=8 --rope-dim=4 "
                     f"--value-dim=5 --head-dim=6 --query-latent=10 "
                     f"--kv-heads=4 --vocabulary={WORDS} --experts=5 --top-k=2 "
                     f"--expert-ffn=6 --num-layers=2 --dense-layers=1 --seq=3",
                     latent=8, rope=4, value=5, top_k=2),
    "openvla": Case(f"--model=openvla-7b {TOWER} --projector=20,18,16 "
                    f"{DECODER} --kv-heads=4 --seq=8 --action-tokens=3"),
    "palm-e": Case(f"--model=rt2-palm-e-12b {TOWER} --projector=16 {DECODER} "
                   "--kv-heads=1 --seq=6 --action-tokens=0 "
                   "--class-tokens=2", placement="parallel", kv_heads=1),
}


def take(top, name, index):
    """The part of one sequence."""
    data = top.values[name]
    size = len(data) // top.program.sequences
    return data[index * size:(index + 1) * size]


def run_layers(top, model, prefix, rows, bias=None, memory=None):
    """All layers under a prefix; without numbers, the only one."""
    if top.find("o_proj.weight"):
        return model.layer(top, rows, bias, memory)[0]
    names = [p.name.removeprefix(prefix).split(".")[0]
             for p in top.program.arguments if p.name.startswith(prefix)]
    for place in sorted({int(name) for name in names if name.isdigit()}):
        rows, _ = model.layer(top.under(f"{prefix}{place}."), rows, bias,
                              memory)
    return rows


def see(top, name, index):
    """What a tower makes of an image: class tokens, and the patches."""
    (hidden, channels, size, _), weight = top.find(
        name + ".patch_embedding.weight")
    bias = top.vector(name + ".patch_embedding.bias")
    image = take(top, "image", index)
    side = math.isqrt(len(image) // channels)
    patches = []
    for y in range(0, side, size):
        for x in range(0, side, size):
            pixels = [image[(c * side + y + i) * side + x + j]
                      for c in range(channels) for i in range(size)
                      for j in range(size)]
            patches += multiply([pixels], split(weight, len(pixels)), bias)
    first = split(top.vector(name + ".class_token") or [], hidden)
    rows = add(first + patches, top.matrix(name + ".position_embedding"))
    model = Model(heads=TOWER_HEADS, rotary=False, causal=False,
                  activation=TOWERS[name])
    rows = norm(top, name + ".final_norm",
                run_layers(top, model, name + ".", rows))
    return rows[:len(first)], rows[len(first):]


def project(top, index):
    """The image as tokens of the decoder."""
    towers = [name for name in TOWERS if
              top.find(name + ".patch_embedding.weight")]
    patches = [see(top, name, index)[1] for name in towers]
    return project_rows(top, [sum(parts, []) for parts in zip(*patches)])


def embed(top, prefix, index):
    name = "encoder_tokens" if prefix else "tokens"
    table = top.matrix("embedding")
    rows = [list(table[t]) for t in take(top, name, index)]
    if top.find(prefix + "position_embedding.weight"):
        rows = add(rows, top.matrix(prefix + "position_embedding"))
    if top.find("projector.0.weight"):
        rows = project(top, index) + rows
    return rows


def run_stack(top, model, prefix, index, memory=None):
    """All layers of a decoder or an encoder, and what is in front of them."""
    hidden = top.program.argument("encoder_hidden" if prefix else "hidden")
    if hidden:
        rows = split(take(top, hidden.name, index), hidden.shape[1])
    else:
        rows = embed(top, prefix, index)
    bias, table = None, top.find(prefix + "position_bias")
    if table:
        count = len(rows)
        bias = lambda h, t, s: table[1][(h * count + t) * count + s]
    elif top.find(prefix + "relative_bias.weight"):
        bias = get_bias(top, prefix, len(rows))
    return run_layers(top, model, prefix or "layers.", rows, bias, memory)


def run_sequence(top, model, index):
    """Logits, or the rows after the last layer."""
    if top.program.argument("image") and not top.program.argument("tokens"):
        first, patches = see(top, "vision", index)
        if top.find("classifier.weight"):
            return linear(top, "classifier", first[:1])
        return first + patches
    memory = None
    if any(p.name.startswith("encoder") for p in top.program.arguments):
        encoder = copy.copy(model)
        encoder.causal = False
        memory = run_stack(top, encoder, "encoder.", index)
        if top.find("encoder.final_norm.weight"):
            memory = norm(top, "encoder.final_norm", memory)
    rows = run_stack(top, model, "", index, memory)
    if top.find("final_norm.weight"):
        rows = norm(top, "final_norm", rows)
    if not top.program.argument("targets"):
        return rows
    head = "lm_head" if top.find("lm_head.weight") else "embedding"
    learned = len(take(top, "targets", index))
    return multiply(rows[-learned:], top.matrix(head))


def compute_loss(program, values, model):
    """Mean cross entropy of the targets, or <result, gradient>."""
    top = Weights(program, values)
    rows = [row for index in range(program.sequences)
            for row in run_sequence(top, model, index)]
    if "targets" not in values:
        flat = [x for row in rows for x in row]
        return math.fsum(a * b for a, b in
                         zip(flat, values["hidden.gradient"]))
    loss = 0.0
    for row, target in zip(rows, values["targets"]):
        peak = max(row)
        total = math.fsum(math.exp(x - peak) for x in row)
        loss += peak + math.log(total) - row[target]
    return loss / len(rows)


def prepare(flags, name):
    program = Program(flags)
    program.sequences = int(re.search(r"memwall.sequences = (\d+)",
                                      program.text).group(1))
    values = draw(program, name)
    source = random.Random(name + "tokens")
    for port in program.arguments:
        if port.role == "index":
            # Few buckets, so that they come back.
            limit = 4 if "buckets" in port.name else WORDS
            values[port.name] = [source.randrange(limit)
                                 for _ in range(port.elements)]
    cosines = program.argument("rope_cos")
    if cosines:
        tokens, columns = cosines.shape
        turns = [a for t in range(tokens) for a in angles(t, 2 * columns)]
        values["rope_cos"] = [narrow(math.cos(a)) for a in turns]
        values["rope_sin"] = [narrow(math.sin(a)) for a in turns]
    return program, values


def length(vector):
    return math.sqrt(math.fsum(x * x for x in vector))


def check_gradients(program, values, model, gradients):
    """The largest error of the slope along random directions of all these
    arguments, over the size of the largest gradient. Arguments with smaller
    gradients go as much further, up to 100 times: softmax does not see biases of
    keys, whose gradient is 0."""
    source = random.Random("direction")
    sizes = {name: length(gradient) for name, gradient in gradients.items()}
    largest = max(sizes.values()) or 1.0
    direction = {name: [source.gauss(0, 1) / max(sizes[name] / largest, 0.01)
                        for _ in gradient]
                 for name, gradient in gradients.items()}
    sides = []
    for step in (STEP, -STEP):
        moved = dict(values)
        for name, along in direction.items():
            moved[name] = [w + step * d for w, d in zip(values[name], along)]
        sides.append(compute_loss(program, moved, model))
    slope = (sides[0] - sides[1]) / (2 * STEP)
    product = math.fsum(g * d for name, gradient in gradients.items()
                        for g, d in zip(gradient, direction[name]))
    return abs(slope - product) / largest


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
    case = CASES[name]
    flags = f"{case.flags} --style={style}"
    program, values = prepare(flags + " --gradients", name)
    model = Model(**case.model)
    outputs = program.run(values)
    if "loss" in outputs:
        loss = compute_loss(program, values, model)
        report(f"{name} {style} loss", abs(outputs["loss"].data[0] - loss),
               1e-5 * abs(loss))
    gradients = {p.name.removesuffix(".gradient"): outputs[p.name].data
                 for p in program.results if p.name.endswith(".gradient")}
    error = check_gradients(program, values, model, gradients)
    report(f"{name} {style} {len(gradients)} gradients", error, LIMIT)
    if error > LIMIT:
        for argument, gradient in gradients.items():
            report(f"{name} {style} {argument}", check_gradients(
                program, values, model, {argument: gradient}), LIMIT)
    weights = {p.name for p in program.arguments if p.role == "weight"}
    for missing in weights - set(gradients):
        print(f"WRONG: {name} {style} has no gradient of {missing}")
    updated = {p.name for p in Program(flags).results}
    for missing in weights - updated:
        print(f"WRONG: {name} {style} does not update {missing}")
    if case.updates:
        error = check_update(name, flags, {w: gradients[w] for w in weights})
        report(f"{name} {style} update of {len(weights)}", error, 2e-2)


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    names = []
    for argument in arguments:
        if argument.startswith("--style="):
            styles = argument[8:].split(",")
        else:
            names.append(argument)
    cases = names or list(CASES)
    for name in cases:
        for style in styles:
            check(name, style)
    print(len(cases), "programs", *styles)


if __name__ == "__main__":
    main(sys.argv[1:])
