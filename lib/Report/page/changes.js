// What changed since the baseline: per function and target, then operation by operation, the largest difference first.
function difference(before, after) {
  if (before === null || after === null) return el("span", {}, "not known");
  const by = after - before;
  if (by === 0) return el("span", {}, "same");
  const percent = 100 * Math.abs(by / before);
  const part = !(before > 0) ? "" : percent < 0.1 ? " (less than 0.1 %)" : " (" + (by > 0 ? "+" : "-") + (percent < 10 ? percent.toFixed(1) : Math.round(percent)) + " %)";
  return el("span", { class: by > 0 ? "grew" : "shrank" }, (by > 0 ? "+" : "-") + bytes(Math.abs(by)) + part);
}

function changes() {
  return section("changes", "What changed", [el("button", { class: "quiet", id: "markdown", "data-copy": "markdown", onclick: () => copy(DATA.changes_markdown) }, "copy as Markdown"),
    copyButton("copy as command", () => command("report", "targets=" + targetNames() + " baseline=" + DATA.changes.baseline + " max-growth=2%" + common()))], (body, note) => {
    note.textContent = "against " + DATA.changes.baseline + ", on " + machine().name;
    const found = DATA.changes.functions.find((func) => func.name === fn().name);
    if (!found || found.kind !== "compared") return body.replaceChildren(el("p", {}, "@" + fn().name + " is not in the baseline."));
    const target = found.targets.find((each) => each.name === machine().name);
    const level = Math.min(state.level, target.levels.length - 1), at = target.levels[level];
    const listed = target.ops.slice(0, state.unfolded ? undefined : 12);
    body.replaceChildren(el("div", { class: "facts" },
      el("span", {}, "bytes at " + at.name + " ", el("b", {}, figure("changed-after", total(at.after), bytes(total(at.after)))), ", was ", figure("changed-before", total(at.before), bytes(total(at.before))), " ", difference(total(at.before), total(at.after))),
      el("span", {}, "time ", el("b", {}, seconds(target.seconds.after)), ", was " + seconds(target.seconds.before)),
      el("span", {}, plural(found.matched, "operation", "operations") + " found again" + (found.name === found.name_before ? "" : ", in what was @" + found.name_before))),
      target.ops.length ? el("div", { class: "scroll" }, el("table", { class: "rows changes" }, el("thead", {}, el("tr", {}, ["change", "now", "was"].map((text) => el("th", {}, text)), el("th", { class: "op" }, "operation"), el("th", { class: "op" }, "most of it"))),
        el("tbody", {}, listed.map((op) => { const moved = op.levels[level]; return el("tr", {}, el("td", {}, op.kind === "changed" ? difference(total(moved.before), total(moved.after)) : difference(0, total(moved.after) - total(moved.before))), el("td", {}, op.kind === "removed" ? "removed" : bytes(total(moved.after))),
          el("td", {}, op.kind === "added" ? "added" : bytes(total(moved.before))), el("td", { class: "op" }, op.label + " ", el("span", { class: "note" }, op.loc)), el("td", { class: "op" }, op.operand)); })))) : el("p", {}, "Nothing moves more or less than before."),
      target.ops.length > listed.length ? el("p", {}, el("button", { class: "quiet", onclick: () => update({ unfolded: true }) }, target.ops.length - listed.length + " more")) : null);
  });
}
