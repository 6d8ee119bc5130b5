"""Checks every #include of the tree in argv[1] against the table of rooms in
its docs/Architecture.md. Prints each one that goes the wrong way."""

import pathlib
import re
import sys

ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*(\w+)\s*\|.*\|([^|]*)\|\s*$")
INCLUDE = re.compile(r'^\s*#?\s*include\s+["<]((?:memwall/|\.\./)[^">]*)[">]')


def parse_numbers(text):
    """'1-3, 8' -> {1, 2, 3, 8}; '-' -> {}."""
    numbers = set()
    for part in text.replace(" ", "").split(","):
        if part in ("", "-"):
            continue
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def read_rooms(table):
    """Room -> rooms it may include, itself among them."""
    rows = [ROW.match(line) for line in table.splitlines()]
    rows = [(int(row[1]), row[2], parse_numbers(row[3])) for row in rows if row]
    names = {number: name for number, name, _ in rows}
    rooms = {}
    for number, name, allowed in rows:
        for other in allowed:
            if other >= number or other not in names:
                sys.exit(f"docs/Architecture.md: {name} may not include {other}")
        rooms[name] = {name} | {names[other] for other in allowed}
    if not rooms:
        sys.exit("docs/Architecture.md: no table of rooms")
    return rooms


def check_file(path, shown, room, rooms):
    """Messages for the includes of one file of a room."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        parts = pathlib.PurePosixPath(found[1]).parts
        if parts[0] == "..":
            yield f"{shown}:{number}: includes {found[1]}, outside its folder"
        elif parts[1] not in rooms[room]:
            yield f"{shown}:{number}: {room} may not include {found[1]}"


def main():
    root = pathlib.Path(sys.argv[1])
    rooms = read_rooms((root / "docs/Architecture.md").read_text())
    messages = []
    files = 0
    for base in ("include/memwall", "lib"):
        for path in sorted((root / base).glob("*/**/*")):
            if path.suffix not in (".h", ".cpp", ".td"):
                continue
            room = path.relative_to(root / base).parts[0]
            shown = path.relative_to(root)
            files += 1
            if room not in rooms:
                messages.append(f"{shown}: {room} is not in the table of rooms")
            else:
                messages += check_file(path, shown, room, rooms)
    print("\n".join(messages + [f"{files} files, {len(messages)} wrong"]))
    return 1 if messages or not files else 0


sys.exit(main())
