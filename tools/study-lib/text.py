"""The words of docs/Study.md around the tables. Every number is looked up."""

import machines
import robots
from machines import MACHINES, decode, prefill, train
from phases import short

HEAD = """# HBM and DDR: what the memory decides

Which machine runs which model how fast, and what would change it? This is memwall's answer for {models} published models
on {machines} machines, from the bytes that must move and the arithmetic that must be done. `tools/study` makes the whole page
again; nothing here was measured on a device.

"""

METHOD = """## How to read it

- **At the bound**: the largest of the arithmetic at its peak and the bound of each memory level at its peak bandwidth, operation
  by operation. **At the floor**: the arithmetic, or the floor of the whole program at DRAM's bandwidth, as if everything between its
  arguments and its results stayed on chip. No machine is faster than the floor; for kernels that were measured the bound is 63%
  to 79% of the measured time (`test/Workload/published-times.test`). Decoding differs by little between the two, so its tables have
  the bound; prompts and training have the floor, as fused kernels come close to it ([Report.md](Report.md), "Models").
- Weights, activations and cache are bf16, results of contractions f32, unless a table says otherwise. One call of the
  whole model: embedding, all layers, head. A context includes the new token.
- Peaks and bandwidths are data sheets' ([Targets.md](Targets.md)). A machine whose vendor states no bf16 peak has the one of f32
  (EPYC) or f16 (phone): its arithmetic is a vector unit's.
- **c**: bound by arithmetic, else by memory. **(n)**: the model does not fit; n devices hold it, and the figure is what one device's
  memory would give if it were large enough. n devices are at most n times as fast.
- Of a mixture of experts as many experts are read as uniform routing hits: `--experts-hit=expected`
  ([Workload.md](Workload.md), "Architectures"), for one token exactly its own.
- i8 and i4 weights with a scale for each group of inputs are widened and scaled for every token: 3 FLOP per weight use instead of
  2 (in the table of quantisation). With one scale per row the sum is scaled (in that of robots).
- **desktop**: two channels of DDR5-5600 with an AMD 9950X. **phone**: the CPU of a Snapdragon 8 Elite.

"""


class Findings:
    """Numbered sentences. What a sentence says is checked, or it is not made."""

    def __init__(self):
        self.lines = []

    def say(self, sentence, **claims):
        wrong = [name for name, holds in claims.items() if not holds]
        if wrong:
            raise AssertionError(f"not so: {', '.join(wrong)}: {sentence}")
        self.lines.append(sentence)

    def text(self):
        return "## Findings\n\n" + "\n".join(
            f"{i}. {line}" for i, line in enumerate(self.lines, 1)) + "\n\n"


def is_near(value, other, error):
    return abs(value / other - 1) <= error


def findings(lab, models, decoders, limits, slower, actions, chunks):
    """Sentences with their numbers, from the same reports as the tables."""
    made = Findings()
    one_sequence(made, lab, decoders)
    prompts_and_training(made, lab, models)
    same_arithmetic(made, lab, slower)
    batches(made, lab, decoders, limits)
    mixture_finding(made, lab)
    attention_findings(made, lab)
    robot_findings(made, lab, actions)
    chunk_finding(made, chunks)
    return made.text()


def one_sequence(made, lab, decoders):
    every = list(MACHINES)
    llama = lab.get(decode("llama3-8b"), every)
    desktop, h100 = "ddr5-2ch", "h100-sxm"
    ridges = {t: r for t, r in lab.ridges().items() if t in MACHINES}
    reports = {m: lab.get(decode(m), every) for m in decoders}
    verified = {m: lab.get(machines.verify(m), every) for m in decoders
                if m not in machines.EXPERTS and
                lab.can_make(machines.verify(m))}
    flops = [f.bytes_per_flop(h100) for m, f in reports.items()
             if m not in machines.EXPERTS]
    ratio = llama.rate(h100) / llama.rate(desktop)
    made.say(
        f"**One sequence is memory-bound everywhere.** Decoding a dense model in bf16 moves {min(flops):.2f} to "
        f"{max(flops):.2f} bytes per FLOP. The machine of the study with the lowest ridge, the phone's CPU, "
        f"wants {1 / ridges['phone']:.2f}; an H100 wants {1 / ridges[h100]:.4f}. "
        f"So the rate is the bandwidth: Llama-3-8B makes at most {short(llama.rate(h100))} tokens/s on an H100 and "
        f"{short(llama.rate(desktop))} on a desktop, {ratio:.0f} times less, as its bandwidth is.",
        memory_bound=not any(f.is_compute_bound(t) for f in reports.values()
                             for t in every),
        lowest_ridge=min(ridges, key=ridges.get) == "phone",
        needs_less=min(flops) > 1 / ridges["phone"],
        as_bandwidth=is_near(ratio, lab.bandwidth(h100) / lab.bandwidth(desktop),
                             0.01),
        # Of the table of speculated tokens.
        four_times=all(3.6 < f.tokens / f.floor_seconds(h100) /
                       reports[m].rate(h100) < 4.2
                       for m, f in verified.items()),
        floor_is_near=all(f.floor_seconds(t) >= 0.94 * f.seconds(t)
                          for f in reports.values() for t in every))


def list_memory_bound(lab, models, phase):
    """Where a phase is bound by memory, at the floor: {model: machines}."""
    every = list(MACHINES)
    found = {m: [t for t in every
                 if not lab.get(phase(m), every).is_compute_bound_at_floor(t)]
             for m in models if lab.can_make(phase(m))}
    return {m: where for m, where in found.items() if where}


# An image, or at most 1024 tokens of a small model.
SHORT = {"vit-b-16", "bert-base", "bert-large", "t5-base", "openvla-7b",
         "rt2-palm-e-12b", "pi0", "gpt2", "gpt2-medium", "gpt2-large"}


def prompts_and_training(made, lab, models):
    every, h100 = list(MACHINES), "h100-sxm"
    prompt = lab.get(prefill("llama3-8b"), every)
    prompts = list_memory_bound(lab, models, prefill)
    trained = list_memory_bound(lab, models, train)
    uses = {m: 2048 * k // e for m, (e, k) in machines.EXPERTS.items()}
    few = {m for m in uses if h100 in prompts.get(m, [])}
    told = ", ".join(f"{m} {uses[m]}" for m in sorted(few, key=uses.get))
    made.say(
        f"**Prompts and training are bound by arithmetic**, on DDR as well: 2048 tokens of Llama-3-8B move "
        f"{prompt.floor / prompt.flops:.4f} bytes per FLOP. Exceptions are an image or at most 1024 tokens of a small model (ViT, BERT, T5, GPT-2, "
        f"robots) on machines with more arithmetic than their memory can feed, above all Thor, and mixtures of experts: of 2048 tokens few use the same "
        f"expert. On an H100 memory decides where these are at most {max(uses[m] for m in few)}: {told}. In training AdamW updates all experts, whichever were hit.",
        few_tokens=prompts.keys() | trained.keys() <= SHORT | uses.keys(),
        above_all_thor=all("jetson-thor" in where for where in
                           [*prompts.values(), *trained.values()]),
        feeds=not {"epyc-9755", "ddr5-2ch", "phone"} & set(
            sum([*prompts.values(), *trained.values()], [])),
        few_uses=max(uses[m] for m in few) <= min(
            uses[m] for m in uses if m not in few))


def same_arithmetic(made, lab, slower):
    rate = 3350 / 576 # The last column of the table: HBM3 / DDR5 576.
    made.say(
        f"**With the same arithmetic, DDR costs what its bandwidth says or nothing.** Behind one processor, twelve channels of DDR5 decode "
        f"{slower['decode, batch 1']:.1f} times slower than HBM3, at batch 256 still {slower['decode, batch 256']:.1f} times; a prompt of 2048 tokens takes "
        f"{slower['prefill 2048']:.2f} times as long, a training step {slower['train 8 x 1024']:.2f} times. Faster memory pays "
        f"in decoding.",
        as_bandwidth=all(is_near(slower[f"decode, batch {b}"], rate, 0.02)
                         for b in (1, 16, 256)),
        nothing=max(slower["prefill 2048"], slower["train 8 x 1024"]) < 1.05)


def batches(made, lab, decoders, limits):
    from sweeps import PAIR, ridge_models, RIDGE_CONTEXTS
    h100 = "h100-sxm"
    needs = lab.ridges()[h100]
    found = [lab.get(decode(m, context=c), PAIR).ridge(h100, "at_floor")
             for m in ridge_models(decoders) for c in RIDGE_CONTEXTS]
    llama = [limits["llama3-8b", c] for c in (512, 2048, 8192)]
    made.say(
        f"**Batching stops helping where the cache takes over.** The weights are shared by a batch, the cache is not. At batch 1024 "
        f"Llama-3-8B does {llama[0]:.0f} FLOP per byte with 512 tokens of context, "
        f"{llama[1]:.0f} with 2048, {llama[2]:.0f} with 8192; Llama-2-7B, without grouped queries, "
        f"{limits['llama2-7b', 2048]:.0f} with 2048. An H100 needs {needs:.0f}: for {found.count(None)} of {len(found)} models and "
        f"contexts no batch is large enough (`none` in the table of ridges).",
        falls=needs > llama[0] > llama[1] > llama[2],
        grouped=limits["llama2-7b", 2048] < llama[1])


def mixture_finding(made, lab):
    from sweeps import PAIR, count_hits, mixture_flags

    def gain(model, batch=4):
        one, more = (lab.get(mixture_flags(model, b), PAIR).floor / b
                     for b in (1, batch))
        return one / more

    def all_hit(model):
        return next(b for b in range(1, 10000)
                    if count_hits(model, b) == machines.EXPERTS[model][0])

    dense = [lab.get(decode("llama3-8b", b), PAIR).floor / b for b in (1, 4)]
    gains = {m: gain(m) for m in ("mixtral-8x7b", "deepseek-v3")}
    made.say(
        f"**A mixture of experts is sparse for one sequence.** A batch shares weights only as far as its tokens meet in the same "
        f"experts: four sequences of Mixtral-8x7B move {gains['mixtral-8x7b']:.1f} times fewer bytes per token than one, of DeepSeek-V3 "
        f"{gains['deepseek-v3']:.1f} times, of the dense Llama-3-8B {dense[0] / dense[1]:.1f} times. Mixtral reads all its "
        f"experts from {all_hit('mixtral-8x7b')} sequences on, DeepSeek-V3 from {all_hit('deepseek-v3')} on.",
        less_than_dense=max(gains.values()) < dense[0] / dense[1])


def attention_findings(made, lab):
    from sweeps import ATTENTIONS, PAIR
    at = {name: lab.get(decode("llama3-8b", 64, 8192, more), PAIR)
          for name, more in ATTENTIONS.items()}
    rate = {name: f.tokens / f.floor_seconds("h100-sxm")
            for name, f in at.items()}
    mha, gqa, mqa, mla = rate.values()
    faster = lab.bandwidth("h200-sxm") / lab.bandwidth("h100-sxm")
    made.say(
        f"**Fewer KV heads are worth more than faster memory.** 64 sequences of 8192 tokens on an H100: an 8B model with one KV head per "
        f"query head makes {short(mha)} tokens/s, with 8 KV heads {short(gqa)} ({gqa / mha:.1f} times), with a latent cache (MLA) "
        f"{short(mla)} ({mla / mha:.1f} times), with one KV head {short(mqa)} ({mqa / mha:.1f} times). An H200 instead of an H100 gives "
        f"{faster:.1f} times.",
        worth_more=min(gqa, mla, mqa) / mha > faster)

    def gain(weights, kv, batch, context):
        plain, narrow = (
            lab.get(decode("llama3-8b", batch, context,
                           f" --weights={w} --kv={c}"), PAIR)
            for w, c in (("bf16", "bf16"), (weights, kv)))
        return (plain.floor_seconds("h100-sxm") /
                narrow.floor_seconds("h100-sxm"))

    one = [gain("i4", kv, 1, 2048) for kv in ("bf16", "i4")]
    many = [gain("i4", kv, 64, 8192) for kv in ("bf16", "f8", "i4")]
    made.say(
        f"**Quantise what moves.** For one sequence that is weights: i4 weights decode Llama-3-8B "
        f"{one[0]:.1f} times faster than bf16, an i4 cache on top {one[1]:.1f} times. For 64 sequences of 8192 tokens it is the "
        f"cache: i4 weights alone give {many[0]:.2f} times, with an f8 cache {many[1]:.1f} times, with i4 {many[2]:.1f} times.",
        weights=one[0] - 1 > one[1] - one[0],
        cache=many[1] - many[0] > many[0] - 1 and many[2] > many[1])


def robot_findings(made, lab, actions):
    def list_fitting(kind, seconds, one_pass):
        return [t for t in MACHINES if actions["openvla-7b", kind, t].fits and
                (actions["openvla-7b", kind, t].first if one_pass else
                 actions["openvla-7b", kind, t].all) <= seconds]

    def names(*fitting):
        return ", ".join(MACHINES[t] for t in list_fitting(*fitting)) or "none"

    hbm = {"h100-sxm", "h200-sxm", "mi300x", "b200"}
    thor = {k: actions["openvla-7b", k, "jetson-thor"] for k in robots.KINDS}
    orin = actions["openvla-7b", "i4", "jetson-orin"]
    made.say(
        f"**A control loop at 10 Hz wants HBM, or narrow weights.** OpenVLA reads its image and writes 7 tokens, one after the other. In bf16 that "
        f"can fit 100 ms on: {names('bf16', 0.1, False)}; with i4 weights on: {names('i4', 0.1, False)}. A Jetson Thor takes at least "
        f"{1e3 * thor['bf16'].all:.0f} ms in bf16 and {1e3 * thor['i4'].all:.0f} ms in i4, an Orin {1e3 * orin.all:.0f} ms in i4: with bf16 activations no software is faster.",
        only_hbm=set(list_fitting("bf16", 0.1, False)) <= hbm,
        others_in_i4=set(list_fitting("i4", 0.1, False)) - hbm)
    made.say(
        f"**50 Hz token by token** can fit in bf16 on: {names('bf16', 0.02, False)}; in i4 on: {names('i4', 0.02, False)}.")
    gain = thor["bf16"].all / thor["bf16"].first
    faster = 8000 / 3350 # HBM3E and HBM3 of the table of memories.
    made.say(
        f"**All action tokens in one pass** (as OpenVLA-OFT decodes, arXiv 2502.19645) are one reading of the weights instead of seven: in bf16 a "
        f"Thor then needs {1e3 * thor['bf16'].first:.0f} ms, {gain:.1f} times less, where HBM3E instead of HBM3 gives {faster:.1f} times. 10 Hz can fit on: {names('bf16', 0.1, True)}; "
        f"50 Hz on: {names('bf16', 0.02, True)}.",
        more_than_memory=gain > faster)


def chunk_finding(made, chunks):
    thor, orin = (chunks["bf16", t] for t in ("jetson-thor", "jetson-orin"))
    fitting = [MACHINES[t] for t in MACHINES
               if chunks["bf16", t].fits and chunks["bf16", t].all <= 1]
    made.say(
        f"**Chunks leave time.** pi0 makes 50 actions with one look at three images and ten small steps: at least {1e3 * thor.all:.0f} ms on a Thor in "
        f"bf16, {1e3 * orin.all:.0f} ms on an Orin. A chunk is a second at 50 Hz; in bf16 that can fit on: {', '.join(fitting)}.",
        fits=thor.all < 1 and orin.all < 1)


SECTIONS = [
    ("Decoding one sequence", "decode",
     "Tokens per second at the bound; context 2048 (GPT-2: 1024, Whisper: 448 and 1500 encoded), T5 with 512 encoded tokens.\n\n"
     "![Tokens per second by machine](study-machines.svg)\n"),
    ("Energy of memory", "energy",
     "Joules that DRAM takes for the bytes of one decoded token, batch 1, where a machine's picojoules per bit are known "
     "([Targets.md](Targets.md)); arithmetic and caches come on top."),
    ("Verifying four speculated tokens", "verify",
     "Tokens per second at the floor if all four are right. For dense models nearly four times the rate of decoding: the weights "
     "are read once."),
    ("Prompts", "prefill",
     "Tokens per second at the floor. Sequence 2048; GPT-2 1024, BERT and T5 512, Whisper 448 with 1500 encoded, robots 280 "
     "(256 of the image), pi0 816 (768 of three images), ViT and SigLIP one image."),
    ("Training", "train",
     "Tokens per second at the floor: forward, backward, AdamW with f32 states; 8 sequences of 1024 tokens (BERT and T5 512, ViT "
     "one image, robots 288: image, instruction, action). Tokens are the decoder's where there is one. AdamW updates all experts, "
     "whichever the tokens hit."),
    ("Mixtures of experts over the batch", "mixtures",
     "Tokens per second at the floor, context 2048, with as many experts as uniform routing hits; beside it the limits, if all "
     "tokens agree on their experts and if each takes others until all are taken. In the command, uniform; the others add "
     "`--experts-hit=2` (DeepSeek-V3: 8) and `--experts-hit=most`."),
    ("From which batch on decoding is bound by arithmetic", "ridges",
     "At the floor, by machine and context. `none`: a sequence's own cache takes longer than its arithmetic. For the mixtures "
     "of experts all experts are read once enough tokens choose.\n\n"
     "![FLOP per byte over the batch](study-intensity.svg)\n"),
    ("Quantisation", "quantisation",
     "Llama-3-8B at the floor: bytes per token and tokens per second, one sequence of 2048 tokens, then 64 of 8192; and the "
     "batch at the ridge with 2048. Widening weights, which have a scale for 128 inputs, counts for every sequence here; kernels "
     "that do it once per batch reach the ridge later."),
    ("Attention", "attention",
     "An 8B model (Llama-3-8B with other attention), 64 sequences of 8192 tokens, at the floor. The share is that of the cache in "
     "the floor. ATTENTION is one of: `--kv-heads=32`, nothing, `--kv-heads=1`, `--kv-heads=32 --kv-latent=512 --rope-dim=64 "
     "--value-dim=128`."),
    ("HBM against DDR: one processor, five memories", "memories",
     "The arithmetic of an H100 in front of other memories (`tools/study-lib/equal-compute.mlir`); GB/s behind the names. "
     "Tokens per second at the floor. The last column: how much longer DDR5 takes than HBM3."),
    ("HBM against DDR: machines that exist twice", "twins",
     "An H200 is an H100 with other memory; a Xeon 6980P takes DDR5-6400 or MRDIMM-8800. Tokens per second at the floor."),
    ("Robots", "robots",
     "Milliseconds per action, at least: all tokens in one pass / one by one, batch 1, one image. In brackets: does not fit "
     "in memory. 10 Hz leave 100 ms, 50 Hz leave 20 ms. These are floors of the two programs below (the second runs once for "
     "each token but the first); i8 and i4 weights have one scale per row. pi0's step is the third program: 50 actions and the "
     "state of the robot, ten times.\n\n"
     "![Milliseconds per action](study-robots.svg)\n"),
]

TAIL = """## What is not in here

Links between devices and the time they take, kernels' launch times, power limits, prefix caches and paging, the
latency of memory, sparsity. Encoders (BERT, ViT) do not decode.
"""


def write(lab, models, decoders, parts, limits, slower, actions, chunks):
    text = HEAD.format(models=len(models), machines=len(MACHINES))
    text += findings(lab, models, decoders, limits, slower, actions,
                     chunks) + METHOD
    for title, name, words in SECTIONS:
        text += f"## {title}\n\n{words.strip()}\n\n{parts[name].strip()}\n\n"
    return text + TAIL
