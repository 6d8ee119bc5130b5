"""Random functions of one op, tiled or not, and what must hold for each of them
on every shipped target, or those given: compulsory <= bound <= scheduled at every level, and
floor <= scheduled at DRAM.

usage: random_ops.py SEED COUNT [TARGET-FILE TARGET...]
       (memwall-opt on PATH; prints what breaks)
"""

import json
import random
import subprocess
import sys
import tempfile

from invariants import check_function, list_targets

SIZES = [1, 2, 3, 7, 13, 16, 31, 48, 64, 97, 128, 150]
FLOATS = ["f64", "f32", "bf16", "f16", "f8E4M3FN"]


def box(extents, element):
    return f"tensor<{''.join(f'{n}x' for n in extents)}{element}>"


def affine(dims, results):
    names = ", ".join(f"d{i}" for i in range(dims))
    return f"affine_map<({names}) -> ({', '.join(results)})>"


class RandomOp:
    """A generic with projections as operands, some with windows."""

    def __init__(self, rng):
        self.dims = rng.randint(1, 4)
        self.extents = [rng.choice(SIZES) for _ in range(self.dims)]
        while True:
            self.reductions = [rng.random() < 0.4 for _ in range(self.dims)]
            if not all(self.reductions) or rng.random() < 0.3:
                break
        parallel = [d for d in range(self.dims) if not self.reductions[d]]
        rng.shuffle(parallel)
        self.output = parallel
        self.inputs = []
        for _ in range(rng.randint(1, 3)):
            used = [d for d in range(self.dims) if rng.random() < 0.7]
            rng.shuffle(used)
            self.inputs.append(used)
        if rng.random() < 0.5:  # A matmul, with any layout and order of loops.
            m, n, k = order = rng.sample(range(3), 3)
            self.dims, self.reductions = 3, [d == k for d in range(3)]
            self.extents = [rng.choice(SIZES[4:]) for _ in order]
            self.output = rng.sample([m, n], 2)
            self.inputs = [rng.sample([m, k], 2), rng.sample([k, n], 2)]
        # Every dim has to have a size in some operand.
        missing = set(range(self.dims)) - set(self.output).union(*self.inputs)
        self.inputs[0] += sorted(missing)
        self.in_types = [rng.choice(FLOATS) for _ in self.inputs]
        self.type = rng.choice(FLOATS[:3])
        self.init = rng.choice(["fill", "argument"])
        self.tiles = {}
        if rng.random() < 0.6:
            for d in rng.sample(range(self.dims), rng.randint(1, self.dims)):
                if self.extents[d] > 1:
                    self.tiles[d] = rng.randint(1, self.extents[d])
        self.loops = list(self.tiles)
        rng.shuffle(self.loops)

    def body(self):
        lines, value = [], None
        names = ", ".join(
            [f"%x{i}: {t}" for i, t in enumerate(self.in_types)]
            + [f"%acc: {self.type}"])
        lines.append(f"^bb0({names}):")
        width = {"f64": 64, "f32": 32, "bf16": 16, "f16": 16}
        for i, t in enumerate(self.in_types):
            wide, have = width.get(self.type), width.get(t, 8)
            if t == self.type:
                lines.append(f"%v{i} = arith.mulf %x{i}, %x{i} : {t}")
            elif have < wide:
                lines.append(f"%v{i} = arith.extf %x{i} : {t} to {self.type}")
            elif have > wide:
                lines.append(f"%v{i} = arith.truncf %x{i} : {t} to {self.type}")
            else:
                lines.append(f"%y{i} = arith.extf %x{i} : {t} to f32")
                lines.append(f"%v{i} = arith.truncf %y{i} : f32 to {self.type}")
            if value is None:
                value = f"%v{i}"
            else:
                lines.append(f"%m{i} = arith.mulf {value}, %v{i} : {self.type}")
                value = f"%m{i}"
        if any(self.reductions) or self.init == "argument":
            lines.append(f"%sum = arith.addf %acc, {value} : {self.type}")
            value = "%sum"
        lines.append(f"linalg.yield {value} : {self.type}")
        return "\n".join(lines)

    def generic(self, inputs, output, extents):
        maps = [affine(self.dims, [f"d{d}" for d in used])
                for used in self.inputs + [self.output]]
        kinds = ", ".join(
            '"reduction"' if r else '"parallel"' for r in self.reductions)
        types = [box([extents[d] for d in used], t)
                 for used, t in zip(self.inputs, self.in_types)]
        result = box([extents[d] for d in self.output], self.type)
        return (
            f"%r = linalg.generic {{indexing_maps = [{', '.join(maps)}],"
            f" iterator_types = [{kinds}]}} ins({', '.join(inputs)} :"
            f" {', '.join(types)}) outs({output} : {result}) {{\n{self.body()}\n}}"
            f" -> {result}\n")

    def emit(self, name):
        types = [box([self.extents[d] for d in used], t)
                 for used, t in zip(self.inputs, self.in_types)]
        result = box([self.extents[d] for d in self.output], self.type)
        arguments = [f"%a{i}: {t}" for i, t in enumerate(types)]
        text = f"func.func @{name}({', '.join(arguments + [f'%o: {result}'])}) -> {result} {{\n"
        init = "%o"
        if self.init == "fill":
            text += (
                f"%zero = arith.constant 0.0 : {self.type}\n"
                f"%e = tensor.empty() : {result}\n%init = linalg.fill ins(%zero :"
                f" {self.type}) outs(%e : {result}) -> {result}\n")
            init = "%init"
        if not self.tiles:
            text += self.generic([f"%a{i}" for i in range(len(types))], init,
                                 self.extents)
            return text + f"return %r : {result}\n}}\n"
        return text + self.emit_loops(types, result, init) + "}\n"

    def emit_loops(self, types, result, init):
        text = "%zero_i = arith.constant 0 : index\n"
        for d in self.loops:
            text += (f"%n{d} = arith.constant {self.extents[d]} : index\n"
                     f"%t{d} = arith.constant {self.tiles[d]} : index\n")
        carried = init
        for d in self.loops:
            text += (f"%l{d} = scf.for %i{d} = %zero_i to %n{d} step %t{d}"
                     f" iter_args(%c{d} = {carried}) -> ({result}) {{\n")
            carried = f"%c{d}"
        sizes = list(self.extents)
        for d in self.loops:
            n, t = self.extents[d], self.tiles[d]
            if n % t == 0:
                sizes[d] = t
            else:
                text += (f"%s{d} = affine.min affine_map<(d0) -> ({n} - d0, {t})>"
                         f"(%i{d})\n")
                sizes[d] = "?"

        def cut(used):
            place = [f"%i{d}" if d in self.tiles else "0" for d in used]
            extent = [f"%s{d}" if sizes[d] == "?" else str(sizes[d]) for d in used]
            return (f"[{', '.join(place)}] [{', '.join(extent)}]"
                    f" [{', '.join('1' for _ in used)}]")

        slices = []
        for i, (used, t, whole) in enumerate(
            zip(self.inputs, self.in_types, types)
        ):
            part = box([sizes[d] for d in used], t)
            text += f"%p{i} = tensor.extract_slice %a{i}{cut(used)} : {whole} to {part}\n"
            slices.append(f"%p{i}")
        part = box([sizes[d] for d in self.output], self.type)
        text += (f"%po = tensor.extract_slice {carried}{cut(self.output)} :"
                 f" {result} to {part}\n")
        text += self.generic(slices, "%po", sizes)
        text += (f"%back = tensor.insert_slice %r into {carried}"
                 f"{cut(self.output)} : {part} into {result}\n")
        value = "%back"
        for d in reversed(self.loops):
            text += f"scf.yield {value} : {result}\n}}\n"
            value = f"%l{d}"
        return text + f"return {value} : {result}\n"


def check_last_op(function):
    """The function whose only work is its last op: its fill moves as well."""
    for i, target in enumerate(function["targets"]):
        for j, level in enumerate(target["levels"]):
            bound = function["ops"][-1]["targets"][i]["levels"][j]["bound"]["bytes"]
            if bound > sum(level["scheduled"].values()):
                yield (f"bound of the op {bound} > scheduled of all:"
                       f" {target['name']}, {level['name']}")


def main(seed, count, file="", *given):
    rng = random.Random(int(seed))
    targets = given or list_targets()
    functions = {f"f{i}": RandomOp(rng).emit(f"f{i}") for i in range(int(count))}
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as module:
        module.write("".join(functions.values()))
        module.flush()
        text = subprocess.run(
            ["memwall-opt", module.name, "--memwall-report="
             f"targets={','.join(targets)} causes=true format=json"
             + (f" target-file={file}" if file else "")],
            check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    holding = 0
    for function in json.loads(text)["functions"]:
        broken = [*check_function(function), *check_last_op(function)]
        if function["unmodelled"]:
            broken.append("unmodelled")
        holding += not broken
        if broken:
            print(f"broken: {function['name']}: {broken[0]}"
                  f" (and {len(broken) - 1} more)")
            print(functions[function["name"]])
    print(holding, "functions hold on", len(targets), "targets")


if __name__ == "__main__":
    main(*sys.argv[1:])
