"""Changes a text of MLIR, a program or a target, in one place or consistently.
What comes out may be another valid program, one that the verifier rejects, or
no MLIR at all: all three have to be survived."""

import re

NUMBER = re.compile(r"(?<![\w.%#])-?\d+(?![\d.])(?=x|\b)")
DIM = re.compile(r"\bd\d+\b(?=[,) ])")
VALUE = re.compile(r"%\w+")
TYPE = re.compile(r"(?<=[x<: ])(?:bf16|f\d+(?:E\dM\d)?|[iu]\d+|index)\b")

EXTREMES = [0, 1, 2, 3, 7, 17, 63, 64, 65, -1, 1 << 20, 1 << 31, (1 << 31) - 1,
            1 << 53, 1 << 60, (1 << 63) - 1, 1 << 63, 1 << 64]
TYPES = ["f64", "f32", "f16", "bf16", "f8E4M3FN", "i1", "i4", "i8", "i32", "i64",
         "index"]

# Names that may stand for one another.
CLASSES = [
    ["arith.addf", "arith.subf", "arith.mulf", "arith.divf", "arith.maximumf",
     "arith.minimumf", "arith.remf"],
    ["arith.addi", "arith.subi", "arith.muli", "arith.divsi", "arith.divui",
     "arith.remsi", "arith.floordivsi", "arith.ceildivsi", "arith.shli",
     "arith.shrsi", "arith.andi", "arith.xori", "arith.maxsi", "arith.minui"],
    ["math.exp", "math.sqrt", "math.tanh", "math.absf", "math.rsqrt"],
    ["linalg.exp", "linalg.sqrt", "linalg.abs", "linalg.negf", "linalg.copy"],
    ["linalg.add", "linalg.sub", "linalg.mul", "linalg.div", "linalg.max"],
    ['"parallel"', '"reduction"'],
    ["floordiv", "ceildiv", "mod", "*", "+", "-"],
    ['"fetch"', '"allocate"', '"bypass"'],
    ["affine.min", "affine.max"],
    ["tensor<", "memref<"],
]


def replace(text, match, new):
    return text[:match.start()] + new + text[match.end():]


def pick(r, pattern, text):
    found = list(re.finditer(pattern, text))
    return r.choice(found) if found else None


def change_number(r, text):
    """One number, or the same number everywhere."""
    match = pick(r, NUMBER, text)
    if not match:
        return text
    old = int(match[0])
    new = r.choice([old + 1, old - 1, old * 2, r.between(1, 64), r.between(1, 64),
                    r.choice(EXTREMES)])
    if r.chance(0.8):
        return re.sub(rf"(?<![\w.%#-]){re.escape(match[0])}(?![\d.])(?=x|\b)",
                      str(new), text)
    return replace(text, match, str(new))


def change_type(r, text):
    """One element type, or the same type everywhere."""
    match = pick(r, TYPE, text)
    if not match:
        return text
    new = r.choice(TYPES)
    if r.chance(0.85):
        return re.sub(rf"(?<=[x<: ]){match[0]}\b", new, text)
    return replace(text, match, new)


def change_name(r, text):
    """An op, an iterator or a policy becomes another of its class."""
    found = [(c, m) for c in CLASSES for name in c
             for m in re.finditer(r"(?<!\w)" + re.escape(name) + r"(?!\w)", text)]
    if not found:
        return text
    names, match = r.choice(found)
    return replace(text, match, r.choice(names))


def change_map(r, text):
    """A loop dimension in an affine map becomes an expression, or another."""
    match = pick(r, DIM, text)
    if not match:
        return text
    other = f"d{r.below(4)}"
    return replace(text, match, r.choice(
        [other, f"{match[0]} + {other}", f"{match[0]} * {r.between(0, 5)}",
         f"{match[0]} floordiv {r.between(1, 4)}", f"{match[0]} mod {r.between(1, 4)}",
         f"-{match[0]} + {r.between(0, 64)}", f"{match[0]} + {r.between(-2, 8)}",
         str(r.below(3))]))


def make_dynamic(r, text):
    match = pick(r, r"(?<=[<x])\d+(?=x)", text)
    return replace(text, match, "?") if match else text


def change_value(r, text):
    """A use becomes a use of another value."""
    match, other = pick(r, VALUE, text), pick(r, VALUE, text)
    return replace(text, match, other[0]) if match else text


def change_lines(r, text):
    """Deletes, repeats or swaps lines."""
    lines = text.split("\n")
    at, other = r.below(len(lines)), r.below(len(lines))
    kind = r.below(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def change_bytes(r, text):
    """Cuts a piece out, or the end off."""
    begin = r.below(len(text) + 1)
    end = len(text) if r.chance(0.2) else begin + r.between(1, 12)
    return text[:begin] + text[end:]


# Those that mostly leave a valid program come more often.
MUTATIONS = ([change_number] * 8 + [change_type] * 4 + [change_name] * 6
             + [change_map] * 3 + [make_dynamic, change_value, change_lines,
                                   change_bytes])


def mutate(r, text):
    """One to three changes."""
    for _ in range(1 + (r.chance(0.4)) + (r.chance(0.2))):
        text = r.choice(MUTATIONS)(r, text)
    return text
