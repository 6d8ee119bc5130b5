// Figures as people read them: three digits and an SI prefix, as the text report has them (lib/Report/Format.cpp).
"use strict";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
const SMALL = ["", "m", "u", "n", "p"];

function threeDigits(value) {
  if (value === 0) return "0";
  // 0.9996 is "1.00".
  const rounded = Number(value.toPrecision(3));
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)) + 1e-12));
  return rounded.toFixed(Math.min(digits, 8));
}

/// "1.23 GB"; "512 B" below a thousand.
function quantity(value, unit) {
  if (value === null || value === undefined) return unit === "s" ? "unknown" : "> 9.22 E" + unit;
  if (value === 0) return "0 " + unit;
  let rank = 0, v = Math.abs(value);
  if (unit === "s" && v < 1) {
    while (v < 0.9995 && rank < SMALL.length - 1) { v *= 1000; rank++; }
    return threeDigits(v) + " " + SMALL[rank] + unit;
  }
  while (v >= 999.5 && rank < PREFIXES.length - 1) { v /= 1000; rank++; }
  const text = rank === 0 && Number.isInteger(v) ? String(v) : threeDigits(v);
  return (value < 0 ? "-" : "") + text + " " + PREFIXES[rank] + unit;
}
const bytes = (value) => quantity(value, "B");
const seconds = (value) => quantity(value, "s");
const ratio = (value) => value === null || value === undefined || !isFinite(value) ? "-" : value >= 999.5 ? quantity(value, "").trim() : threeDigits(value);
function share(value) {
  if (value > 0 && value < 0.01) return "<1 %";
  return Math.round(100 * value) + " %";
}
/// Read plus written; null where either is.
const total = (moved) => moved.read === null || moved.written === null ? null : moved.read + moved.written;
const plural = (count, one, several) => count === 1 ? "1 " + one : count + " " + several;
