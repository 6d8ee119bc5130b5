"""Runs every point of a sweep once and writes one table.

usage: sweep.py --bin=FOLDER sweep.json --output=table.csv [--html=page.html]
                [--jobs=N] [--scheduler=tcp://host:8786]

docs/Sweep.md has the format of sweep.json. Finished points are lines of
table.csv.journal: a run that was interrupted goes on where it was. The table is
in the order of the sweep, whatever the order in which the points finished.
"""

import argparse
import csv
import hashlib
import itertools
import json
import os
import sys
import time

import points
import runner
import sweep_page

AXES = ["models", "phases", "options", "targets"]
COLUMNS = ["model", "phase", "options", "target", *points.FIGURES, "error"]


def fail(message):
    raise SystemExit(f"sweep: error: {message}")


def read_axis(sweep, key, make_flags, default=None):
    """Name and flags of every entry: a list of names, or names to flags."""
    entries = sweep.get(key, default)
    if isinstance(entries, list) and all(isinstance(e, str) for e in entries):
        entries = {name: make_flags(name) for name in entries}
    if not isinstance(entries, dict) or not entries or \
            not all(isinstance(f, str) for f in entries.values()):
        fail(f"expected '{key}' to be a list of names, or an object of names "
             "and flags")
    return entries


def read_sweep(path):
    """The points in their order, each with the four names of its row."""
    try:
        with open(path, encoding="utf-8") as file:
            sweep = json.load(file)
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")
    if not isinstance(sweep, dict):
        fail(f"{path}: expected a JSON object")
    unknown = sorted(set(sweep) - {*AXES, "report"})
    if unknown:
        fail(f"{path}: unknown key '{unknown[0]}'; keys are "
             f"{', '.join(AXES)} and report")
    models = read_axis(sweep, "models", lambda name: f"--model={name}")
    phases = read_axis(sweep, "phases", lambda name: f"--phase={name}")
    options = read_axis(sweep, "options", lambda flags: flags, {"": ""})
    targets = read_axis(sweep, "targets", lambda name: name)
    return [{"names": names,
             "flags": f"{models[names[0]]} {phases[names[1]]} "
                      f"{options[names[2]]}".strip(),
             "target": targets[names[3]], "report": sweep.get("report", "")}
            for names in itertools.product(models, phases, options, targets)]


def describe(path):
    """What tells a program from the one that it was before."""
    state = os.stat(path)
    return f"{path} {state.st_size} {state.st_mtime_ns}"


def read_file(flag):
    """The content of a file that a flag names: it may change."""
    name = flag.partition("=")[2]
    if not flag.startswith("--config=") or not os.path.isfile(name):
        return ""
    with open(name, encoding="utf-8") as file:
        return file.read()


def get_key(point, tools):
    """A point that has the same key has the same figures."""
    parts = [tools, point["flags"], point["target"], point["report"],
             *map(read_file, point["flags"].split())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Journal:
    """Figures by key, in a file that grows by a line for each point."""

    def __init__(self, path):
        self.figures, whole = {}, 0
        if os.path.exists(path):
            with open(path, "rb") as file:
                for line in file:
                    # The last line may have been cut off.
                    if not line.endswith(b"\n"):
                        break
                    entry = json.loads(line)
                    self.figures[entry["key"]] = entry["figures"]
                    whole += len(line)
        self.file = open(path, "ab")
        self.file.truncate(whole)

    def add(self, key, figures):
        if key in self.figures:
            return
        self.figures[key] = figures
        line = json.dumps({"key": key, "figures": figures}) + "\n"
        self.file.write(line.encode())
        self.file.flush()
        os.fsync(self.file.fileno())


class Progress:
    """One line on a terminal; else a line for each tenth of the points."""

    def __init__(self, done, total):
        self.done, self.total, self.first = done, total, done
        self.started, self.shown = time.time(), -1

    def advance(self):
        self.done += 1
        seconds = time.time() - self.started
        left = seconds / (self.done - self.first) * (self.total - self.done)
        text = f"{self.done} of {self.total} points, {left:.0f} s left"
        if sys.stderr.isatty():
            end = "\n" if self.done == self.total else ""
            print(f"\r{text}\033[K", end=end, file=sys.stderr, flush=True)
        elif self.done * 10 // self.total != self.shown:
            self.shown = self.done * 10 // self.total
            print(text, file=sys.stderr, flush=True)


def write_table(path, rows):
    """All or nothing: a table that is there is whole."""
    temporary = path + ".part"
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    os.replace(temporary, path)


def run_points(sweep, journal, arguments):
    """Runs what the journal does not have yet, equal points once."""
    missing = {}
    for point in sweep:
        if point["key"] not in journal.figures:
            missing.setdefault(point["key"], point)
    known = len({p["key"] for p in sweep}) - len(missing)
    if known:
        print(f"{known} points are in the journal", file=sys.stderr)
    progress = Progress(known, known + len(missing))
    for point, figures in runner.run(points.measure, missing.values(),
                                     arguments.jobs, arguments.scheduler):
        journal.add(point["key"], figures)
        progress.advance()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.
                                     RawDescriptionHelpFormatter)
    parser.add_argument("sweep", help="the sweep, JSON")
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--output", required=True, help="the table, CSV")
    parser.add_argument("--html", help="the table as a page, too")
    parser.add_argument("--jobs", type=int, help="processes at a time "
                        "(default: as many as there are cores)")
    parser.add_argument("--scheduler", help="address of Dask's scheduler")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.bin)
    tools = "\n".join(describe(os.path.join(folder, name))
                      for name in ("memwall-gen", "memwall-opt"))
    sweep = []
    for point in read_sweep(arguments.sweep):
        point.update(bin=folder, key=get_key(point, tools))
        sweep.append(point)
    journal = Journal(arguments.output + ".journal")
    try:
        run_points(sweep, journal, arguments)
    except KeyboardInterrupt:
        raise SystemExit("\ninterrupted; the same command goes on") from None
    rows = []
    for point in sweep:
        figures = journal.figures[point["key"]]
        rows.append([*point["names"],
                     *(figures.get(c, "") for c in points.FIGURES),
                     figures.get("error", "")])
    write_table(arguments.output, rows)
    if arguments.html:
        sweep_page.write(arguments.html, arguments.sweep, COLUMNS, rows)
    failed = sum(bool(row[-1]) for row in rows)
    if failed:
        print(f"{failed} of {len(rows)} points failed; column error says why",
              file=sys.stderr)


if __name__ == "__main__":
    main()
