// Bytes at DRAM against the size of the cache below it, for the function or one row.
const curve = () => { const found = fn().curves[state.target]; return found && found.points ? found : null; };
const curveOf = (number) => curve() && curve().parts[number];

function drawCurve() {
  const all = curve(), number = state.curve === "all" ? null : Number(state.curve);
  const width = plotWidth(), height = 380, margin = { top: 34, right: 28, bottom: 42, left: 84 };
  const points = all.points.map((point, i) => {
    const error = point.standard_error, sum = number === null ? total(point) : all.parts[number].bytes[i];
    return { x: point.capacity_bytes, y: sum, error: error.read !== null && error.written !== null ? Math.hypot(error.read, error.written) * (number === null || !total(point) ? 1 : sum / total(point)) : null };
  }).filter((point) => point.y > 0);
  if (!points.length) return el("p", { class: "note" }, "Nothing of it moves at " + all.level + ".");
  const cliff = number === null ? all.cliff : all.parts[number].cliff;
  const own = number === null ? fn() : fn().ops[number];
  const minimum = number === null ? total(fn().floor) : dramOf(onTarget(own)).bound.bytes;
  const x = d3.scaleLog().domain(d3.extent(all.points, (point) => point.capacity_bytes)).range([margin.left, width - margin.right]);
  const values = [...points.map((point) => point.y), minimum || points[points.length - 1].y, total(dramOf(onTarget(own)).scheduled) || points[0].y];
  const y = d3.scaleLog().domain([d3.min(values) / 1.6, d3.max(values) * 1.6]).range([height - margin.bottom, margin.top]);
  const svg = svgRoot(width, height, "bytes against capacity");
  svg.append("clipPath").attr("id", "plot").append("rect").attr("x", margin.left).attr("y", margin.top).attr("width", width - margin.left - margin.right).attr("height", height - margin.top - margin.bottom);
  svg.append("g").attr("class", "axis").attr("transform", "translate(0," + (height - margin.bottom) + ")").call(logAxis(d3.axisBottom(x), x, "B")).select(".domain").remove();
  const ticks = y.ticks(5).filter((value, i, list) => list.length <= 8 || /^[125]0*$/.test(String(Math.round(value))) ), few = ticks.length > 9 ? ticks.filter((value) => /^10*$/.test(String(Math.round(value)))) : ticks;
  svg.append("g").attr("class", "axis").attr("transform", "translate(" + margin.left + ",0)").call(d3.axisLeft(y).tickValues(few).tickFormat((value) => bytes(Math.round(value))).tickSizeInner(-(width - margin.left - margin.right)).tickSizeOuter(0)).select(".domain").remove();
  svg.append("text").attr("class", "label").attr("x", width - margin.right).attr("y", height - 6).attr("text-anchor", "end").text("capacity of one " + all.cache);
  svg.append("text").attr("class", "label").attr("x", 4).attr("y", 14).text("bytes at " + all.level);
  if (points.every((point) => point.error !== null))
    svg.append("path").attr("class", "band").attr("clip-path", "url(#plot)").attr("fill", "var(--accent)").attr("fill-opacity", 0.18)
      .attr("d", d3.area().x((d) => x(d.x)).y0((d) => y(Math.max(1, d.y - 2 * d.error))).y1((d) => y(d.y + 2 * d.error))(points));
  svg.append("path").attr("fill", "none").attr("stroke", "var(--accent)").attr("stroke-width", 1.8).attr("d", d3.line().x((d) => x(d.x)).y((d) => y(d.y))(points));
  svg.append("g").selectAll("circle").data(points).enter().append("circle").attr("cx", (d) => x(d.x)).attr("cy", (d) => y(d.y)).attr("r", 2.6).attr("fill", "var(--accent)")
    .attr("data-tip", (d) => bytes(d.x) + ": " + bytes(d.y) + (d.error === null ? "" : " ± " + bytes(Math.round(2 * d.error)) + " (two standard errors)"));
  const labels = [];
  if (minimum) {
    svg.append("line").attr("x1", margin.left).attr("x2", width - margin.right).attr("y1", y(minimum)).attr("y2", y(minimum)).attr("stroke", "var(--good)").attr("stroke-dasharray", "2 4");
    const text = "minimum " + bytes(minimum);
    labels.push({ text, colour: "var(--good)", width: textWidth(text), height: 15, spots: [[margin.left + 6, y(minimum) - 17], [margin.left + 6, y(minimum) + 3]] });
  }
  DATA.targets.forEach((target, i) => {
    const cache = target.levels[target.levels.length - 2];
    if (!cache || cache.capacity_bytes < x.domain()[0] || cache.capacity_bytes > x.domain()[1]) return;
    const at = x(cache.capacity_bytes), mine = i === state.target, colour = levelColour(cache.name, i);
    svg.append("line").attr("class", "cacheline").attr("x1", at).attr("x2", at).attr("y1", margin.top).attr("y2", height - margin.bottom).attr("stroke", colour).attr("stroke-width", mine ? 1.6 : 1).attr("stroke-dasharray", mine ? null : "3 4");
    const text = target.name + " " + cache.name + " " + bytes(cache.capacity_bytes), w = textWidth(text);
    const top = margin.top;
    labels.unshift({ text, colour, width: w, height: 15, spots: [[at + 5, top - 2], [at - w - 5, top - 2], [at + 5, top + 15], [at - w - 5, top + 15], [at + 5, top + 32]] });
    if (mine) {
      const now = total(dramOf(onTarget(own)).scheduled);
      if (now > 0) svg.append("circle").attr("cx", at).attr("cy", y(now)).attr("r", 5).attr("fill", "var(--card)").attr("stroke", colour).attr("stroke-width", 2)
        .attr("data-tip", "the report, with the sets of this cache: " + bytes(now) + "\n" + accuracyOf(dramOf(onTarget(fn()))));
    }
  });
  if (cliff) {
    const at = x(cliff.capacity_bytes);
    svg.append("line").attr("x1", at).attr("x2", at).attr("y1", y(cliff.before_bytes)).attr("y2", y(cliff.after_bytes)).attr("stroke", "var(--bad)").attr("stroke-width", 1.5);
    const text = cliffSentence(cliff), w = textWidth(text), mid = (y(cliff.before_bytes) + y(cliff.after_bytes)) / 2;
    labels.push({ text, colour: "var(--bad)", width: w, height: 15, spots: [[at + 8, mid - 8], [at - w - 8, mid - 8], [at + 8, y(cliff.after_bytes) - 20], [at - w - 8, y(cliff.after_bytes) + 4], [at - w - 8, y(cliff.before_bytes) - 20]] });
  }
  const curveBoxes = points.map((point) => ({ x: x(point.x) - 3, y: y(point.y) - 3, width: 6, height: 6 }));
  const inside = labels.map((label) => ({ ...label, spots: label.spots.filter(([left, top]) => left >= margin.left && left + label.width <= width && top >= 0 && top + 15 <= height - margin.bottom + 2) })).filter((label) => label.spots.length);
  svg.append("g").selectAll("text").data(placeLabels(inside, curveBoxes)).enter().append("text").attr("class", "label halo").attr("x", (d) => d.x).attr("y", (d) => d.y + 12).style("fill", (d) => d.colour).text((d) => d.text);
  return svg.node();
}
const cliffSentence = (cliff) => "from " + bytes(cliff.capacity_bytes) + " on, " + bytes(cliff.after_bytes) + " instead of " + bytes(cliff.before_bytes);

function curves() {
  const pick = el("select", { id: "curve", "aria-label": "curve of", onchange: (event) => update({ curve: event.target.value }) });
  return section("curves", "Size of the cache", [pick, copyButton("copy as command", () => command("report", "target=" + machine().name + " format=json curves=true" + common()))], (body, note) => {
    const rows = fn().ops.map((row, i) => [row, i]).sort((a, b) => b[0].shares[state.target] - a[0].shares[state.target]).slice(0, 60);
    pick.replaceChildren(el("option", { value: "all" }, "the whole function"), ...rows.map(([row, i]) => el("option", { value: i }, row.row)));
    if (state.curve !== "all" && !rows.some(([, i]) => String(i) === state.curve)) pick.append(el("option", { value: state.curve }, fn().ops[state.curve].row));
    pick.value = state.curve;
    if (!curve()) { note.textContent = ""; return body.replaceChildren(el("p", { class: "note" }, machine().name + " has no cache.")); }
    const cliff = state.curve === "all" ? curve().cliff : curveOf(Number(state.curve)).cliff;
    note.textContent = (cliff ? cliffSentence(cliff)[0].toUpperCase() + cliffSentence(cliff).slice(1) : "No size of the cache changes it by a tenth at once") + " at " + curve().level
      + ". By reuse distances, without sets" + (curve().points[0].standard_error.read === null ? "" : state.curve === "all" ? "; the band is two standard errors" : "; the band is two standard errors of the whole, in its part of the bytes");
    body.replaceChildren(el("div", { class: "panel" }, drawCurve()));
  });
}
