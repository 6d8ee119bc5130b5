"""A point of a sweep: one program on one target, and how it is measured."""

import json
import os
import subprocess

# Columns of the table that come from a report.
FIGURES = ["tokens", "flops", "floor_bytes", "resident_bytes", "bound_by",
           "seconds_as_it_stands", "seconds_at_bound",
           "tokens_per_second_at_bound", "tokens_per_second_at_floor"]


def measure(point):
    """Figures of a point, or {"error": what the tool said}. A point has `bin`,
    `flags` of memwall-gen, `target`, `report` (more options of the report)."""
    generator = subprocess.run(
        [os.path.join(point["bin"], "memwall-gen"), *point["flags"].split()],
        capture_output=True)
    if generator.returncode:
        return {"error": clean(generator)}
    options = f"targets={point['target']} format=json {point['report']}"
    report = subprocess.run(
        [os.path.join(point["bin"], "memwall-opt"),
         "--memwall-report=" + options.strip()],
        input=generator.stdout, capture_output=True)
    if report.returncode:
        return {"error": clean(report)}
    return read_figures(json.loads(report.stdout))


def clean(done):
    """The first line of what a tool said, or how it ended."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else f"exit status {done.returncode}"


def read_figures(report):
    function = report["functions"][0]
    target = function["targets"][0]
    seconds, model = target["seconds"], target.get("model", {})
    rate = model.get("tokens_per_second", {})
    values = [function.get("model", {}).get("tokens"), function["flops"],
              sum(function["floor"].values()), function["resident_bytes"],
              target["bound_by"], seconds.get("as_scheduled",
                                              seconds.get("scheduled")),
              seconds.get("at_bound"), rate.get("at_bound"),
              rate.get("at_floor")]
    return {k: v for k, v in zip(FIGURES, values) if v is not None}
