"""Random programs with targets of their own: (seed, number) -> MLIR text."""

from families import FAMILIES, Source

FACTORS = [0.5, 0.8, 0.9, 0.95, 0.98, 1, 1.02, 1.05, 1.1, 1.25, 1.5, 2]


def choose_capacity(r, line, footprints, total):
    """From a few lines to everything fits, working sets on purpose."""
    kind = r.uniform()
    if kind < 0.1:
        return r.between(4, 32) * line
    if kind < 0.6:
        return int(r.choice(footprints) * r.choice(FACTORS)) + r.below(4) * line
    if kind < 0.7:
        return total * r.choice([1, 2]) + r.below(8) * line
    return r.log_between(8 * line, max(16 * line, total))


def choose_level(r, number, is_full, footprints, total):
    line, sector = r.choice([(64, 64)] * 7 + [(128, 128), (128, 32), (32, 32)])
    capacity = choose_capacity(r, line, footprints, total)
    lines = max(4, capacity // line)
    level = {"name": f"{'full' if is_full else 'sets'}{number}",
             "line_bytes": line, "sector_bytes": sector}
    policy = r.choice(["fetch"] * 7 + ["allocate"] * 2 + ["bypass"])
    level["store_policy"] = policy
    if not is_full:
        ways = r.choice([2, 4, 8, 8, 12, 16, 16])
        sets = max(1, lines // ways)
        if r.chance(0.75):
            sets = 1 << (sets.bit_length() - 1)
        level["associativity"] = ways
        lines = sets * ways
    level["capacity_bytes"] = lines * line
    return level


def grow(levels, units=1):
    """Sorts, and makes capacities differ: a target's levels must grow, all
    instances together."""
    instances = lambda level: units // level.get("units_per_instance", 1)
    total = lambda level: level["capacity_bytes"] * instances(level)
    levels.sort(key=total)
    inner = 0
    for level in levels:
        step = level["line_bytes"] * level.get("associativity", 1)
        while total(level) <= inner:
            level["capacity_bytes"] += step
        inner = total(level)
    return levels


def level_text(levels):
    entries = []
    for level in levels:
        facts = ", ".join(
            f'"{key}" = "{value}"' if isinstance(value, str)
            else f'"{key}" = {value} : i64'
            for key, value in level.items() if key != "name"
        )
        entries.append(f'    "{level["name"]}" = #dlti.map<{facts}>')
    return ",\n".join(entries)


def module_text(family, program, levels):
    """The program on a machine that has these caches and a memory."""
    memory = {"name": "memory", "kind": "memory", "capacity_bytes": 1 << 40}
    units = f'"units" = {program.units} : i64, ' if program.units > 1 else ""
    return (
        f"// {family}: {program.shape}\n"
        "module attributes {dlti.target_system_spec = "
        "#dlti.target_system_spec<\n"
        f'  "sweep" = #dlti.target_device_spec<{units}"levels" = #dlti.map<\n'
        f"{level_text(levels + [memory])}>>>}} {{\n{program.text()}}}\n"
    )


class Sample:
    """Program `number` of the sweep that `seed` starts."""

    def __init__(self, seed, number):
        r = Source(seed, number)
        self.name = f"{seed}/{number}"
        names = list(FAMILIES)
        self.family = names[number % len(names)]
        program = FAMILIES[self.family](r)
        self.shape = program.shape
        self.footprints = sorted(set(
            [f for f in program.function.footprints if f >= 128] or [4096]))
        total = sum(a.bytes() for a in program.function.arguments) + sum(
            t.bytes() for t in program.results)
        levels = grow([
            choose_level(r, n, n < 2, self.footprints, total) for n in range(4)])
        self.text = module_text(self.family, program, levels)
