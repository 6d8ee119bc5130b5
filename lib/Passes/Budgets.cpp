//===- Budgets.cpp - What operations may move -----------------------------===//

#include "Budgets.h"
#include "ModuleTrees.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Report/Format.h"
#include "memwall/Report/Report.h"
#include "memwall/Work/EmitError.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallSet.h"
#include <deque>

using namespace mlir;
using namespace memwall;

namespace {
/// What is known about an op that has a budget.
struct Spending {
  bool isModelled = false; ///< Some op of a tree is this op or inside it.
  /// An unmodelled op of a function that this op is a part of.
  const Unmodelled *unmodelled = nullptr;
  SmallVector<const OpFigures *, 1> ops; ///< On the one target.
};
using SpendingMap = llvm::MapVector<Operation *, Spending>;

/// Some ops together, at one level.
struct Sum {
  int64_t moved = 0, bound = 0;
  const OpFigures *worst = nullptr; ///< The one farthest above its bound.
};
} // namespace

static const LevelFigures &getLevel(const OpFigures &op, size_t level) {
  return op.targets[0].levels[level];
}

/// The ops below `module` with a budget, in order, with nothing spent.
static SpendingMap collectBudgets(ModuleOp module) {
  SpendingMap budgets;
  module.walk([&](Operation *op) {
    if (op->hasAttr(kMaxBytesAttrName) || op->hasAttr(kMaxOverBoundAttrName))
      budgets[op];
  });
  return budgets;
}

/// Adds what every op of `tree` moves to the budgets of it and its parents.
static void spend(SpendingMap &budgets, const LoopTree &tree,
                  const FunctionFigures &function) {
  for (const OpFigures &figures : function.ops)
    for (Operation *op = figures.operation; op; op = op->getParentOp()) {
      auto budget = budgets.find(op);
      if (budget == budgets.end())
        continue;
      Spending &spending = budget->second;
      spending.isModelled = true;
      // A part of an op with a rule is never unmodelled, one of its body may
      // be.
      bool isWhole =
          op == figures.operation && figures.kind != OpKind::Unmodelled;
      if (!isWhole && !tree.unmodelled.empty())
        spending.unmodelled = &tree.unmodelled.front();
      spending.ops.push_back(&figures);
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

/// The ops of `spending` whose step `isMeant`, together at `level`.
static Sum sumOps(const Spending &spending, size_t level,
                  llvm::function_ref<bool(StringRef)> isMeant) {
  Sum sum;
  int64_t most = INT64_MIN;
  for (const OpFigures *op : spending.ops) {
    if (!isMeant(op->step))
      continue;
    const LevelFigures &figures = getLevel(*op, level);
    sum.moved = addCounts(sum.moved, figures.scheduled.total());
    sum.bound = addCounts(sum.bound, figures.boundBytes);
    int64_t above = figures.scheduled.total() - figures.boundBytes;
    if (above > most) {
      most = above;
      sum.worst = op;
    }
  }
  return sum;
}

/// "; farthest from its minimum is 'linalg.matmul' (f.mlir:3:8) with 65536
/// bytes, where 49152 have to move; w is fetched 3.00 times": of several ops,
/// the one that a reader has to look at, and its operand.
static std::string blame(const Spending &spending, const Sum &sum,
                         size_t level) {
  if (!sum.worst)
    return "";
  const LevelFigures &worst = getLevel(*sum.worst, level);
  std::string text;
  llvm::raw_string_ostream os(text);
  if (spending.ops.size() > 1)
    os << "; farthest from its minimum is '" << sum.worst->name << "' ("
       << sum.worst->location << ") with " << worst.scheduled.total()
       << " bytes, where " << worst.boundBytes << " have to move";
  if (worst.scheduled.total() > worst.boundBytes)
    if (std::string operand = describeCostliestOperand(*sum.worst, worst);
        !operand.empty())
      os << "; " << operand;
  return text;
}

/// What keeps the bytes of `op` from being known, if anything does.
static LogicalResult checkIsKnown(Operation *op, StringRef level,
                                  const llvm::Twine &allowed,
                                  const Spending &spending) {
  const Unmodelled *unmodelled = spending.unmodelled;
  if (!unmodelled)
    return success();
  return emitErrorAt(op, "moves an unknown number of bytes at ")
         << level << ", expected at most " << allowed << ": '"
         << unmodelled->name << "' (" << unmodelled->location
         << ") is not modelled";
}

/// Compares one entry of `memwall.max_bytes` with what was spent.
static LogicalResult checkBytes(Operation *op, NamedAttribute entry,
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
  Sum sum = sumOps(spending, level, [](StringRef) { return true; });
  if (sum.moved > *allowed)
    return emitErrorAt(op, sum.moved == kTooManyBytes ? "moves more than "
                                                      : "moves ")
           << sum.moved << " bytes at " << name << " of " << target.name
           << ", expected at most " << *allowed << blame(spending, sum, level);
  return checkIsKnown(op, name, std::to_string(*allowed), spending);
}

/// Compares what `sum` moves at DRAM with `allowed` times its bound. `who`:
/// "" for all of `op`, or "in step 'q_proj' ".
static LogicalResult checkRatio(Operation *op, const llvm::Twine &who,
                                const Sum &sum, double allowed,
                                const Spending &spending,
                                const Target &target) {
  if ((double)sum.moved > allowed * (double)sum.bound) {
    InFlightDiagnostic error =
        emitErrorAt(op) << who << "moves " << sum.moved << " bytes at "
                        << target.dram().name << " of " << target.name << ", ";
    if (sum.bound == 0)
      error << "where nothing has to move";
    else
      error << formatRatio((double)sum.moved / (double)sum.bound)
            << " times the minimum of " << sum.bound;
    return error << ", expected at most " << formatRatio(allowed) << " times"
                 << blame(spending, sum, target.levels.size() - 1);
  }
  return checkIsKnown(op, target.dram().name,
                      formatRatio(allowed) + " times the minimum", spending);
}

/// Whether `step` fits `name`, in which a star stands for any letters.
static bool fitsName(StringRef step, StringRef name) {
  auto [front, rest] = name.split('*');
  if (front.size() == name.size())
    return step == name;
  if (!step.consume_front(front))
    return false;
  for (size_t skipped = 0; skipped <= step.size(); ++skipped)
    if (fitsName(step.drop_front(skipped), rest))
      return true;
  return false;
}

/// Checks every step of a function that fits an entry of `names`.
static LogicalResult checkSteps(Operation *op, DictionaryAttr names,
                                const Spending &spending, const Target &target,
                                int64_t &checked) {
  llvm::SetVector<StringRef> steps;
  for (const OpFigures *each : spending.ops)
    if (!each->step.empty())
      steps.insert(each->step);
  llvm::SmallDenseSet<Attribute> used;
  bool isWithin = true;
  for (StringRef step : steps) {
    // A name without a star goes first.
    const NamedAttribute *entry =
        llvm::find_if(names, [&](NamedAttribute each) {
          return each.getName().strref() == step;
        });
    if (entry == names.end())
      entry = llvm::find_if(names, [&](NamedAttribute each) {
        return fitsName(step, each.getName().strref());
      });
    std::optional<double> allowed =
        entry == names.end() ? std::nullopt : getBudgetRatio(entry->getValue());
    if (!allowed)
      continue;
    used.insert(entry->getName());
    ++checked;
    Sum sum = sumOps(spending, target.levels.size() - 1,
                     [&](StringRef other) { return other == step; });
    isWithin &= succeeded(checkRatio(op, "in step '" + step + "' ", sum,
                                     *allowed, spending, target));
  }
  for (NamedAttribute entry : names)
    if (!used.contains(entry.getName())) {
      isWithin = false;
      emitErrorAt(op, "has a budget that is never checked: no operation is of "
                      "the step '")
          << entry.getName().getValue() << "'";
    }
  return success(isWithin);
}

/// Checks `memwall.max_over_bound` of `op`, if it has one.
static LogicalResult checkOverBound(Operation *op, const Spending &spending,
                                    const Target &target, int64_t &checked) {
  Attribute budget = op->getAttr(kMaxOverBoundAttrName);
  if (!budget)
    return success();
  if (!spending.isModelled)
    return emitErrorAt(op, "has a '")
           << kMaxOverBoundAttrName
           << "', but is no operation that memwall counts";
  if (auto names = dyn_cast<DictionaryAttr>(budget))
    return checkSteps(op, names, spending, target, checked);
  std::optional<double> allowed = getBudgetRatio(budget);
  if (!allowed)
    return emitErrorAt(op, "expected a number of at least 1 as '")
           << kMaxOverBoundAttrName << "', found " << budget;
  ++checked;
  Sum sum = sumOps(spending, target.levels.size() - 1,
                   [](StringRef) { return true; });
  return checkRatio(op, "", sum, *allowed, spending, target);
}

namespace {
/// How many budgets there were.
struct BudgetSummary {
  llvm::SmallMapVector<size_t, int64_t, 4> checked; ///< By level of the target.
  int64_t overBound = 0;                            ///< Those over the bound.
  int64_t skipped = 0; ///< Those of levels of other targets.
};
} // namespace

/// Silence would not tell a program that keeps its budgets from one whose
/// budgets are for other machines.
static void report(ModuleOp module, const BudgetSummary &summary,
                   const Target &target) {
  if (summary.checked.empty() && summary.overBound == 0) {
    emitWarning(module.getLoc(), "no '")
        << kMaxBytesAttrName << "' names a level of " << target.name
        << ", and there is no '" << kMaxOverBoundAttrName
        << "': nothing was checked";
    return;
  }
  // No diagnostic: what --verify-diagnostics sees are mistakes.
  llvm::raw_ostream &os = llvm::errs();
  os << "memwall-check-budget: on " << target.name
     << ", all budgets are kept: ";
  llvm::interleaveComma(summary.checked, os, [&](const auto &entry) {
    os << entry.second << " of " << target.levels[entry.first].name;
  });
  if (summary.overBound > 0)
    os << (summary.checked.empty() ? "" : ", ") << summary.overBound
       << " over the minimum";
  if (summary.skipped > 0)
    os << "; " << summary.skipped
       << " of levels of other targets were not checked";
  os << '\n';
}

/// Checks `memwall.max_bytes` of `op`, if it has one, at the levels of
/// `target`.
static LogicalResult checkMaxBytes(Operation *op, const Spending &spending,
                                   const Target &target, Registry &registry,
                                   BudgetSummary &summary) {
  if (!op->hasAttr(kMaxBytesAttrName))
    return success();
  auto entries = op->getAttrOfType<DictionaryAttr>(kMaxBytesAttrName);
  if (!entries)
    return emitErrorAt(op, "expected a dictionary as '")
           << kMaxBytesAttrName << "'";
  bool isWithin = true;
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
    size_t position = level - target.levels.begin();
    ++summary.checked[position];
    isWithin &= succeeded(checkBytes(op, entry, spending, target, position));
  }
  return success(isWithin);
}

LogicalResult memwall::checkBudgets(ModuleOp module, ArrayRef<LoopTree> trees,
                                    const Target &target, Accuracy accuracy,
                                    Registry &registry) {
  SpendingMap budgets = collectBudgets(module);
  ReportOptions options(BandwidthChoice::Peak, accuracy);
  std::deque<FunctionFigures> functions;
  for (const LoopTree &tree : trees)
    if (!budgets.empty()) {
      functions.push_back(computeFunctionFigures(tree, {target}, options));
      spend(budgets, tree, functions.back());
    }
  markEmptyFunctions(budgets, module, trees);
  bool isWithin = true;
  BudgetSummary summary;
  for (auto &[op, spending] : budgets) {
    isWithin &=
        succeeded(checkOverBound(op, spending, target, summary.overBound));
    isWithin &=
        succeeded(checkMaxBytes(op, spending, target, registry, summary));
  }
  if (isWithin)
    report(module, summary, target);
  return success(isWithin);
}
