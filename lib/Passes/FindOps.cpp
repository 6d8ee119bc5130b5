//===- FindOps.cpp - Ops as a user names them -----------------------------===//

#include "memwall/Passes/FindOps.h"
#include "memwall/Report/Explain.h"
#include "memwall/Target/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace memwall;

/// Whether `place` is "file:line" or "file:line:column" of `location`.
static bool isPlace(StringRef place, StringRef location) {
  auto endsAt = [&](StringRef known) {
    return known == place || (known.ends_with(place) &&
                              llvm::sys::path::is_separator(
                                  known[known.size() - place.size() - 1]));
  };
  return endsAt(location) || endsAt(location.rsplit(':').first);
}

static bool isCalled(const OpFigures &op, StringRef name) {
  size_t index;
  if (!name.getAsInteger(10, index))
    return op.index == index;
  return name.empty() || op.label == name || op.step == name ||
         (name.contains(':') && isPlace(name, op.location));
}

/// Seconds as scheduled; without any, bytes at DRAM.
static std::pair<double, double> getCost(const OpFigures &op) {
  return {op.targets[0].secondsAsScheduled.value_or(0),
          double(op.targets[0].dram().scheduled.total())};
}

static LogicalResult rejectName(ModuleOp module,
                                ArrayRef<FunctionFigures> functions,
                                StringRef name) {
  llvm::SetVector<StringRef> known;
  for (const FunctionFigures &function : functions)
    for (const OpFigures &op : function.ops)
      for (StringRef label : {StringRef(op.label), StringRef(op.step)})
        if (!label.empty())
          known.insert(label);
  InFlightDiagnostic error = emitError(module.getLoc());
  if (known.empty())
    return error << "no op is '" << name
                 << "': expected an index or file:line of an op; no op has a "
                    "memwall.name or memwall.step";
  return error << "no op is '" << name
               << "': expected an index, file:line, or one of "
               << llvm::join(known, ", ");
}

FailureOr<FoundOp> memwall::findCostliestOp(ModuleOp module,
                                            ArrayRef<LoopTree> trees,
                                            const Target &target,
                                            ReportOptions options,
                                            StringRef name) {
  llvm::SmallVector<FunctionFigures, 1> functions;
  FoundOp best;
  best.matches = 0;
  for (auto [number, tree] : llvm::enumerate(trees)) {
    functions.push_back(computeFunctionFigures(tree, {target}, options));
    for (const OpFigures &op : functions.back().ops) {
      if (!isCalled(op, name))
        continue;
      if (best.matches++ > 0 &&
          getCost(op) <= getCost(functions[best.tree].ops[best.op]))
        continue;
      best.op = op.index;
      best.tree = number;
    }
  }
  if (best.matches == 0)
    return rejectName(module, functions, name);
  best.function = std::move(functions[best.tree]);
  return best;
}

FailureOr<unsigned> memwall::findDepth(ModuleOp module, const Target &target,
                                       StringRef name, const OpFigures &op) {
  if (target.levels.size() < 2)
    return emitError(module.getLoc(), "expected a target with caches, '")
           << target.name << "' has one level";
  if (name.empty())
    return chooseLevel(op, 0);
  SmallVector<StringRef> names;
  for (auto [depth, level] : llvm::enumerate(target.levels)) {
    if (depth > 0 && level.name == name)
      return depth;
    if (depth > 0)
      names.push_back(level.name);
  }
  return emitError(module.getLoc(), "expected level to be one of ")
         << llvm::join(names, ", ") << ", found '" << name << "'";
}
