"""One layer of every kind against the reference, in every phase and style.

usage: forward.py [--style=STYLE] CASE...   (all without)
"""

import math
import random
import sys

from program import Program, distance, draw, narrow
from reference import History, Model, Weights, angles

SMALL = "--hidden=24 --heads=4 --ffn=20"
TOKENS, CONTEXT = 7, 9
LIMIT = 1e-4


class Case:
    """A layer: its flags and the same for the reference."""

    def __init__(self, flags, phases="prefill decode verify",
                 types="--types=f32", limit=LIMIT, **model):
        self.flags, self.phases = f"{types} {flags}", phases.split()
        self.limit = limit
        self.model = {"heads": 4, **model}


LATENT = "--kv-latent=8 --rope-dim=4 --value-dim=5 --head-dim=6"
STATE = ("--state-heads=4 --state-key-heads=2 --state-key-dim=5 "
         "--state-value-dim=6")
CASES = {
    "mha": Case(""),
    "gqa": Case("--kv-heads=2"),
    "mqa": Case("--kv-heads=1 --head-dim=8"),
    "window": Case("--kv-heads=2 --window=5", "prefill decode", window=5),
    "biases": Case("--norm=layer --biases --activation=gelu-tanh "
                   "--positions=learned", rotary=False,
                   activation="gelu-tanh"),
    "parallel": Case("--norm-placement=parallel --kv-heads=1",
                     placement="parallel"),
    "parallel-layer": Case("--norm=layer --norm-placement=parallel "
                           "--kv-heads=1 --activation=gelu",
                           placement="parallel", activation="gelu"),
    "parallel-biases": Case(
        "--norm=layer --norm-placement=parallel --biases --activation=gelu "
        "--head-dim=8 --rotary-dim=4", placement="parallel", activation="gelu",
        rotary_dim=4),
    "parallel-two": Case(
        "--norm=layer --norm-placement=parallel-two --biases "
        "--activation=gelu-tanh", placement="parallel-two",
        activation="gelu-tanh"),
    "after": Case("--norm-placement=after --qk-norm=all-heads --kv-heads=2",
                  placement="after", qk_norm="all-heads"),
    "layer-unbiased": Case("--norm=layer-unbiased --activation=relu2",
                           centred=True, activation="relu2"),
    "alibi": Case("--positions=alibi --kv-heads=2", rotary=False),
    "alibi-i8": Case("--positions=alibi --kv=i8", "decode verify",
                     rotary=False),
    "unturned": Case("--pattern=unturned --kv-heads=2", rotary=False),
    "feed-forward": Case("--pattern=feed-forward --split-layers", "prefill",
                         mixer="feed-forward"),
    "layer-swiglu": Case("--norm=layer --qkv-bias --rotary-dim=2",
                         rotary_dim=2),
    "bert": Case("--family=encoder --norm=layer --norm-placement=post "
                 "--biases --activation=gelu --positions=learned", "prefill",
                 rotary=False, placement="post", activation="gelu",
                 causal=False),
    "relu": Case("--activation=relu --qkv-bias", activation="relu"),
    "bias": Case("--family=encoder-decoder --encoder-layers=1 --encoder-seq=6 "
                 "--positions=relative-bias --activation=relu", "decode",
                 rotary=False, activation="relu"),
    "cross": Case("--family=encoder-decoder --encoder-layers=1 --encoder-seq=6 "
                  "--positions=none --activation=relu", rotary=False,
                  activation="relu"),
    "cross-geglu": Case("--family=encoder-decoder --encoder-layers=1 "
                        "--encoder-seq=6 --positions=none --activation=geglu",
                        rotary=False, activation="geglu"),
    "experts": Case("--experts=5 --top-k=2 --expert-ffn=12 --shared-experts=1",
                    top_k=2),
    "latent": Case(LATENT, latent=8, rope=4, value=5),
    "latent-queries": Case(LATENT + " --query-latent=12", latent=8, rope=4,
                           value=5),
    "i8": Case("--weights=i8 --group-size=4 --kv-heads=2"),
    "i4": Case("--weights=i4 --group-size=0"),
    "i4-experts": Case("--weights=i4 --group-size=4 --experts=4 --top-k=2 "
                       "--expert-ffn=12", top_k=2),
    "i8-row-experts": Case("--weights=i8 --group-size=0 --experts=4 --top-k=2 "
                           "--expert-ffn=12 --shared-experts=1", top_k=2),
    "i8-row-latent": Case(LATENT + " --weights=i8 --group-size=0", latent=8,
                          rope=4, value=5),
    "i4-latent": Case(LATENT + " --weights=i4 --group-size=4", latent=8,
                      rope=4, value=5),
    # The program rounds its steps to 11 bits, to 8; the reference does not.
    "f16": Case("--kv-heads=2", types="--types=f16 --accumulate=f32",
                limit=1e-2),
    "bf16": Case("--kv-heads=2", types="--types=bf16 --accumulate=f32",
                 limit=8e-2),
    "f8": Case("--kv-heads=2", types="--types=f32 --weights=f8"),
    "geglu": Case("--activation=geglu --norm-placement=both", "prefill decode",
                  activation="geglu", placement="both"),
    "caps": Case("--attention-cap=2 --qk-norm=weighted --kv-heads=2",
                 attention_cap=2, qk_norm="weighted"),
    "sinks": Case("--sinks --qkv-bias --output-bias --pattern=window,global "
                  "--window=5 --kv-heads=2", "prefill decode", window=5),
    "plain-norm": Case("--qk-norm=plain --rotary-dim=4", "prefill decode",
                       qk_norm="plain", rotary_dim=4),
    "output-gate": Case("--output-gate --kv-heads=2", "prefill decode"),
    "gpt-oss-experts": Case(
        "--experts=5 --top-k=2 --expert-ffn=12 --expert-biases "
        "--activation=clamped-swiglu", "prefill decode", top_k=2,
        activation="clamped-swiglu"),
    "llama4-experts": Case(
        "--experts=5 --top-k=1 --expert-ffn=12 --shared-experts=1 "
        "--router=sigmoid-of-input", "prefill decode", top_k=1,
        router="sigmoid-of-input"),
    "shared-gate-experts": Case(
        "--experts=5 --top-k=2 --expert-ffn=12 --shared-experts=1 "
        "--shared-gate --router=softmax", "prefill decode", top_k=2,
        router="softmax"),
    "linear": Case(f"--pattern=linear {STATE}", "prefill decode",
                   mixer="linear", key_heads=2, value_heads=4),
    "delta": Case(f"--pattern=delta {STATE} --conv-taps=4", "prefill decode",
                  mixer="delta", key_heads=2, value_heads=4),
    "scan": Case(f"--pattern=scan {STATE} --conv-taps=3 --conv-bias --ffn=0",
                 "prefill decode", mixer="scan", key_heads=2, value_heads=4),
    "selective-scan": Case(
        "--pattern=selective-scan --state-heads=16 --state-key-dim=5 "
        "--state-rank=3 --conv-taps=3 --conv-bias --ffn=0", "prefill decode",
        mixer="selective"),
    "selective-scan-i4": Case(
        "--pattern=selective-scan --state-heads=16 --state-key-dim=5 "
        "--state-rank=8 --conv-taps=2 --weights=i4 --group-size=4",
        "prefill decode", mixer="selective"),
    "attention-scan": Case(
        f"--pattern=attention-scan {STATE} --conv-taps=3 --scan-norm-groups=2 "
        "--kv-heads=2", "prefill decode", mixer="attention-scan", key_heads=2,
        value_heads=4, norm_groups=2),
    "scan-unnormed": Case(
        f"--pattern=scan {STATE} --conv-taps=3 --scan-norm-groups=0",
        "prefill decode", mixer="scan", key_heads=2, value_heads=4,
        norm_groups=0),
    # Other parts of layers with a state: convolutions or none, experts, stored
    # weights, types that round the steps but for the state.
    "linear-conv": Case(f"--pattern=linear {STATE} --conv-taps=3 --conv-bias "
                        "--norm=layer", "prefill decode", mixer="linear",
                        key_heads=2, value_heads=4),
    "delta-plain": Case("--pattern=delta --state-heads=3 --state-key-dim=4 "
                        "--state-value-dim=8 --norm-placement=both "
                        "--weights=i8 --group-size=4", "prefill decode",
                        mixer="delta", key_heads=3, value_heads=3,
                        placement="both"),
    "delta-experts": Case(f"--pattern=delta {STATE} --conv-taps=2 --experts=4 "
                          "--top-k=2 --expert-ffn=12", "prefill decode",
                          mixer="delta", key_heads=2, value_heads=4, top_k=2),
    "scan-parallel": Case(f"--pattern=scan {STATE} --norm-placement=parallel",
                          "prefill decode", mixer="scan", key_heads=2,
                          value_heads=4, placement="parallel"),
    "linear-i4": Case(f"--pattern=linear {STATE} --weights=i4 --group-size=0",
                      "prefill decode", mixer="linear", key_heads=2,
                      value_heads=4),
    "delta-bf16": Case(f"--pattern=delta {STATE} --conv-taps=4",
                       "prefill decode", types="--types=bf16 --accumulate=f32",
                       limit=8e-2, mixer="delta", key_heads=2, value_heads=4),
    "scan-f16": Case(f"--pattern=scan {STATE} --conv-taps=3 --ffn=0",
                     "prefill decode", types="--types=f16 --accumulate=f32",
                     limit=1e-2, mixer="scan", key_heads=2, value_heads=4),
    "linear-bf16": Case(f"--pattern=linear {STATE}", "prefill decode",
                        types="--types=bf16 --accumulate=f32", limit=8e-2,
                        mixer="linear", key_heads=2, value_heads=4),
    "f4": Case("--weights=f4 --group-size=4 --kv-heads=2", "prefill decode"),
    "mxfp4": Case("--weights=mxfp4 --hidden=32 --ffn=32", "prefill"),
    "nvfp4-experts": Case("--weights=nvfp4 --hidden=32 --experts=4 --top-k=2 "
                          "--expert-ffn=16 --ffn=16", "prefill", top_k=2),
    "q4_0": Case("--weights=q4_0 --hidden=32 --ffn=32", "prefill"),
    "q8_0-latent": Case("--kv-latent=32 --rope-dim=4 --value-dim=8 "
                        "--head-dim=6 --weights=q8_0 --hidden=32 --ffn=32",
                        "prefill decode", latent=32, rope=4, value=8),
    "q4_k": Case("--weights=q4_k --hidden=256 --ffn=256", "single"),
    "q6_k": Case("--weights=q6_k --hidden=256 --ffn=256", "single"),
    "q5_0": Case("--weights=q5_0 --hidden=32 --ffn=32", "prefill"),
    "q5_1": Case("--weights=q5_1 --hidden=32 --ffn=32", "prefill"),
    # 32 inputs are no block of 256: stored as q5_1.
    "q5_k-small": Case("--weights=q5_k --hidden=32 --ffn=64", "prefill"),
    "q5_k": Case("--weights=q5_k --hidden=256 --ffn=256", "single"),
    "q4_k_m": Case("--weights=q4_k_m --hidden=256 --ffn=256", "single"),
    # Inputs that are no whole blocks of 256, or of 32, are stored otherwise.
    "q4_k_m-small": Case("--weights=q4_k_m --hidden=32 --ffn=20", "prefill"),
    "q4_k_m-experts": Case("--weights=q4_k_m --hidden=256 --ffn=256 "
                           "--experts=8 --top-k=2 --expert-ffn=256 "
                           "--shared-experts=1", "single", top_k=2),
    "q4_k_m-latent": Case("--weights=q4_k_m --hidden=256 --ffn=256 "
                          "--kv-latent=256 --rope-dim=4 --value-dim=64 "
                          "--head-dim=8", "single", latent=256, rope=4,
                          value=64),
    "q4_k_m-delta": Case("--weights=q4_k_m --hidden=256 --ffn=256 "
                         "--pattern=delta --state-heads=4 --state-key-heads=2 "
                         "--state-key-dim=8 --state-value-dim=64 "
                         "--conv-taps=4", "single", mixer="delta",
                         key_heads=2, value_heads=4),
    "q4_k-experts": Case("--weights=q4_k --hidden=256 --ffn=256 --experts=2 "
                         "--top-k=1 --expert-ffn=256", "single", top_k=1),
    "f8-scales": Case("--weights=i4 --scales=f8 --group-size=4", "prefill"),
    "kv-i8": Case("--kv=i8 --kv-heads=2", "decode verify"),
    "kv-i4": Case("--kv=i4", "decode verify"),
    "kv-i8-latent": Case(LATENT + " --kv=i8", "decode", latent=8, rope=4,
                         value=5),
}

FLAGS = {"prefill": f"--seq={TOKENS} --batch=2",
         "decode": f"--phase=decode --context={CONTEXT} --batch=2",
         "single": f"--phase=decode --context={CONTEXT}",
         "verify": f"--phase=verify --new-tokens=3 --context={CONTEXT}"}


def largest_integer(program):
    """Of an integer cache; None for a cache of floats."""
    cache = next((a for a in program.arguments if a.role == "kv"), None)
    return {"i8": 127, "i4": 7}.get(cache.type) if cache else None


def quantise(row, largest):
    """What an integer cache holds of a row, and its scale."""
    scale = narrow(max(max(abs(x) for x in row) / largest, 1e-6))
    return [round(x / scale) for x in row], scale


def set_tables(program, values, positions):
    """Cosines and sines of the new tokens."""
    port = program.argument("rope_cos")
    if not port:
        return
    size = 2 * port.shape[-1]
    turns = [a for p in positions for a in angles(p, size)]
    values["rope_cos"] = [narrow(math.cos(a)) for a in turns]
    values["rope_sin"] = [narrow(math.sin(a)) for a in turns]


def get_bias(program, values, first):
    """Biases of the new tokens; others do not matter."""
    if program.argument("slopes"):
        slopes = values["slopes"]
        return lambda h, t, s: slopes[h] * (s - t)
    port = program.argument("position_bias")
    if not port:
        return None
    heads, groups, tokens, context = port.shape
    data = values["position_bias"]
    return lambda h, t, s: data[(h * tokens + max(t - first, 0)) * context + s]


def fill_caches(program, values, caches, sequence, first):
    """Writes the rows before `first` into the caches of the arguments."""
    largest = largest_integer(program)
    for name, rows in caches.items():
        port = program.argument(name)
        if not port:
            continue
        if isinstance(rows, History):
            state = rows.states[first]
            values[name][sequence * len(state):
                         (sequence + 1) * len(state)] = state
            continue
        _, heads, slots, size = port.shape
        known = len(rows) if "cross" in name else first
        for s in range(max(0, known - slots), known):
            for h in range(heads):
                at = (sequence * heads + h) * slots + s % slots
                row = rows[s][h]
                if largest:
                    row, scale = quantise(row, largest)
                    values[name + ".scales"][at] = scale
                values[name][at * size:(at + 1) * size] = row


def check_caches(program, outputs, caches, sequence, first, last):
    """Rows [first, last) of the returned caches, as far as they are there."""
    worst = 0.0
    largest = largest_integer(program)
    for name, rows in caches.items():
        if name not in outputs or largest:
            continue
        if isinstance(rows, History):
            state = rows.states[last]
            at = sequence * len(state)
            worst = max(worst, distance(
                outputs[name].data[at:at + len(state)], state))
            continue
        _, heads, slots, size = outputs[name].shape
        data = outputs[name].data
        begin = 0 if "cross" in name else first
        end = len(rows) if "cross" in name else last
        for s in range(max(begin, end - slots), end):
            for h in range(heads):
                at = (sequence * heads + h) * slots + s % slots
                worst = max(worst, distance(data[at * size:(at + 1) * size],
                                            rows[s][h]))
    return worst


def reference_layer(program, case, values, rows, first, memory):
    """A layer over one sequence, as the program's types keep its caches."""
    model = Model(**case.model)
    largest = largest_integer(program)
    if largest:
        def store(row):
            integers, scale = quantise(row, largest)
            return [q * scale for q in integers]
        model.store = store
    prefix = "layers.0." if program.argument(
        "layers.0.o_proj.weight") else ""
    return model.layer(Weights(program, values, prefix), rows,
                       get_bias(program, values, first), memory)


def encode(program, case, values, rows):
    """The memory of an encoder-decoder: one encoder layer."""
    model = Model(**dict(case.model, causal=False))
    return model.layer(Weights(program, values, "encoder.0."), rows)[0]


class Run:
    """A program with inputs, and what should come out."""

    def __init__(self, name, case, phase, style):
        self.flags = " ".join([SMALL, case.flags, FLAGS[phase],
                               f"--style={style}", "--num-layers=1"])
        self.program = Program(self.flags)
        self.values = draw(self.program, name + phase)
        hidden = self.program.argument("hidden")
        self.batch = 2 if "--batch=2" in self.flags else 1
        new = hidden.shape[0] // self.batch
        self.total = TOKENS if phase == "prefill" else CONTEXT
        self.first = self.total - new
        set_tables(self.program, self.values, range(self.first, self.total))
        self.source = random.Random(name + phase + "rows")
        self.expected, self.caches = [], []
        self.compute(case, hidden)

    def compute(self, case, hidden):
        """Sequence by sequence; sets `hidden` and the caches as well."""
        width = hidden.shape[1]
        sequences = [[[narrow(self.source.uniform(-1, 1), hidden.type)
                       for _ in range(width)] for _ in range(self.total)]
                     for _ in range(self.batch)]
        self.values["hidden"] = [x for rows in sequences
                                 for row in rows[self.first:] for x in row]
        for index, rows in enumerate(sequences):
            memory = self.get_memory(case, index, width)
            out, caches = reference_layer(self.program, case, self.values,
                                          rows, self.first, memory)
            fill_caches(self.program, self.values, caches, index, self.first)
            self.expected += [x for row in out[self.first:] for x in row]
            self.caches.append(caches)

    def get_memory(self, case, index, width):
        """Rows of the encoder for one sequence; None without encoder."""
        program, values = self.program, self.values
        if "encoder_hidden" in values:
            size = program.argument("encoder_hidden").elements // self.batch
            part = values["encoder_hidden"][index * size:(index + 1) * size]
            return encode(program, case, values,
                          [part[i:i + width] for i in range(0, size, width)])
        if not program.argument("cross_k_cache"):
            return None
        memory = [[narrow(self.source.uniform(-1, 1)) for _ in range(width)]
                  for _ in range(6)]
        # The caches stand for projections that the program does not have.
        for part in "kv":
            program.lend(f"cross_{part}_proj.weight", "cross_q_proj.weight")
            values[f"cross_{part}_proj.weight"] = values["cross_q_proj.weight"]
        return memory

    def compare(self, outputs):
        """The largest error of the result and the caches."""
        error = distance(outputs["hidden"].data, self.expected)
        for index, caches in enumerate(self.caches):
            named = caches
            if self.program.argument("layers.0.o_proj.weight"):
                named = {"layers.0." + k: rows for k, rows in caches.items()}
            error = max(error, check_caches(self.program, outputs, named, index,
                                            self.first, self.total))
        return error


def report(what, error, limit=LIMIT):
    print(f"{'ok' if error <= limit else 'WRONG'}: {what} {error:.1e}")


def check(name, case, phase, style):
    run = Run(name, case, phase, style)
    error = run.compare(run.program.run(run.values))
    report(f"{name} {phase} {style}", error, case.limit)


def main(arguments):
    styles = ["named", "generic", "torch-like"]
    names = []
    for argument in arguments:
        if argument.startswith("--style="):
            styles = argument[8:].split(",")
        else:
            names.append(argument)
    for name in names or CASES:
        case = CASES[name]
        phases = list(case.phases)
        if "experts" in name and "single" not in phases:
            phases.append("single")
        for phase in phases:
            for style in styles:
                check(name, case, phase, style)


if __name__ == "__main__":
    main(sys.argv[1:])
