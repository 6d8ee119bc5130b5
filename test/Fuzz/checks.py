"""Puts cases through the tools; says what is broken, as text whose first word
says what kind of promise it was."""

import bisect
import json
import os
import pathlib
import re
import signal
import subprocess

from invariants import check_function, check_run

MEMORY_BYTES = 8 << 30
MAX_ACCESSES = 2_000_000  # Larger programs are not run.
MAX_RESIDENT_BYTES = 32_000_000
MAX_OPTIMIZED_OPS = 16  # A search takes a second an op, and more.
OUTPUT_MARKER = "// ====="
# A slice whose elements are all one element of its source. Upstream's
# bufferization writes such a slice in place, each element over the one before.
STRIDE_OF_0 = re.compile(
    r"_slice %[^\[\n]*\[[^]]*\] \[[^]]*\] \[(?:[^]]*, )?0[],]")
EMPTY_TENSOR = re.compile(r"(%[\w$.-]+) = tensor\.empty")
RETURNED = re.compile(r"^\s*(?:func\.)?return ([^:\n]*)", re.MULTILINE)
VALUE = re.compile(r"%[\w$.-]+")


class Broken(Exception):
    """The case ends here."""


class Invalid(Exception):
    """The tool says what is wrong with the program, as it has to."""


class Limits:
    """Of a single command: more seconds of CPU are a hang. Sanitizers reserve far
    more memory than they use. One in `thorough_one_in` groups of cases is annotated,
    run again without threads, and optimized at the default accuracy as well as
    at the fast one, which takes three times as long as all else. Of the other
    groups every second case is run."""

    def __init__(self, cpu_seconds=10, limits_memory=True, thorough_one_in=1):
        self.cpu_seconds, self.limits_memory = cpu_seconds, limits_memory
        self.thorough_one_in = thorough_one_in


def run(command, limits):
    """Runs a tool, which has to succeed or to fail with a message. Returns what
    it prints on standard output and on standard error."""
    seconds = limits.cpu_seconds
    prefix = ["prlimit", f"--cpu={seconds}:{seconds + 1}"]
    if limits.limits_memory:
        prefix.append(f"--as={MEMORY_BYTES}")
    shown = re.sub(r"/tmp/tmp\w+/", "", " ".join(command))
    try:
        done = subprocess.run(prefix + command, capture_output=True, text=True,
                              errors="replace", timeout=30 * seconds)
    except subprocess.TimeoutExpired:
        raise Broken(f"hang: {shown}")
    code, errors = done.returncode, done.stderr
    if code == 0:
        return done.stdout, errors
    if code == -signal.SIGXCPU or "CPU time limit exceeded" in errors:
        raise Broken(f"hang of {seconds} s: {shown}")
    if code != 1 or any(words in errors for words in (
            "Stack dump", "Sanitizer", "runtime error:", "Assertion `",
            "memwall-run: error:", "LLVM ERROR")):
        raise Broken(f"crash ({code}): {shown}\n{errors[:3000]}")
    # What --compare finds is printed on standard output.
    if "error" not in errors and not done.stdout and "memwall-gen:" not in errors:
        raise Broken(f"silent failure: {shown}\n{errors[:1000]}")
    return done.stdout, errors


def split_reports(text):
    """The reports in a text of several, each as it is printed."""
    decoder, at, reports = json.JSONDecoder(), 0, []
    while at < len(text):
        end = decoder.raw_decode(text, at)[1]
        reports.append(text[at:end])
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return reports


def split_modules(text):
    """The modules that are printed with OUTPUT_MARKER between them; nothing is
    printed of a piece that is rejected."""
    return [module for module in text.split(OUTPUT_MARKER + "\n") if module.strip()]


class Session:
    """Cases with one machine, in a folder of their own. `broken`: lists of text,
    one per case; `is_valid`: whether the tools accept it."""

    def __init__(self, cases, folder, limits):
        self.cases, self.limits = cases, limits
        self.is_thorough = cases[0].number % limits.thorough_one_in == 0
        self.folder = pathlib.Path(folder)
        self.machines = (cases[0].machines
                         and self.write("machines.mlir", cases[0].machines))
        self.broken = [[] for _ in cases]
        self.is_valid = [True for _ in cases]

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run(self, *command):
        """What a tool prints; Invalid where it says only why it fails."""
        text, errors = run([str(word) for word in command], self.limits)
        if not text and "error" in errors or "memwall-gen:" in errors:
            raise Invalid(errors)
        return text

    def run_together(self, texts, options, split):
        """What one memwall-opt prints for each of the texts, or Invalid. Pieces of
        which no error tells by its line that they are rejected are one silent
        failure, until there is only one piece."""
        pieces = [text.rstrip("\n") + "\n" for text in texts]
        program = self.write("program.mlir", "// -----\n".join(pieces))
        text, errors = run(["memwall-opt", program, "--split-input-file",
                            f"--output-split-marker={OUTPUT_MARKER}", *options],
                           self.limits)
        ends, lines = [], 0
        for piece in pieces:
            lines += piece.count("\n") + 1
            ends.append(lines)
        places = re.findall(rf"^{re.escape(program)}:(\d+):\d+: error: (.*)", errors,
                            flags=re.M)
        rejected = {bisect.bisect_left(ends, int(line)): message
                    for line, message in places}
        printed = split(text)
        if len(pieces) == 1 and not printed and "error" in errors:
            return [Invalid(errors)]
        if len(rejected) + len(printed) != len(pieces):
            raise Broken(f"silent failure: memwall-opt {' '.join(options)}"
                         f"\n{errors[:1000]}")
        printed = iter(printed)
        return [Invalid(rejected[i]) if i in rejected else next(printed)
                for i in range(len(pieces))]

    def run_pieces(self, texts, options, split=split_modules):
        """What memwall-opt prints for each of the texts, Invalid, or Broken. One
        process does all of them; where that breaks anything, each half has its
        own, so limits hold for single programs."""
        if not texts:
            return []
        try:
            return self.run_together(texts, options, split)
        except Broken as error:
            if len(texts) == 1:
                return [error]
            middle = len(texts) // 2
            return (self.run_pieces(texts[:middle], options, split)
                    + self.run_pieces(texts[middle:], options, split))

    def run_cases(self, texts, options, split=split_modules):
        """As run_pieces, for texts by the number of their case. Notes what is
        broken or invalid, and returns the rest."""
        results = {}
        for number, result in zip(texts, self.run_pieces(list(texts.values()),
                                                         options, split)):
            if isinstance(result, Broken):
                self.broken[number].append(str(result))
            elif isinstance(result, Invalid):
                self.is_valid[number] = False
            else:
                results[number] = result
        return results

    def run_twice(self, texts, options, split=split_modules):
        """With and without threads: the same, but for the lines that pieces are
        on. Once where the limits say so."""
        first = self.run_cases(texts, options, split)
        if not self.is_thorough:
            return first
        again = self.run_cases({number: texts[number] for number in first},
                               [*options, "--mlir-disable-threading"], split)
        hide_lines = lambda text: re.sub(r"\.mlir:\d+:\d+", ".mlir", text)
        for number in again:
            if hide_lines(first[number]) != hide_lines(again[number]):
                self.broken[number].append(
                    f"determinism: memwall-opt {' '.join(options)}")
        return again

    def options(self, *more):
        """Of a pass that has a target."""
        case, options = self.cases[0], list(more)
        if not case.is_on_module:
            options.append(f"target={case.target}")
        if self.machines:
            options.append(f"target-file={self.machines}")
        return " ".join(options)

    def generate(self):
        """Writes the programs of memwall-gen's calls."""
        for number, case in enumerate(self.cases):
            if case.flags is None:
                continue
            try:
                case.text = self.run("memwall-gen", *case.flags)
                if case.text != self.run("memwall-gen", *case.flags):
                    self.broken[number].append("determinism: memwall-gen")
            except Broken as error:
                self.broken[number].append(str(error))
            except Invalid:
                self.is_valid[number] = False

    def optimize(self, texts, *accuracy):
        optimized = self.run_twice(
            texts, [f"--memwall-optimize={self.options(*accuracy)}", "-o", "-"])
        # What is printed is valid MLIR.
        printed = self.run_pieces(list(optimized.values()), ["-o", "-"])
        for number, result in zip(optimized, printed):
            if isinstance(result, (Broken, Invalid)):
                self.broken[number].append(f"invalid IR: memwall-optimize\n{result}")
        return optimized

    def simulate_text(self, case, program, optimized, function):
        """What memwall-run measures of one function of a program."""
        machines = ([f"--memwall-target-file={self.machines}"] if self.machines
                    else [])
        return json.loads(self.run(
            "memwall-run", self.write("program.mlir", program),
            f"--entry={function['name']}", f"--simulate={case.target}",
            f"--compare={self.write('optimized.mlir', optimized)}",
            "--time=0", "--format=json", f"--max-accesses={MAX_ACCESSES}",
            *machines))

    def simulate(self, case, optimized, function):
        """Broken promises of a run of one function."""
        found = self.simulate_text(case, case.text, optimized, function)
        problems = list(check_run(found, function))
        if problems:
            # Values that are the same whatever was loaded (x rem 1) are folded
            # before a program runs, and their loads are then dead: as the
            # canonical program has it.
            canonical = self.run("memwall-opt", self.write("plain.mlir", case.text),
                                 "--canonicalize", "-o", "-")
            report = json.loads(self.run(
                "memwall-opt", self.write("canonical.mlir", canonical),
                f"--memwall-report={self.options('format=json')}", "-o",
                os.devnull))
            same = [f for f in report["functions"] if f["name"] == function["name"]]
            problems = list(check_run(
                self.simulate_text(case, canonical, optimized, function),
                same[0] if same else function))
        yield from problems
        # What nothing defines may differ. The report warns of buffers that
        # nothing has written, not of the rest of those written in part.
        if (not found["equal"] and not function["warnings"]
                and not STRIDE_OF_0.search(case.text)
                and self.is_defined(case, function)):
            yield (f"outputs of @{function['name']} after --memwall-optimize:"
                   f" error {found.get('largest_relative_error')}, tolerance"
                   f" {found.get('tolerance')}")

    def is_defined(self, case, function):
        """Whether results are the same whatever new memory holds: MALLOC_PERTURB_
        is the byte that glibc fills it with. One that is a `tensor.empty` may hold
        what is written into the same memory, which is nobody's promise."""
        empty = set(EMPTY_TENSOR.findall(case.text))
        if any(empty & set(VALUE.findall(values))
               for values in RETURNED.findall(case.text)):
            return False
        program = self.write("program.mlir", case.text)
        outputs = self.folder / "outputs.json"
        texts = set()
        for byte in (0x55, 0xAA):
            self.run("env", f"MALLOC_PERTURB_={byte}", "memwall-run", program,
                     f"--entry={function['name']}", "--time=0",
                     f"--save-outputs={outputs}")
            texts.add(outputs.read_text())
        return len(texts) == 1

    def simulate_case(self, number, optimized, functions):
        for function in functions[:3]:
            if function["resident_bytes"] > MAX_RESIDENT_BYTES:
                continue
            try:
                self.broken[number] += self.simulate(self.cases[number], optimized,
                                                     function)
            except Broken as error:
                self.broken[number].append(str(error))
            except Invalid:
                pass  # Tells why it cannot be run.

    def check(self):
        self.generate()
        texts = {number: case.text for number, case in enumerate(self.cases)
                 if self.is_valid[number] and not self.broken[number]}
        reports = self.run_twice(
            texts, [f"--memwall-report={self.options('format=json', 'causes=true')}",
                    "-o", "/dev/null"], split_reports)
        functions = {number: json.loads(report)["functions"]
                     for number, report in reports.items()}
        for number in functions:
            for function in functions[number]:
                self.broken[number] += check_function(function)
        if self.is_thorough:
            self.run_cases({number: texts[number] for number in functions},
                           [f"--memwall-annotate={self.options()}", "-o", "-"])
        small = {number: texts[number] for number in functions
                 if sum(len(f["ops"]) for f in functions[number]) <= MAX_OPTIMIZED_OPS}
        for accuracy in [["accuracy=fast"], []][:1 + self.is_thorough]:
            optimized = self.optimize(small, *accuracy)
            for number in optimized:
                if not self.is_thorough and self.cases[number].number % 2:
                    continue
                self.simulate_case(number, optimized[number], functions[number])


def check_cases(cases, folder, limits):
    """(what is broken, whether the program was valid) of each. All have the same
    machine."""
    session = Session(cases, folder, limits)
    session.check()
    return list(zip(session.broken, session.is_valid))
