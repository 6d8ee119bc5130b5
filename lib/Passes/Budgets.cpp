//===- Budgets.cpp - What operations may move -----------------------------===//

#include "Budgets.h"
#include "ModuleTrees.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Work/EmitError.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

namespace {
/// What is known about an op that has a budget.
struct Spending {
  bool isModelled = false; ///< Some op of a tree is this op or inside it.
  /// An unmodelled op of a function that this op is a part of.
  const Unmodelled *unmodelled = nullptr;
  SmallVector<int64_t, 4> levelBytes; ///< Read + written, by level.
};
using SpendingMap = llvm::MapVector<Operation *, Spending>;
} // namespace

/// The ops below `module` with a budget, in order, with nothing spent.
static SpendingMap collectBudgets(ModuleOp module, const Target &target) {
  SpendingMap budgets;
  module.walk([&](Operation *op) {
    if (op->hasAttr(kMaxBytesAttrName))
      budgets[op].levelBytes.assign(target.levels.size(), 0);
  });
  return budgets;
}

/// Adds what every op of `tree` moves to the budgets of it and its parents.
static void spend(SpendingMap &budgets, const LoopTree &tree,
                  const Traffic &traffic) {
  for (auto [id, record] : llvm::enumerate(tree.ops))
    for (Operation *op = record.operation; op; op = op->getParentOp()) {
      auto budget = budgets.find(op);
      if (budget == budgets.end())
        continue;
      Spending &spending = budget->second;
      spending.isModelled = true;
      // A part of an op with a rule is never unmodelled, one of its body may
      // be.
      bool isWhole =
          op == record.operation && record.kind != OpKind::Unmodelled;
      if (!isWhole && !tree.unmodelled.empty())
        spending.unmodelled = &tree.unmodelled.front();
      for (auto [bytes, level] :
           llvm::zip_equal(spending.levelBytes, traffic.levels))
        if (llvm::AddOverflow(bytes, level.ops[id].total(), bytes))
          bytes = INT64_MAX;
    }
}

/// A function whose body moves nothing, or nothing that is modelled.
static void markEmptyFunctions(SpendingMap &budgets, ModuleOp module,
                               ArrayRef<LoopTree> trees) {
  for (const LoopTree &tree : trees) {
    auto budget = budgets.find(findFunction(module, tree.function));
    if (budget == budgets.end())
      continue;
    budget->second.isModelled = true;
    if (!tree.unmodelled.empty())
      budget->second.unmodelled = &tree.unmodelled.front();
  }
}

/// Compares one entry of a budget with what was spent.
static LogicalResult checkEntry(Operation *op, NamedAttribute entry,
                                const Spending &spending, const Target &target,
                                size_t level) {
  StringRef name = entry.getName();
  std::optional<int64_t> allowed = getBudgetBytes(entry.getValue());
  if (!allowed)
    return emitErrorAt(op, "expected a whole number of bytes as the budget of ")
           << name << ", found " << entry.getValue();
  if (!spending.isModelled)
    return emitErrorAt(op, "has a budget of ")
           << name << ", but is no operation that memwall counts";
  int64_t found = spending.levelBytes[level];
  if (found > *allowed)
    return emitErrorAt(op,
                       found == kTooManyBytes ? "moves more than " : "moves ")
           << found << " bytes at " << name << " of " << target.name
           << ", expected at most " << *allowed;
  if (const Unmodelled *unmodelled = spending.unmodelled)
    return emitErrorAt(op, "moves an unknown number of bytes at ")
           << name << ", expected at most " << *allowed << ": '"
           << unmodelled->name << "' (" << unmodelled->location
           << ") is not modelled";
  return success();
}

namespace {
/// How many budgets there were.
struct BudgetSummary {
  llvm::SmallMapVector<size_t, int64_t, 4> checked; ///< By level of the target.
  int64_t skipped = 0; ///< Those of levels of other targets.
};
} // namespace

/// Silence would not tell a program that keeps its budgets from one whose
/// budgets are for other machines.
static void report(ModuleOp module, const BudgetSummary &summary,
                   const Target &target) {
  if (summary.checked.empty()) {
    emitWarning(module.getLoc(), "no '")
        << kMaxBytesAttrName << "' names a level of " << target.name
        << ": nothing was checked";
    return;
  }
  // No diagnostic: what --verify-diagnostics sees are mistakes.
  llvm::raw_ostream &os = llvm::errs();
  os << "memwall-check-budget: on " << target.name
     << ", all budgets are kept: ";
  llvm::interleaveComma(summary.checked, os, [&](const auto &entry) {
    os << entry.second << " of " << target.levels[entry.first].name;
  });
  if (summary.skipped > 0)
    os << "; " << summary.skipped
       << " of levels of other targets were not checked";
  os << '\n';
}

LogicalResult memwall::checkBudgets(ModuleOp module, ArrayRef<LoopTree> trees,
                                    const Target &target, Accuracy accuracy,
                                    Registry &registry) {
  SpendingMap budgets = collectBudgets(module, target);
  TrafficOptions options;
  options.accuracy = accuracy;
  for (const LoopTree &tree : trees)
    if (!budgets.empty())
      spend(budgets, tree, computeTraffic(tree, target, options));
  markEmptyFunctions(budgets, module, trees);
  bool isWithin = true;
  BudgetSummary summary;
  for (auto &[op, spending] : budgets) {
    auto entries = op->getAttrOfType<DictionaryAttr>(kMaxBytesAttrName);
    if (!entries)
      return emitErrorAt(op, "expected a dictionary as '")
             << kMaxBytesAttrName << "'";
    for (NamedAttribute entry : entries) {
      StringRef name = entry.getName();
      const Level *level = target.findLevel(name);
      if (!level) {
        // Levels of other targets are for other runs.
        if (llvm::Error error = registry.checkLevelName(name)) {
          isWithin = false;
          emitErrorAt(op, "has a budget that is never checked: ")
              << llvm::toString(std::move(error));
        }
        ++summary.skipped;
        continue;
      }
      ++summary.checked[level - target.levels.begin()];
      isWithin &= succeeded(checkEntry(op, entry, spending, target,
                                       level - target.levels.begin()));
    }
  }
  if (isWithin)
    report(module, summary, target);
  return success(isWithin);
}
