// The first screen: per target what has to move, what moves, and what could; and the three costliest steps with the reason.
function bars(target) {
  const figures = fn().targets[target], dram = dramOf(figures), optimized = figures.optimized;
  const floor = total(fn().floor);
  const lines = [
    ["floor", "minimum of the program", floor, figures.seconds.at_floor],
    ["bound", "operations' minima", dram.bound.bytes, figures.seconds.at_bound],
    ["scheduled", "as the program stands", total(dram.scheduled), figures.seconds.scheduled],
    ["optimized", "after memwall-optimize", optimized ? total(optimized.dram) : undefined, optimized ? optimized.seconds : undefined],
  ];
  const measure = state.unit === "bytes" ? (line) => line[2] : (line) => line[3];
  const most = d3.max(lines, (line) => measure(line) || 0) || 1;
  const accuracy = accuracyOf(dram);
  return el("div", { class: "bars" }, lines.map((line) => {
    const [key, name, moved, time] = line;
    if (moved === undefined)
      return [el("span", { class: "name" }, term(key, name)), el("span", { class: "note" }, "not asked for"), el("span"),
        copyButton("copy command", () => command("report", "targets=" + targetNames() + " format=html optimize=true output=report.html" + common()))];
    return [el("span", { class: "name" }, term(key, name, key === "scheduled" ? accuracy : null)),
      el("div", { class: "track" }, el("div", { class: "fill " + key, style: "width:" + 100 * (measure(line) || 0) / most + "%" })),
      el("span", { class: "value" }, figure(key + "-bytes", moved, bytes(moved))),
      el("span", { class: "value" }, figure(key + "-seconds", time, seconds(time)))];
  }).flat(), dram.bound.bytes > 1.01 * total(dram.scheduled) ? el("span", { class: "note aside" }, "The operations' minima are from cold; what one leaves in a cache spares the next.") : null);
}

/// "gate_proj: 2× matmul" in two weights: what the program calls it, and what it is.
function rowLabel(row) {
  const at = row.row.indexOf(": ");
  return at < 0 ? [row.row] : [el("span", { class: "step" }, row.row.slice(0, at)), " " + row.row.slice(at + 2)];
}

function topThree(target) {
  const rows = fn().ops.map((row, i) => [row, i]).sort((a, b) => b[0].shares[target] - a[0].shares[target]).slice(0, 3);
  return el("ol", { class: "top3", "data-target": DATA.targets[target].name },
    el("span", { class: "caption" }, "What takes the time, as the program stands"),
    rows.map(([row, i], rank) => el("li", { "data-row": i },
      el("span", { class: "share" }, figure("share", row.shares[target], share(row.shares[target]))),
      el("span", {}, rowLabel(row)), el("span", {}, seconds(row.targets[target].seconds.scheduled)),
      el("span", { class: "why" }, whyOf(row, i, target, rank === 0)))));
}
/// The reason; of the costliest also the loop that brings it back and what would help most.
function whyOf(row, number, target, isCostliest) {
  const figures = row.targets[target];
  const why = isCostliest && fn().explanations.find((each) => each.row === number && each.target === target && each.level === figures.bound_by_as_scheduled);
  const parts = [row.reasons[target]];
  if (why && why.cause) parts.push(why.cause);
  if (why && why.remedy) parts.push("what would help most: " + why.remedy + (row.count > 1 ? " each" : ""));
  return parts.map((text) => el("span", { class: "part" }, text));
}

function glance() {
  const node = section("glance", "At a glance",
    [choice("bars in", [["bytes", "bytes"], ["seconds", "seconds"]], () => state.unit, (unit) => update({ unit })),
      copyButton("copy as command", () => command("report", "targets=" + targetNames() + common()))],
    (body) => {
      const figures = fn();
      const facts = [["flop", quantity(figures.flops, "FLOP"), "flops", figures.flops],
        ["resident", bytes(figures.resident_bytes) + " have to fit in memory", "resident", figures.resident_bytes],
        [null, plural(figures.order.length, "operation", "operations") + ", " + figures.ops.length + " distinct"]];
      body.replaceChildren(
        el("div", { class: "facts" }, facts.map(([key, text, name, value]) => key ? el("span", { "data-def": key, tabindex: "0" },
          figure(name, value, text)) : el("span", {}, text))),
        ...figures.warnings.map((text) => el("p", { class: "warning" }, "warning: " + text)),
        el("div", { class: "cards" }, DATA.targets.map((target, i) => el("div", { class: "card", "data-target": target.name },
          el("h3", {}, target.name), el("p", { class: "what" }, DATA.descriptions[i]),
          el("p", { class: "sentence" }, figures.glances[i]), bars(i), topThree(i)))));
    });
  return node;
}
