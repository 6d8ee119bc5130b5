"""Families that only the large sweep has: whole transformer layers, products of
matrices with rows further apart than they are long, and loops on several units."""

from families import (ALL, FLOATS, Program, choose_levels, choose_tile, extent,
                      extents_within, rms_stages, show, show_levels,
                      softmax_stages, budget, wide)
from ir import (Function, Op, Operand, Tensor, bits, elementwise, is_float,
                multiply_add)
from stages import Stage, emit_sequence

# -- whole layers ----------------------------------------------------------------

# m tokens of c channels attend to s positions with h * g query heads of d
# channels, g to a key head; f channels between.
PRODUCTS = ["q", "k", "v", "scores", "o", "proj", "gate", "up", "down"]


def layer_extents(r, decodes):
    e = {"h": r.choice([1, 2, 2, 4]), "g": r.choice([1, 1, 2, 4]),
         "d": r.choice([16, 32, 64, 64, 128, 80])}
    e["m"] = r.choice([1, 1, 2, 8]) if decodes else extent(r, 16, r.grown(64))
    e["s"] = extent(r, 64, r.grown(512)) if decodes else e["m"]
    e["c"] = extent(r, 32, r.grown(256, 0.7))
    e["f"] = e["c"] * r.choice([2, 3, 4]) + r.choice([0, 0, 8, 11])
    return e


def attention(e, element, total, decodes):
    """Stages from `norm` to `sum1`; a decoding layer has its keys and values."""
    part = lambda dims: {d: e[d] for d in dims}
    keys = [] if decodes else [
        Stage(name, part("shdc"), [("norm", "s", "c"), (f"w{name}", *"chd")],
              "shd", element, multiply_add, 0, "c") for name in "kv"]
    return [
        Stage("q", part("mhgdc"), [("norm", "m", "c"), ("wq", *"chgd")], "mhgd",
              element, multiply_add, 0, "c"),
        *keys,
        Stage("scores", part("hgmsd"), [("q", *"mhgd"), ("k", *"shd")], "hgms",
              total, multiply_add, 0, "d"),
        *softmax_stages("scores", part("hgm"), part("s"), total),
        Stage("o", part("mhgds"), [("soft", *"hgms"), ("v", *"shd")], "mhgd",
              element, multiply_add, 0, "s"),
        Stage("proj", part("mchgd"), [("o", *"mhgd"), ("wo", *"hgdc")], "mc",
              element, multiply_add, 0, "hgd"),
        Stage("sum1", part("mc"), [("proj", "m", "c"), ("x", "m", "c")], "mc",
              element, elementwise(["add"])),
    ]


def feed_forward(e, element):
    """Stages from `norm` to the layer's result."""
    part = lambda dims: {d: e[d] for d in dims}
    return [
        Stage("gate", part("mfc"), [("norm", "m", "c"), ("w1", "c", "f")], "mf",
              element, multiply_add, 0, "c"),
        Stage("up", part("mfc"), [("norm", "m", "c"), ("w3", "c", "f")], "mf",
              element, multiply_add, 0, "c"),
        Stage("act", part("mf"), [("gate", "m", "f"), ("up", "m", "f")], "mf",
              element, elementwise(["mul", "math.tanh"])),
        Stage("down", part("mcf"), [("act", "m", "f"), ("w2", "f", "c")], "mc",
              element, multiply_add, 0, "f"),
        Stage("out", part("mc"), [("down", "m", "c"), ("sum1", "m", "c")], "mc",
              element, elementwise(["add"])),
    ]


def layer(is_tiled):
    def family(r):
        element = r.choice(FLOATS)
        decodes = r.chance(0.3)
        e = layer_extents(r, decodes)
        part = lambda dims: {d: e[d] for d in dims}
        f = Function()
        weights = {"x": "mc", "gamma": "c", "wq": "chgd", "wo": "hgdc",
                   "w1": "cf", "w3": "cf", "w2": "fc"}
        weights |= {"k": "shd", "v": "shd"} if decodes else {
            "wk": "chd", "wv": "chd"}
        values = {name: f.argument([e[d] for d in dims], element)
                  for name, dims in weights.items()}
        stages = [*rms_stages("x", part("m"), part("c"), element),
                  *attention(e, element, wide(element), decodes),
                  *rms_stages("sum1", part("m"), part("c"), element),
                  *feed_forward(e, element)]
        tilings, text = {}, f"{element} {show(e)}"
        for stage in stages:
            if is_tiled and stage.name in PRODUCTS and r.chance(0.7):
                levels = choose_levels(r, stage.extents, r.between(1, 2))
                tilings[stage.name] = levels
                text += f"; {stage.name}{show_levels(levels)[1:]}"
        return Program(f, [emit_sequence(f, stages, values, tilings)], text)

    return family


# -- pitches ---------------------------------------------------------------------


def choose_pitch(r, columns, element):
    """Elements from one row to the next: a power of two, a line more than that,
    an odd number, or pages."""
    per_byte = max(1, 8 // bits(element))
    in_elements = lambda count: count * 8 // bits(element)
    power = 1 << max(columns - 1, 1).bit_length()
    kind = r.choice(["power", "power", "line more", "odd", "pages"])
    if kind == "power":
        return max(power, in_elements(r.choice([1024, 4096])))
    if kind == "line more":
        return power + in_elements(64)
    if kind == "odd":
        return columns + (1 - columns % 2) + 2 * r.below(20) * per_byte
    page = in_elements(4096)
    return -(-columns // page) * page


def pitched_argument(r, f, rows, columns, element):
    """The first columns of an argument whose rows are longer."""
    pitch = choose_pitch(r, columns, element)
    whole = f.argument([rows, pitch], element)
    if pitch == columns:
        return whole, pitch
    part = Tensor(f.fresh("p"), [rows, columns], element)
    f.line(f"{part.name} = tensor.extract_slice {whole.name}[0, 0] "
           f"[{rows}, {columns}] [1, 1] : {whole.type()} to {part.type()}")
    return part, pitch


def pitched(r):
    """A product whose operands have rows at a pitch, with up to 3 tile levels."""
    element = r.choice(ALL)
    total = wide(element)
    e = extents_within(r, ["m", "n", "k"], budget(r))
    a = r.choice([["m", "k"], ["m", "k"], ["k", "m"]])
    b = r.choice([["k", "n"], ["k", "n"], ["n", "k"]])
    f = Function()
    left, pitch_a = pitched_argument(r, f, e[a[0]], e[a[1]], element)
    right, pitch_b = pitched_argument(r, f, e[b[0]], e[b[1]], element)
    out = f.filled([e["m"], e["n"]], total)
    order = r.shuffled(e)
    op = Op({d: e[d] for d in order}, ["k"],
            [Operand(left, *a), Operand(right, *b)], Operand(out, "m", "n"),
            multiply_add)
    levels = choose_levels(r, e, r.between(0, 3))
    result = f.apply(op, levels)
    text = (f"{','.join(order)} {element}->{total} {','.join(a)} at {pitch_a} "
            f"{','.join(b)} at {pitch_b} {show(e)}{show_levels(levels)}")
    return Program(f, [result], text)


# -- units -----------------------------------------------------------------------


def choose_unit_tiles(r, extents, names):
    """Tiles of one or two dimensions, in their order, that are dealt to units."""
    chosen = [d for d in names if extents[d] > 1] or names[:1]
    if len(chosen) > 1 and r.chance(0.5):
        chosen = r.shuffled(chosen)[:2]
        chosen.sort(key=names.index)
    else:
        chosen = [r.choice(chosen)]
    return [(d, choose_tile(r, max(2, extents[d] // 2))) for d in chosen]


def on_units(r):
    """A product, and often what follows, in tiles that are dealt to units."""
    element = r.choice(ALL)
    total = wide(element)
    e = extents_within(r, ["m", "n", "k"], budget(r))
    a = r.choice([["m", "k"], ["m", "k"], ["k", "m"]])
    b = r.choice([["k", "n"], ["k", "n"], ["n", "k"]])
    f = Function()
    left = f.argument([e[d] for d in a], element)
    right = f.argument([e[d] for d in b], element)
    out = f.filled([e["m"], e["n"]], total)
    op = Op(e, ["k"], [Operand(left, *a), Operand(right, *b)],
            Operand(out, "m", "n"), multiply_add)
    tiles = choose_unit_tiles(r, e, ["m", "n"])
    inside = {d: dict(tiles).get(d, x) for d, x in e.items()}
    levels = choose_levels(r, inside, r.between(0, 2))
    result = f.apply_on_units(op, tiles, levels)
    text = (f"{element}->{total} {','.join(a)} {','.join(b)} {show(e)}; dealt "
            f"{' '.join(f'{d}:{t}' for d, t in tiles)}{show_levels(levels)}")
    if is_float(total) and r.chance(0.6):
        part = {d: e[d] for d in "mn"}
        out = f.empty([e["m"], e["n"]], total)
        op = Op(part, [], [Operand(result, "m", "n")], Operand(out, "m", "n"),
                elementwise(["math.tanh"]))
        tiles = choose_unit_tiles(r, part, ["m", "n"])
        result = f.apply_on_units(op, tiles)
        text += f" then tanh dealt {' '.join(f'{d}:{t}' for d, t in tiles)}"
    program = Program(f, [result], text)
    program.units = r.choice([2, 4, 4, 8, 6])
    return program


LARGE_FAMILIES = {
    "layer": layer(is_tiled=False),
    "layer, tiled": layer(is_tiled=True),
    "contraction, pitched": pitched,
    "contraction, on units": on_units,
}
