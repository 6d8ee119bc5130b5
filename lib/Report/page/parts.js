// What pages of reports and of tables (tables.js) are made of. A page has `state`, and `settle(change)` for what follows
// from a choice; DEFINITIONS are words of its own.
const DATA = JSON.parse(document.getElementById("data").textContent);
/// What draws a view again, once something else is chosen.
const views = [];
function update(change) {
  Object.assign(state, change);
  settle(change);
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

/// Shows `nodes` in the place of the tables for those without scripts; `escape` is what Escape does where no tip is open.
function show(nodes, escape) {
  const app = document.getElementById("app");
  app.append(...nodes);
  document.body.append(tip, said);
  document.addEventListener("mouseover", (event) => tipOf(event.target));
  document.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) tipOf(event.target); });
  document.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!tip.hidden) return hideTip();
    escape();
  });
  let width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    update({});
  });
  document.getElementById("plain").hidden = true;
  app.hidden = false;
  update({});
}
const themeChoice = () => choice("theme", [["", "auto"], ["light", "light"], ["dark", "dark"]], () => document.documentElement.dataset.theme || "", (theme) => {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  update({});
});
const printButton = () => el("button", { class: "quiet", onclick: () => print() }, "print");
