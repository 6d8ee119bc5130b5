"""Every figure of a shipped target stands under a comment that says where it is
from: a quoted sentence with the address of its page, the number of a stored file, or the
name of a file of the reference folder; or a computation from such figures.

usage: check_sources.py FOLDER_OF_TARGETS
"""

import pathlib
import re
import sys

FIGURE = re.compile(r'"(\w+)" = ("[^"]*"|[-\w.]+)')
# What is said in words or follows from the figures around it.
WORDS = {"description", "kind", "store_policy", "units_per_instance", "inclusive"}
ADDRESS = re.compile(r"https?://\S|\(stored file \d+\)|"
                     r"\b(hardware|memtech)\.csv of the reference folder")
QUOTE = re.compile(r"'[^']{2,}'|'[0-9]'")
# The figure follows from others: of this file, of another target's, of the level
# inside, or of what a machine is sold with.
FOLLOWS = re.compile(
    r"Derived|[Aa]s above|\bAs \w|the same (file|page)|\bthe file of|"
    r"One L2 for all|share the bus|(Filled|Moved) in|An assumption|"
    r"Measured by memwall-calibrate|\w+\.mlir\b")


def read_figures(path):
    """(number of the line, key, the words of the comment above it)."""
    words, is_comment = "", False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if text.startswith("//"):
            words = (words if is_comment else "") + " " + text[2:].strip()
            is_comment = True
            continue
        is_comment = False
        for key, _ in FIGURE.findall(text):
            if key not in WORDS:
                yield number, key, words


def is_sourced(words):
    return bool(ADDRESS.search(words) and QUOTE.search(words)
                or FOLLOWS.search(words))


def main():
    figures = 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.mlir")):
        for number, key, words in read_figures(path):
            figures += 1
            if not is_sourced(words):
                print(f"WRONG: {path.name}:{number}: {key} has no source: {words}")
    print(f"{figures} figures")


if __name__ == "__main__":
    main()
