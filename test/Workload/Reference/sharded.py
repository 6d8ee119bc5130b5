"""Tensor parallelism against the reference of the whole layer.

Every device runs its own program with its part of one set of weights. What an
all-reduce adds up is done here: for each part of the layer (attention, feed-
forward) all devices run with the other parts' last weights set to zero, so that
each gives the hidden state plus its partial sum.

usage: sharded.py
"""

import math
import random

from program import Program, Tensor, distance, draw, narrow
from reference import Model, Weights, linear, norm
from forward import CASES, SMALL, Case, Run, report
from vision import TOWER

# The last weights of the parts, in the order of the layer.
PARTS = [["o_proj"], ["cross_o_proj"],
         ["down_proj", "experts.down_proj", "shared_down_proj"]]


def find_cut(whole, part):
    """The dimension that is divided and into how many; None if whole."""
    for dim, (all_of_it, mine) in enumerate(zip(whole.shape, part.shape)):
        if all_of_it != mine:
            assert all_of_it % mine == 0, (whole.name, whole.shape, part.shape)
            return dim, all_of_it // mine
    return None


def slices(shape, dim, pieces, index):
    """Positions of piece `index` of a tensor cut along `dim`."""
    inner = math.prod(shape[dim + 1:])
    length = shape[dim] // pieces * inner
    for outer in range(math.prod(shape[:dim])):
        start = outer * shape[dim] * inner + index * length
        yield slice(start, start + length)


class Devices:
    """The program of n devices and their parts of the values."""

    def __init__(self, whole, values, count):
        self.whole, self.all_values, self.count = whole, values, count
        self.program = Program(f"{whole.flags} --tensor-parallel={count}")

    def index(self, device, pieces):
        """A piece that there are fewer of than devices is repeated."""
        return device * pieces // self.count

    def values(self, device):
        """The device's part of each argument."""
        result = {}
        for port in self.program.arguments:
            whole = self.whole.argument(port.name)
            data = self.all_values[port.name]
            cut = find_cut(whole, port)
            if cut:
                dim, pieces = cut
                data = [x for s in slices(whole.shape, dim, pieces,
                                          self.index(device, pieces))
                        for x in data[s]]
            result[port.name] = data
        return result

    def gather(self, results):
        """One tensor of each name from those of the devices, by shape."""
        whole = {}
        for port in self.whole.results:
            parts = [r[port.name] for r in results]
            cut = find_cut(port, parts[0])
            if not cut:
                whole[port.name] = parts[0]
                continue
            dim, pieces = cut
            data = [None] * math.prod(port.shape)
            for device, part in enumerate(parts):
                taken = 0
                for s in slices(port.shape, dim, pieces,
                                self.index(device, pieces)):
                    data[s] = part.data[taken:taken + s.stop - s.start]
                    taken += s.stop - s.start
            whole[port.name] = Tensor(port.shape, data)
        return whole

    def execute(self, prefix=""):
        """The layer's results, with the all-reduces of its parts."""
        names = {a.name for a in self.program.arguments}
        parts = [[prefix + n for n in part if prefix + n + ".weight" in names]
                 for part in PARTS]
        parts = [part for part in parts if part]
        if any(n == "norm.weight" for n in names):
            parts = [sum(parts, [])]  # In parallel: one sum.
        hidden = self.all_values["hidden"]
        outputs = None
        for part in parts:
            results = []
            for device in range(self.count):
                values = self.values(device)
                values["hidden"] = hidden
                for other in sum(parts, []):
                    for kind in (".weight", ".bias"):
                        if other not in part and other + kind in values:
                            values[other + kind] = \
                                [0.0] * len(values[other + kind])
                results.append(self.program.run(values))
            # Each has the state and the bias once.
            once = list(hidden)
            for name in part:
                if name + ".bias" in names:
                    bias = self.all_values[name + ".bias"]
                    once = [x + bias[i % len(bias)] for i, x in
                            enumerate(once)]
            hidden = [x + math.fsum(r["hidden"].data[i] - x for r in results)
                      for i, x in enumerate(once)]
            outputs = outputs or self.gather(results)
        outputs["hidden"] = Tensor(outputs["hidden"].shape, hidden)
        return outputs


# Cases, how many devices (with more than KV heads, these are repeated), phases.
SHARDED = [("mha", 4, "decode"), ("gqa", 2, "prefill decode"),
           ("gqa", 4, "prefill decode"), ("mqa", 2, "decode"),
           ("biases", 2, "prefill"), ("relu", 2, "prefill"),
           ("parallel", 2, "prefill"), ("experts", 2, "prefill decode"),
           ("latent", 2, "prefill decode"), ("latent-queries", 2, "prefill"),
           ("kv-i8", 2, "decode"), ("cross", 2, "decode"),
           ("bias", 4, "decode"), ("delta", 2, "prefill decode")]
# Whole groups on each device.
GROUPS = {
    "i8": Case("--weights=i8 --group-size=2 --kv-heads=2"),
    "i8-rows": Case("--weights=i8 --group-size=0"),
    "i4-experts": Case("--weights=i4 --group-size=2 --experts=4 --top-k=2 "
                       "--expert-ffn=12", top_k=2),
}


def check(name, case, count, phases):
    for phase in phases.split():
        run = Run(name, case, phase, "named")
        devices = Devices(run.program, run.values, count)
        report(f"{name} {phase} on {count}", run.compare(devices.execute()),
               case.limit)


def check_tower(count):
    """A layer of a vision tower."""
    whole = Program(TOWER.replace("--layers=all", "--layers=1") +
                    " --model=vit-b-16")
    values = draw(whole, "tower")
    width = 12
    hidden = values["hidden"]
    rows = [hidden[i:i + width] for i in range(0, len(hidden), width)]
    model = Model(heads=2, rotary=False, causal=False, activation="gelu")
    expected, _ = model.layer(Weights(whole, values, "vision.0."), rows)
    found = Devices(whole, values, count).execute("vision.0.")
    report(f"vit on {count}",
           distance(found["hidden"].data, sum(expected, [])))


def check_head(count):
    """Rows of the head are divided: logits of all devices, side by side."""
    words = 12
    flags = (f"{SMALL} --types=f32 --num-layers=1 --layers=all "
             f"--vocabulary={words} --seq=5")
    whole = Program(flags)
    source = random.Random("head")
    values = {p.name: [narrow(source.uniform(-1, 1))
                       for _ in range(p.elements)]
              for p in whole.arguments}
    values["tokens"] = [source.randrange(words) for _ in range(5)]
    # The layer adds nothing: what goes in is what the head sees.
    for name in ("o_proj", "down_proj"):
        key = f"layers.0.{name}.weight"
        values[key] = [0.0] * len(values[key])
    top = Weights(whole, values)
    last = top.matrix("embedding")[values["tokens"][-1]]
    expected = linear(top, "lm_head", norm(top, "final_norm", [last]))[0]

    devices = Devices(whole, values, count)
    found = devices.gather([devices.program.run(devices.values(device))
                            for device in range(count)])
    report(f"head on {count}", distance(found["logits"].data, expected))


def main():
    for name, count, phases in SHARDED:
        check(name, CASES[name], count, phases)
    for name, case in GROUPS.items():
        check(name, case, 2, "prefill")
    check_tower(2)
    check_head(4)


if __name__ == "__main__":
    main()
