// Operations per second against operations per byte, both as logarithms: how far each row is from its roofs, and where its bound is.
function roofs(target) {
  const machine = DATA.targets[target];
  const bandwidth = (level, kind) => level.read_bytes_per_second[kind];
  const memory = machine.levels.flatMap((level, at) => ["peak", "achievable"].filter((kind) => bandwidth(level, kind) !== null)
    .map((kind) => ({ name: level.name, kind, at, slope: bandwidth(level, kind), colour: levelColour(level.name, target) })));
  const used = new Set(fn().ops.filter((row) => row.operations > 0).map((row) => row.compute_type));
  const peaks = [["matrix", machine.matrix_peaks], ["vector", machine.vector_peaks]].flatMap(([units, list]) =>
    list.filter((peak) => used.has(peak.element_type)).map((peak) => ({ name: units + " " + peak.element_type, flat: peak.ops_per_second })));
  return { memory, peaks };
}

const shortName = (row) => { const at = row.row.indexOf(": "); const name = at < 0 ? row.row : row.row.slice(0, at); return name.length > 34 ? name.slice(0, 33) + "…" : name; };

function pointsOf(target) {
  const level = Math.min(state.level, DATA.targets[target].levels.length - 1);
  const at = target === state.target ? level : DATA.targets[target].levels.length - 1;
  return fn().ops.map((row, number) => {
    const figures = row.targets[target], moved = figures.levels[at], time = figures.seconds.scheduled, least = figures.seconds.at_bound;
    if (!row.operations || !time || !least || !moved.flop_per_byte) return null;
    return { row, number, target, time, x: moved.flop_per_byte, y: row.operations / time,
      bx: moved.flop_per_byte_at_bound || moved.flop_per_byte, by: row.operations / least, colour: levelColour(figures.bound_by_as_scheduled, target) };
  }).filter((point) => point);
}

function drawRoofline(points, targets) {
  const width = plotWidth(), height = Math.round(Math.min(620, width * 0.46)), margin = { top: 18, right: 24, bottom: 42, left: 84 };
  const all = targets.map(roofs);
  const shown = all.map((roof) => ({ memory: roof.memory.filter((line) => state.roofs === null || state.roofs.has(line.name)).filter((line) => line.kind === "peak" || state.achievable), peaks: roof.peaks }));
  // The drawing reaches to where the outermost memory is no longer what limits.
  const xs = points.flatMap((point) => [point.x, point.bx]), ys = points.flatMap((point) => [point.y, point.by]);
  shown.forEach((roof) => {
    const outermost = d3.min(roof.memory, (line) => line.slope);
    roof.peaks.forEach((peak) => { ys.push(peak.flat); if (outermost) xs.push(peak.flat / outermost); });
  });
  const span = (values, low, high) => { const [a, b] = d3.extent(values); return [Math.pow(10, Math.floor(Math.log10(a || low) - 0.15)), Math.pow(10, Math.ceil(Math.log10(b || high) + 0.15))]; };
  const x = d3.scaleLog().domain(span(xs, 0.1, 1000)).range([margin.left, width - margin.right]);
  const y = d3.scaleLog().domain(span(ys, 1e9, 1e15)).range([height - margin.bottom, margin.top]).clamp(true);
  const svg = svgRoot(width, height, "roofline");
  svg.append("g").attr("class", "axis").attr("transform", "translate(0," + (height - margin.bottom) + ")").call(logAxis(d3.axisBottom(x), x, "")).select(".domain").remove();
  svg.append("g").attr("class", "axis").attr("transform", "translate(" + margin.left + ",0)").call(logAxis(d3.axisLeft(y), y, "FLOP/s").tickSizeInner(-(width - margin.left - margin.right))).select(".domain").remove();
  svg.append("text").attr("class", "label").attr("x", width - margin.right).attr("y", height - 6).attr("text-anchor", "end").text("FLOP per byte at " + machine().levels[state.level].name);
  const labels = [], yTop = y.domain()[1];
  shown.forEach((roof, i) => {
    const many = targets.length > 1 ? DATA.targets[targets[i]].name + " " : "";
    const flat = d3.max(roof.peaks, (peak) => peak.flat) || yTop;
    roof.memory.forEach((line) => {
      const x0 = x.domain()[0], x1 = Math.min(flat / line.slope, x.domain()[1]);
      if (x1 <= x0) return;
      const from = Math.max(x0, y.domain()[0] / line.slope);
      svg.append("line").attr("class", "roof").attr("data-roof", line.name + "-" + line.kind).attr("x1", x(from)).attr("y1", y(line.slope * from)).attr("x2", x(x1)).attr("y2", y(line.slope * x1))
        .attr("stroke", line.colour).attr("stroke-width", line.at === state.level && targets[i] === state.target ? 2 : 1.1).attr("stroke-dasharray", line.kind === "peak" ? null : "4 4")
        .attr("data-tip", line.name + " " + line.kind + ": " + quantity(line.slope, "B/s"));
      if (line.kind === "peak") {
        const text = many + line.name + " " + quantity(line.slope, "B/s"), w = textWidth(text);
        const spots = [0.12, 0.3, 0.5, 0.02, 0.7].map((t) => { const at = Math.pow(10, Math.log10(from) + t * (Math.log10(x1) - Math.log10(from))); return [x(at) + 6, y(line.slope * at) + 4]; });
        labels.push({ text, width: w, height: 15, x: 0, y: 0, spots, colour: line.colour });
      }
    });
    const left = d3.min(roof.memory, (line) => flat / line.slope) || x.domain()[0];
    roof.peaks.forEach((peak) => {
      const slope = d3.max(roof.memory, (line) => line.slope) || 0;
      const from = slope ? Math.max(x.domain()[0], peak.flat / slope) : x.domain()[0];
      if (from >= x.domain()[1]) return;
      svg.append("line").attr("class", "roof").attr("x1", x(from)).attr("x2", x.range()[1]).attr("y1", y(peak.flat)).attr("y2", y(peak.flat)).attr("stroke", "var(--compute)").attr("stroke-width", 1.1)
        .attr("data-tip", many + peak.name + ": " + quantity(peak.flat, "FLOP/s"));
      const text = many + peak.name + " " + quantity(peak.flat, "FLOP/s"), w = textWidth(text);
      labels.push({ text, width: w, height: 15, x: 0, y: 0, spots: [[x.range()[1] - w - 2, y(peak.flat) - 17], [x.range()[1] - w - 2, y(peak.flat) + 3], [x(from) + 4, y(peak.flat) - 17]], colour: "var(--compute)" });
    });
  });
  const area = d3.scaleSqrt().domain([0, d3.max(points, (point) => point.row.targets[point.target].seconds.scheduled / fnSeconds(point.target)) || 1]).range([2, 30]);
  const sorted = [...points].sort((a, b) => b.time - a.time);
  const radius = (point) => area(point.time / fnSeconds(point.target));
  const arrows = svg.append("g");
  sorted.forEach((point) => {
    const dx = x(point.bx) - x(point.x), dy = y(point.by) - y(point.y), length = Math.hypot(dx, dy);
    if (length < 6 || point.row.shares[point.target] < 0.01) return;
    const ux = dx / length, uy = dy / length, ex = x(point.bx), ey = y(point.by);
    arrows.append("path").attr("d", "M" + x(point.x) + "," + y(point.y) + "L" + ex + "," + ey + "M" + (ex - 6 * ux + 3 * uy) + "," + (ey - 6 * uy - 3 * ux) + "L" + ex + "," + ey + "L" + (ex - 6 * ux - 3 * uy) + "," + (ey - 6 * uy + 3 * ux))
      .attr("class", "arrow").attr("fill", "none").attr("stroke", "var(--ink)").attr("stroke-width", 1.4);
  });
  const taken = sorted.map((point) => ({ x: x(point.x) - Math.min(8, radius(point)), y: y(point.y) - Math.min(8, radius(point)), width: Math.min(16, 2 * radius(point)), height: Math.min(16, 2 * radius(point)) }));
  const roofLabels = placeLabels(labels.map((label) => ({ ...label, spots: label.spots.filter(([left, top]) => left >= margin.left && left + label.width <= width && top >= 0 && top + label.height <= height - margin.bottom) })).filter((label) => label.spots.length));
  svg.append("g").selectAll("text").data(roofLabels).enter().append("text").attr("class", "label halo").attr("x", (d) => d.x).attr("y", (d) => d.y + 12).style("fill", (d) => d.colour).text((d) => d.text);
  svg.append("g").selectAll("circle").data(sorted).enter().append("circle").attr("class", "point").attr("cx", (d) => x(d.x)).attr("cy", (d) => y(d.y)).attr("r", radius)
    .attr("fill", (d) => d.colour).attr("stroke", (d) => d.colour).attr("tabindex", (d, i) => i < 12 ? 0 : -1).attr("role", "button").attr("data-row", (d) => d.number)
    .attr("aria-label", (d) => d.row.row)
    .attr("data-tip", (d) => d.row.row + "\n" + seconds(d.time) + ", " + share(d.row.shares[d.target]) + " of the time on " + DATA.targets[d.target].name + "\n" + ratio(d.x) + " FLOP per byte, at the bound " + ratio(d.bx)
      + "\n" + quantity(d.y, "FLOP/s") + ", at the bound " + quantity(d.by, "FLOP/s"))
    .on("click", (d) => openRow(d)).on("keydown", (d) => { if (d3.event.key === "Enter" || d3.event.key === " ") { d3.event.preventDefault(); openRow(d); } });
  const names = placeLabels(sorted.slice(0, 7).map((point) => { const text = shortName(point.row), w = textWidth(text), r = radius(point), px = x(point.x), py = y(point.y);
    const spots = [[px + r + 5, py - 8], [px - r - 5 - w, py - 8], [px - w / 2, py + r + 4], [px - w / 2, py - r - 20]].filter(([left, top]) => left > margin.left && left + w < width - 4 && top > 0 && top + 15 < height - margin.bottom);
    return { text, width: w, height: 15, spots }; }).filter((label) => label.spots.length), [...roofLabels, ...taken]);
  svg.append("g").selectAll("text").data(names).enter().append("text").attr("class", "label halo strong").attr("x", (d) => d.x).attr("y", (d) => d.y + 12).text((d) => d.text);
  return svg.node();
}
const fnSeconds = (target) => fn().targets[target].seconds.scheduled || 1;
function openRow(point) {
  update({ target: point.target, row: point.number });
  const row = document.querySelector("tr.row[data-row='" + point.number + "']");
  if (row) { row.scrollIntoView({ block: "center" }); row.querySelector("button").focus({ preventScroll: true }); }
}

function roofline() {
  const toggles = el("span", { class: "choice" });
  return section("roofline", "Roofline", [toggles], (body, note) => {
    const names = machine().levels.map((level) => level.name);
    const hasRoof = (name) => roofs(state.target).memory.some((line) => line.name === name);
    const isOn = (name) => state.roofs === null || state.roofs.has(name);
    const flip = (name) => { const next = new Set(names.filter(isOn)); if (!next.delete(name)) next.add(name); update({ roofs: next }); };
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.toggle : null;
    toggles.replaceChildren(el("span", {}, "roofs"),
      el("div", { class: "set" }, names.map((name) => el("button", { "data-toggle": name, "aria-pressed": String(hasRoof(name) && isOn(name)), disabled: !hasRoof(name),
        title: hasRoof(name) ? null : "no bandwidth of " + name + " is known", onclick: () => flip(name) }, name)),
        el("button", { "data-toggle": "achievable", "aria-pressed": String(state.achievable), onclick: () => update({ achievable: !state.achievable }) }, "achievable")),
      ...(DATA.targets.length > 1 ? [el("div", { class: "set" }, DATA.targets.map((target, i) => el("button", { "data-toggle": "target-" + i, "aria-pressed": String(targets().includes(i)),
        onclick: () => { const on = new Set(targets()); if (i !== state.target && !on.delete(i)) on.add(i); update({ roofTargets: [...on].sort() }); } }, target.name)))] : []));
    if (focused) { const again = toggles.querySelector("[data-toggle='" + focused + "']"); if (again) again.focus(); }
    const points = targets().flatMap(pointsOf), none = fn().ops.filter((row) => !row.operations);
    const idle = d3.sum(none, (row) => row.shares[state.target]);
    note.textContent = "area is time, the arrow goes to the bound, colour is what takes the time" + (none.length ? "; what computes nothing (" + share(idle) + " of the time) has no point" : "");
    body.replaceChildren(el("div", { class: "panel" }, points.length ? drawRoofline(points, targets()) : el("p", { class: "note" }, "Nothing here computes and has a time.")));
  });
  function targets() { return [...new Set([state.target, ...(state.roofTargets || [])])]; }
}
