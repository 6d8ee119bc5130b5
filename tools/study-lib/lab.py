"""Runs memwall-gen and memwall-opt and reads the report of what comes out."""

import json
import os
import subprocess

import runner


class Function:
    """The report of one generated program: see docs/Report.md, JSON."""

    def __init__(self, report):
        function = report["functions"][0]
        self.flops = function["flops"]
        self.floor = sum(function["floor"].values())
        self.resident = function["resident_bytes"]
        self.model = function["model"]
        # A report has every operation on every target: only sums are kept.
        self.targets = {t["name"]: {key: t[key] for key in
                                    ("model", "seconds", "bound_by")}
                        for t in function["targets"]}
        self.resident_of = {r["role"]: r["resident_bytes"]
                            for r in self.model["compulsory"]}
        self.share_of = {r["role"]: r["share"] for r in self.model["floor"]}

    @property
    def tokens(self):
        return self.model["tokens"]

    def bound_bytes(self, target):
        """Bytes that the operations must move at DRAM, one by one."""
        return self.targets[target]["model"]["bytes_per_token"] * self.tokens

    def bytes_per_flop(self, target):
        return self.bound_bytes(target) / self.flops

    def seconds(self, target):
        return self.targets[target]["seconds"]["at_bound"]

    def floor_seconds(self, target):
        rate = self.targets[target]["model"]["tokens_per_second"]["at_floor"]
        return self.tokens / rate

    def rate(self, target):
        return self.targets[target]["model"]["tokens_per_second"]["at_bound"]

    def is_compute_bound(self, target):
        return self.targets[target]["bound_by"] == "compute"

    def is_compute_bound_at_floor(self, target):
        return self.targets[target]["model"]["bound_by_at_floor"] == "compute"

    def devices(self, target):
        return self.targets[target]["model"]["devices"]

    def joules(self, target):
        return self.targets[target]["model"]["joules_per_token"]

    def ridge(self, target, which):
        """The batch at the ridge; None when there is none."""
        return self.targets[target]["model"]["ridge"][which]["batch"]


def without_operations(report):
    """A report without the entries of operations, which are 200 MB of a training
    step on ten machines and are not looked at."""
    begin = report.find(b'\n      "ops": [')
    end = report.find(b"\n      ],", begin)
    if min(begin, end) < 0:
        return report
    return report[:begin] + b'\n      "ops": [' + report[end:]


class Lab:
    """Reports, each made once."""

    def __init__(self, bin_folder, target_file=None, accuracy=None):
        self.bin = bin_folder
        # Bounds and floors are the same at any accuracy of the scheduled bytes.
        self.accuracy = accuracy
        self.target_file = target_file
        self.known = {}

    def command(self, flags, targets):
        """The command line as a reader would type it."""
        own = f" target-file={self.target_file}" if self.target_file else ""
        return (f"memwall-gen {flags} |\n  memwall-opt "
                f'--memwall-report="targets={",".join(targets)} '
                f'format=json{own}"')

    def run(self, flags, targets):
        options = f"targets={','.join(targets)} format=json"
        if self.target_file:
            options += f" target-file={self.target_file}"
        if self.accuracy:
            options += f" accuracy={self.accuracy}"
        made = subprocess.run(
            [os.path.join(self.bin, "memwall-gen")] + flags.split(),
            capture_output=True)
        if made.returncode:
            raise RuntimeError(f"memwall-gen {flags}: {made.stderr.decode()}")
        told = subprocess.run(
            [os.path.join(self.bin, "memwall-opt"),
             f"--memwall-report={options}"],
            input=made.stdout, capture_output=True)
        if told.returncode:
            raise RuntimeError(f"{self.command(flags, targets)}: "
                               f"{told.stderr.decode()}")
        return Function(json.loads(without_operations(told.stdout)))

    def listed(self):
        """Of every target GB/s and FLOP per byte at the ridge."""
        listing = subprocess.run(
            [os.path.join(self.bin, "memwall-opt"), "--memwall-list-targets"],
            capture_output=True, check=True, text=True).stdout
        rows = [line.split() for line in listing.splitlines()[2:-1]]
        return {row[0]: (float(row[2]), None if row[5] == "-" else float(row[5]))
                for row in rows}

    def ridges(self):
        """FLOP per byte at the ridge of every target that has arithmetic."""
        return {name: ridge for name, (_, ridge) in self.listed().items()
                if ridge is not None}

    def bandwidth(self, target):
        """GB/s of the memory, as the data sheet says."""
        return self.listed()[target][0]

    def why_not(self, flags):
        """What memwall-gen says that is wrong with the flags, or None."""
        made = subprocess.run(
            [os.path.join(self.bin, "memwall-gen")] + flags.split(),
            capture_output=True, text=True)
        if made.returncode == 0:
            return None
        return made.stderr.strip().rpartition("error: ")[2]

    def can_make(self, flags):
        """Whether the model has the phase that the flags ask for."""
        return self.why_not(flags) is None

    def prepare(self, requests):
        """Makes the reports of (flags, targets) that are not known yet."""
        keys = [(flags, tuple(targets)) for flags, targets in requests]
        missing = [k for k in dict.fromkeys(keys) if not self.find(*k)]
        for (flags, _), function in runner.run_local(lambda k: self.run(*k),
                                                     missing):
            self.keep(flags, function)

    def find(self, flags, targets):
        """A report of the flags with these targets, among others or not."""
        for function in self.known.get(flags, []):
            if function.targets.keys() >= set(targets):
                return function
        return None

    def keep(self, flags, function):
        self.known.setdefault(flags, []).append(function)
        return function

    def get(self, flags, targets):
        return (self.find(flags, targets) or
                self.keep(flags, self.run(flags, targets)))
