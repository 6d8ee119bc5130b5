"""Drives a page of memwall-report in headless Chromium and holds it to the JSON report.

usage: drive_page.py PAGE JSON [--screenshots=FOLDER]

Checks that the figures on the page are those of the JSON, that every control works by mouse and by keyboard, that no
label overlaps another at 1280 and 1920 pixels in light and in dark, that nothing is logged or fetched, and that the
tables are there without script."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import OVERLAPS, Browser

failures = []


def expect(what, found, expected):
    if found != expected:
        failures.append(f"{what}: found {found!r}, expected {expected!r}")


def total(moved):
    return None if moved["read"] is None or moved["written"] is None else moved["read"] + moved["written"]


def number(text):
    return None if text == "" else float(text)


def read_figures(browser, selector):
    """{figure: value} inside of the first element of `selector`."""
    found = browser.run(f"""Object.fromEntries([...document.querySelector({json.dumps(selector)})
        .querySelectorAll("[data-figure]")].map((node) => [node.dataset.figure, node.dataset.value]))""")
    return {name: number(value) for name, value in found.items()}


def check_glance(browser, report):
    function = report["functions"][0]
    for target in function["targets"]:
        figures = read_figures(browser, f"#glance .card[data-target='{target['name']}'] .bars")
        dram = target["levels"][-1]
        expected = {"floor-bytes": total(function["floor"]), "floor-seconds": target["seconds"]["at_floor"],
                    "bound-bytes": dram["bound"]["bytes"], "bound-seconds": target["seconds"]["at_bound"],
                    "scheduled-bytes": total(dram["scheduled"]), "scheduled-seconds": target["seconds"]["scheduled"]}
        if target["optimized"]:
            expected["optimized-bytes"] = total(target["optimized"]["dram"])
            expected["optimized-seconds"] = target["optimized"]["seconds"]
        expect("glance of " + target["name"], figures, expected)
        top = browser.run(f"""[...document.querySelectorAll("ol.top3[data-target='{target['name']}'] li")]
            .map((node) => Number(node.dataset.row))""")
        expect("rows of the costliest", len(top), min(3, len(read_rows(browser))))


def check_words(browser):
    """Values that a script forgot to leave out stand as words in the text."""
    texts = browser.run("""(() => { const walk = document.createTreeWalker(document.getElementById("app"), NodeFilter.SHOW_TEXT);
        const found = []; while (walk.nextNode()) found.push(walk.currentNode.data); return found; })()""")
    for word in ["null", "undefined", "NaN", "[object Object]"]:
        expect(f"texts with '{word}'", [text for text in texts if word in text.split() or word == text], [])


def read_rows(browser):
    return browser.run("""fn().ops.map((row) => row.ops)""")


def check_rows(browser, report):
    """At every target and level: figures of a row are the sums over its operations in the JSON."""
    ops = report["functions"][0]["ops"]
    rows = read_rows(browser)
    expect("operations", sorted(op for row in rows for op in row), list(range(len(ops))))
    browser.run("update({ unfolded: true })")
    for t, target in enumerate(report["targets"]):
        for l, level in enumerate(target["levels"]):
            browser.run(f"update({{ target: {t} }}); update({{ level: {l} }})")
            found = browser.run("""[...document.querySelectorAll("tr.row")].map((row) => [Number(row.dataset.row),
                Object.fromEntries([...row.querySelectorAll("[data-figure]")].map((node) => [node.dataset.figure, node.dataset.value]))])""")
            expect("rows", len(found), len(rows))
            times = [number(figures["seconds"]) or 0 for _, figures in found]
            expect("order of " + target["name"], times, sorted(times, reverse=True))
            for row, figures in found:
                members = [ops[i]["targets"][t] for i in rows[row]]
                moved = [total(member["levels"][l]["scheduled"]) for member in members]
                place = f"row {row} at {level['name']} of {target['name']}"
                expect("moved, " + place, number(figures["moved"]), None if None in moved else sum(moved))
                expect("minimum, " + place, number(figures["minimum"]), sum(m["levels"][l]["bound"]["bytes"] for m in members))
                time = [m["seconds"]["scheduled"] for m in members]
                if None not in time:
                    found_time = number(figures["seconds"])
                    if abs(found_time - sum(time)) > 1e-9 * sum(time):
                        failures.append(f"time, {place}: found {found_time}, expected {sum(time)}")


def check_steps(browser, report):
    """Operations of one row keep their own names, and the costliest their reasons."""
    function = report["functions"][0]
    for op in function["ops"]:
        name = op["label"] or op["step"]
        if name:
            shown = browser.run(f"stepNames({{ row: fn().ops[fn().order[{op['index']}]], op: {op['index']} }})")
            expect(f"name of operation {op['index']}", shown, [name])
    for t, target in enumerate(report["targets"]):
        reasons = browser.run(f"""[...document.querySelectorAll("ol.top3[data-target='{target['name']}'] .why .part:first-child")]
            .map((node) => node.textContent)""")
        shares = sorted((row["shares"][t] for row in browser.run("fn().ops")), reverse=True)
        expect("reasons", len(reasons), min(3, len(shares)))


def check_roofs(browser, report):
    """A level has a roof where its bandwidth is known, and only then a button for it."""
    for t, target in enumerate(report["targets"]):
        browser.run(f"update({{ target: {t} }})")
        for level in target["levels"]:
            button = f"#roofline [data-toggle='{level['name']}']"
            known = level["read_bytes_per_second"]["peak"] is not None
            expect(f"roof of {level['name']} of {target['name']}", browser.run(f"document.querySelector(\"{button}\").disabled"), not known)
            roofs = f"document.querySelectorAll(\"[data-roof^='{level['name']}-']\").length"
            if known and browser.run(roofs):
                browser.run(f"document.querySelector(\"{button}\").click()")
                expect(f"roofs of {level['name']} once they are off", browser.run(roofs), 0)
                browser.run(f"document.querySelector(\"{button}\").click()")
    browser.run("update({ target: 0 })")


def check_parts(browser, report):
    """What the page holds beside its operations is in the JSON, word for word."""
    for f, function in enumerate(report["functions"]):
        for part in ["live", "curves", "targets", "floor", "resident_bytes", "warnings"]:
            expect(part, browser.run(f"DATA.functions[{f}].{part}"), function[part])
        live = browser.run("""[...document.querySelectorAll("#layers [data-figure=alive]")].map((node) => Number(node.dataset.value))""")
        if f == 0:
            expect("alive", live, [each["bytes"] for each in function["live"]["alive_at_peak"][:6]])
    expect("targets", browser.run("DATA.targets"), report["targets"])


CONTROLS = ["#app .choice[aria-label=target] button:last-child:not(:first-child)", "#app .choice[aria-label='bytes at'] button:first-child",
            "#app .choice[aria-label='bars in'] button:last-child", "#app .choice[aria-label=theme] button:last-child",
            "#app .choice[aria-label=theme] button:nth-child(2)", "#roofline [data-toggle]:enabled", "#roofline [data-toggle=achievable]",
            "#roofline [data-toggle=target-1]", "#unfold", "tr.row button", "[data-sort=moved]", "[data-sort=op]",
            "[data-sort=boundby]", "#memory .level[data-level='0']", "#roofline .point:last-of-type", "#markdown"]
DIGEST = """JSON.stringify([{ ...state, roofs: state.roofs && [...state.roofs] }, document.documentElement.dataset.theme || "",
    window.copied || "", document.querySelectorAll("tr.detail pre").length, document.querySelectorAll("tr.row").length])"""


def check_controls(browser, page):
    """The same happens by mouse and by keyboard, and something does."""
    for selector in CONTROLS:
        quoted = json.dumps(selector)
        results = []
        for by in ["mouse", "keyboard"]:
            browser.open(page)
            if not browser.run(f"!!document.querySelector({quoted})"):
                break
            before = browser.run(DIGEST)
            if by == "mouse":
                browser.click(selector)
            else:
                browser.run(f"document.querySelector({quoted}).focus()")
                browser.press("Enter")
            after = browser.run(DIGEST)
            if after == before:
                failures.append(f"{selector} does nothing by {by}")
            results.append(after)
        if len(results) == 2:
            expect(selector + " by keyboard", results[1], results[0])
    browser.open(page)
    for copies in range(browser.run("document.querySelectorAll('[data-copy]').length")):
        browser.run(f"window.copied = ''; document.querySelectorAll('[data-copy]')[{copies}].click()")
        if not browser.run("window.copied"):
            failures.append(f"copy button {copies} copies nothing")
    browser.run("document.querySelector('input[type=search]').focus()")
    rows = browser.run("document.querySelectorAll('tr.row').length")
    browser.type("no such operation")
    expect("rows of no such operation", browser.run("document.querySelectorAll('tr.row').length"), 0)
    browser.run("update({ filter: '' })")
    expect("rows again", browser.run("document.querySelectorAll('tr.row').length"), rows)
    for select in ["#table select", "#curve"]:
        browser.run(f"document.querySelector('{select}').focus()")
        before = browser.run(DIGEST)
        browser.press("ArrowDown")
        if browser.run(f"document.querySelector('{select}').options.length") > 1 and browser.run(DIGEST) == before:
            failures.append(f"{select} does nothing by keyboard")
    browser.open(page)
    wanted = browser.run("""(() => { let count = 0; for (const node of document.querySelectorAll("#app button:enabled, #app select, #app input, #app summary, #app [tabindex='0']"))
        { node.dataset.wanted = count++; } return count; })()""")
    reached = set()
    for _ in range(wanted + 5):
        browser.press("Tab")
        reached.add(browser.run("document.activeElement.dataset.wanted"))
    missing = [i for i in range(wanted) if str(i) not in reached]
    if missing:
        failures.append(f"{len(missing)} of {wanted} controls are not reached by Tab: " + browser.run(
            f"document.querySelector('[data-wanted=\"{missing[0]}\"]').outerHTML.slice(0, 200)"))


def check_labels(browser, page, screenshots):
    for width in [1280, 1920]:
        for dark in [False, True]:
            browser.open(page, width, 1000, dark)
            where = f"{width} pixels, {'dark' if dark else 'light'}"
            targets = browser.run("DATA.targets.length")
            for target in range(targets):
                browser.run(f"update({{ target: {target} }})")
                for overlap in browser.run(OVERLAPS):
                    failures.append(f"{where}, target {target}: {overlap}")
            browser.run("document.querySelector('tr.row button').click()")
            for overlap in browser.run(OVERLAPS):
                failures.append(f"{where}, with an explanation: {overlap}")
            colours = browser.run("""[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]
                .map((text) => text.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))""")
            expect("a light page at " + where, colours[0] > colours[1], not dark)
            if screenshots:
                name = os.path.splitext(os.path.basename(page))[0]
                browser.screenshot(os.path.join(screenshots, f"{name}-{width}-{'dark' if dark else 'light'}.png"), whole=True)


def check_plain(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    text = browser.run("document.getElementById('plain').innerText")
    for word in ["minimum of the program", "as the program stands", "operation", "share"]:
        if word not in text:
            failures.append(f"without script there is no '{word}'")
    expect("without script, the rest", browser.run("document.getElementById('app').hidden"), True)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    browser.open(page)
    browser.call("Emulation.setEmulatedMedia", media="print")
    expect("controls in print", browser.run("getComputedStyle(document.querySelector('.bar')).display"), "none")
    browser.call("Emulation.setEmulatedMedia", media="")


def main():
    page, report_path = sys.argv[1:3]
    screenshots = next((each.split("=")[1] for each in sys.argv[3:] if each.startswith("--screenshots=")), None)
    with open(report_path) as file:
        report = json.load(file)
    size = os.path.getsize(page)
    if size > 1500000:
        failures.append(f"the page has {size} bytes")
    browser = Browser()
    try:
        browser.open(page)
        browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        paint = browser.run("performance.getEntriesByName('first-contentful-paint').map((each) => Math.round(each.startTime))")
        check_glance(browser, report)
        check_words(browser)
        check_parts(browser, report)
        check_steps(browser, report)
        check_roofs(browser, report)
        check_rows(browser, report)
        check_controls(browser, page)
        check_labels(browser, page, screenshots)
        check_plain(browser, page)
        failures.extend("console: " + error for error in browser.errors)
    finally:
        browser.close()
    for failure in failures[:40]:
        print(failure)
    # The time is for people to read; nothing depends on it.
    print(f"{len(failures)} failures, {size} bytes, first paint after {paint} ms")
    sys.exit(1 if failures else 0)


main()
