"""Runs the examples of Markdown files and compares their output.

An example is a fenced block whose first line is "$ command"; the lines after it
are what the command prints. Run from the root of the repository with the tools
on PATH; `--update` writes the output into the files instead of comparing.

    check_examples.py [--update] FILE..."""

import difflib
import pathlib
import re
import subprocess
import sys

EXAMPLE = re.compile(r"^```\w*\n\$ (?P<command>(?:.*\\\n)*.*)\n(?P<output>[^`]*?)```", re.M)


def run(command):
    # Readers call the tools where the build leaves them.
    command = command.replace("build/release/bin/", "")
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return re.sub(r"[ \t]+$", "", result.stdout, flags=re.M)


def main():
    update = "--update" in sys.argv
    examples = wrong = 0
    for name in sys.argv[1:]:
        if name == "--update":
            continue
        path = pathlib.Path(name)
        text = path.read_text()
        for example in reversed(list(EXAMPLE.finditer(text))):
            examples += 1
            found = run(example["command"])
            if found == example["output"]:
                continue
            wrong += 1
            start, end = example.span("output")
            text = text[:start] + found + text[end:]
            print(f"{name}: $ {example['command']}")
            print("\n".join(difflib.unified_diff(
                example["output"].splitlines(), found.splitlines(),
                "documented", "printed", lineterm="")))
        if update:
            path.write_text(text)
    print(f"{examples} examples, {wrong} wrong")
    return 0 if update else int(wrong > 0 or examples == 0)


sys.exit(main())
