// The operations, those that cost most first; a click explains one.
const COLUMNS = [
  ["share", "share", "share"], ["seconds", "time", "seconds"], ["moved", "moved", "scheduled"], ["minimum", "minimum", "bound"],
  ["times", "times", "times"], ["flop", "FLOP", "flop"], ["intensity", "FLOP/B", "intensity"], ["boundby", "bound by", "boundby"],
];
function valueOf(row, key) {
  const figures = onTarget(row), level = onLevel(row);
  switch (key) {
  case "share": return row.shares[state.target];
  case "seconds": return figures.seconds.scheduled;
  case "moved": return total(level.scheduled);
  case "minimum": return level.bound.bytes;
  case "times": return level.bound.bytes ? total(level.scheduled) / level.bound.bytes : null;
  case "flop": return row.operations;
  case "intensity": return level.flop_per_byte;
  case "boundby": return figures.bound_by_as_scheduled;
  case "op": return row.row;
  }
}
function shownRows() {
  const rows = fn().ops.map((row, number) => ({ row, number }));
  const matches = ({ row }) => row.row.toLowerCase().includes(state.filter.toLowerCase()) &&
    (!state.role || row.operands.some((operand) => roleOf(operand) === state.role));
  const key = state.sort;
  const compare = (a, b) => {
    const x = valueOf(a.row, key), y = valueOf(b.row, key);
    const order = typeof x === "string" ? d3.ascending(x, y) : (x === null ? -1 : x) - (y === null ? -1 : y);
    return (state.ascending ? order : -order) || a.number - b.number;
  };
  const found = rows.filter(matches).sort(compare);
  if (state.unfolded || state.filter || state.role) return [found, []];
  const atLeast = [...rows].sort((a, b) => valueOf(b.row, "share") - valueOf(a.row, "share")).slice(0, 3).map(({ number }) => number);
  const isShown = ({ row, number }) => valueOf(row, "share") >= 0.01 || atLeast.includes(number) || number === state.row;
  return [found.filter(isShown), found.filter((each) => !isShown(each))];
}

function operandTable(row) {
  const level = onLevel(row);
  if (!level.operands.length)
    return el("p", { class: "note" }, row.operands.length ? "The operands of these operations differ." : "The JSON report has its operands; this page has those of the costliest rows.");
  const order = row.operands.map((operand, i) => i).sort((a, b) => (total(level.operands[b]) || 0) - (total(level.operands[a]) || 0));
  return el("table", { class: "small operands" },
    el("thead", {}, el("tr", {}, el("th", {}, "operand"), el("th", {}, term("footprint", "footprint")), el("th", {}, term("read", "read")),
      el("th", {}, term("written", "written")), el("th", {}, term("fetched", "fetched")))),
    el("tbody", {}, order.map((i) => {
      const operand = row.operands[i], moved = level.operands[i], causes = moved.causes;
      const parts = causes ? CAUSES.filter(([key]) => causes[key] > 0) : [];
      const words = parts.map(([key, text]) => bytes(causes[key]) + "  " + text).join("\n");
      return el("tr", {}, el("td", {}, operand.name, el("span", { class: "note" }, " " + roleOf(operand) + " " + operand.element_type),
        parts.length ? el("div", { class: "causes", "data-tip": words, tabindex: "0", "aria-label": words },
          parts.map(([key, , colour]) => el("i", { style: "background:" + colour + ";flex:" + causes[key] }))) : null),
        el("td", {}, bytes(operand.footprint_bytes)), el("td", {}, bytes(moved.read)), el("td", {}, bytes(moved.written)),
        el("td", {}, moved.times_fetched === null ? "" : ratio(moved.times_fetched)));
    })));
}

function detail(row, number) {
  const why = fn().explanations.find((each) => each.row === number && each.target === state.target);
  const explain = () => command("explain", "target=" + machine().name + " op=" + row.index + common());
  const present = new Set();
  onLevel(row).operands.forEach((moved) => moved.causes && CAUSES.forEach(([key]) => { if (moved.causes[key] > 0) present.add(key); }));
  const cliff = curveOf(number) && curveOf(number).cliff;
  return el("tr", { class: "detail" }, el("td", { colspan: COLUMNS.length + 1 },
    el("div", { class: "grid" },
      el("div", {}, el("h3", {}, "Why", copyButton("copy as command", explain)),
        why ? el("pre", { class: "explain" }, why.text.trimEnd()) : [el("p", {}, row.reasons[state.target] + "."),
          el("p", { class: "note" }, "Less than 1 % of the time; memwall-explain says the rest.")]),
      el("div", {}, el("h3", {}, "Operands at " + onLevel(row).name + (row.count > 1 ? ", all " + row.count + " operations" : "")), operandTable(row),
        el("div", { class: "legend" }, CAUSES.filter(([key]) => present.has(key)).map(([key, text, colour]) =>
          el("span", { "data-def": key === "capacity" ? "capacity_lost" : key, tabindex: "0" }, el("i", { style: "background:" + colour }), text))),
        cliff ? el("p", { class: "note" }, "From " + bytes(cliff.capacity_bytes) + " of " + curve().cache + " on, " + bytes(cliff.after_bytes) + " instead of "
          + bytes(cliff.before_bytes) + " at " + curve().level + ". ", el("button", { class: "quiet", onclick: () => {
          update({ curve: String(number) });
          document.getElementById("curves").scrollIntoView();
        } }, "show the curve")) : null,
        el("p", { class: "note" }, row.count > 1 ? "The first of them: " + row.loc : row.loc)))));
}

/// Contractions in a row, whose minimum together is less than the sum of both.
function units() {
  const sentences = fn().unit_sentences[state.target][state.level];
  if (!sentences.length) return "";
  return el("div", { class: "note", id: "units" }, el("p", {}, term("unit", DATA.units_title[0].toUpperCase() + DATA.units_title.slice(1)), ", at " + machine().levels[state.level].name + ":"),
    sentences.map((text) => el("p", { class: "unit" }, text)));
}

function rowsTable() {
  const roles = [...new Set(DATA.functions.flatMap((func) => func.ops.flatMap((row) => row.operands.map(roleOf))))].sort();
  const search = el("input", { type: "search", placeholder: "filter by step or operation", "aria-label": "filter by step or operation",
    oninput: (event) => update({ filter: event.target.value }) });
  const role = el("select", { "aria-label": "operations that touch", onchange: (event) => update({ role: event.target.value }) },
    el("option", { value: "" }, "all roles"), roles.map((name) => el("option", { value: name }, name)));
  return section("table", "What takes the time", [search, role,
    copyButton("copy as command", () => command("report", "target=" + machine().name + " rows=all" + common()))], (body, note) => {
    const [shown, folded] = shownRows();
    note.textContent = "on " + machine().name + ", bytes at " + machine().levels[state.level].name + "; a click explains";
    const most = d3.max(fn().ops, (row) => row.shares[state.target]) || 1;
    const heads = COLUMNS.map(([key, text, def]) => el("th", { "aria-sort": state.sort === key ? (state.ascending ? "ascending" : "descending") : null },
      el("button", { "data-def": def, "data-sort": key, onclick: () => update({ sort: key, ascending: state.sort === key && !state.ascending }) }, text)));
    heads.splice(2, 0, el("th", { class: "op" }, el("button", { "data-sort": "op", onclick: () => update({ sort: "op", ascending: state.sort !== "op" || !state.ascending }) }, "operation")));
    const lines = shown.flatMap(({ row, number }) => {
      const level = onLevel(row), figures = onTarget(row), by = figures.bound_by_as_scheduled, times = valueOf(row, "times");
      const open = state.row === number;
      const toggle = () => { update({ row: open ? null : number });
        const again = document.querySelector("tr.row[data-row='" + number + "'] button"); if (again) again.focus({ preventScroll: true }); };
      const matchesLevel = by === machine().levels[state.level].name || state.level === machine().levels.length - 1;
      return [el("tr", { class: "row" + (matchesLevel ? "" : " dim"), "data-row": number, onclick: toggle },
        el("td", {}, el("span", { class: "sharebar", style: "width:" + 56 * row.shares[state.target] / most + "px;background:" + levelColour(by) }),
          figure("share", row.shares[state.target], share(row.shares[state.target]))),
        el("td", {}, figure("seconds", figures.seconds.scheduled, seconds(figures.seconds.scheduled))),
        el("td", { class: "op" }, el("button", { "aria-expanded": String(open), onclick: (event) => { event.stopPropagation(); toggle(); } }, rowLabel(row))),
        el("td", {}, figure("moved", total(level.scheduled), bytes(total(level.scheduled)))),
        el("td", {}, figure("minimum", level.bound.bytes, bytes(level.bound.bytes))),
        el("td", {}, el("span", { class: times > 2 ? "far" : "" }, times === null ? "" : ratio(times) + "×")),
        el("td", {}, figure("operations", row.operations, row.operations_text)),
        el("td", {}, level.flop_per_byte === null ? "" : ratio(level.flop_per_byte)),
        el("td", {}, el("span", { class: "dot", style: "background:" + levelColour(by) }), by)),
      open ? detail(row, number) : null];
    });
    const sum = d3.sum(folded, ({ row }) => row.shares[state.target]);
    body.replaceChildren(el("div", { class: "scroll" }, el("table", { class: "rows" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines.filter((line) => line)))),
      el("p", {}, folded.length ? el("button", { class: "quiet", id: "unfold", onclick: () => update({ unfolded: true }) },
        folded.length + " more of less than 1 % each, " + share(sum) + " together") : state.unfolded
        ? el("button", { class: "quiet", id: "fold", onclick: () => update({ unfolded: false }) }, "fold the rows of less than 1 %") : null), units());
  });
}
