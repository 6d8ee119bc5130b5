"""Images: an encoder with a classifier, and vision-language-action models
(towers, projector, decoder) that read a prompt and decode.

usage: vision.py [--style=STYLE]
"""

import math
import sys

from program import distance
from reference import Model, Weights, add, linear, multiply, norm
from forward import fill_caches, report, set_tables
from models import embed, prepare, project_rows

IMAGE, PATCH, PATCHES = 8, 4, 4
TOWER = (f"--types=f32 --image={IMAGE} --patch={PATCH} --tower-layers=2 "
         "--tower-hidden=12 --tower-heads=2 --tower-ffn=20 --layers=all")
WORDS, CONTEXT = 11, 9
LANGUAGE = (f"--hidden=24 --heads=4 --head-dim=6 --ffn=20 --num-layers=2 "
            f"--vocabulary={WORDS}")


def get_patches(image):
    """Rows of numbers, in the order of the weight: channel, row, column."""
    def pixel(channel, y, x):
        return image[(channel * IMAGE + y) * IMAGE + x]

    side = range(0, IMAGE, PATCH)
    return [[pixel(c, y + i, x + j) for c in range(3) for i in range(PATCH)
             for j in range(PATCH)] for y in side for x in side]


def run_tower(top, name, activation, image):
    """An image as rows, class tokens first (arXiv 2010.11929, section 3.1)."""
    weights = top.under(name + ".")
    shape, data = weights.find("patch_embedding.weight")
    size = math.prod(shape[1:])
    kernel = [data[o * size:(o + 1) * size] for o in range(shape[0])]
    rows = multiply(get_patches(image), kernel,
                    weights.vector("patch_embedding.bias"))
    if weights.find("class_token"):
        width = shape[0]
        first = weights.vector("class_token")
        rows = [first[i:i + width] for i in range(0, len(first), width)] + rows
    rows = add(rows, weights.matrix("position_embedding"))
    model = Model(heads=2, rotary=False, causal=False, activation=activation)
    for layer in range(2):
        rows, _ = model.layer(weights.under(f"{layer}."), rows)
    return norm(weights, "final_norm", rows)


def check_vit(style):
    """Two images and a classifier on the class token."""
    flags = f"--model=vit-b-16 {TOWER} --classes=5 --batch=2 --style={style}"
    program, values, _ = prepare(flags, "vit")
    top = Weights(program, values)
    pixels = values["image"]
    half = len(pixels) // 2
    rows = [run_tower(top, "vision", "gelu", image)
            for image in (pixels[:half], pixels[half:])]
    outputs = program.run(values)
    hidden = [x for image in rows for row in image for x in row]
    logits = linear(top, "classifier", [image[0] for image in rows])
    error = max(distance(outputs["hidden"].data, hidden),
                distance(outputs["logits"].data, sum(logits, [])))
    report(f"vit prefill {style}", error)


def project(top, towers, image):
    """Patches of all towers side by side, through the projector."""
    features = []
    for name, activation, classes in towers:
        features.append(run_tower(top, name, activation, image)[classes:])
    return project_rows(top, [sum(parts, []) for parts in zip(*features)])


class Robot:
    """A model: its flags, its towers (name, activation, class tokens), its
    decoder as the reference has it."""

    def __init__(self, flags, towers, head, **model):
        self.flags, self.towers, self.head = flags, towers, head
        self.model = Model(heads=4, **model)


ROBOTS = {
    "openvla-7b": Robot("--projector=10,24,24 --kv-heads=4",
                        [("dinov2", "gelu", 5), ("siglip", "gelu-tanh", 0)],
                        "lm_head"),
    "rt2-palm-e-12b": Robot("--projector=24", [("vit_e", "gelu-tanh", 0)],
                            "embedding", placement="parallel"),
}


def run_language(robot, top, rows):
    """Logits of the last row, and what the caches hold."""
    caches = {}
    for layer in range(2):
        prefix = f"layers.{layer}."
        rows, made = robot.model.layer(top.under(prefix), rows)
        caches.update({prefix + k: v for k, v in made.items()})
    last = norm(top, "final_norm", rows[-1:])
    return multiply(last, top.matrix(robot.head))[0], caches


def check_robot(name, style):
    """A prompt, then a token that finds the prompt in the caches."""
    robot = ROBOTS[name]
    base = f"--model={name} {TOWER} {LANGUAGE} {robot.flags} --style={style}"
    # 1. The image and the words.
    program, values, source = prepare(f"{base} --seq={CONTEXT - 1}", name)
    set_tables(program, values, range(CONTEXT - 1))
    top = Weights(program, values)
    rows = project(top, robot.towers, values["image"]) + \
        embed(top, values["tokens"])
    expected, caches = run_language(robot, top, rows)
    outputs = program.run(values)
    error = distance(outputs["logits"].data, expected)
    for key, data in outputs.items():
        if key in caches:
            heads = zip(*caches[key])
            error = max(error, distance(
                data.data, [x for head in heads for row in head for x in row]))
    report(f"{name} prefill {style}", error)

    # 2. One token more; the decoder has the same weights.
    step, given, _ = prepare(f"{base} --phase=decode --context={CONTEXT}", name)
    given.update({k: v for k, v in values.items() if step.argument(k)})
    token = source.randrange(WORDS)
    given["tokens"] = [token]
    set_tables(step, given, [CONTEXT - 1])
    expected, caches = run_language(robot, top, rows + embed(top, [token]))
    fill_caches(step, given, caches, 0, CONTEXT - 1)
    report(f"{name} decode {style}",
           distance(step.run(given)["logits"].data, expected))


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    for argument in arguments:
        styles = argument.removeprefix("--style=").split(",")
    for style in styles:
        check_vit(style)
        for name in ROBOTS:
            check_robot(name, style)


if __name__ == "__main__":
    main(sys.argv[1:])
