"""Drives a page of tables (tools/study-lib/page.py) in headless Chromium.

usage: drive_tables.py PAGE [CSV] [--screenshots=FOLDER]

Every table has the cells of the page's data, and the first those of the CSV file; every column sorts by mouse and by
keyboard, filters keep the rows that have the words, plots have a point for each row that has both figures, nothing is
logged or fetched, no label overlaps another at 1280 and 1920 pixels in light and in dark, and the tables are there
without script."""

import csv
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import OVERLAPS, Browser

failures = []


def expect(what, found, expected):
    if found != expected:
        failures.append(f"{what}: found {found!r}, expected {expected!r}")


def rows_of(browser, table):
    """[number of the row, values of its cells] from top to bottom, as the page shows them."""
    return browser.run(f"""[...document.querySelectorAll("#{table} tbody tr")].map((row) => [Number(row.dataset.row),
        [...row.cells].map((cell) => cell.dataset.value ?? "")])""")


def value(cell):
    cell = cell[1] if isinstance(cell, list) else cell
    return "" if cell is None else cell


def same(found, expected):
    if isinstance(expected, (int, float)):
        return found != "" and float(found) == float(expected)
    return found == expected


def check_table(browser, name, table):
    found = rows_of(browser, name)
    expect(name + ", rows", [number for number, _ in found], list(range(len(table["rows"]))))
    for (number, cells), row in zip(found, table["rows"]):
        for i, (cell, expected) in enumerate(zip(cells, row)):
            if not same(cell, value(expected)):
                failures.append(f"{name}, row {number}, column {i}: found {cell!r}, expected {expected!r}")
    for i, column in enumerate(table["columns"]):
        selector, orders = f"#{name} [data-sort='{i}']", []
        for by in ["mouse", "keyboard"]:
            if by == "mouse":
                browser.click(selector)
            else:
                browser.run(f"document.querySelector({json.dumps(selector)}).focus()")
                browser.press("Enter")
            cells = [row[i] for _, row in rows_of(browser, name)]
            numbers = [float(cell) for cell, row in zip(cells, table["rows"]) if column["kind"] != "text" and is_number(cell)]
            orders.append(numbers)
        expect(f"{name}, sorted by {column['title']}", orders[0], sorted(orders[0], reverse=True))
        expect(f"{name}, sorted by {column['title']} again", orders[1], sorted(orders[1]))


def is_number(cell):
    try:
        return float(cell) is not None
    except ValueError:
        return False


def check_filters(browser, name, table):
    search = f"#{name}"
    browser.run(f"""document.querySelector("{search}").parentElement.previousElementSibling.querySelector("input").focus()""")
    browser.type("no such row")
    expect(name + ", rows of no such row", rows_of(browser, name), [])
    browser.run(f"""choose(tables.find((each) => each.id === "{name}"), {{ words: "" }})""")
    for i, column in enumerate(table["columns"]):
        texts = [value(row[i]) for row in table["rows"]]
        if not column["filter"] or len(set(texts)) < 2:
            continue
        selector = f"select[data-column='{i}']"
        browser.run(f"""document.querySelector("{search}").parentElement.previousElementSibling.querySelector("{selector}").focus()""")
        browser.press("ArrowDown")
        kept = {row[i] for _, row in rows_of(browser, name)}
        expect(f"{name}, kept of {column['title']}", kept, {texts[0]})
        browser.run(f"""choose(tables.find((each) => each.id === "{name}"), {{ values: {{}} }})""")


def check_plots(browser, sections, tables):
    plots = [block["plot"] for section in sections for block in section["blocks"] if "plot" in block]
    expect("plots", browser.run("document.querySelectorAll('.plot svg').length"), len(plots))
    for number, plot in enumerate(plots):
        table = tables[plot["table"]]
        keys = [column["key"] for column in table["columns"]]
        x, y = keys.index(plot["x"]), keys.index(plot["y"])
        both = [i for i, row in enumerate(table["rows"]) if all(isinstance(value(row[k]), (int, float)) and value(row[k]) > 0 for k in (x, y))]
        found = browser.run(f"[...document.querySelectorAll('.plot')[{number}].querySelectorAll('circle')].map((node) => Number(node.dataset.row))")
        expect("points", sorted(found), both)
        for by in ["mouse", "keyboard"]:
            browser.run("choose(tables[%d], { marked: null })" % plot["table"])
            if by == "mouse":
                # The last point lies on top of the others.
                browser.click(".plot circle:last-of-type")
            else:
                browser.run("document.querySelector('.plot circle').focus()")
                browser.press("Enter")
            expect("marked by " + by, browser.run("document.querySelectorAll('tr.marked').length"), 1)


def check_csv(tables, path):
    """Figures of the CSV file are in the first table under their names."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [column["key"] for column in tables[0]["columns"]]
    expect("rows of the file", len(tables[0]["rows"]), len(rows))
    for row, cells in zip(rows, tables[0]["rows"]):
        for key, text in row.items():
            cell = value(cells[keys.index(key)]) if key in keys else ""
            if not (cell == text or text and same(text, cell)):
                failures.append(f"{key}: found {cell!r}, expected {text!r}")


def check_layout(browser, page, screenshots):
    for width in [1280, 1920]:
        for dark in [False, True]:
            browser.open(page, width, 1000, dark)
            where = f"{width} pixels, {'dark' if dark else 'light'}"
            failures.extend(f"{where}: {overlap}" for overlap in browser.run(OVERLAPS))
            if screenshots:
                name = os.path.splitext(os.path.basename(page))[0]
                browser.screenshot(os.path.join(screenshots, f"{name}-{width}-{'dark' if dark else 'light'}.png"), whole=True)


def check_plain(browser, page, tables):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    expect("tables without script", browser.run("document.querySelectorAll('#plain table').length"), len(tables))
    expect("without script, the rest", browser.run("document.getElementById('app').hidden"), True)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def main():
    names = [each for each in sys.argv[1:] if not each.startswith("--")]
    screenshots = next((each.split("=")[1] for each in sys.argv[1:] if each.startswith("--screenshots=")), None)
    page = names[0]
    browser = Browser()
    try:
        browser.open(page)
        data = browser.run("JSON.parse(document.getElementById('data').textContent)")
        tables = [block["table"] for section in data["sections"] for block in section["blocks"] if "table" in block]
        expect("tables", browser.run("tables.length"), len(tables))
        for number, table in enumerate(tables):
            check_table(browser, f"table-{number}", table)
            check_filters(browser, f"table-{number}", table)
        check_plots(browser, data["sections"], tables)
        if len(names) > 1:
            check_csv(tables, names[1])
        check_layout(browser, page, screenshots)
        check_plain(browser, page, tables)
        failures.extend("console: " + error for error in browser.errors)
    finally:
        browser.close()
    for failure in failures[:40]:
        print(failure)
    print(f"{len(failures)} failures, {sum(len(table['rows']) for table in tables)} rows")
    sys.exit(1 if failures else 0)


main()
