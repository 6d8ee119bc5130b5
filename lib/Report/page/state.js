// What is chosen, and what all views share.
const DATA = JSON.parse(document.getElementById("data").textContent);
const state = { func: 0, target: 0, level: 0, row: null, sort: "seconds", ascending: false, unfolded: false,
  filter: "", role: "", unit: "bytes", roofs: null, achievable: true, curve: "all", roofTargets: null };
const views = [];

const fn = () => DATA.functions[state.func];
const machine = () => DATA.targets[state.target];
const onTarget = (figures) => figures.targets[state.target];
const onLevel = (figures) => onTarget(figures).levels[state.level];
const dramOf = (target) => target.levels[target.levels.length - 1];
/// One hue per level, the innermost first; the arithmetic is grey.
function levelColour(name, target = state.target) {
  const at = DATA.targets[target].levels.findIndex((level) => level.name === name);
  if (at < 0) return "var(--compute)";
  return "var(--l" + Math.min(4, Math.max(0, at + 4 - DATA.targets[target].levels.length)) + ")";
}
/// What an operand is for, as the program says it, else what it is.
function roleOf(operand) {
  if (operand.role === "weight") return "weights";
  if (operand.role === "kv") return "KV cache";
  if (operand.role) return operand.role;
  return { argument: "arguments", constant: "constants", global: "constants", intermediate: "intermediates" }[operand.kind];
}
const ROLE_COLOURS = { weights: "var(--weights)", arguments: "var(--weights)", "KV cache": "var(--kv)", constants: "var(--constants)",
  intermediates: "var(--activations)" };
const roleColour = (role) => ROLE_COLOURS[role] || "var(--other)";
/// The role that most of an operation's bytes at the chosen level are of.
function mainRole(row) {
  const sums = new Map();
  const figures = dramOf(onTarget(row)).operands;
  row.operands.forEach((operand, i) => {
    const moved = figures[i] ? total(figures[i]) || 0 : 0;
    sums.set(roleOf(operand), (sums.get(roleOf(operand)) || 0) + moved + operand.footprint_bytes * 1e-9);
  });
  return [...sums].sort((a, b) => b[1] - a[1]).map((entry) => entry[0])[0] || "intermediates";
}

/// Words for how a level was counted: "counted in sets, standard error 1.2 MB read, 3 kB written".
function accuracyOf(level) {
  const methods = { accesses: "every access counted", sets: level.sets_walked === level.sets ? "all " + level.sets + " sets walked"
    : level.sets_walked + " of " + level.sets + " sets walked", distances: "by reuse distances", retention: "by best retention" };
  const error = level.standard_error;
  const known = error.read !== null && error.written !== null;
  return methods[level.method] + (!known ? "; no error can be stated" : error.read === 0 && error.written === 0 ? "; exact"
    : "; standard error " + bytes(Math.round(error.read)) + " read, " + bytes(Math.round(error.written)) + " written");
}

function update(change) {
  Object.assign(state, change);
  if ("func" in change) { state.row = null; state.curve = "all"; }
  if ("target" in change || "func" in change) state.level = machine().levels.length - 1;
  for (const view of views) view();
  hideTip();
}

/// An element with attributes, event handlers (on...) and children.
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
/// A figure with the value it shows, for whoever reads the page by program.
const figure = (key, value, text, attributes) => el("span", { "data-figure": key, "data-value": value === null ? "" : value, ...attributes }, text);
/// A word with its definition on hover and focus.
const term = (key, text, more) => el("span", { "data-def": key, tabindex: "0", "data-more": more }, text);

const tip = el("div", { id: "tip", hidden: true, role: "tooltip" });
function showTip(text, anchor) {
  tip.textContent = text;
  tip.hidden = false;
  const box = anchor.getBoundingClientRect(), own = tip.getBoundingClientRect();
  const below = box.bottom + own.height + 12 < innerHeight;
  tip.style.left = Math.max(8, Math.min(innerWidth - own.width - 8, box.left)) + "px";
  tip.style.top = (below ? box.bottom + 6 : Math.max(8, box.top - own.height - 6)) + "px";
}
function hideTip() { tip.hidden = true; }
function tipOf(node) {
  const at = node && node.closest ? node.closest("[data-def], [data-tip]") : null;
  if (!at) return hideTip();
  const lines = [at.dataset.tip, DEFINITIONS[at.dataset.def], at.dataset.more].filter((line) => line);
  if (lines.length) showTip(lines.join("\n"), at);
}

const said = el("div", { id: "said", hidden: true, role: "status" });
let silence = 0;
function copy(text) {
  const done = () => {
    said.textContent = "copied";
    said.hidden = false;
    clearTimeout(silence);
    silence = setTimeout(() => { said.hidden = true; }, 1500);
  };
  window.copied = text;
  const byHand = () => {
    const area = el("textarea", {}, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    done();
  };
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(done, byHand);
  else byHand();
}
const copyButton = (what, text) => el("button", { class: "quiet", "data-copy": what, title: text(), onclick: (event) => { event.stopPropagation(); copy(text()); } }, what);
const targetNames = () => DATA.targets.map((target) => target.name).join(",");
const command = (pass, options) => "memwall-opt " + DATA.program + " --memwall-" + pass + "=\"" + options + "\"";
const common = () => (DATA.accuracy === "default" ? "" : " accuracy=" + DATA.accuracy);

/// A group of buttons of which one is pressed; arrows move between them.
function choice(label, options, current, pick) {
  const buttons = options.map(([value, text]) => el("button", { "data-value": value, "aria-pressed": String(value === current()),
    onclick: () => pick(value) }, text));
  buttons.forEach((button, i) => button.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(i + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }));
  views.push(() => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(options[i][0] === current()))));
  return el("div", { class: "choice", role: "group", "aria-label": label }, el("span", {}, label), el("div", { class: "set" }, buttons));
}

/// A section with a heading, a line of controls, and a body that is drawn again whenever something is chosen.
function section(id, title, controls, draw) {
  const note = el("span", { class: "note" }), body = el("div", { class: "body" });
  const node = el("section", { id, "aria-labelledby": id + "-title" },
    el("div", { class: "head" }, el("h2", { id: id + "-title" }, title), note, el("span", { class: "space" }), controls), body);
  views.push(() => draw(body, note, node));
  return node;
}
