"""What the study looks at: machines, models and their phases."""

# Name for memwall, and for people.
MACHINES = {
    "h100-sxm": "H100",
    "h200-sxm": "H200",
    "mi300x": "MI300X",
    "b200": "B200",
    "epyc-9755": "EPYC 9755",
    "xeon-6980p": "Xeon 6980P",
    "ddr5-2ch": "desktop",
    "jetson-orin": "Orin",
    "jetson-thor": "Thor",
    "phone": "phone",
}

# Models without a cache to decode with.
ENCODERS = {"bert-base", "bert-large", "vit-b-16", "siglip-so400m-896"}
# Experts of a layer, and how many of them a token is sent to.
EXPERTS = {"mixtral-8x7b": (8, 2), "deepseek-v3": (256, 8),
           "qwen3-30b-a3b": (128, 8), "qwen3-next-80b-a3b": (512, 10),
           "llama4-scout": (16, 1), "gpt-oss-20b": (32, 4),
           "gpt-oss-120b": (128, 4)}
ROBOTS = {"openvla-7b", "rt2-palm-e-12b"}
# One decode step is all actions of a chunk, not a token of each sequence.
STEPPERS = {"pi0"}


def context_of(model):
    """Cached tokens: 2048, or as many positions as the model has."""
    if model.startswith("whisper"):
        return 448
    return 1024 if model.startswith("gpt2") else 2048


def prompt_flags(model):
    """Tokens of a prompt: what the model was made for, up to 2048."""
    if model in ("vit-b-16", "siglip-so400m-896"):
        return ""
    if model.startswith("bert"):
        return " --seq=512"
    if model == "pi0":
        # 256 tokens of each of three images, and its 48 of instruction.
        return " --seq=816"
    if model in ROBOTS:
        # 256 patches of the image and 24 tokens of instruction.
        return " --seq=280"
    if model == "t5-base":
        return " --seq=512 --encoder-seq=512"
    if model.startswith("whisper"):
        return f" --seq={context_of(model)} --encoder-seq=1500"
    return f" --seq={context_of(model)}"


def decode(model, batch=1, context=None, more=""):
    return (f"--model={model} --phase=decode --batch={batch} "
            f"--context={context or context_of(model)} --layers=all{more}")


def verify(model, tokens=4):
    return (f"--model={model} --phase=verify --new-tokens={tokens} "
            f"--context={context_of(model)} --layers=all")


def prefill(model, more=""):
    return f"--model={model}{prompt_flags(model)} --layers=all{more}"


def train_flags(model):
    """Tokens of a sequence: what the model was made for, up to 1024."""
    if model in ROBOTS:
        # 256 patches, 24 tokens of instruction, and at most 8 of the action.
        return " --seq=288"
    if model in ENCODERS or model == "t5-base":
        return prompt_flags(model)
    return " --seq=1024"


def train(model):
    return (f"--model={model} --phase=train --batch=8{train_flags(model)} "
            "--layers=all")
