// Pages of tables: sweeps, measurements and the study (tools/study-lib/page.py writes their data). A section is a list of
// blocks: text, a list, a command, a drawing, a table that can be sorted and filtered, or a plot of two of its columns.
const DEFINITIONS = DATA.definitions;
/// By table: the column that it is sorted by, the words and values that its rows must have, and the row that is marked.
const state = {};
const tables = [];
function settle() {}
const stateOf = (table) => state[table.id] || (state[table.id] = { sort: null, ascending: false, words: "", values: {}, marked: null });
const choose = (table, change) => update({ [table.id]: { ...stateOf(table), ...change } });

/// A cell is a number in the unit of its column, a text, [text, number to sort by], [text, number, address], or null.
const isPair = (cell) => Array.isArray(cell);
const textOf = (cell, kind) => {
  if (cell === null) return "";
  if (isPair(cell)) return cell[0];
  if (typeof cell === "string") return cell;
  return { bytes: bytes, seconds: seconds, flop: (value) => quantity(value, "FLOP"), rate: (value) => quantity(value, "").trim(), ratio: ratio }[kind]?.(cell) ?? String(cell);
};
const valueOf = (cell) => cell === null ? null : isPair(cell) ? cell[1] : cell;

function shownRows(table) {
  const { sort, ascending, words, values } = stateOf(table);
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word);
  const texts = table.rows.map((row) => row.map((cell, i) => textOf(cell, table.columns[i].kind)));
  const rows = table.rows.map((row, i) => i).filter((i) => {
    const line = texts[i].join(" ").toLowerCase();
    return wanted.every((word) => line.includes(word)) && Object.entries(values).every(([column, text]) => !text || texts[i][column] === text);
  });
  if (sort === null) return rows;
  const order = (a, b) => {
    const x = valueOf(table.rows[a][sort]), y = valueOf(table.rows[b][sort]);
    // What has no figure stands last, whichever way the others go.
    if (x === null || y === null) return (x === null) - (y === null);
    const both = typeof x === "number" && typeof y === "number" ? x - y : typeof x === typeof y ? d3.ascending(x, y) : typeof x === "number" ? -1 : 1;
    return ascending ? both : -both;
  };
  return rows.sort((a, b) => order(a, b) || a - b);
}

function drawTable(table) {
  const { sort, ascending, marked } = stateOf(table), rows = shownRows(table);
  const isText = (column) => column.kind === "text";
  const heads = table.columns.map((column, i) => el("th", { class: isText(column) ? "op" : null, "aria-sort": sort === i ? (ascending ? "ascending" : "descending") : null },
    el("button", { "data-sort": i, "data-def": DEFINITIONS[column.def] ? column.def : null, onclick: () => {
      choose(table, { sort: i, ascending: sort === i ? !ascending : isText(column) });
      document.querySelector("#" + table.id + " [data-sort='" + i + "']").focus({ preventScroll: true });
    } }, column.title)));
  const cells = (row) => row.map((cell, i) => {
    const text = textOf(cell, table.columns[i].kind), address = isPair(cell) ? cell[2] : null;
    return el("td", { class: isText(table.columns[i]) ? (text.length > 40 ? "op long" : "op") : null, "data-value": valueOf(cell) }, address ? el("a", { href: address }, text) : text);
  });
  return el("div", { id: table.id, class: "scroll" }, el("table", { class: "rows plain" }, el("thead", {}, el("tr", {}, heads)),
    el("tbody", {}, rows.map((i) => el("tr", { "data-row": i, class: marked === i ? "marked" : null }, cells(table.rows[i]))))));
}

function tableBlock(table) {
  table.id = "table-" + tables.length;
  tables.push(table);
  const search = el("input", { type: "search", placeholder: "filter", "aria-label": "filter " + table.title, oninput: (event) => choose(table, { words: event.target.value }) });
  const selects = table.columns.flatMap((column, i) => {
    if (!column.filter) return [];
    const values = [...new Set(table.rows.map((row) => textOf(row[i], column.kind)))];
    return values.length < 2 ? [] : [el("select", { "data-column": i, "aria-label": column.title, onchange: (event) => choose(table, { values: { ...stateOf(table).values, [i]: event.target.value } }) },
      el("option", { value: "" }, "all: " + column.title), values.map((text) => el("option", { value: text }, text)))];
  });
  const count = el("span", { class: "note" }), body = el("div", {});
  views.push(() => {
    const shown = shownRows(table).length;
    count.textContent = shown === table.rows.length ? plural(shown, "row", "rows") : shown + " of " + plural(table.rows.length, "row", "rows");
    body.replaceChildren(drawTable(table));
  });
  return [el("div", { class: "filters", role: "group", "aria-label": "rows of " + table.title }, search, selects, count), body];
}

/// Two columns against each other, both as logarithms, with the line where they are equal.
function drawPlot(plot, table) {
  const width = plotWidth(), height = Math.round(Math.min(560, width * 0.42)), margin = { top: 18, right: 24, bottom: 42, left: 84 };
  const column = (key) => table.columns.findIndex((each) => each.key === key);
  const at = { x: column(plot.x), y: column(plot.y), colour: column(plot.colour) };
  const points = shownRows(table).map((i) => ({ i, row: table.rows[i], x: valueOf(table.rows[i][at.x]), y: valueOf(table.rows[i][at.y]) })).filter((point) => point.x > 0 && point.y > 0);
  if (!points.length) return el("p", { class: "note" }, "No row has both figures.");
  const groups = [...new Set(table.rows.map((row) => textOf(row[at.colour])))];
  const hues = ["var(--l1)", "var(--l3)", "var(--l0)", "var(--l2)", "var(--l4)", "var(--compute)", "var(--bad)", "var(--good)"];
  const colour = (row) => hues[groups.indexOf(textOf(row[at.colour])) % hues.length];
  const span = (values) => { const [low, high] = d3.extent(values); return [low / 1.5, high * 1.5]; };
  const x = d3.scaleLog().domain(span(points.map((point) => point.x))).range([margin.left, width - margin.right]);
  const y = d3.scaleLog().domain(span(points.flatMap((point) => [point.y, point.x]))).range([height - margin.bottom, margin.top]);
  const svg = svgRoot(width, height, plot.title);
  svg.append("g").attr("class", "axis").attr("transform", "translate(0," + (height - margin.bottom) + ")").call(logAxis(d3.axisBottom(x), x, "")).select(".domain").remove();
  svg.append("g").attr("class", "axis").attr("transform", "translate(" + margin.left + ",0)").call(logAxis(d3.axisLeft(y), y, "").tickSizeInner(-(width - margin.left - margin.right))).select(".domain").remove();
  svg.append("text").attr("class", "label").attr("x", width - margin.right).attr("y", height - 6).attr("text-anchor", "end").text(plot.x_title);
  svg.append("text").attr("class", "label halo").attr("x", margin.left + 8).attr("y", margin.top + 12).text(plot.y_title);
  svg.append("line").attr("class", "equal").attr("x1", x(x.domain()[0])).attr("y1", y(x.domain()[0])).attr("x2", x(x.domain()[1])).attr("y2", y(x.domain()[1])).attr("stroke", "var(--good)").attr("stroke-dasharray", "2 4")
    .attr("data-tip", "here both are equal");
  const name = (row) => plot.label.map((key) => textOf(row[column(key)])).filter((text) => text).join(", ");
  svg.append("g").selectAll("circle").data(points).enter().append("circle").attr("class", "point").attr("cx", (d) => x(d.x)).attr("cy", (d) => y(d.y)).attr("r", (d) => stateOf(table).marked === d.i ? 7 : 4.5)
    .attr("fill", (d) => colour(d.row)).attr("stroke", (d) => colour(d.row)).attr("data-row", (d) => d.i).attr("tabindex", (d, i) => i < 12 ? 0 : -1).attr("role", "button").attr("aria-label", (d) => name(d.row))
    .attr("data-tip", (d) => name(d.row) + "\n" + plot.x_title + " " + textOf(d.row[at.x], table.columns[at.x].kind) + "\n" + plot.y_title + " " + textOf(d.row[at.y], table.columns[at.y].kind) + "\n" + ratio(d.y / d.x) + " of it")
    .on("click", (d) => mark(table, d.i)).on("keydown", (d) => { if (d3.event.key === "Enter" || d3.event.key === " ") { d3.event.preventDefault(); mark(table, d.i); } });
  return el("div", {}, svg.node(), el("div", { class: "legend" }, groups.map((text, i) => el("span", {}, el("i", { style: "background:" + hues[i % hues.length] }), text))));
}
function mark(table, row) {
  choose(table, { marked: row });
  const line = document.querySelector("#" + table.id + " tr[data-row='" + row + "']");
  if (line) line.scrollIntoView({ block: "center" });
}
function plotBlock(plot) {
  const body = el("div", { class: "panel plot" });
  views.push(() => body.replaceChildren(drawPlot(plot, tables[plot.table])));
  return body;
}

/// Text with ["b", text], ["code", text] and ["a", text, address] in it.
const inline = (parts) => parts.map((part) => typeof part === "string" ? part : el(part[0], part[2] ? { href: part[2] } : {}, part[1]));
function blockOf(block) {
  if (block.table) return tableBlock(block.table);
  if (block.plot) return plotBlock(block.plot);
  if (block.items) return el(block.ordered ? "ol" : "ul", { class: "prose" }, block.items.map((item) => el("li", {}, inline(item))));
  if (block.code) return el("div", { class: "command" }, el("pre", {}, block.code), copyButton("copy", () => block.code));
  if (block.image) return el("img", { src: block.image, alt: block.alt, class: "drawing" });
  return el("p", { class: "prose" }, inline(block.text));
}

show([el("header", { class: "top" }, el("h1", {}, DATA.title), el("span", { class: "sub" }, DATA.sub)),
  el("div", { class: "bar", role: "toolbar", "aria-label": "what is shown" },
    DATA.sections.length > 2 ? el("select", { id: "goto", "aria-label": "go to", onchange: (event) => document.getElementById(event.target.value).scrollIntoView() },
      DATA.sections.map((each, i) => el("option", { value: "section-" + i }, each.title))) : null, el("span", { class: "space" }), themeChoice(), printButton()),
  ...DATA.sections.map((each, i) => {
    // Blocks draw themselves again.
    const body = each.blocks.flatMap(blockOf);
    return el("section", { id: "section-" + i }, el("div", { class: "head" }, el("h2", {}, each.title)), body);
  }),
  el("footer", {}, el("p", {}, DATA.foot), el("p", {}, "Drawn with d3 (BSD-3-Clause, its licence is in the source of this page)."))],
() => {});
