"""docs/Validation.md has parts that different commands write."""

# The small sweep's part has no title of its own.
LARGE, PRODUCTS, REAL = TITLES = [
    "## Large programs", "## Matrix products", "## Real models"]


def split_parts(text):
    """The text of each part, by title."""
    parts = {}
    for title in reversed(TITLES):
        text, found, part = text.partition(title)
        parts[title] = found + part
    parts[None] = text
    return parts


def write_part(path, title, part):
    """Replaces the part with this title (None: the small sweep's), and leaves the
    others as they stand: not every command can be run everywhere."""
    try:
        with open(path) as file:
            parts = split_parts(file.read())
    except FileNotFoundError:
        parts = {}
    parts[title] = part
    texts = [parts.get(t, "").strip("\n") for t in (None, *TITLES)]
    with open(path, "w") as file:
        file.write("\n\n".join(t for t in texts if t) + "\n")
