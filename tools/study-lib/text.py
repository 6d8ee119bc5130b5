"""The words of docs/Study.md around the tables. Every number is looked up."""

import machines
import robots
from machines import MACHINES, decode, prefill
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


def findings(lab, decoders, limits, slower, actions):
    """Sentences with their numbers, from the same reports as the tables."""
    every = list(MACHINES)
    llama = lab.get(decode("llama3-8b"), every)
    prompt = lab.get(prefill("llama3-8b"), every)
    desktop, h100 = "ddr5-2ch", "h100-sxm"
    ratio = llama.rate(h100) / llama.rate(desktop)
    memory_bound = all(
        not lab.get(decode(m), every).is_compute_bound(t)
        for m in decoders for t in every)
    dense = [m for m in decoders if m not in machines.EXPERTS]
    flops = [lab.get(decode(m), every).bytes_per_flop(h100) for m in dense]
    experts = lab.get(prefill("deepseek-v3"), every)
    sparse = ("" if experts.is_compute_bound_at_floor(h100) else
              ", and DeepSeek-V3: its 2048 tokens read all 256 experts of a layer and use each for "
              f"{2048 * 8 // 256}")
    lines = [
        f"**One sequence is memory-bound {'everywhere' if memory_bound else 'nearly everywhere'}.** "
        f"Decoding a dense model in bf16 moves {min(flops):.2f} to "
        f"{max(flops):.2f} bytes per FLOP. The machine of the study with the lowest ridge, the phone's CPU, "
        f"wants {1 / lab.ridges()['phone']:.2f}; an H100 wants {1 / lab.ridges()[h100]:.4f}. "
        f"So the rate is the bandwidth: Llama-3-8B makes at most {short(llama.rate(h100))} tokens/s on an H100 and "
        f"{short(llama.rate(desktop))} on a desktop, {ratio:.0f} times less, as its bandwidth is.",
        f"**Prompts and training are bound by arithmetic**, on DDR as well: 2048 tokens of Llama-3-8B move "
        f"{prompt.floor / prompt.flops:.4f} bytes per FLOP. Exceptions are a few hundred tokens (ViT, BERT, T5, robots) on machines "
        f"with more arithmetic than their memory can feed{sparse}. In training AdamW updates all experts, whichever were hit.",
        f"**With the same arithmetic, DDR costs what its bandwidth says or nothing.** Behind one processor, twelve channels of DDR5 decode "
        f"{slower['decode, batch 1']:.1f} times slower than HBM3, at batch 256 still {slower['decode, batch 256']:.1f} times; a prompt of 2048 tokens takes "
        f"{slower['prefill 2048']:.2f} times as long, a training step {slower['train 8 x 1024']:.2f} times. Faster memory pays "
        f"in decoding.",
        f"**Batching stops helping where the cache takes over.** The weights are shared by a batch, the cache is not. At batch 1024 "
        f"Llama-3-8B does {limits['llama3-8b', 512]:.0f} FLOP per byte with 512 tokens of context, "
        f"{limits['llama3-8b', 2048]:.0f} with 2048, {limits['llama3-8b', 8192]:.0f} with 8192; Llama-2-7B, without grouped queries, "
        f"{limits['llama2-7b', 2048]:.0f} with 2048. An H100 needs {lab.ridges()[h100]:.0f}: for most models and contexts no batch is "
        f"large enough (`none` in the table of ridges).",
    ]
    lines.append(mixture_finding(lab))
    lines += attention_findings(lab)
    lines += robot_findings(actions)
    return "## Findings\n\n" + "\n".join(
        f"{i}. {line}" for i, line in enumerate(lines, 1)) + "\n\n"


def mixture_finding(lab):
    from sweeps import PAIR, count_hits, mixture_flags

    def per_token(model, batch):
        f = lab.get(mixture_flags(model, batch), PAIR)
        return f.floor / batch

    def gain(batch, model="mixtral-8x7b"):
        return per_token(model, 1) / per_token(model, batch)

    def all_hit(model):
        return next(b for b in range(1, 10000)
                    if count_hits(model, b) == machines.EXPERTS[model][0])

    dense = [lab.get(decode("llama3-8b", b), PAIR).floor / b for b in (1, 4)]
    return (
        f"**A mixture of experts is sparse for one sequence.** A batch shares weights only as far as its tokens meet in the same "
        f"experts: four sequences of Mixtral-8x7B move {gain(4):.1f} times fewer bytes per token than one, of DeepSeek-V3 "
        f"{gain(4, 'deepseek-v3'):.1f} times, of the dense Llama-3-8B {dense[0] / dense[1]:.1f} times. Mixtral reads all its "
        f"experts from {all_hit('mixtral-8x7b')} sequences on, DeepSeek-V3 from {all_hit('deepseek-v3')} on.")


def attention_findings(lab):
    from sweeps import ATTENTIONS, PAIR
    at = {name: lab.get(decode("llama3-8b", 64, 8192, more), PAIR)
          for name, more in ATTENTIONS.items()}
    rate = {name: f.tokens / f.floor_seconds("h100-sxm")
            for name, f in at.items()}
    mha, gqa, mqa, mla = rate.values()

    def quantised(weights, kv, batch, context):
        return lab.get(decode("llama3-8b", batch, context,
                              f" --weights={weights} --kv={kv}"), PAIR)

    def gain(weights, kv, batch, context):
        plain = quantised("bf16", "bf16", batch, context)
        return plain.floor_seconds("h100-sxm") / quantised(
            weights, kv, batch, context).floor_seconds("h100-sxm")

    return [
        f"**Fewer KV heads are worth more than faster memory.** 64 sequences of 8192 tokens on an H100: an 8B model with one KV head per "
        f"query head makes {short(mha)} tokens/s, with 8 KV heads {short(gqa)} ({gqa / mha:.1f} times), with a latent cache (MLA) "
        f"{short(mla)} ({mla / mha:.1f} times), with one KV head {short(mqa)} ({mqa / mha:.1f} times). An H200 instead of an H100 gives 1.4 times.",
        f"**Quantise what moves.** For one sequence that is weights: i4 weights decode Llama-3-8B "
        f"{gain('i4', 'bf16', 1, 2048):.1f} times faster than bf16, an i4 cache on top {gain('i4', 'i4', 1, 2048):.1f} times. For 64 sequences of 8192 tokens it is the "
        f"cache: i4 weights alone give {gain('i4', 'bf16', 64, 8192):.2f} times, with an f8 cache {gain('i4', 'f8', 64, 8192):.1f} times, with i4 "
        f"{gain('i4', 'i4', 64, 8192):.1f} times.",
    ]


def robot_findings(actions):
    def fitting(kind, seconds, one_pass):
        names = [MACHINES[t] for t in MACHINES
                 if actions["openvla-7b", kind, t].fits and
                 (actions["openvla-7b", kind, t].first if one_pass else
                  actions["openvla-7b", kind, t].all) <= seconds]
        return ", ".join(names) or "none"

    thor = {k: actions["openvla-7b", k, "jetson-thor"] for k in robots.KINDS}
    orin = actions["openvla-7b", "i4", "jetson-orin"]
    return [
        f"**A control loop at 10 Hz wants HBM, or narrow weights.** OpenVLA reads its image and writes 7 tokens, one after the other. In bf16 that "
        f"can fit 100 ms on: {fitting('bf16', 0.1, False)}; with i4 weights on: {fitting('i4', 0.1, False)}. A Jetson Thor takes at least "
        f"{1e3 * thor['bf16'].all:.0f} ms in bf16 and {1e3 * thor['i4'].all:.0f} ms in i4, an Orin {1e3 * orin.all:.0f} ms in i4: with bf16 activations no software is faster.",
        f"**50 Hz token by token** can fit in bf16 on: {fitting('bf16', 0.02, False)}; in i4 on: {fitting('i4', 0.02, False)}.",
        f"**All action tokens in one pass** (as OpenVLA-OFT decodes, arXiv 2502.19645) change that more than any memory: one reading of the weights instead of seven. "
        f"In bf16 a Thor then needs {1e3 * thor['bf16'].first:.0f} ms; 10 Hz can fit on: {fitting('bf16', 0.1, True)}; 50 Hz on: {fitting('bf16', 0.02, True)}.",
    ]


SECTIONS = [
    ("Decoding one sequence", "decode",
     "Tokens per second at the bound; context 2048 (GPT-2: 1024), T5 with 512 encoded tokens.\n\n"
     "![Tokens per second by machine](study-machines.svg)\n"),
    ("Energy of memory", "energy",
     "Joules that DRAM takes for the bytes of one decoded token, batch 1, where a machine's picojoules per bit are known "
     "([Targets.md](Targets.md)); arithmetic and caches come on top."),
    ("Verifying four speculated tokens", "verify",
     "Tokens per second at the floor if all four are right. Nearly four times the rate of decoding: the weights are read once."),
    ("Prompts", "prefill",
     "Tokens per second at the floor. Sequence 2048; GPT-2 1024, BERT and T5 512, robots 280 (256 of the image), ViT one image."),
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
     "each token but the first); i8 and i4 weights have one scale per row.\n\n"
     "![Milliseconds per action](study-robots.svg)\n"),
]

TAIL = """## What is not in here

Links between devices and the time they take, kernels' launch times, power limits, prefix caches and paging, the
latency of memory, sparsity. Encoders (BERT, ViT) do not decode.
"""


def write(lab, models, decoders, parts, limits, slower, actions):
    text = HEAD.format(models=len(models), machines=len(MACHINES))
    text += findings(lab, decoders, limits, slower, actions) + METHOD
    for title, name, words in SECTIONS:
        text += f"## {title}\n\n{words.strip()}\n\n{parts[name].strip()}\n\n"
    return text + TAIL
