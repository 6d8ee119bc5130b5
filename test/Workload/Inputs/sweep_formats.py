"""Every preset and every public configuration x formats of weights x formats of
caches x phases: either one clear error, or a module that verifies, in whose report
nothing is unmodelled, and that has as many parameters and cached numbers as the
same model in bf16. Models have six layers, two in each of two stacks.

usage: sweep_formats.py [--every=N [--first=K]] PUBLIC.jsonl   (memwall-gen and
memwall-opt on PATH). --every=N takes each N-th program, from number K on: N runs
with K = 0 to N - 1 are all of them. 512 programs are a
minute of one core; all are 30226.
"""

import argparse
import collections
import concurrent.futures
import itertools
import json
import math
import os
import re
import subprocess
import tempfile

ARGUMENT = re.compile(r'tensor<([0-9x]+)x(\w+)> \{memwall\.name = "([^"]*)", '
                      r'memwall\.role = "(weight|kv)"')
SCALES = (".scales", ".minima", ".super_scales", ".super_minima")
FLOATS = ["f32", "bf16", "f16", "f8"]
WEIGHTS = FLOATS + ["f4", "i8", "i4", "nvfp4", "mxfp4", "q4_0", "q5_0", "q5_1",
                    "q8_0", "q4_k", "q5_k", "q6_k", "q4_k_m"]
CACHES = ["f32", "bf16", "f16", "f8", "i8", "i4"]
LENGTHS = {"prefill": "--seq=300", "decode": "--context=64",
           "verify": "--context=64 --new-tokens=3", "train": "--seq=300"}
NO_WORDS = {"vit-b-16", "siglip-so400m-896"}
TWO_STACKS = {"t5-base", "whisper-large-v3"}
IMAGE_TOKENS = {"pi0": 768}


def list_programs():
    """(phase, format of weights, of the cache)."""
    for phase, weights in itertools.product(LENGTHS, WEIGHTS):
        caches = CACHES if phase in ("decode", "verify") else ["bf16"]
        yield from ((phase, weights, cache) for cache in caches)


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True)


def list_models(path):
    """(name, flags) of presets and of the configurations that can be read."""
    for line in run("memwall-gen", "--list-models").stdout.splitlines()[1:]:
        name = line.split()[0]
        flags = ["--tower-layers=6"] if name in NO_WORDS else \
            ["--num-layers=2", "--encoder-layers=2", "--encoder-seq=32"] \
            if name in TWO_STACKS else ["--num-layers=6"]
        yield name, [f"--model={name}", *flags]
    folder = tempfile.mkdtemp()
    with open(path, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for number, case in enumerate(cases):
        if "error" in case:
            continue
        kind = case["config"]["model_type"]
        name = os.path.join(folder, f"{number}-{kind}.json")
        with open(name, "w", encoding="utf-8") as file:
            json.dump(case["config"], file)
        flags = ["--num-layers=6"]
        if kind in ("whisper", "t5"):
            flags = ["--num-layers=2", "--encoder-layers=2", "--encoder-seq=32"]
        if kind in ("siglip", "vit"):
            flags = ["--tower-layers=6"]
        yield name, ["--config=" + name, *flags]


def make_flags(name, program):
    phase, weights, cache = program
    flags = [f"--phase={phase}", "--layers=all", f"--weights={weights}"]
    if cache != "bf16":
        flags.append(f"--kv={cache}")
    has_words = name not in NO_WORDS and not name.endswith(("siglip.json", "vit.json"))
    if has_words:
        tokens = 300 + IMAGE_TOKENS.get(name, 0)
        flags += LENGTHS[phase].replace("300", str(tokens)).split()
    if weights not in FLOATS + ["q4_k_m"] and phase != "train":
        flags += [f"--embedding={weights}", f"--head={weights}"]
    return flags


def generate(flags):
    """A head that is the embedding has no format of its own."""
    made = run("memwall-gen", *flags)
    if "an LM head that is not the embedding" in made.stderr:
        made = run("memwall-gen", *flags[:-1])
    return made


def count(ir):
    """Numbers of each weight and cache, scales apart."""
    # The entry has the weights of all layers; its signature is one line.
    entry = max((line for line in ir.splitlines() if "func.func" in line), key=len)
    return {name: math.prod(map(int, shape.split("x")))
            for shape, _, name, _ in ARGUMENT.findall(entry.split(") -> ")[0])
            if not name.endswith(SCALES)}


def is_clear(made):
    return (made.returncode == 1 and not made.stdout
            and made.stderr.count("\n") == 1
            and made.stderr.startswith("memwall-gen: error: "))


def report(modules):
    """What is unmodelled in each, or the error."""
    made = run("memwall-opt", "-", "--split-input-file", "-o", os.devnull,
               "--memwall-report=targets=ddr5-2ch accuracy=fast format=json",
               text="\n// -----\n".join(modules))
    if made.returncode:
        return made.stderr.splitlines()[:1]
    decoder, text, found = json.JSONDecoder(), made.stdout, []
    while text.strip():
        one, end = decoder.raw_decode(text.strip())
        text = text.strip()[end:]
        found += [f["unmodelled"][:2] for f in one["functions"]]
    if len(found) != len(modules):
        return [f"{len(found)} entries of {len(modules)} modules"]
    return [text for text in found if text]


def check_model(name, flags, programs):
    """Modules, the kinds of errors, and what is wrong."""
    modules, errors, wrong, expected = [], collections.Counter(), [], {}
    for program in programs:
        phase = program[0]
        made = generate(flags + make_flags(name, program))
        if made.returncode:
            if is_clear(made):
                errors[re.sub(r"\d+", "N", made.stderr.strip())] += 1
            else:
                wrong.append(f"{name} {program}: {made.stderr}")
            continue
        modules.append(made.stdout)
        if phase not in expected:
            plain = generate(flags + make_flags(name, (phase, "bf16", "bf16")))
            if plain.returncode:
                wrong.append(f"{name} {program}: not in bf16: {plain.stderr}")
                continue
            expected[phase] = count(plain.stdout)
        if count(made.stdout) != expected[phase]:
            wrong.append(f"{name} {program}: other numbers than in bf16")
    if modules:
        wrong += [f"{name}: {text}" for text in report(modules)]
    return len(modules), errors, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    models = list(list_models(options.path))
    points = [(model, program) for model in models for program in list_programs()]
    chosen = collections.defaultdict(list)
    for (name, flags), program in points[options.first::options.every]:
        chosen[name, tuple(flags)].append(program)
    modules, errors = 0, collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for made, refused, wrong in pool.map(
                lambda item: check_model(item[0][0], list(item[0][1]), item[1]), chosen.items()):
            modules += made
            errors += refused
            for text in wrong:
                print("WRONG:", text, flush=True)
    for text, number in sorted(errors.items()):
        print(f"refused {number}: {text}")
    print(f"{len(models)} models: {modules} modules, {errors.total()} errors")


if __name__ == "__main__":
    main()
