"""The table of a sweep as a page: its rows, and rates beside those that nothing exceeds."""

import os

import page

KINDS = {"flops": "flop", "floor_bytes": "bytes", "resident_bytes": "bytes",
         "seconds_as_it_stands": "seconds", "seconds_at_bound": "seconds",
         "tokens": "number", "tokens_per_second_at_bound": "rate",
         "tokens_per_second_at_floor": "rate",
         "tokens_per_second_as_it_stands": "rate"}
TITLES = {"flops": "FLOP", "floor_bytes": "minimum of the program",
          "resident_bytes": "has to fit",
          "seconds_as_it_stands": "time as it stands",
          "seconds_at_bound": "time at the bound",
          "tokens_per_second_as_it_stands": "tokens/s as it stands",
          "tokens_per_second_at_bound": "tokens/s at the bound",
          "tokens_per_second_at_floor": "tokens/s at the minimum"}
NAMES = ["model", "phase", "options", "target"]
DEFINITIONS = {
    "tokens": "new tokens of one call, over all sequences.",
    "flops": "floating-point operations of one call; a multiply-add is 2.",
    "floor_bytes": "minimum of the program: distinct bytes of arguments and "
                   "constants read, and of results written.",
    "resident_bytes": "what has to fit in DRAM: arguments, constants and the "
                      "peak of live intermediates.",
    "bound_by": "what takes the time at the bound: a level of memory, or "
                "compute, the arithmetic.",
    "seconds_as_it_stands": "time of one call with the loops as the generator "
                            "wrote them, untiled.",
    "seconds_at_bound": "time of one call when every operation moves no more "
                        "than its proven minimum.",
    "tokens_per_second_as_it_stands": "tokens over the time as it stands.",
    "tokens_per_second_at_bound": "tokens over the time at the bound.",
    "tokens_per_second_at_floor": "tokens over the time of the program's "
                                  "minimum: nothing in between leaves the chip.",
    "error": "why the point has no figures.",
}
RATE, AT_BOUND = "tokens_per_second_as_it_stands", "tokens_per_second_at_bound"
# No program is faster than its minimum; than the sum of its operations' bounds,
# each from cold, it may be.
AT_FLOOR = "tokens_per_second_at_floor"


def add_rate(columns, rows):
    """The rate as it stands, which the table has as tokens and seconds."""
    tokens, seconds = map(columns.index, ("tokens", "seconds_as_it_stands"))
    where = columns.index(AT_BOUND)
    made = []
    for row in rows:
        rate = (row[tokens] / row[seconds]
                if row[tokens] != "" and row[seconds] else "")
        made.append([*row[:where], rate, *row[where:]])
    return [*columns[:where], RATE, *columns[where:]], made


def make_table(columns, rows):
    columns, rows = add_rate(columns, rows)
    cells = [[None if cell == "" else cell for cell in row] for row in rows]
    # What no row has is no column.
    kept = [i for i, c in enumerate(columns)
            if c in NAMES or any(row[i] is not None for row in cells)]
    return {"title": "the sweep", "rows": [[row[i] for i in kept]
                                           for row in cells],
            "columns": [{"key": columns[i],
                         "title": TITLES.get(columns[i], columns[i].replace("_", " ")),
                         "kind": KINDS.get(columns[i], "text"),
                         "def": columns[i], "filter": columns[i] in
                         (*NAMES, "bound_by")} for i in kept]}


def write(path, sweep, columns, rows):
    table = make_table(columns, rows)
    blocks = [{"table": table}]
    if AT_FLOOR in [column["key"] for column in table["columns"]]:
        blocks.append({"plot": {
            "table": 0, "title": "rates against the minimum", "x": AT_FLOOR,
            "y": RATE, "colour": "target", "label": NAMES,
            "x_title": "tokens/s at the program's minimum",
            "y_title": "tokens/s as the programs stand"}})
    name = os.path.basename(sweep)
    page.write_page(path, name, f"{len(rows)} points", [
        {"title": "Points", "blocks": blocks}], DEFINITIONS,
        f"tools/sweep {name} makes this page again. 1 GB = 1e9 bytes. "
        "docs/Sweep.md has the columns.")
