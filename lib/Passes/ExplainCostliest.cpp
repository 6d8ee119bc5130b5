//===- ExplainCostliest.cpp - The texts of a page -------------------------===//

#include "ExplainCostliest.h"
#include "ApplyAndCount.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace memwall;

/// The first op and the part of the time of every row that takes enough of it,
/// most first.
static SmallVector<std::pair<double, OpId>, 0>
findCostliest(const FunctionFigures &function, size_t target) {
  SmallVector<std::pair<double, OpId>, 0> rows;
  for (const OpGroup &group : function.groups) {
    double share = 0;
    for (OpId op : group.ops)
      share += function.ops[op].targets[target].shareAsScheduled;
    if (share >= kLeastShareExplained)
      rows.push_back({share, group.ops.front()});
  }
  llvm::stable_sort(
      rows, [](const auto &a, const auto &b) { return a.first > b.first; });
  return rows;
}

/// The figures of a function for the target at `position` alone.
static FunctionFigures keepTarget(const FunctionFigures &function,
                                  size_t position) {
  FunctionFigures kept = function;
  kept.targets = {function.targets[position]};
  for (UnitFigures &unit : kept.units)
    unit.bounds = {unit.bounds[position]};
  for (OpFigures &op : kept.ops)
    op.targets = {TargetFigures(op.targets[position])};
  return kept;
}

SmallVector<PageExplanation, 0>
memwall::explainCostliest(const Report &report, const ModuleTrees &trees,
                          ModuleOp module) {
  SmallVector<PageExplanation, 0> all;
  for (auto [number, function] : llvm::enumerate(report.functions)) {
    const LoopTree &tree = trees.trees[number];
    for (auto [position, target] : llvm::enumerate(report.targets)) {
      if (target.levels.size() < 2)
        continue;
      FunctionFigures figures = keepTarget(function, position);
      size_t explained = 0;
      for (auto [share, op] : findCostliest(function, position)) {
        ReportOptions options = report.options;
        options.findsSuggestions = explained++ < kRowsWithSuggestions;
        unsigned depth = chooseLevel(figures.ops[op], 0);
        all.push_back(
            {number, position,
             explainOp(
                 tree, target, options, figures, op, depth,
                 [&, &target = target](ArrayRef<OpSchedule> schedules) {
                   return applyAndCount(module, tree, schedules, target, depth,
                                        report.options.accuracy);
                 },
                 [&, &target = target](OpId copy, OpId op) {
                   return foldAndCount(module, tree, copy, op, target, depth,
                                       report.options.accuracy);
                 })});
      }
    }
  }
  return all;
}
