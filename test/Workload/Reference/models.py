"""Whole models with positions of their own kind against the reference: T5's
biases by distance, learned positions, tied heads, sequences of different
contexts.

usage: models.py [--style=STYLE]
"""

import math
import random
import sys

from program import Program, distance, draw, narrow
from reference import Model, Weights, activate, angles, linear, multiply, norm
from forward import SMALL, fill_caches, report

SMALL += " --types=f32"
WORDS, CONTEXT, ENCODED = 11, 9, 6


def prepare(flags, seed):
    program = Program(flags)
    values = draw(program, seed)
    source = random.Random(seed + "tokens")
    for port in program.arguments:
        if port.role == "index":
            limit = 32 if "buckets" in port.name else WORDS
            values[port.name] = [source.randrange(limit)
                                 for _ in range(port.elements)]
    return program, values, source


def embed(top, tokens, table="embedding"):
    rows = top.matrix(table)
    return [list(rows[t]) for t in tokens]


def project_rows(top, rows):
    """Rows of all towers, side by side, through the projector."""
    index = 0
    while top.find(f"projector.{index}.weight"):
        if index:
            rows = [[activate("gelu", x) for x in row] for row in rows]
        rows = linear(top, f"projector.{index}", rows)
        index += 1
    return rows


def get_bias(top, prefix, context):
    """bias(h, t, s): the weight of the bucket of t - s."""
    table = top.matrix(prefix + "relative_bias")
    buckets = top.vector(prefix + "buckets")
    return lambda h, t, s: table[buckets[t - s + context - 1]][h]


def check_t5(style):
    flags = (f"{SMALL} --family=encoder-decoder --positions=relative-bias "
             f"--activation=relu --num-layers=1 --encoder-layers=2 "
             f"--layers=all --vocabulary={WORDS} --seq={CONTEXT} --encoder-seq={ENCODED} "
             f"--style={style}")
    program, values, _ = prepare(flags, "t5")
    top = Weights(program, values)
    model = dict(heads=4, rotary=False, activation="relu")
    memory = embed(top, values["encoder_tokens"])
    for layer in range(2):
        memory, _ = Model(causal=False, **model).layer(
            top.under(f"encoder.{layer}."), memory,
            get_bias(top, "encoder.", ENCODED))
    memory = norm(top, "encoder.final_norm", memory)
    rows, _ = Model(**model).layer(
        top.under("layers.0."), embed(top, values["tokens"]),
        get_bias(top, "", CONTEXT), memory)
    last = norm(top, "final_norm", rows[-1:])
    head = "lm_head" if top.find("lm_head.weight") else "embedding"
    expected = multiply(last, top.matrix(head))[0]
    report(f"t5 prefill {style}",
           distance(program.run(values)["logits"].data, expected))


def check_learned(style):
    """GPT-2 decodes: the new token has the last position."""
    flags = (f"{SMALL} --norm=layer --biases --activation=gelu-tanh "
             f"--positions=learned --position-rows=32 --tied-embeddings "
             f"--num-layers=2 "
             f"--layers=all --vocabulary={WORDS} --phase=decode "
             f"--context={CONTEXT} --style={style}")
    program, values, source = prepare(flags, "gpt2")
    top = Weights(program, values)
    tokens = [source.randrange(WORDS) for _ in range(CONTEXT)]
    values["tokens"] = tokens[-1:]
    places = top.matrix("position_embedding")
    rows = [[a + b for a, b in zip(row, places[t])]
            for t, row in enumerate(embed(top, tokens))]
    model = Model(heads=4, rotary=False, activation="gelu-tanh")
    for layer in range(2):
        prefix = f"layers.{layer}."
        rows, caches = model.layer(top.under(prefix), rows)
        fill_caches(program, values,
                    {prefix + k: v for k, v in caches.items()}, 0, CONTEXT - 1)
    last = norm(top, "final_norm", rows[-1:])
    expected = multiply(last, top.matrix("embedding"))[0]
    report(f"gpt2 decode {style}",
           distance(program.run(values)["logits"].data, expected))


def check_ragged(style):
    """Sequences of different contexts, each with its cache and position."""
    contexts = [3, 9, 5]
    flags = (f"{SMALL} --kv-heads=2 --phase=decode --contexts="
             f"{','.join(map(str, contexts))} --style={style}")
    program, values, source = prepare(flags, "ragged")
    width = program.argument("hidden").shape[1]
    size = 2 * program.argument("rope_cos").shape[-1]
    turns = [a for c in contexts for a in angles(c - 1, size)]
    values["rope_cos"] = [narrow(math.cos(a)) for a in turns]
    values["rope_sin"] = [narrow(math.sin(a)) for a in turns]
    values["hidden"], expected = [], []
    for index, context in enumerate(contexts):
        rows = [[narrow(source.uniform(-1, 1)) for _ in range(width)]
                for _ in range(context)]
        out, caches = Model(heads=4).layer(Weights(program, values), rows)
        fill_caches(program, values,
                    {f"{k}.{index}": v for k, v in caches.items()}, 0,
                    context - 1)
        values["hidden"] += rows[-1]
        expected += out[-1]
    report(f"contexts decode {style}",
           distance(program.run(values)["hidden"].data, expected))


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    for argument in arguments:
        styles = argument.removeprefix("--style=").split(",")
    for style in styles:
        check_t5(style)
        check_learned(style)
        check_ragged(style)


if __name__ == "__main__":
    main(sys.argv[1:])
