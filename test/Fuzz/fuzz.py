"""Random and mutated programs and machines through all tools (cases.py), and
what must hold for each of them (checks.py, invariants.py).

  fuzz.py --programs=100000 --seed=7 --found=DIR   # what breaks, minimised
  fuzz.py --seed=7 --program=1234                  # one of them, in detail
  fuzz.py --kind=target --programs=10000           # of one kind only

memwall-opt, memwall-run and memwall-gen are on PATH. Number n of a seed is the
same case on every machine. Exits with 1 where something is broken."""

import argparse
import collections
import copy
import json
import os
import pathlib
import sys
import tempfile

from cases import KINDS, TEST, Case
from checks import Limits, check_cases
from minimize import minimize

sys.path.append(str(TEST / "Validation"))
from progress import Progress, work_off


WINDOW = 500  # Cases among which those of one machine are sought.
TOGETHER = 25  # At most so many share a process.
THOROUGH_ONE_IN = 4  # Groups of more cases than a window.


def check_in_folder(cases, arguments, thorough_one_in=1):
    with tempfile.TemporaryDirectory() as folder:
        return check_cases(cases, folder, Limits(
            arguments.seconds, not arguments.sanitized, thorough_one_in))


def group(cases):
    """Cases of one machine, few at a time."""
    by_machine = {}
    for case in cases:
        by_machine.setdefault(case.get_machine(), []).append(case)
    for group in by_machine.values():
        for begin in range(0, len(group), TOGETHER):
            yield group[begin:begin + TOGETHER]


def minimize_case(case, label, arguments):
    """The same case with the text that breaks the same kind of promise."""
    def with_text(attribute, text):
        other = copy.copy(case)
        other.flags = None
        setattr(other, attribute, text)
        return other

    def is_broken(attribute, text):
        (broken, _), = check_in_folder([with_text(attribute, text)], arguments)
        return any(get_label(line) == label for line in broken)

    # Each trial of a hang takes its full time.
    trials = arguments.trials // 10 if label == "hang" else arguments.trials
    for attribute in ("machines", "text"):
        if getattr(case, attribute) and is_broken(attribute, getattr(case, attribute)):
            case = with_text(attribute, minimize(
                getattr(case, attribute), lambda text: is_broken(attribute, text),
                trials))
    return case


def get_label(broken):
    """The kind of a broken promise: its first word."""
    return broken.split()[0].rstrip(":")


def describe(case, broken):
    """A file that shows what is broken."""
    lines = [f"// fuzz.py --seed={case.seed} --program={case.number}"
             f" --kind={case.kind}: {case.target}"]
    if case.flags:
        lines.append(f"// memwall-gen {' '.join(case.flags)}")
    lines += [f"// {line}" for text in broken for line in text.split("\n")[:40]]
    text = "\n".join(lines) + "\n" + case.text
    return text + ("\n// ----- machines\n" + case.machines if case.machines else "")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--program", type=int, help="only this one, in detail")
    parser.add_argument("--kind", choices=sorted(set(KINDS)),
                        help="all cases are of this kind")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--found", default="fuzz-found",
                        help="folder for programs that break something")
    parser.add_argument("--trials", type=int, default=300,
                        help="of the minimiser; 0: leave programs as they are")
    parser.add_argument("--seconds", type=int, default=10,
                        help="of CPU that a command may take")
    parser.add_argument("--sanitized", action="store_true",
                        help="the tools are built with sanitizers")
    return parser.parse_args()


def keep(case, broken, arguments):
    """Tells of a broken case, and writes it to a file, minimised."""
    print(f"broken: program {case.number} ({case.kind}):"
          f" {broken[0].splitlines()[0]}", flush=True)
    if not arguments.trials:
        return
    case = minimize_case(case, get_label(broken[0]), arguments)
    folder = pathlib.Path(arguments.found)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{case.kind}-{case.seed}-{case.number}-{get_label(broken[0])}.mlir"
    (folder / name).write_text(describe(case, broken))


def fuzz(arguments):
    """Counts by outcome."""
    counts = collections.Counter()
    thorough_one_in = THOROUGH_ONE_IN if arguments.programs > WINDOW else 1

    def work(cases):
        found = check_in_folder(cases, arguments, thorough_one_in)
        for case, (broken, is_valid) in zip(cases, found):
            counts["accepted" if is_valid else "rejected"] += 1
            if broken:
                counts["broken"] += 1
                keep(case, broken, arguments)
        return len(cases)

    end = arguments.first + arguments.programs
    progress = Progress(arguments.programs, "programs")
    for first in range(arguments.first, end, WINDOW):
        cases = [Case(arguments.seed, number, arguments.kind)
                 for number in range(first, min(first + WINDOW, end))]
        work_off(group(cases), arguments.jobs, progress, work)
    return counts


def set_sanitizer_options():
    """Those of the preset."""
    presets = json.loads((TEST.parent / "CMakePresets.json").read_text())
    for preset in presets["configurePresets"]:
        os.environ.update(preset.get("environment", {}))


def main():
    arguments = parse_arguments()
    if arguments.sanitized:
        set_sanitizer_options()
    if arguments.program is not None:
        case = Case(arguments.seed, arguments.program, arguments.kind)
        (broken, is_valid), = check_in_folder([case], arguments)
        print(describe(case, broken or ["holds" if is_valid else "rejected"]))
        return 1 if broken else 0
    counts = fuzz(arguments)
    print(f"{counts['accepted']} programs are accepted, {counts['rejected']} rejected"
          f" with a message, {counts['broken']} break a promise")
    # A case that ends this program's thread is not one that holds.
    checked = counts["accepted"] + counts["rejected"]
    if checked != arguments.programs:
        print(f"error: {checked} of {arguments.programs} programs were checked")
    return int(counts["broken"] > 0 or checked != arguments.programs)


if __name__ == "__main__":
    sys.exit(main())
