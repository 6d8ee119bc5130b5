"""The sweep: writes programs, has them predicted and measured, judges.

  sweep.py --binary=build/release/bin/memwall-validate [--count=300] [--check]
  sweep.py --binary=... --report=docs        # writes Validation.md and its plots
  sweep.py --binary=... --program=17         # one program, buffer by buffer
"""

import argparse
import csv
import os
import subprocess
import sys

from judge import Measurement, check, summarize
from programs import Sample
from progress import Progress, work_off

CHUNK = 10  # Programs per process: a crash may not take many with it.


def measure(binary, samples, flags, rows):
    """Runs `samples` in processes, one after the other, and keeps their rows by
    name. Whatever has no rows in the end has failed."""
    while samples:
        text = "".join(f"// ----- {s.name}\n{s.text}" for s in samples)
        run = subprocess.run([binary, *flags, "-"], input=text, text=True,
                             capture_output=True)
        seen = set()
        for row in csv.reader(run.stdout.splitlines()[1:]):
            seen.add(row[0])
            rows.setdefault(row[0], []).append(row[1:])
        sys.stderr.write(run.stderr)
        left = [s for s in samples if s.name not in seen]
        if not left or run.returncode == 0:
            return
        print(f"program {left[0].name} ended the process with "
              f"{run.returncode}", file=sys.stderr)
        rows[left[0].name] = [["failed"]]
        samples = left[1:]


def run_sweep(arguments):
    """All programs, in parallel; [(sample, rows)] in their order."""
    flags = ["--halve-largest-operand"] if arguments.broken else []
    samples = [Sample(arguments.seed, n) for n in range(arguments.count)]
    chunks = [samples[i:i + CHUNK] for i in range(0, len(samples), CHUNK)]
    rows = {}

    def work(chunk):
        measure(arguments.binary, chunk, flags, rows)
        return len(chunk)

    work_off(chunks, arguments.jobs, Progress(len(samples), "programs"), work)
    return [(s, rows.get(s.name, [["failed"]])) for s in samples]


def show_program(arguments):
    sample = Sample(arguments.seed, arguments.program)
    print(f"// {sample.name}, {sample.family}: {sample.shape}")
    print(sample.text, flush=True)
    for flags in [], ["--buffers"]:
        subprocess.run([arguments.binary, *flags, "-"], text=True, check=True,
                       input=f"// ----- {sample.name}\n{sample.text}")


def write_csv(path, results):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["program", "family", "shape", *Measurement.columns])
        for sample, rows in results:
            for row in rows:
                writer.writerow([sample.name, sample.family, sample.shape, *row])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="memwall-validate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2080, help="programs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--check", action="store_true",
                        help="fail when the limits are exceeded")
    parser.add_argument("--broken", action="store_true",
                        help="halve one operand's predicted traffic")
    parser.add_argument("--csv", help="write every measurement here")
    parser.add_argument("--report", help="write Validation.md and plots here")
    parser.add_argument("--program", type=int, help="only this one, in detail")
    arguments = parser.parse_args()
    if arguments.program is not None:
        show_program(arguments)
        return 0
    results = run_sweep(arguments)
    if arguments.csv:
        write_csv(arguments.csv, results)
    measurements = [Measurement(s, row) for s, rows in results for row in rows
                    if row != ["failed"]]
    failed = [s for s, rows in results if rows == [["failed"]]]
    print(summarize(measurements, failed), end="", flush=True)
    if arguments.report:
        from report import write_report
        write_report(arguments.report, arguments, results, measurements, failed)
    if not arguments.check:
        return 0
    problems = check(measurements, failed)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
