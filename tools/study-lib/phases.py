"""The tables of the study: every model in every phase on every machine."""

import math

import machines
from machines import MACHINES


def short(value):
    """Three digits and a letter."""
    if value is None:
        return "-"
    for factor, letter in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= 0.9995 * factor:
            return f"{float(f'{value / factor:.3g}'):g}{letter}"
    return three_digits(value)


def three_digits(value):
    """Without an exponent, which is no number to people."""
    places = 2 - math.floor(math.log10(value)) if value > 0 else 0
    text = f"{float(f'{value:.3g}'):.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(head, rows):
    """Markdown; the first column on the left, the others on the right."""
    lines = ["| " + " | ".join(head) + " |",
             "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def command(lab, flags, targets):
    return f"```sh\n{lab.command(flags, targets)}\n```\n"


def cell(function, target, at_floor):
    """Tokens per second; c: bound by arithmetic; (n): devices that hold it."""
    if at_floor:
        rate = function.tokens / function.floor_seconds(target)
        is_compute = function.is_compute_bound_at_floor(target)
    else:
        rate = function.rate(target)
        is_compute = function.is_compute_bound(target)
    devices = function.devices(target)
    return (short(rate) + (" c" if is_compute else "") +
            (f" ({devices})" if devices > 1 else ""))


def phase_table(lab, models, flags_of, at_floor=False):
    targets = list(MACHINES)
    lab.prepare([(flags_of(m), targets) for m in models])
    rows = []
    for model in models:
        f = lab.get(flags_of(model), targets)
        per_flop = f.floor / f.flops if at_floor else f.bytes_per_flop(
            "h100-sxm")
        rows.append([model, three_digits(per_flop)] +
                    [cell(f, t, at_floor) for t in targets])
    return (command(lab, flags_of("MODEL").replace("gpt2", "MODEL"), targets) +
            "\n" + table(["model", "B/FLOP"] + list(MACHINES.values()), rows))


def energy_table(lab, models):
    """Joules that DRAM takes for one token, where the machine says how much."""
    targets = list(MACHINES)
    known = [t for t in targets if lab.get(
        machines.decode(models[0]), targets).joules(t) is not None]
    rows = []
    for model in models:
        f = lab.get(machines.decode(model), targets)
        rows.append([model] + [three_digits(f.joules(t)) for t in known])
    return (command(lab, machines.decode("MODEL"), targets) + "\n" +
            table(["J/token"] + [MACHINES[t] for t in known], rows))
