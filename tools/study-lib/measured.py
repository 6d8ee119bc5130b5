"""Published rates of generation beside memwall's bound for the same program.

measured.json has the measurements, each with the address of the page and the
words on it. For each, memwall-gen makes one device's program, and memwall-opt
reports its bound at the peak bandwidth of the data sheet. Several devices (tensor
parallel) run at the rate of their slices; what they send one another is added to
the time in a column of its own (links.py).
"""

import argparse
import json
import os
import re
import sys

import links
import page
from lab import Lab

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
FIELDS = ["target", "devices", "software", "model", "flags", "quantisation",
          "batch", "context", "tokens_per_second", "address", "quote", "note"]
BEGIN, END = "<!-- table: tools/measured -->", "<!-- end of table -->"


def read_rows():
    with open(os.path.join(FOLDER, "measured.json")) as file:
        rows = json.load(file)
    for number, row in enumerate(rows, 1):
        missing = [f for f in FIELDS if f not in row]
        if missing or not row["quote"].strip():
            sys.exit(f"row {number}: expected {', '.join(missing) or 'a quote'}")
        if not row["address"].startswith("https://"):
            sys.exit(f"row {number}: expected an address, found "
                     f"{row['address']}")
    return rows


def flags_of(row):
    flags = ["--phase=decode", "--layers=all", row["flags"],
             f"--batch={row['batch']}", f"--context={row['context']}"]
    if not row["flags"].startswith("--hidden"):
        flags.insert(0, f"--model={row['model']}")
    if row["devices"] > 1:
        flags.append(f"--tensor-parallel={row['devices']}")
    return " ".join(" ".join(flags).split())


def digits(value):
    """Three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def bound_with_links(lab, row, bound):
    """Tokens per second if nothing that is sent overlaps with the rest."""
    if row["devices"] == 1:
        return None
    link = links.read_link(lab.bin, row["target"])
    sent = links.tensor_bytes(lab.bin, flags_of(row))
    seconds = links.step_seconds(row["batch"] / bound, sent, link)
    return seconds and row["batch"] / seconds[1]


def make_table(lab, rows):
    lab.prepare([(flags_of(row), [row["target"]]) for row in rows])
    lines = ["| device | model | weights | batch | context | software | "
             "measured | bound | ratio | with links |",
             "|---|---|---|--:|--:|---|--:|--:|--:|--:|"]
    above = []
    for number, row in enumerate(rows, 1):
        bound = lab.get(flags_of(row), [row["target"]]).rate(row["target"])
        ratio = row["tokens_per_second"] / bound
        linked = bound_with_links(lab, row, bound)
        device = row["target"] + (f" x {row['devices']}"
                                  if row["devices"] > 1 else "")
        lines.append(
            f"| {device} | {row['model']} | {row['quantisation']} | "
            f"{row['batch']} | {row['context']} | {row['software']} | "
            f"[{digits(row['tokens_per_second'])}][{number}] | "
            f"{digits(bound)} | {ratio:.2f} | "
            + (f"{row['tokens_per_second'] / linked:.2f} |" if linked
               else "|"))
        if ratio > 1:
            above.append(number)
            if not row["note"]:
                sys.exit(f"row {number}: expected a note that explains a rate "
                         f"above the bound, {ratio:.2f} of it")
    lines.append("")
    for number, row in enumerate(rows, 1):
        note = f" ({row['note']})" if row["note"] else ""
        quote = row["quote"].replace("|", "\\|")
        lines.append(f"{number}. {row['address']}: \"{quote}\"{note}")
    lines.append("")
    lines += [f"[{n}]: {row['address']}" for n, row in enumerate(rows, 1)]
    return lines, above


def write_page(text, path):
    """docs/Measured.md as a page, with a plot of rates against their bounds."""
    title, sections = page.read_markdown(
        re.sub(r"<!--.*?-->\n", "", text), os.path.join(ROOT, "docs"))
    tables = [block["table"] for section in sections
              for block in section["blocks"] if "table" in block]
    for number, table in enumerate(tables):
        for column in table["columns"]:
            column["filter"] = column["title"] in ("device", "model", "weights",
                                                   "software")
        if {"measured", "bound"} <= {c["key"] for c in table["columns"]}:
            plot = {"table": number, "title": "rates against the bound",
                    "x": "bound", "y": "measured", "colour": "software",
                    "label": ["device", "model", "weights", "software"],
                    "x_title": "tokens/s at the bound",
                    "y_title": "tokens/s, measured"}
    for section in sections:
        blocks = section["blocks"]
        for place, block in enumerate(blocks):
            if block.get("table") is tables[plot["table"]]:
                blocks.insert(place, {"plot": plot})
                break
    page.write_page(path, title, "published rates beside memwall's bound",
                    sections, {}, "tools/measured makes this page again.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--rows", help="numbers of rows, with commas: prints "
                        "their lines instead of writing the page")
    parser.add_argument("--page", default=os.path.join(
        ROOT, "docs", "Measured.md"))
    parser.add_argument("--html", help="the page for a browser, too")
    options = parser.parse_args()
    rows = read_rows()
    if options.rows:
        chosen = [int(n) for n in options.rows.split(",")]
        lines, _ = make_table(Lab(options.bin, accuracy="fast"), [rows[n - 1] for n in chosen])
        for place, number in enumerate(chosen):
            print(lines[2 + place].replace(f"[{place + 1}]", f"[{number}]"))
        return
    lines, above = make_table(Lab(options.bin, accuracy="fast"), rows)
    with open(options.page) as file:
        before, _, rest = file.read().partition(BEGIN)
    after = rest.partition(END)[2]
    with open(options.page, "w") as file:
        text = (before + BEGIN + "\n" + "\n".join(lines) + "\n" + END +
                after)
        file.write(text)
    if options.html:
        write_page(text, options.html)
    print(f"{len(rows)} measurements, above the bound: "
          f"{', '.join(map(str, above)) or 'none'}")


if __name__ == "__main__":
    main()
