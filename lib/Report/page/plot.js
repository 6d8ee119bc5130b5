// Axes and labels of every drawing.
/// Keeps those of `labels` that overlap none before them; each is {x, y, width, height}.
function placeLabels(labels, taken = []) {
  const kept = [], boxes = [...taken];
  for (const label of labels) {
    const spots = label.spots || [[label.x, label.y]];
    const free = spots.find(([x, y]) => boxes.every((box) => x + label.width < box.x || box.x + box.width < x || y + label.height < box.y || box.y + box.height < y));
    if (!free) continue;
    const box = { ...label, x: free[0], y: free[1] };
    boxes.push(box);
    kept.push(box);
  }
  return kept;
}
const textWidth = (text, size = 12.5) => text.length * size * 0.56;

function svgRoot(width, height, label) {
  return d3.create("svg").attr("viewBox", "0 0 " + width + " " + height).attr("role", "group").attr("aria-label", label);
}
const plotWidth = () => Math.min(1416, Math.max(640, document.documentElement.clientWidth - 64)) - 34;

/// Ticks at powers of ten only.
function logAxis(axis, scale, unit) {
  const [low, high] = scale.domain().map(Math.log10);
  const step = Math.max(1, Math.ceil((high - low) / 9));
  return axis.tickValues(d3.range(Math.ceil(low - 1e-9), Math.floor(high + 1e-9) + 1, step).map((power) => Math.pow(10, power))).tickFormat((value) => value < 1 && unit === "" ? String(Number(value.toPrecision(3))) : quantity(Number(value.toPrecision(12)), unit).trim()).tickSizeOuter(0);
}
