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


class Lab:
    """Reports, each made once."""

    def __init__(self, bin_folder, target_file=None, accuracy=None):
        self.bin = bin_folder
        # Bounds are the same at any accuracy of the scheduled bytes.
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
        return Function(json.loads(told.stdout))

    def ridges(self):
        """FLOP per byte at the ridge of every target."""
        listing = subprocess.run(
            [os.path.join(self.bin, "memwall-opt"), "--memwall-list-targets"],
            capture_output=True, check=True, text=True).stdout
        rows = [line.split() for line in listing.splitlines()[2:-1]]
        return {row[0]: float(row[5]) for row in rows}

    def can_make(self, flags):
        """Whether the model has the phase that the flags ask for."""
        made = subprocess.run(
            [os.path.join(self.bin, "memwall-gen")] + flags.split(),
            capture_output=True)
        return made.returncode == 0

    def prepare(self, requests):
        """Makes the reports of (flags, targets) that are not known yet."""
        keys = [(flags, tuple(targets)) for flags, targets in requests]
        missing = [k for k in dict.fromkeys(keys) if k not in self.known]
        self.known.update(runner.run_local(lambda k: self.run(*k), missing))

    def get(self, flags, targets):
        key = (flags, tuple(targets))
        if key not in self.known:
            self.known[key] = self.run(*key)
        return self.known[key]
