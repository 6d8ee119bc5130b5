"""What moves a model between memory and arithmetic."""

import os

import machines
import plots
from phases import command, short, table

PAIR = ["h100-sxm", "ddr5-2ch"]


def batch_text(batch):
    return "none" if batch is None else str(batch)


RIDGE_CONTEXTS = [512, 2048, 8192, 32768]


def ridge_models(models):
    """Those that have so long contexts."""
    return [m for m in models if not m.startswith(("gpt2", "t5", "whisper"))]


def ridges(lab, models):
    """Batch at the ridge by model and context."""
    contexts, models = RIDGE_CONTEXTS, ridge_models(models)

    def flags(model, context):
        return machines.decode(model, context=context)

    lab.prepare([(flags(m, c), PAIR) for m in models for c in contexts])
    rows = [[model] + [batch_text(lab.get(flags(model, c), PAIR)
                                  .ridge(t, "at_floor"))
                       for t in PAIR for c in contexts] for model in models]
    head = ["model"] + [f"{machines.MACHINES[t]}, {c}" for t in PAIR
                        for c in contexts]
    return (command(lab, flags("MODEL", "CONTEXT"), PAIR) + "\n" +
            table(head, rows))


def quantisation(lab):
    """Llama-3-8B with narrower weights and caches."""
    kinds = [("bf16", "bf16"), ("f8", "bf16"), ("i8", "bf16"), ("i4", "bf16"),
             ("i4", "f8"), ("i4", "i4")]
    cases = [(w, kv, b, c) for w, kv in kinds
             for b, c in ((1, 2048), (64, 8192))]

    def flags(weights, kv, batch, context):
        return machines.decode("llama3-8b", batch, context,
                               f" --weights={weights} --kv={kv}")

    lab.prepare([(flags(*case), PAIR) for case in cases])
    rows = []
    for weights, kv in kinds:
        row = [f"{weights} weights, {kv} cache"]
        for batch, context in ((1, 2048), (64, 8192)):
            f = lab.get(flags(weights, kv, batch, context), PAIR)
            row += [short(f.floor / f.tokens)]
            row += [short(f.tokens / f.floor_seconds(t)) for t in PAIR]
        row += [batch_text(lab.get(flags(weights, kv, 1, 2048), PAIR)
                           .ridge(t, "at_floor")) for t in PAIR]
        rows.append(row)
    head = ["", "B/token", "H100", "desktop", "B/token", "H100", "desktop",
            "ridge H100", "ridge desktop"]
    return (command(lab, flags("WEIGHTS", "CACHE", "BATCH", "CONTEXT"), PAIR) +
            "\n" + table(head, rows))


# How many experts are hit: memwall-gen's default, and the limits.
ROUTINGS = {"uniform": "", "all tokens agree": " --experts-hit={least}",
            "all differ": " --experts-hit=most"}
MIXTURE_BATCHES = [1, 4, 16, 64, 256]
MIXTURES = ["mixtral-8x7b", "gpt-oss-120b", "deepseek-v3"]


def count_hits(model, batch):
    """Experts that so many tokens hit, as docs/Workload.md has it."""
    experts, top = machines.EXPERTS[model]
    return round(experts * (1 - (1 - top / experts) ** batch))


def mixture_flags(model, batch, routing=""):
    least = machines.EXPERTS[model][1]
    return machines.decode(model, batch, more=routing.format(least=least))


def mixtures(lab):
    """Decoding with experts over the batch."""
    cases = [(m, b) for m in MIXTURES for b in MIXTURE_BATCHES]
    lab.prepare([(mixture_flags(m, b, r), PAIR) for m, b in cases
                 for r in ROUTINGS.values()])
    rows = []
    for model, batch in cases:
        hit = f"{count_hits(model, batch)} of {machines.EXPERTS[model][0]}"
        told = [lab.get(mixture_flags(model, batch, r), PAIR)
                for r in ROUTINGS.values()]
        rows.append([model, str(batch), hit,
                     short(told[0].floor / batch)] +
                    [short(f.tokens / f.floor_seconds(t))
                     for t in PAIR for f in told])
    head = ["model", "batch", "experts hit", "B/token"] + [
        f"{machines.MACHINES[t]}{', ' + name if name != 'uniform' else ''}"
        for t in PAIR for name in ROUTINGS]
    return (command(lab, mixture_flags("mixtral-8x7b", "BATCH").replace(
        "mixtral-8x7b", "MODEL"), PAIR) + "\n" + table(head, rows))


# An 8B model with the attention of four generations.
ATTENTIONS = {
    "MHA": " --kv-heads=32",
    "GQA (8 KV heads)": "",
    "MQA (1 KV head)": " --kv-heads=1",
    "MLA (latent 512 + 64)":
        " --kv-heads=32 --kv-latent=512 --rope-dim=64 --value-dim=128",
}


def attention(lab, context=8192, batch=64):
    def flags(more, b=batch):
        return machines.decode("llama3-8b", b, context, more)

    lab.prepare([(flags(m, b), PAIR) for m in ATTENTIONS.values()
                 for b in (1, batch)])
    rows = []
    for name, more in ATTENTIONS.items():
        f = lab.get(flags(more), PAIR)
        one = lab.get(flags(more, 1), PAIR)
        rows.append(
            [name, short(f.resident_of["KV cache"] / batch),
             f"{100 * f.share_of['KV cache']:.0f} %",
             f"{f.floor / f.flops:.3g}"] +
            [short(f.tokens / f.floor_seconds(t)) for t in PAIR] +
            [batch_text(one.ridge(t, "at_floor")) for t in PAIR])
    head = ["", "cache B/sequence", "of bytes", "B/FLOP", "H100 tokens/s",
            "desktop tokens/s", "ridge H100", "ridge desktop"]
    return (command(lab, flags(" ATTENTION"), PAIR) + "\n" + table(head, rows))


def intensity_plot(lab, folder):
    """FLOP per byte over the batch, against the ridges of machines."""
    batches = [2 ** k for k in range(11)]
    curves = [("llama3-8b", 512), ("llama3-8b", 2048), ("llama3-8b", 8192),
              ("llama3-8b", 32768), ("llama2-7b", 2048)]
    lab.prepare([(machines.decode(m, b, c), PAIR) for m, c in curves
                 for b in batches])
    plot = plots.Curves("Decoding: FLOP per byte (floor) over the batch",
                        "batch", "FLOP per byte", (1, 1024), (0.5, 2000))
    limits = {}
    for index, (model, context) in enumerate(curves):
        points = []
        for batch in batches:
            f = lab.get(machines.decode(model, batch, context), PAIR)
            points.append((batch, f.flops / f.floor))
        limits[(model, context)] = points[-1][1]
        plot.curve(points, f"{model}, {context}", index)
    known = lab.ridges()
    for target in ("jetson-thor", "h100-sxm", "ddr5-2ch", "phone"):
        plot.line(known[target], f"ridge of {machines.MACHINES[target]}")
    plot.write(os.path.join(folder, "study-intensity.svg"))
    return limits
