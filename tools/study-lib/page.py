"""Tables as one HTML page that needs no network, from the parts of memwall-report's
pages (lib/Report/page): sections of text, tables that can be sorted and filtered,
and plots of two columns. The same tables give the same bytes.

A table is {"title", "columns": [{"key", "title", "kind", "def", "filter"}],
"rows"}; tables.js says what cells are. `kind` is "text", "bytes", "seconds",
"flop", "rate", "ratio" or "number"; a column with "filter" has a list of its values.
"""

import base64
import html
import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PARTS = os.path.join(ROOT, "lib", "Report", "page")
# In the order in which the page runs them.
SCRIPTS = ["format.js", "parts.js", "plot.js", "tables.js"]
D3 = ["/usr/share/nodejs/d3/dist/d3.min.js",
      "/usr/share/javascript/d3/d3.min.js"]
LICENCE = "/usr/share/doc/node-d3/copyright"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_d3():
    """The script that draws, and its licence."""
    found = next((path for path in D3 if os.path.exists(path)), None)
    if not found or not os.path.exists(LICENCE):
        raise SystemExit("--html needs Debian's package node-d3 "
                         "(apt-get install node-d3)")
    return read(found), read(LICENCE)


def text_of(cell):
    if isinstance(cell, list):
        cell = cell[0]
    return html.escape("" if cell is None else str(cell))


def plain_block(block):
    """What those without scripts read."""
    if "table" in block:
        table = block["table"]
        lines = ["<table><tr>" + "".join(
            f"<th>{html.escape(c['title'])}</th>" for c in table["columns"])
            + "</tr>"]
        lines += ["<tr>" + "".join(f"<td>{text_of(c)}</td>" for c in row)
                  + "</tr>" for row in table["rows"]]
        return "\n".join(lines) + "\n</table>"
    if "items" in block:
        return "<ul>" + "".join(f"<li>{plain_inline(i)}</li>"
                                for i in block["items"]) + "</ul>"
    if "code" in block:
        return f"<pre>{html.escape(block['code'])}</pre>"
    return f"<p>{plain_inline(block.get('text', []))}</p>"


def plain_inline(parts):
    return "".join(html.escape(p if isinstance(p, str) else p[1])
                   for p in parts)


def write_page(path, title, sub, sections, definitions, foot):
    """`sections` are {"title", "blocks"}."""
    d3, licence = read_d3()
    data = {"schema": "memwall.tables/1", "title": title, "sub": sub,
            "definitions": definitions, "foot": foot, "sections": sections}
    plain = "\n".join(
        f"<h2>{html.escape(s['title'])}</h2>\n"
        + "\n".join(map(plain_block, s["blocks"])) for s in sections)
    script = "\n".join(read(os.path.join(PARTS, name)) for name in SCRIPTS)
    # Nothing in the data may end the element that it is in.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(title)} - memwall</title>\n<style>\n"
            f"{read(os.path.join(PARTS, 'style.css'))}</style>\n</head>\n<body>\n"
            f'<div id="plain">\n<h1>{html.escape(title)}</h1>\n{plain}\n'
            f'<p>{html.escape(foot)}</p>\n</div>\n<div id="app" hidden></div>\n'
            f'<script type="application/json" id="data">{text}</script>\n'
            f"<!-- d3:\n{licence}-->\n<script>\n{d3}</script>\n"
            f"<script>\n{script}</script>\n</body>\n</html>\n")


def read_inline(text):
    """Bold words, code and links to the web; other links are their text."""
    parts = []
    pattern = r"\*\*(.+?)\*\*|`(.+?)`|\[([^]]+)\](?:\(([^)]+)\))?"
    at = 0
    for match in re.finditer(pattern, text):
        parts.append(text[at:match.start()])
        bold, code, label, address = match.groups()
        if bold:
            parts.append(["b", bold])
        elif code:
            parts.append(["code", code])
        elif address and address.startswith("https://"):
            parts.append(["a", label, address])
        else:
            parts.append(label)
        at = match.end()
    parts.append(text[at:])
    return [part for part in parts if part]


SCALES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def read_cell(text, addresses):
    """[text, number, address] where the text starts with a number, "11.6 k (2)",
    and without the address where it names none."""
    text = re.sub(r"[*`]", "", text).strip()
    link = re.match(r"\[(.*)\]\[(\d+)\]$", text)
    if link:
        text = link[1]
    match = re.match(r"(-?\d+(?:\.\d+)?)(?: ([kMGT]))?(?:[ %x×].*)?$", text)
    if not match:
        return text or None
    value = float(match[1]) * SCALES[match[2] or ""]
    return [text, value, addresses[link[2]]] if link else [text, value]


def read_table(lines, title, addresses):
    """A table of Markdown."""
    rows = [[c.strip() for c in line.strip().strip("|").split("|")]
            for line in lines]
    cells = [[read_cell(cell, addresses) for cell in row] for row in rows[2:]]
    columns = []
    for i, name in enumerate(rows[0]):
        numbers = sum(isinstance(row[i], list) for row in cells)
        kind = "number" if numbers * 2 > len(cells) else "text"
        columns.append({"key": name, "title": re.sub(r"[*`]", "", name),
                        "kind": kind, "def": name, "filter": False})
    return {"title": title, "columns": columns, "rows": cells}


def read_image(line, folder):
    alt, name = re.match(r"!\[(.*?)\]\((.*?)\)", line).groups()
    drawing = base64.b64encode(read(os.path.join(folder, name)).encode())
    return {"image": "data:image/svg+xml;base64," + drawing.decode(),
            "alt": alt}


def read_block(lines, title, folder, addresses):
    first = lines[0]
    if first.startswith("```"):
        return {"code": "\n".join(lines[1:-1])}
    if first.startswith("|"):
        return {"table": read_table(lines, title, addresses)}
    if first.startswith("!["):
        return read_image(first, folder)
    if re.match(r"(-|\d+\.) ", first):
        items = []
        for line in lines:
            if re.match(r"(-|\d+\.) ", line):
                items.append(line.split(" ", 1)[1])
            else:
                items[-1] += " " + line.strip()
        return {"items": [read_inline(item) for item in items],
                "ordered": not first.startswith("-")}
    return {"text": read_inline(" ".join(lines))}


def split_blocks(lines):
    """Lines between blank ones, those of a fence together."""
    block, is_fenced = [], False
    for line in [*lines, ""]:
        if line.startswith("```"):
            is_fenced = not is_fenced
        if line or is_fenced:
            block.append(line)
        elif block:
            yield block
            block = []


def read_markdown(text, folder):
    """Title, and sections by headings of two #; drawings are in `folder`."""
    title, sections = "", []
    reference = r"^\[(\d+)\]: (\S+)\n?"
    addresses = dict(re.findall(reference, text, flags=re.M))
    text = re.sub(reference, "", text, flags=re.M)
    for block in split_blocks(text.split("\n")):
        if block[0].startswith("# "):
            title = block[0][2:]
            sections.append({"title": title, "blocks": []})
        elif block[0].startswith("## "):
            sections.append({"title": block[0][3:], "blocks": []})
        else:
            sections[-1]["blocks"].append(
                read_block(block, sections[-1]["title"], folder,
                           addresses))
    return title, [s for s in sections if s["blocks"]]
