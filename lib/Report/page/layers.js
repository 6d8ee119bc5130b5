// The program in order: steps as wide as their time, equal layers once; and the storage that is alive.
const timeOf = (row) => { const time = onTarget(row).seconds.scheduled; return time === null ? 0 : time / row.count; };

function parts() {
  const { order, repeated } = fn(), all = order.map((row, op) => ({ row: fn().ops[row], number: row, op }));
  if (!repeated) return [{ name: "the program", ops: all, times: 1 }];
  const { begin, length, times } = repeated, end = begin + length * times;
  return [{ name: "before", ops: all.slice(0, begin), times: 1 }, { name: "one of " + times, ops: all.slice(begin, begin + length), times },
    { name: "after", ops: all.slice(end), times: 1 }].filter((part) => part.ops.length);
}
/// What an operation is called, the longest first.
function stepNames({ row, op }) {
  const given = row.names ? row.names[row.ops.indexOf(op)] : row.label || row.step;
  if (given) return [given];
  const at = row.row.lastIndexOf(" " + row.shape), name = (at < 0 ? row.row : row.row.slice(0, at)).replace(/^\d+× /, "");
  return [name + " " + row.shape, name];
}
const partTime = (part) => part.times * d3.sum(part.ops, (op) => timeOf(op.row));

function strip(svg, ops, left, width, top, height, named) {
  const sum = d3.sum(ops, (op) => timeOf(op.row)) || 1;
  let at = left;
  const labels = [];
  for (const op of ops) {
    const wide = timeOf(op.row) / sum * width;
    if (wide >= 0.25) {
      const by = onTarget(op.row).bound_by_as_scheduled;
      svg.append("rect").attr("class", "stepbox").attr("x", at).attr("y", top).attr("width", Math.max(0.25, wide - (wide > 3 ? 0.7 : 0))).attr("height", height).attr("fill", roleColour(mainRole(op.row))).attr("fill-opacity", 0.8)
        .attr("data-row", op.number).style("cursor", "pointer").attr("tabindex", named && wide > 6 ? 0 : -1).attr("role", "button").attr("aria-label", op.row.row)
        .attr("data-tip", stepNames(op)[0] + "\n" + seconds(timeOf(op.row)) + " each, bound by " + by + "\nmost of it " + mainRole(op.row))
        .on("click", () => openRow({ number: op.number, target: state.target })).on("keydown", () => { if (d3.event.key === "Enter") openRow({ number: op.number, target: state.target }); });
      const fitting = stepNames(op).find((text) => textWidth(text) + 8 < wide);
      if (named && fitting) labels.push({ text: fitting, x: at + 5 });
    }
    at += wide;
  }
  svg.append("g").selectAll("text").data(labels).enter().append("text").attr("class", "label").attr("x", (d) => d.x).attr("y", top + height + 16).text((d) => d.text);
}

function drawLayers() {
  const width = plotWidth(), list = parts(), folded = list.some((part) => part.times > 1), height = folded ? 176 : 78;
  const svg = svgRoot(width, height, "steps in order"), sum = d3.sum(list, partTime) || 1;
  let at = 0;
  const boxes = [];
  for (const part of list) {
    const wide = partTime(part) / sum * width;
    if (part.times > 1) {
      const one = wide / part.times;
      for (let i = 0; i < part.times && one > 1.5; i++) strip(svg, part.ops, at + i * one, one - 0.8, 22, 34, false);
      if (one <= 1.5) svg.append("rect").attr("x", at).attr("y", 22).attr("width", wide).attr("height", 34).attr("fill", "var(--faint)");
      const text = "× " + part.times + ", " + share(partTime(part) / sum) + " of the time";
      boxes.push({ text, at: at + wide / 2 });
      svg.append("path").attr("d", "M" + at + "," + 60 + "l" + 0 + "," + 6 + "H" + (at + one) + "v-6").attr("fill", "none").attr("stroke", "var(--soft)");
      svg.append("path").attr("d", "M" + at + ",66L0,96M" + (at + one) + ",66L" + width + ",96").attr("stroke", "var(--line)").attr("fill", "none");
      strip(svg, part.ops, 0, width, 98, 44, true);
      svg.append("text").attr("class", "label").attr("x", 0).attr("y", 92).attr("dy", -0).attr("visibility", "hidden").text("");
    } else {
      strip(svg, part.ops, at, wide, 22, 34, !folded);
      if (folded && textWidth(part.name) + 6 < wide) boxes.push({ text: part.name, at: at + wide / 2 });
    }
    at += wide;
  }
  svg.append("g").selectAll("text").data(placeLabels(boxes.map((box) => ({ text: box.text, x: box.at - textWidth(box.text) / 2, y: 2, width: textWidth(box.text), height: 15 })))).enter()
    .append("text").attr("class", "label").attr("x", (d) => Math.max(0, d.x)).attr("y", 14).text((d) => d.text);
  return svg.node();
}

function drawLive() {
  const live = fn().live, width = plotWidth(), height = 250, bottom = 36, left = 84, top = 20;
  // Capacities are named beside the drawing; those at its foot would be lines in the axis.
  const isIn = (level) => level.capacity_bytes <= live.peak_bytes * 1.18 && level.capacity_bytes >= live.peak_bytes * 0.04;
  const capacities = DATA.targets.flatMap((target, i) => target.levels.slice(0, -1).filter(isIn).map((level) => ({
    at: level.capacity_bytes, colour: levelColour(level.name, i), text: target.name + " " + level.name + " " + bytes(level.capacity_bytes) })))
    .sort((a, b) => b.at - a.at);
  const margin = { top, bottom, left, right: 24 + (d3.max(capacities, (each) => textWidth(each.text)) || 0) };
  const x = d3.scaleLinear().domain([0, Math.max(1, live.bytes.length)]).range([margin.left, width - margin.right]);
  const y = d3.scaleLinear().domain([0, (live.peak_bytes || 1) * 1.18]).range([height - margin.bottom, margin.top]);
  const svg = svgRoot(width, height, "live bytes");
  svg.append("g").attr("class", "axis").attr("transform", "translate(" + margin.left + ",0)").call(d3.axisLeft(y).ticks(4).tickFormat((value) => bytes(value)).tickSizeInner(-(width - margin.left - margin.right)).tickSizeOuter(0)).select(".domain").remove();
  svg.append("path").attr("fill", "var(--activations)").attr("fill-opacity", 0.25).attr("stroke", "var(--activations)").attr("stroke-width", 1)
    .attr("d", d3.area().curve(d3.curveStepAfter).x((d, i) => x(i)).y0(y(0)).y1((d) => y(d))([...live.bytes, live.bytes[live.bytes.length - 1] || 0]));
  const labels = [];
  for (const { at, colour, text } of capacities) {
    svg.append("line").attr("x1", margin.left).attr("x2", width - margin.right).attr("y1", y(at)).attr("y2", y(at)).attr("stroke", colour).attr("stroke-dasharray", "3 4");
    const beside = width - margin.right + 6, middle = y(at) - 8;
    labels.push({ text, width: textWidth(text), height: 15, colour, spots: [0, 8, 16, -8].map((by) => [beside, middle + by]).filter(([, top]) => top + 15 <= height - bottom + 8) });
  }
  if (live.peak_bytes) {
    const px = x(live.peak_step + 0.5), text = "peak " + bytes(live.peak_bytes), w = textWidth(text);
    svg.append("circle").attr("cx", px).attr("cy", y(live.peak_bytes)).attr("r", 3.5).attr("fill", "var(--ink)").attr("data-tip", fn().ops[fn().order[live.ops[live.peak_step]]].row);
    labels.unshift({ text, width: w, height: 15, colour: "var(--ink)", spots: [[px + 8, y(live.peak_bytes) - 14], [px - w - 8, y(live.peak_bytes) - 14]].filter(([left]) => left > margin.left && left + w < width - margin.right) });
  }
  svg.append("g").selectAll("text").data(placeLabels(labels.filter((label) => label.spots.length))).enter().append("text").attr("class", "label halo").attr("x", (d) => d.x).attr("y", (d) => d.y + 12).style("fill", (d) => d.colour).text((d) => d.text);
  svg.append("text").attr("class", "label").attr("x", width - margin.right).attr("y", height - 8).attr("text-anchor", "end").text("steps in program order, " + live.bytes.length);
  svg.append("text").attr("class", "label").attr("x", margin.left).attr("y", height - 8).text("live intermediates, beside " + bytes(live.live_in_bytes) + " of arguments and constants");
  return svg.node();
}

function layers() {
  return section("layers", "Steps in order", [], (body, note) => {
    const { repeated, live } = fn();
    note.textContent = "width is time on " + machine().name + ", colour is what most bytes are of" + (repeated ? "; equal layers once, × " + repeated.times : "");
    const roles = [...new Set(fn().ops.map(mainRole))];
    const alive = live.alive_at_peak.slice(0, 6), rest = d3.sum(live.alive_at_peak.slice(6), (each) => each.bytes);
    const fits = DATA.targets.map((target) => { const dram = dramOf(target); return target.name + ": " + bytes(fn().resident_bytes) + " of " + bytes(dram.capacity_bytes) + " of " + dram.name + (fn().resident_bytes > dram.capacity_bytes ? ", too much" : " (" + share(fn().resident_bytes / dram.capacity_bytes) + ")"); });
    body.replaceChildren(el("div", { class: "panel" }, drawLayers(), el("div", { class: "legend" }, roles.map((role) => el("span", {}, el("i", { style: "background:" + roleColour(role) }), role)))),
      el("h3", { style: "margin:24px 0 8px" }, term("live", "Live bytes")),
      el("div", { class: "panel" }, live.bytes.length ? drawLive() : null,
        el("div", { class: "detail" }, el("div", { class: "grid" },
          el("div", {}, el("p", { class: "note" }, "alive at the peak, in " + (live.bytes.length ? fn().ops[fn().order[live.ops[live.peak_step]]].row.replace(/^\d+× /, "one ") : "nothing")),
            el("table", { class: "small" }, el("tbody", {}, alive.map((each) => el("tr", {}, el("td", {}, each.name), el("td", {}, figure("alive", each.bytes, bytes(each.bytes))))),
              rest ? el("tr", {}, el("td", {}, live.alive_at_peak.length - 6 + " more"), el("td", {}, bytes(rest))) : null))),
          el("div", {}, el("p", { class: "note" }, term("resident", "has to fit in memory")), fits.map((text) => el("p", {}, text)))))));
  });
}
