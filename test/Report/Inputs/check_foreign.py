"""Pipes IR of frontends into memwall-opt, as people do, in every format and
through every pass that has figures, and into memwall-run.

    check_foreign.py FILE...

What cannot be read is one error, with what to do. What is read has figures
that add up, and a warning with what to do beside every head of zeros. Nothing
of a frontend is run.
"""

import os
import re
import subprocess
import sys

ADVICE = re.compile(r"; (lower|take|its|how|there is no rule)\b")
CHECK_REPORT = os.path.join(os.path.dirname(__file__), "check_report.py")


def run(path, output_format):
    return subprocess.run(
        ["memwall-opt", path,
         f"--memwall-report=target=ddr5-2ch format={output_format}"],
        capture_output=True, text=True)


def check(condition, path, done):
    if not condition:
        sys.exit(f"{path}:\n{done.stdout}{done.stderr}")


def check_error(path, done):
    errors = [line for line in done.stderr.splitlines() if ": error: " in line]
    check(len(errors) == 1 and ADVICE.search(errors[0]), path, done)
    check("note:" not in done.stderr, path, done)


def check_report(path, done):
    warnings = [line for line in done.stderr.splitlines() if "warning: " in line]
    check(all(ADVICE.search(line) for line in warnings), path, done)
    if re.search(r"^  0 FLOP", done.stdout, re.MULTILINE) or \
            "no function" in done.stdout:
        check(warnings, path, done)
    scratch = path + ".json"
    with open(scratch, "w") as file:
        file.write(run(path, "json").stdout)
    subprocess.run([sys.executable, CHECK_REPORT, scratch], check=True)
    # Text and markdown say it at the head, CSV in front of the operations.
    for warning in warnings:
        if "in no function" in warning or "not looked into" in warning:
            continue
        name = re.search(r": ([\w.]+)[^:]*; ", warning).group(1)
        check(name in done.stdout.split("\n time\n")[0], path, done)
        for output_format in ["md", "csv", "json"]:
            other = run(path, output_format)
            check(name in other.stdout, path, other)


def check_pass(path, name, report):
    """The pass warns, with what to do, where the report does."""
    done = subprocess.run(["memwall-opt", path, f"--{name}=target=ddr5-2ch",
                           "-o", os.devnull], capture_output=True, text=True)
    check(not done.returncode, path, done)
    warnings = [line for line in done.stderr.splitlines() if "warning: " in line]
    if "warning: " in report.stderr:
        check(any(ADVICE.search(line) for line in warnings), path, done)


def check_run(path):
    """What has no body, or a body without ops of frontends, has other errors."""
    done = subprocess.run(["memwall-run", path, "--simulate=ddr5-2ch"],
                          capture_output=True, text=True)
    with open(path) as file:
        is_frontend = not re.search(r"\b(tosa|gpu)\.", file.read())
    if is_frontend:
        check(done.returncode == 1, path, done)
        check_error(path, done)


for file in sys.argv[1:]:
    report = run(file, "text")
    if report.returncode:
        check_error(file, report)
    else:
        check_report(file, report)
        for name in ["annotate", "search", "optimize", "check-budget"]:
            check_pass(file, f"memwall-{name}", report)
    check_run(file)
