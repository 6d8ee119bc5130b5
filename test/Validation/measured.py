"""What was measured once, kept in a file while the model changes.

A line of the file is one program: {"key", "name", "rows", "accesses", "seconds"}.
The key is a digest of the program's text (with its target) and of what the
simulator says of some small programs: another program, another machine or
another simulator is measured again. Lines are appended as they come, so that a
run may be ended at any time and several may share a file.
"""

import csv
import hashlib
import json
import subprocess
import sys

from programs import Sample

FINGERPRINT_PROGRAMS = 32  # Two of every family.
COLUMNS = ["measured_read", "measured_written", "accesses", "measuring_seconds"]


def run_validate(binary, samples, flags):
    """Rows by program, as dicts, of one process; and how it ended."""
    text = "".join(f"// ----- {s.name}\n{s.text}" for s in samples)
    run = subprocess.run([binary, *flags, "-"], input=text, text=True,
                         capture_output=True)
    sys.stderr.write(run.stderr)
    rows = {}
    for row in csv.DictReader(run.stdout.splitlines()):
        rows.setdefault(row["program"], []).append(row)
    return rows, run.returncode


def has_failed(rows):
    """A program that failed has one row: program, failed."""
    return len(rows) == 1 and rows[0]["cache"] == "failed"


def digest(*texts):
    result = hashlib.sha256()
    for text in texts:
        result.update(text.encode() + b"\0")
    return result.hexdigest()[:32]


class MeasuredPrograms:
    """The file at `path`, if there is to be one."""

    def __init__(self, binary, path):
        self.binary, self.path, self.kept = binary, path, {}
        if not path:
            return
        samples = [Sample(1, n) for n in range(FINGERPRINT_PROGRAMS)]
        rows, _ = run_validate(binary, samples, ["--only=measure"])
        self.fingerprint = digest(*(
            f"{row['program']} {row.get('measured_read')} "
            f"{row.get('measured_written')} {row.get('accesses')}"
            for s in samples for row in rows.get(s.name, [])))
        self.read()

    def read(self):
        try:
            with open(self.path) as file:
                lines = file.readlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # A process was ended while it wrote.
            self.kept[entry["key"]] = entry

    def key(self, sample):
        # The first line is a comment.
        return digest(self.fingerprint, sample.text.partition("\n")[2])

    def find(self, sample):
        """The measured cells of every level, or None."""
        if not self.path:
            return None
        entry = self.kept.get(self.key(sample))
        return entry and entry["rows"]

    def measure(self, sample):
        """The same, from the file or from the simulator; None if it fails."""
        found = self.find(sample)
        if found:
            return found
        rows, _ = run_validate(self.binary, [sample], ["--only=measure"])
        mine = rows.get(sample.name, [])
        if not mine or has_failed(mine):
            return None
        cells = [[row[column] for column in COLUMNS] for row in mine]
        if self.path:
            entry = {"key": self.key(sample), "name": sample.name, "rows": cells}
            with open(self.path, "a") as file:
                file.write(json.dumps(entry) + "\n")
        return cells
