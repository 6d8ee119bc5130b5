"""Generated programs: what they take, what they give, and running them."""

import copy
import json
import math
import os
import random
import re
import subprocess
import tempfile

ITEM = re.compile(r'tensor<([^>]*)> \{memwall\.name = "([^"]*)", '
                  r'memwall\.role = "([^"]*)"\}')


class Tensor:
    """Row-major numbers."""

    def __init__(self, shape, data):
        self.shape, self.data = list(shape), list(data)
        assert math.prod(self.shape) == len(self.data), (shape, len(data))

    def rows(self):
        """The last dimension as lists."""
        width = self.shape[-1]
        return [self.data[i:i + width]
                for i in range(0, len(self.data), width)]


class Port:
    """An argument or a result."""

    def __init__(self, match):
        *sizes, self.type = match.group(1).split("x")
        self.shape = [int(size) for size in sizes]
        self.name, self.role = match.group(2), match.group(3)

    @property
    def elements(self):
        return math.prod(self.shape)


class Program:
    """What memwall-gen makes of flags."""

    def __init__(self, flags):
        self.flags = flags
        made = subprocess.run(["memwall-gen", *flags.split()],
                              capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"{flags}: {made.stderr}")
        self.text = made.stdout
        head = next(line for line in self.text.splitlines()
                    if "func.func @" in line)
        arguments, results = head.split(") -> ")
        self.arguments = [Port(m) for m in ITEM.finditer(arguments)]
        self.lent = []
        self.results = [Port(m) for m in ITEM.finditer(results)]

    def argument(self, name):
        ports = self.arguments + self.lent
        return next((p for p in ports if p.name == name), None)

    def lend(self, name, like):
        """Another name that only the reference asks for."""
        if not self.argument(name):
            port = copy.copy(self.argument(like))
            port.name = name
            self.lent.append(port)

    def execute(self, values, *flags):
        """What memwall-run prints, and the file that it leaves, `{out}`."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {k: os.path.join(folder, k) for k in
                     ("program.mlir", "inputs.json", "out")}
            with open(paths["program.mlir"], "w", encoding="utf-8") as file:
                file.write(self.text)
            with open(paths["inputs.json"], "w", encoding="utf-8") as file:
                json.dump([{"data": values[a.name]} for a in self.arguments],
                          file)
            ran = subprocess.run(
                ["memwall-run", paths["program.mlir"],
                 "--load-inputs=" + paths["inputs.json"],
                 *(flag.format(out=paths["out"]) for flag in flags)],
                capture_output=True, text=True)
            if ran.returncode:
                raise SystemExit(f"{self.flags}: {ran.stderr}")
            if not os.path.exists(paths["out"]):
                return ran.stdout, None
            with open(paths["out"], encoding="utf-8") as file:
                return ran.stdout, json.load(file)

    def simulate(self, values, target):
        """The levels of memwall-run's report."""
        text, _ = self.execute(values, "--simulate=" + target, "--format=json")
        return json.loads(text)["levels"]

    def run(self, values):
        """Results by name; `values` has the data of every argument."""
        _, outputs = self.execute(values, "--save-outputs={out}")
        return {port.name: Tensor(out["shape"], out["data"])
                for port, out in zip(self.results, outputs)}


# Bits of the significand, and the exponent of the smallest number.
FLOATS = {"f32": (24, -149), "f16": (11, -24), "bf16": (8, -133),
          "f8E4M3FN": (4, -9)}
# All numbers of the type, without the sign.
F4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]


def narrow(number, kind="f32"):
    """Rounded to a type, as programs get it."""
    bits, least = FLOATS[kind]
    exponent = max(math.frexp(number)[1] - bits, least)
    return math.ldexp(round(math.ldexp(number, -exponent)), exponent)


def draw(program, seed):
    """Random data for every argument, of a size that keeps sums near 1."""
    source = random.Random(seed)
    values = {}

    def uniform(port, low, high):
        return [narrow(source.uniform(low, high), port.type)
                for _ in range(port.elements)]

    for port in program.arguments:
        count = port.elements
        if port.type in ("i8", "i6", "i5", "i4"):
            limit = 2 ** (int(port.type[1:]) - 1) - 1
            values[port.name] = [source.randint(-limit, limit)
                                 for _ in range(count)]
        elif port.type == "f4E2M1FN":
            values[port.name] = [source.choice(F4) * source.choice((-1, 1))
                                 for _ in range(count)]
        elif port.type == "f8E8M0FNU":
            values[port.name] = [2.0 ** -source.randint(4, 7)
                                 for _ in range(count)]
        elif port.type.startswith("i"):
            values[port.name] = [source.randrange(2) for _ in range(count)]
        elif port.name.endswith("norm.weight"):
            values[port.name] = uniform(port, 0.5, 1.5)
        elif ".super_" in port.name:
            values[port.name] = uniform(port, 1e-4, 5e-4)
        elif port.name.endswith("scales"):
            values[port.name] = uniform(port, 0.005, 0.05)
        elif port.name.endswith("second_moment"):
            values[port.name] = uniform(port, 0.01, 0.1)
        else:
            size = 1.0
            if port.role == "weight" and len(port.shape) > 1:
                size = 2.5 / math.sqrt(port.shape[-1])
            values[port.name] = uniform(port, -size, size)
    return values


def distance(found, expected):
    """Largest difference over the root mean square of what is expected."""
    assert len(found) == len(expected), (len(found), len(expected))
    scale = math.sqrt(sum(x * x for x in expected) / len(expected)) or 1.0
    worst = 0.0
    for a, b in zip(found, expected):
        if not math.isfinite(a):
            return math.inf
        worst = max(worst, abs(a - b))
    return worst / scale
