"""The sweeps: write programs, have them predicted and measured, judge.

  sweep.py --binary=build/release/bin/memwall-validate [--count=300] [--check]
  sweep.py --binary=... --report=docs        # writes Validation.md and its plots
  sweep.py --binary=... --program=17         # one program, buffer by buffer
  sweep.py --binary=... --large [--sample] [--measured=FILE] [--only-measured]
  sweep.py --binary=... --products [--count=60]

The small sweep's programs are so small that all of them can be counted exactly;
the large sweep's make up to 1e10 accesses (large.py), products are matrix
products as they are and as the search tiles them (products.py).
"""

import argparse
import csv
import os
import subprocess
import sys

import judge
import judge_large
import report
import report_large
from large import COUNT, SAMPLE_COUNT, LargeSample
from measured import COLUMNS, MeasuredPrograms, has_failed, run_validate
from products import list_products
from programs import Sample
from progress import Progress, work_off

CHUNK = 10  # Small programs per process: a crash may not take many with it.


def compare_chunk(binary, samples, flags, rows):
    """Runs `samples` in processes, one after the other, and keeps their rows by
    name. Whatever has no rows in the end has failed."""
    while samples:
        found, status = run_validate(binary, samples, flags)
        rows.update((n, r) for n, r in found.items() if not has_failed(r))
        left = [s for s in samples if s.name not in found]
        if not left or status == 0:
            return
        print(f"program {left[0].name} ended the process with {status}",
              file=sys.stderr)
        samples = left[1:]


def list_flags(arguments):
    flags = [f"--accuracy={arguments.accuracy}"]
    return flags + ([f"--plant={arguments.plant}"] if arguments.plant else [])


def compare_small(samples, arguments):
    """Rows by name, of all programs, in parallel."""
    chunks = [samples[i:i + CHUNK] for i in range(0, len(samples), CHUNK)]
    rows, flags = {}, list_flags(arguments)

    def work(chunk):
        compare_chunk(arguments.binary, chunk, flags, rows)
        return len(chunk)

    work_off(chunks, arguments.jobs, Progress(len(samples), "programs"), work)
    return rows


def compare_large(samples, arguments, measured):
    """The same, a process for each program, the largest first; what was measured
    before is not measured again."""
    rows, flags = {}, ["--only=predict", *list_flags(arguments)]

    def work(sample):
        cells = measured.measure(sample)
        found, _ = run_validate(arguments.binary, [sample], flags)
        mine = found.get(sample.name, [])
        if cells and mine and not has_failed(mine):
            rows[sample.name] = [row | dict(zip(COLUMNS, line))
                                 for row, line in zip(mine, cells)]
        return 1

    largest_first = sorted(samples, key=lambda s: -s.estimated_accesses)
    work_off(largest_first, arguments.jobs, Progress(len(samples), "programs"),
             work)
    return rows


def measure_alone(samples, arguments, measured):
    """Fills the file of what was measured, the smallest programs first."""
    def work(sample):
        if not measured.measure(sample):
            print(f"program {sample.name} failed", file=sys.stderr)
        return 1

    work_off(sorted(samples, key=lambda s: s.estimated_accesses), arguments.jobs,
             Progress(len(samples), "programs"), work)


def choose_samples(arguments):
    if arguments.products:
        return list_products(arguments.seed, arguments.count or 200,
                             arguments.optimizer, arguments.jobs)
    if not arguments.large:
        return [Sample(arguments.seed, n) for n in range(arguments.count or 2080)]
    count = SAMPLE_COUNT if arguments.sample else arguments.count or COUNT
    samples = [LargeSample(arguments.seed, n) for n in range(count)]
    return [s for s in samples if s.estimated_accesses <= arguments.max_accesses
            and arguments.family in (None, s.family)]


def show_program(arguments):
    kind = LargeSample if arguments.large else Sample
    sample = kind(arguments.seed, arguments.program)
    print(f"// {sample.name}, {sample.family}: {sample.shape}")
    print(sample.text, flush=True)
    for flags in [], ["--buffers"]:
        subprocess.run([arguments.binary, *flags, *list_flags(arguments), "-"],
                       text=True, check=True,
                       input=f"// ----- {sample.name}\n{sample.text}")


def choose_rules(arguments):
    """What judges, and what writes the report."""
    if arguments.large:
        return judge_large.LARGE, report_large.write_report
    if arguments.products:
        return judge_large.PRODUCTS, report_large.write_products
    return judge, report.write_report


def write_csv(path, measurements):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        columns = list(measurements[0].row) if measurements else []
        writer.writerow(["family", "shape", *columns])
        for m in measurements:
            writer.writerow([m.sample.family, m.sample.shape, *m.row.values()])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True, help="memwall-validate")
    parser.add_argument("--optimizer", default="memwall-opt",
                        help="memwall-opt, for --products")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="programs, the first ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--check", action="store_true",
                        help="fail when the limits are exceeded")
    parser.add_argument("--accuracy", default="default",
                        choices=["fast", "default", "exact"])
    parser.add_argument("--plant", help="a fault for the model: half-operand, "
                        "lost-write-back, extra-way, cold-ops")
    parser.add_argument("--csv", help="write every measurement here")
    parser.add_argument("--report", help="write Validation.md and plots here")
    parser.add_argument("--program", type=int, help="only this one, in detail")
    parser.add_argument("--products", action="store_true",
                        help="matrix products, with and without tiles")
    parser.add_argument("--large", action="store_true", help="the large sweep")
    parser.add_argument("--sample", action="store_true",
                        help="of it, the programs of tools/check")
    parser.add_argument("--max-accesses", type=float, default=1e11,
                        help="of it, only programs with at most so many")
    parser.add_argument("--family", help="of it, only this family")
    parser.add_argument("--measured",
                        help="a file that keeps what is measured of it")
    parser.add_argument("--only-measured", action="store_true",
                        help="of it, only programs that the file has")
    parser.add_argument("--measure", action="store_true",
                        help="fill the file, predict nothing")
    arguments = parser.parse_args()
    if (arguments.only_measured or arguments.measure) and not arguments.measured:
        parser.error("expected --measured=FILE beside --only-measured or --measure")
    if not arguments.large and (arguments.sample or arguments.measured):
        parser.error("expected --large beside --sample or --measured")
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.program is not None:
        show_program(arguments)
        return 0
    samples = choose_samples(arguments)
    if arguments.large:
        measured = MeasuredPrograms(arguments.binary, arguments.measured)
        planned = len(samples)
        if arguments.only_measured:
            samples = [s for s in samples if measured.find(s)]
        arguments.left_out = planned - len(samples)
        if arguments.measure:
            measure_alone(samples, arguments, measured)
            return 0
        rows = compare_large(samples, arguments, measured)
    else:
        rows = compare_small(samples, arguments)
    measurements = [judge.Measurement(s, row) for s in samples
                    for row in rows.get(s.name, [])]
    failed = [s for s in samples if s.name not in rows]
    rules, write = choose_rules(arguments)
    if arguments.csv:
        write_csv(arguments.csv, measurements)
    print(rules.summarize(measurements, failed), end="", flush=True)
    if arguments.report:
        write(arguments, measurements, failed)
    if not arguments.check:
        return 0
    problems = rules.check(measurements, failed)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
