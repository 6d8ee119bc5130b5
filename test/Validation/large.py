"""The large sweep's programs: (seed, number) -> MLIR text.

Program n is of family n mod 20. The first two rounds of all families are the
sample that tools/check runs: up to about SAMPLE_ACCESSES accesses each. The
rounds after them are spread over all sizes, from SMALLEST to the family's
largest.
"""

import math

from families import FAMILIES, Source
from layers import LARGE_FAMILIES
from programs import grow, module_text

ALL_FAMILIES = FAMILIES | LARGE_FAMILIES
COUNT = 16 * len(ALL_FAMILIES)
SAMPLE_COUNT = 2 * len(ALL_FAMILIES)
SMALLEST, SAMPLE_ACCESSES, LARGEST = 1.3e7, 7e7, 3e9
# Of the last round, the families that are simulated fastest make up to 1e10.
GIANTS = {"contraction": 9e9, "contraction, tiled": 7e9, "sequence": 5e9,
          "layer": 6e9}
# Accesses where storage is what grows: every element is accessed a few times.
LARGEST_OF = {"contraction, decode": 2e8, "elementwise": 2e8, "reduction": 1e8,
              "movement": 8e7, "softmax": 1.5e8, "layernorm": 1.5e8,
              "rmsnorm": 1.5e8, "gqa decode": 3e8, "gather": 6e7}
MOST_ELEMENTS = 2e7  # Of arguments, which are filled before a run.
MOST_STORAGE = 4e8   # Bytes, of arguments and all else.
ATTEMPTS, SCALINGS = 20, 8
MEGA = 1 << 20


def choose_accesses(seed, number):
    """About how many accesses a program makes, logarithmically spread."""
    r = Source(seed, number)
    a_round, family_number = divmod(number, len(ALL_FAMILIES))
    family = list(ALL_FAMILIES)[family_number]
    largest = LARGEST_OF.get(family, LARGEST)
    if number >= COUNT - len(ALL_FAMILIES) and family in GIANTS:
        return GIANTS[family]
    if number < SAMPLE_COUNT:
        largest = min(largest, SAMPLE_ACCESSES)
        share = (a_round + r.uniform()) / 2
    else:
        # Rounds of one size would be all large ones at the end.
        rounds = COUNT // len(ALL_FAMILIES) - 2
        share = ((a_round * 5 + family_number) % rounds + r.uniform()) / rounds
    return SMALLEST * (largest / SMALLEST) ** share


def is_small_enough(program, accesses):
    """Whether it can be filled and run: arithmetic of 8-bit floats is made in
    software, ten times as slowly."""
    if accesses > SAMPLE_ACCESSES and "f8E" in program.shape:
        return False
    arguments = program.function.arguments
    elements = sum(math.prod(a.shape) for a in arguments)
    storage = program.function.storage_bytes + sum(a.bytes() for a in arguments)
    return elements <= MOST_ELEMENTS and storage <= MOST_STORAGE


def write_program(family, seed, number, accesses):
    """The program nearest to `accesses` of some attempts. An attempt keeps its
    random choices while it scales its sizes, so that no kind of program within a
    family is preferred for its size."""
    best, best_distance = None, math.inf
    for attempt in range(ATTEMPTS):
        iterations = accesses / 4
        for _ in range(SCALINGS):
            r = Source(seed, number, attempt)
            r.iterations = (int(iterations), int(iterations) + 1)
            r.growth = max(1, iterations / 1e6) ** 0.5
            program = ALL_FAMILIES[family](r)
            factor = accesses / max(program.function.accesses, 1)
            distance = abs(math.log(factor))
            if distance < best_distance and is_small_enough(program, accesses):
                best, best_distance = (program, r), distance
            if best_distance < math.log(1.3):
                return best
            iterations *= min(max(factor, 0.2), 5)
            if not 1000 < iterations < 1e11:
                break
    return best


# -- machines ----------------------------------------------------------------------


def cache(name, capacity, ways, line=64, sector=64, **facts):
    """A cache of about `capacity` bytes."""
    lines = max(capacity // line, 1)
    if ways:
        lines = max(lines // ways, 1) * ways
        facts["associativity"] = ways
    return {"name": name, "line_bytes": line, "sector_bytes": sector,
            "capacity_bytes": lines * line, **facts}


def choose_last_level(r, near, units):
    ways = r.choice([16, 16, 12])
    capacity = near or ways * 64 * 1024 * r.choice([1, 2, 4, 8, 16])
    facts = {"index": "hashed"} if r.chance(0.4) else {}
    if units > 1:
        facts["units_per_instance"] = r.choice([units, units, units // 2])
    return cache("l3", capacity, ways, **facts)


def choose_levels(r, footprints, units):
    """L1, L2, L3, and often one as a GPU's L2, fully associative; the capacity of
    one of the last three is often within 2 % of a working set."""
    ways = r.choice([8, 8, 12])
    l1 = cache("l1", ways * 64 * r.choice([32, 64, 64]), ways)
    candidates = [f for f in footprints if 3 * l1["capacity_bytes"] < f < 48 * MEGA]
    near = 0
    if candidates and r.chance(0.75):
        near = int(r.choice(candidates) * (0.98 + 0.04 * r.uniform()))
    has_gpu = r.chance(0.45)
    which = r.choice(["l2", "l3", "l3", "gpu"])
    if which == "gpu" and not has_gpu:
        which = "l2"
    take = lambda name: near if which == name else 0
    levels = [l1, cache("l2", take("l2") or (1 << r.between(17, 20)),
                        r.choice([16, 16, 8, 12])),
              choose_last_level(r, take("l3"), units)]
    if has_gpu:
        capacity = take("gpu") or r.log_between(MEGA // 4, 24 * MEGA)
        levels.append(cache("gpu", capacity, 0, 128, 32, store_policy="allocate",
                            units_per_instance=units))
    return grow(levels, units)


class LargeSample:
    """Program `number` of the large sweep that `seed` starts."""

    def __init__(self, seed, number):
        self.name = f"L{seed}/{number}"
        names = list(ALL_FAMILIES)
        self.family = names[number % len(names)]
        accesses = choose_accesses(seed, number)
        program, r = write_program(self.family, seed, number, accesses)
        self.estimated_accesses = program.function.accesses
        self.shape = program.shape
        self.footprints = sorted(set(program.function.footprints))
        levels = choose_levels(r, self.footprints, program.units)
        self.hashed = {l["name"] for l in levels if l.get("index") == "hashed"}
        self.text = module_text(self.family, program, levels)
