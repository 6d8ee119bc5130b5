// The levels as boxes, the innermost first; arrows as wide as the time of what they carry.
function drawMemory() {
  const levels = machine().levels, figures = onTarget(fn()), n = levels.length;
  const width = plotWidth(), unitsWidth = 96, gap = Math.min(190, (width - unitsWidth - n * 110) / n), boxWidth = (width - unitsWidth - n * gap) / n;
  const height = 236, top = 30, bottom = height - 30;
  const svg = svgRoot(width, height, "memory of " + machine().name);
  const times = figures.levels.map((level) => level.seconds), known = times.some((time) => time);
  const widest = d3.max(known ? times : figures.levels.map((level) => total(level.scheduled) || 0)) || 1;
  const mostBytes = d3.max(figures.levels, (level) => total(level.scheduled) || 0) || 1;
  const middle = (top + bottom) / 2;
  const units = svg.append("g");
  units.append("rect").attr("x", 1).attr("y", top + 34).attr("width", unitsWidth - 2).attr("height", bottom - top - 68).attr("rx", 6).attr("fill", "none").attr("stroke", "var(--compute)");
  units.append("text").attr("class", "strong").attr("x", unitsWidth / 2).attr("y", middle - 2).attr("text-anchor", "middle").text(machine().units + " units");
  units.append("text").attr("x", unitsWidth / 2).attr("y", middle + 16).attr("text-anchor", "middle").text("arithmetic");
  levels.forEach((level, i) => {
    const moved = figures.levels[i], left = unitsWidth + i * (gap + boxWidth), boxLeft = left + gap, colour = levelColour(level.name);
    const sum = total(moved.scheduled), time = moved.seconds, isByTime = known && time !== null;
    const thick = Math.max(1, (isByTime ? (time / widest) : (sum || 0) / mostBytes) * 84);
    const arrow = svg.append("g").attr("data-tip", level.name + ": " + bytes(moved.scheduled.read) + " read, " + bytes(moved.scheduled.written) + " written"
      + (time === null ? "\nno bandwidth is known: as wide as its bytes" : "\n" + seconds(time)) + "\n" + accuracyOf(moved)).attr("tabindex", 0);
    const head = Math.min(18, gap * 0.2), half = thick / 2, x0 = left + 4, x1 = boxLeft - 4;
    arrow.append("path").attr("d", ["M" + (x0 + head) + "," + (middle - half), "L" + x1 + "," + (middle - half), "L" + x1 + "," + (middle + half), "L" + (x0 + head) + "," + (middle + half),
      "L" + (x0 + head) + "," + (middle + half + 4), "L" + x0 + "," + middle, "L" + (x0 + head) + "," + (middle - half - 4), "Z"].join(""))
      .attr("fill", colour).attr("fill-opacity", isByTime ? 0.75 : 0.25).attr("stroke", isByTime ? "none" : colour).attr("stroke-dasharray", isByTime ? null : "3 3");
    const label = (y, text, strong) => arrow.append("text").attr("class", "label" + (strong ? " strong" : "")).attr("x", (x0 + x1) / 2).attr("y", y).attr("text-anchor", "middle").text(text);
    label(middle - half - 12, bytes(sum), true);
    label(middle + half + 20, time === null ? "time not known" : seconds(time));
    const box = svg.append("g").attr("class", "level").attr("role", "button").attr("tabindex", 0).attr("data-level", i).attr("aria-pressed", String(state.level === i))
      .attr("data-tip", level.name + ", " + level.kind + ": " + bytes(level.capacity_bytes) + " each\nlines of " + bytes(level.line_bytes) + ", " + (level.ways ? level.ways + " ways" : "fully associative") + "\nclick to see table and roofline at this level")
      .on("click", () => update({ level: i })).on("keydown", () => {
        const key = d3.event.key;
        if (key !== "Enter" && key !== " ") return;
        d3.event.preventDefault();
        update({ level: i });
        document.querySelector("#memory [data-level='" + i + "']").focus();
      });
    const tall = 76 + (bottom - top - 76) * (n > 1 ? i / (n - 1) : 1);
    box.append("rect").attr("x", boxLeft).attr("y", middle - tall / 2).attr("width", boxWidth - 1).attr("height", tall).attr("rx", 6).style("stroke", state.level === i ? colour : null);
    box.append("rect").attr("x", boxLeft).attr("y", middle - tall / 2).attr("width", 5).attr("height", tall).attr("rx", 2).style("fill", colour).style("stroke", "none");
    const instances = machine().units / level.units_per_instance;
    [[level.name, true], [(instances > 1 ? instances + " × " : "") + bytes(level.capacity_bytes)], [level.kind === "memory" ? (figures.fits ? "the program fits" : "too small for it") : level.kind]].forEach(([text, strong], line) =>
      box.append("text").attr("class", strong ? "strong" : "").attr("x", boxLeft + boxWidth / 2 + 2).attr("y", middle - 14 + 19 * line).attr("text-anchor", "middle").text(text));
  });
  return svg.node();
}
function memory() {
  return section("memory", "Memory", [copyButton("copy as command", () => command("report", "target=" + machine().name + " levels=all" + common()))], (body, note) => {
    const time = onTarget(fn());
    const isKnown = time.levels.every((level) => level.seconds !== null);
    note.textContent = "an arrow is as wide as its time on " + machine().name + (isKnown ? "" : ", a dashed one as its bytes, where no bandwidth is known") + "; what takes most is " + time.bound_by_as_scheduled + ", " + seconds(time.seconds.scheduled) + "; a click on a level shows the rest of the page at it";
    body.replaceChildren(el("div", { class: "panel" }, drawMemory()));
  });
}
