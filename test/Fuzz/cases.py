"""What is fuzzed: case (seed, number) -> a file of MLIR and a machine.

  sweep      a program of test/Validation with a machine of its own
  op         one structured op of random_ops.py, on a shipped or a small machine
  mutant     one of these, changed (mutate.py)
  lit        a program of the lit tests, changed
  target     a shipped target, changed, as a file or on the program's module
  generator  what memwall-gen makes of random flags
"""

import pathlib
import random
import re
import sys

FUZZ = pathlib.Path(__file__).parent
TEST = FUZZ.parent
sys.path.append(str(TEST / "Validation"))

from families import Source
from mutate import mutate
from programs import Sample
from random_ops import RandomOp

KINDS = (["sweep"] * 3 + ["op"] * 3 + ["mutant"] * 5 + ["lit"] * 5
         + ["target"] * 3 + ["generator"])
SMALL = ["tiny", "sectors", "scratch", "element"]
ONE_OP = """func.func @f(%a: tensor<48x96xf32>, %b: tensor<96x32xf32>, %c: tensor<48x32xf32>) -> tensor<48x32xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<48x96xf32>, tensor<96x32xf32>) outs(%c : tensor<48x32xf32>) -> tensor<48x32xf32>
  return %0 : tensor<48x32xf32>
}
"""


def read_shipped():
    folder = TEST.parent / "lib/Target/targets"
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.mlir"))}


def read_corpus():
    """The programs of the lit tests, each piece of a split file for itself."""
    pieces = []
    for path in sorted(TEST.glob("**/*.mlir")):
        if path.stat().st_size > 50_000:
            continue
        for piece in re.split(r"^// -----.*$|^//--- .*$", path.read_text(),
                              flags=re.M):
            lines = [l for l in piece.split("\n") if not l.lstrip().startswith("//")]
            if any("func" in l for l in lines):
                pieces.append("\n".join(lines).strip() + "\n")
    return pieces


# Flags of memwall-gen, with the largest number or the values.
MODELS = ["gpt2", "bert-base", "vit-b-16", "t5-base", "llama3-8b", "mixtral-8x7b",
          "deepseek-v3", "openvla-7b", "qwen3-next-80b-a3b", "gemma3-4b",
          "llama4-scout", "gpt-oss-20b", "whisper-large-v3", "mamba2-2.7b",
          "pi0"]
NUMBERS = [("hidden", 512), ("heads", 16), ("kv-heads", 16), ("ffn", 1024),
           ("seq", 256), ("batch", 4), ("num-layers", 3), ("window", 64),
           ("experts", 8), ("top-k", 4), ("expert-ffn", 256), ("head-dim", 128),
           ("kv-latent", 64), ("query-latent", 64), ("rope-dim", 16),
           ("value-dim", 64), ("vocabulary", 1000), ("context", 300),
           ("new-tokens", 6), ("encoder-seq", 64), ("encoder-layers", 3),
           ("group-size", 64), ("tensor-parallel", 8), ("shared-experts", 2),
           ("dense-layers", 2), ("expert-interval", 3), ("state-heads", 8),
           ("state-key-heads", 8), ("state-key-dim", 32), ("state-value-dim", 32),
           ("conv-taps", 6), ("state-rank", 8), ("scan-norm-groups", 4), ("rotary-dim", 32), ("attention-cap", 50),
           ("logit-cap", 50), ("position-rows", 300), ("image", 64), ("patch", 16),
           ("classes", 10), ("action-tokens", 4), ("views", 3),
           ("action-hidden", 64), ("action-ffn", 64), ("action-dim", 7),
           ("action-horizon", 9), ("experts-hit", 8), ("layers", 3)]
WEIGHTS = ["f32", "bf16", "f16", "f8", "f4", "i8", "i4", "nvfp4", "mxfp4", "q4_0",
           "q5_0", "q5_1", "q8_0", "q4_k", "q5_k", "q6_k", "q4_k_m"]
CHOICES = [("phase", ["prefill", "decode", "verify", "train"]),
           ("norm", ["rms", "layer", "layer-unbiased"]),
           ("norm-placement", ["pre", "post", "parallel", "both", "after",
                               "parallel-two"]),
           ("positions", ["none", "learned", "rotary", "relative-bias", "alibi"]),
           ("family", ["decoder", "encoder", "encoder-decoder"]),
           ("activation", ["swiglu", "geglu", "clamped-swiglu", "gelu-tanh", "gelu",
                           "relu", "relu2"]),
           ("weights", WEIGHTS), ("expert-weights", WEIGHTS), ("embedding", WEIGHTS),
           ("head", WEIGHTS), ("scales", ["f8", "e8m0"]),
           ("activations", ["f32", "bf16", "f16", "f8", "i8"]),
           ("kv", ["f32", "bf16", "f8", "i8", "i4"]),
           ("accumulate", ["f32", "bf16", "f8", "i4"]),
           ("types", ["f32", "f16", "f8"]),
           ("style", ["named", "generic", "torch-like"]), ("layers", ["all", "1"]),
           ("pattern", ["window,global", "linear", "delta,global", "scan", "scan,window",
                        "global", "unturned,window", "selective-scan",
                        "attention-scan", "scan,feed-forward"]),
           ("router", ["normalised", "softmax", "sigmoid-of-input"]),
           ("qk-norm", ["weighted", "plain", "all-heads"]),
           ("contexts", ["3,9", "5,300,64", "0"]),
           ("experts-hit", ["expected", "most", "unknown"])]
SWITCHES = ["biases", "qkv-bias", "output-bias", "tied-embeddings", "sinks",
            "output-gate", "scaled-embedding", "expert-biases", "shared-gate",
            "conv-bias", "steps", "gradients", "split-layers", "head-bias"]

SHIPPED = read_shipped()
CORPUS = read_corpus()


class Case:
    """`text`: the program; `target`: the machine's name; `machines`: text of a
    file that has it, if it is neither shipped nor on the program's module;
    `is_on_module`: passes find the machine there without its name; `flags`: of
    memwall-gen, which writes the program."""

    def __init__(self, seed, number, kind=None):
        r = Source(seed, number)
        self.seed, self.number = seed, number
        self.kind = r.choice(KINDS)
        self.kind = kind or self.kind
        self.machines, self.flags, self.is_on_module = None, None, False
        self.target = r.choice(list(SHIPPED))
        getattr(self, f"choose_{self.kind}")(r)

    def get_machine(self):
        """Cases of one machine can be put through a tool together."""
        return (None if self.is_on_module else self.target, self.machines)

    def choose_sweep(self, r):
        self.text = Sample(r.below(1 << 30), r.below(1 << 20)).text
        self.target = "sweep"

    def choose_op(self, r):
        self.text = RandomOp(random.Random(r.below(1 << 30))).emit("f")
        if r.chance(0.6):
            self.target = r.choice(SMALL)
            self.machines = (FUZZ / "Inputs/small-caches.mlir").read_text()

    def choose_mutant(self, r):
        r.choice([self.choose_sweep, self.choose_op])(r)
        self.text = mutate(r, self.text)

    def choose_lit(self, r):
        self.text = mutate(r, r.choice(CORPUS))

    def choose_target(self, r):
        self.text = ONE_OP
        self.machines = mutate(r, r.choice(
            [SHIPPED[self.target], (FUZZ / "Inputs/small-caches.mlir").read_text()]))
        names = re.findall(r'^ *"([\w-]+)" = #dlti.target_device_spec', self.machines,
                           flags=re.M)
        self.target = r.choice(names or ["none"])
        # One process reads many modules, but one file of targets.
        if r.chance(0.8) and self.machines.rstrip().endswith("{}"):
            self.text = self.machines.rstrip()[:-1] + "\n" + ONE_OP + "}\n"
            self.machines, self.is_on_module = None, True

    def choose_generator(self, r):
        """Flags of dimensions alone, or that change a published model."""
        self.text = ""
        number = lambda low, high: r.choice([r.between(low, high), 8, 64, 0, 1, -1])
        self.flags = (["--hidden=64", "--heads=8"] if r.chance(0.8) else
                      [f"--model={r.choice(MODELS)}", "--num-layers=2"])
        self.flags += [
            f"--{name}={number(1, high)}" for name, high in NUMBERS if r.chance(0.03)]
        self.flags += [f"--{name}={r.choice(values)}" for name, values in CHOICES
                       if r.chance(0.06)]
        self.flags += [f"--{name}" for name in SWITCHES if r.chance(0.02)]
        if r.chance(0.2):
            self.flags += ["--state-heads=4", "--state-key-dim=8", "--state-value-dim=16"]
        if r.chance(0.2):
            self.flags += ["--experts=4", "--top-k=2", "--expert-ffn=64"]
