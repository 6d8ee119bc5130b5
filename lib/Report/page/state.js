// What is chosen of a report, and what all its views share.
const state = { func: 0, target: 0, level: 0, row: null, sort: "seconds", ascending: false, unfolded: false,
  filter: "", role: "", unit: "bytes", roofs: null, achievable: true, curve: "all", roofTargets: null };

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

/// What follows from a choice: another function has other rows, another target other levels.
function settle(change) {
  if ("func" in change) { state.row = null; state.curve = "all"; }
  if ("target" in change || "func" in change) state.level = machine().levels.length - 1;
}

const targetNames = () => DATA.targets.map((target) => target.name).join(",");
const command = (pass, options) => "memwall-opt " + DATA.program + " --memwall-" + pass + "=\"" + options + "\"";
const common = () => (DATA.accuracy === "default" ? "" : " accuracy=" + DATA.accuracy);
