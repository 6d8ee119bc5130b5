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
        self.text = ""
        number = lambda low, high: r.choice([r.between(low, high), 8, 64, 0, 1, -1])
        self.flags = ["--hidden=64", "--heads=8"]
        self.flags += [
            f"--{name}={number(1, high)}" for name, high in (
                ("hidden", 512), ("heads", 16), ("kv-heads", 16), ("ffn", 1024),
                ("seq", 256), ("batch", 4), ("num-layers", 3), ("window", 64),
                ("experts", 8), ("top-k", 4), ("head-dim", 128), ("kv-latent", 64),
                ("vocabulary", 1000)) if r.chance(0.15)]
        for name, values in (
                ("phase", ["prefill", "decode"]), ("norm", ["rms", "layer"]),
                ("norm-placement", ["pre", "post", "parallel"]),
                ("positions", ["none", "learned", "rotary", "relative-bias"]),
                ("family", ["decoder", "encoder", "encoder-decoder"]),
                ("activation", ["swiglu", "gelu-tanh", "gelu", "relu"]),
                ("weights", ["f32", "bf16", "f8", "i8", "i4"]),
                ("activations", ["f32", "bf16", "f16", "i8"])):
            if r.chance(0.3):
                self.flags.append(f"--{name}={r.choice(values)}")
