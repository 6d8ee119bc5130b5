"""Puts a case through the tools; yields what is broken, as text whose first word
says what kind of promise it was."""

import json
import pathlib
import re
import signal
import subprocess

from invariants import check_function, check_run

MEMORY_BYTES = 8 << 30
MAX_ACCESSES = 2_000_000  # Larger programs are not run.
MAX_RESIDENT_BYTES = 32_000_000
MAX_OPTIMIZED_OPS = 16  # A search takes a second an op, and more.


class Broken(Exception):
    """The case ends here."""


class Invalid(Exception):
    """The tool says what is wrong with the program, as it has to."""


class Limits:
    """Of a single command: more seconds of CPU are a hang. Sanitizers reserve far
    more memory than they use."""

    def __init__(self, cpu_seconds=10, limits_memory=True):
        self.cpu_seconds, self.limits_memory = cpu_seconds, limits_memory


def run(command, limits):
    """Runs a tool, which has to succeed or to fail with a message. Returns what
    it prints."""
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
    if done.returncode == 0:
        return done.stdout
    code, errors = done.returncode, done.stderr
    if code == -signal.SIGXCPU or "CPU time limit exceeded" in errors:
        raise Broken(f"hang of {seconds} s: {shown}")
    if code != 1 or any(words in errors for words in (
            "Stack dump", "Sanitizer", "runtime error:", "Assertion `",
            "memwall-run: error:", "LLVM ERROR")):
        raise Broken(f"crash ({code}): {shown}\n{errors[:3000]}")
    # What --compare finds is printed on standard output.
    if "error" not in errors and not done.stdout and "memwall-gen:" not in errors:
        raise Broken(f"silent failure: {shown}\n{errors[:1000]}")
    if not done.stdout:
        raise Invalid(errors)
    return done.stdout


class Session:
    """One case in a folder of its own."""

    def __init__(self, case, folder, limits):
        self.case, self.limits = case, limits
        self.folder = pathlib.Path(folder)
        self.program = self.write("program.mlir", case.text)
        self.optimized = self.folder / "optimized.mlir"
        self.machines = case.machines and self.write("machines.mlir", case.machines)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run(self, *command):
        return run([str(word) for word in command], self.limits)

    def run_twice(self, output, *command):
        """With and without threads: the same, to the byte."""
        texts = []
        for threads in [], ["--mlir-disable-threading"]:
            self.run(*command, *threads)
            texts.append(output.read_bytes())
        if texts[0] != texts[1]:
            raise Broken(f"determinism: {' '.join(map(str, command))}")

    def options(self, *more):
        """Of a pass that has a target."""
        machines = [f"target-file={self.machines}"] if self.machines else []
        return " ".join([f"target={self.case.target}", *machines, *more])

    def generate(self):
        text = self.run("memwall-gen", *self.case.flags)
        if text != self.run("memwall-gen", *self.case.flags):
            raise Broken("determinism: memwall-gen")
        self.case.text = text
        self.write("program.mlir", text)

    def report(self):
        """The functions of the report."""
        path = self.folder / "report.json"
        self.run_twice(path, "memwall-opt", self.program, "--memwall-report="
                       + self.options("format=json", "causes=true", f"output={path}"),
                       "-o", "/dev/null")
        return json.loads(path.read_text())["functions"]

    def annotate(self):
        self.run("memwall-opt", self.program,
                 f"--memwall-annotate={self.options()}", "-o", "/dev/null")

    def optimize(self):
        self.run_twice(self.optimized, "memwall-opt", self.program,
                       f"--memwall-optimize={self.options()}",
                       "-o", self.optimized)
        try:  # What is printed is valid MLIR.
            self.run("memwall-opt", self.optimized, "-o", "/dev/null")
        except Invalid as error:
            raise Broken(f"invalid IR: memwall-optimize\n{error}")

    def simulate(self, function):
        machines = ([f"--memwall-target-file={self.machines}"] if self.machines
                    else [])
        text = self.run(
            "memwall-run", self.program, f"--entry={function['name']}",
            f"--simulate={self.case.target}", f"--compare={self.optimized}",
            "--time=0", "--format=json", f"--max-accesses={MAX_ACCESSES}", *machines)
        found = json.loads(text)
        yield from check_run(found, function)
        # What nothing defines may differ; the report warns of it.
        if not found["equal"] and not function["warnings"]:
            yield (f"outputs of @{function['name']} after --memwall-optimize:"
                   f" error {found.get('largest_relative_error')}, tolerance"
                   f" {found.get('tolerance')}")

    def check(self):
        if self.case.flags is not None:
            self.generate()
        functions = self.report()
        for function in functions:
            yield from check_function(function)
        self.annotate()
        if sum(len(function["ops"]) for function in functions) > MAX_OPTIMIZED_OPS:
            return
        self.optimize()
        for function in functions[:3]:
            if function["resident_bytes"] > MAX_RESIDENT_BYTES:
                continue
            try:
                yield from self.simulate(function)
            except Invalid:
                pass  # Tells why it cannot be run.


def check_case(case, folder, limits):
    """(what is broken, whether the program was valid)."""
    broken = []
    try:
        for line in Session(case, folder, limits).check():
            broken.append(line)
    except Broken as error:
        broken.append(str(error))
    except Invalid:
        return broken, False
    return broken, True
