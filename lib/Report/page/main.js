// Puts the page together; what has no place in a view of its own.
function header() {
  return el("header", { class: "top" }, el("h1", { title: DATA.program }, DATA.program.split("/").pop()), el("span", { class: "sub" }, "@", el("span", { id: "function-name" }, fn().name),
    " · what every operation moves, against what it has to"));
}

function controls() {
  const node = el("div", { class: "bar", role: "toolbar", "aria-label": "what is shown" });
  if (DATA.functions.length > 1)
    node.append(el("label", { class: "choice" }, el("span", {}, "function"), el("select", { id: "function",
      onchange: (event) => update({ func: Number(event.target.value) }) },
      DATA.functions.map((func, i) => el("option", { value: i }, "@" + func.name)))));
  node.append(choice("target", DATA.targets.map((target, i) => [i, target.name]), () => state.target, (target) => update({ target })));
  const levels = el("span", {});
  let shown = -1;
  views.push(() => {
    if (shown === state.target) return;
    shown = state.target;
    levels.replaceChildren(choice("bytes at", machine().levels.map((level, i) => [i, level.name]), () => state.level, (level) => update({ level })));
  });
  node.append(levels, el("span", { class: "space" }),
    themeChoice(), printButton());
  return node;
}

function footer() {
  return el("footer", {},
    el("p", {}, "memwall " + DATA.version + " · 1 GB = 1e9 bytes · times at " + DATA.bandwidth + " bandwidth · accuracy=" + DATA.accuracy + " · ",
      ...DATA.targets.map((target, i) => el("span", {}, target.name + " ", el("code", {}, DATA.hashes[i]), i + 1 < DATA.targets.length ? " · " : ""))),
    el("p", {}, "Drawn with d3 (BSD-3-Clause, its licence is in the source of this page). Every word with a dotted line has its definition under the pointer and on focus."),
    el("details", {}, el("summary", {}, "Definitions"), el("dl", {}, Object.entries(DEFINITIONS).flatMap(([key, text]) => [el("dt", {}, key.replace(/_/g, " ")), el("dd", {}, text)]))));
}

state.level = machine().levels.length - 1;
views.push(() => { document.getElementById("function-name").textContent = fn().name; });
show([header(), controls(), glance(), DATA.changes ? changes() : "", rowsTable(), roofline(), memory(), curves(), layers(), footer()],
  () => { if (state.row !== null) update({ row: null }); });
