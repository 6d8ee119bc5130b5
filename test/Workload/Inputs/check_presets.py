"""Reports on whole models of all presets in all phases they have, with two layers
of each kind: one entry and nothing unmodelled.

usage: check_presets.py    (memwall-gen and memwall-opt on PATH)
"""

import json
import subprocess

# With the length of each.
PHASES = {"prefill": "--seq=300", "decode": "--context=64",
          "verify": "--context=64", "train": "--seq=300"}
# What memwall-gen says where a model has no such phase.
NO_PHASE = ["which has no cache", "its gradient is not generated",
            "layers with a state, which cannot drop tokens",
            "an action expert, which makes no words"]
# Other numbers of layers: two of each kind, or the first of each.
LAYERS = {"gemma3": 6, "qwen3-next": 4, "llama4": 4, "deepseek-v3": 2}


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


# Images have no length; two stacks have two.
NO_WORDS = {"vit-b-16", "siglip-so400m-896"}
IMAGE_TOKENS = {"pi0": 768}
TWO_STACKS = {"t5-base", "whisper-large-v3"}


def main():
    lines = run("memwall-gen", "--list-models").stdout.splitlines()[1:]
    modules = 0
    for model in (line.split()[0] for line in lines):
        count = next((n for name, n in LAYERS.items()
                      if model.startswith(name)), 2)
        for phase, length in PHASES.items():
            layers = "tower-layers" if model in NO_WORDS else "num-layers"
            flags = ["--layers=all", f"--{layers}={count}"]
            if "--seq" in length:
                length = f"--seq={300 + IMAGE_TOKENS.get(model, 0)}"
            if model not in NO_WORDS:
                flags.append(length)
            if model in TWO_STACKS:
                flags += ["--encoder-layers=2", "--encoder-seq=32"]
            ir = run("memwall-gen", f"--model={model}", f"--phase={phase}",
                     *flags)
            if ir.returncode:
                if not any(text in ir.stderr for text in NO_PHASE):
                    print("unmodelled:", model, phase, ir.stderr)
                continue
            report = json.loads(run(
                "memwall-opt", "--memwall-report=targets=ddr5-2ch "
                "accuracy=fast strict=true format=json",
                text=ir.stdout).stdout)
            functions = report["functions"]
            modules += 1
            if len(functions) != 1 or functions[0]["unmodelled"]:
                print("unmodelled:", model, phase,
                      [f["unmodelled"][:3] for f in functions])
    print(len(lines), "models,", modules, "modules")


if __name__ == "__main__":
    main()
