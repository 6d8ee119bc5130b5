"""Runs the commands of a tutorial and compares what they print.

    run_tutorial.py Tutorial.md <empty folder> [--update]

A block after "<!-- file: NAME -->" is written to NAME. In a block of language
sh every line after "$ " is a command, which has to succeed; the lines below it
are lines of its output, in order and complete but for "..." (any lines). Numbers
may be off by a twentieth: the model gets better, and its tests are elsewhere.
With --update, lines whose numbers are further off are replaced in the tutorial.
"""

import os
import re
import subprocess
import sys


# What a command ends with when `head` behind it closes the pipe first: SIGPIPE.
HEAD_HAD_ENOUGH = 128 + 13


def fail(command, message):
    sys.exit(f"$ {command}\n{message}")


NUMBER = re.compile(r"\d+(?:\.\d+)?")


# Lines of the tutorial whose numbers are off, and what they have to be.
updates = {}


def is_same(expected, actual):
    """The same words, and about the same numbers."""
    if NUMBER.sub("#", expected).split() != NUMBER.sub("#", actual).split():
        return False
    if UPDATES:
        updates[expected] = actual
        return True
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(actual))
    return all(abs(float(a) - float(b)) <= 0.05 * float(a) for a, b in pairs)


def compare(command, expected, actual):
    """Every expected line, in order; other lines only where "..." allows."""
    position = 0
    # The first lines may be left out without saying so.
    skipping = True
    for line in expected:
        if line == "...":
            skipping = True
            continue
        while skipping and position < len(actual) and \
                not is_same(line, actual[position]):
            position += 1
        if position == len(actual) or not is_same(line, actual[position]):
            fail(command, f"expected: {line}\nfound:\n" + "\n".join(actual))
        position += 1
        skipping = False
    if expected and not skipping and position < len(actual):
        fail(command, f"not expected: {actual[position]}")


def run(command, expected):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode not in (0, HEAD_HAD_ENOUGH):
        fail(command, f"exit status {done.returncode}\n{done.stdout}")
    compare(command, expected, done.stdout.splitlines())


def run_block(block):
    commands = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    for text in commands:
        command, *expected = text.splitlines()
        run(command, expected)
    return len(commands)


UPDATES = "--update" in sys.argv
path = os.path.abspath(sys.argv[1])
with open(path, encoding="utf-8") as file:
    tutorial = file.read()
os.makedirs(sys.argv[2], exist_ok=True)
os.chdir(sys.argv[2])
count = 0
for match in re.finditer(
        r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)^```$", tutorial,
        flags=re.MULTILINE | re.DOTALL):
    name, language, block = match.groups()
    if name:
        with open(name, "w", encoding="utf-8") as file:
            file.write(block)
    elif language == "sh":
        count += run_block(block)
if count == 0:
    sys.exit("no commands found")
if updates:
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(updates.get(line, line)
                             for line in tutorial.split("\n")))
print(f"{count} commands ran")
