//===- ApplyAndCount.cpp - What a program moves once an op is scheduled ---===//

#include "ApplyAndCount.h"
#include "ModuleTrees.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace memwall;

/// The tree of the function once `schedule` is applied to `op`.
static FailureOr<ModuleTrees> applyToClone(ModuleOp module, Operation *op,
                                           const Schedule &schedule) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy = cast<ModuleOp>(module->clone(mapping));
  Operation *scheduled = mapping.lookupOrNull(op);
  if (!scheduled)
    return failure();
  scheduled->setAttr(kScheduleAttrName,
                     toAttribute(schedule, module.getContext()));
  // Whoever asks why is not to hear of what was only tried.
  ScopedDiagnosticHandler silence(module.getContext(),
                                  [](Diagnostic &) { return success(); });
  if (failed(applyScheduleAttributes(*copy)))
    return failure();
  FailureOr<ModuleTrees> trees = buildModuleTrees(*copy);
  if (succeeded(trees))
    trees->copy = std::move(copy);
  return trees;
}

/// Bytes of what stands where the op stood: its tiles and its packing.
static Bytes sumAtPlace(const LoopTree &tree, const LevelTraffic &level,
                        StringRef location) {
  Bytes sum;
  for (auto [record, bytes] : llvm::zip_equal(tree.ops, level.ops))
    if (record.location == location)
      sum.add(bytes);
  return sum;
}

/// Whether a level farther out than `depth` moves more than before, by reuse
/// distances: a gain at one level is none where a slower one pays for it.
static bool costsFartherOut(const LoopTree &before, const LoopTree &after,
                            const Target &target, unsigned depth) {
  constexpr double kMore = 1.01;
  TrafficOptions options;
  options.accuracy = Accuracy::Fast;
  options.recordsOperands = false;
  Traffic was = computeTraffic(before, target, options);
  Traffic now = computeTraffic(after, target, options);
  for (size_t level = depth + 1; level < target.levels.size(); ++level)
    if (double(now.levels[level].total.total()) >
        kMore * double(was.levels[level].total.total()))
      return true;
  return false;
}

std::optional<AppliedBytes>
memwall::applyAndCount(ModuleOp module, const LoopTree &tree, OpId op,
                       const Schedule &schedule, const Target &target,
                       unsigned depth, Accuracy accuracy) {
  FailureOr<ModuleTrees> trees =
      applyToClone(module, tree.ops[op].operation, schedule);
  if (failed(trees))
    return std::nullopt;
  auto *after = llvm::find_if(trees->trees, [&](const LoopTree &other) {
    return other.function == tree.function;
  });
  if (after == trees->trees.end() ||
      costsFartherOut(tree, *after, target, depth))
    return std::nullopt;
  TrafficOptions options;
  options.accuracy = accuracy;
  options.recordsOperands = false;
  LevelTraffic level = std::move(
      computeTraffic(*after, cutToLevel(*after, target, depth), options)
          .levels.back());
  AppliedBytes applied;
  applied.function = level.total;
  const std::string &location = tree.ops[op].location;
  bool hasPlace = llvm::count_if(tree.ops, [&](const OpRecord &record) {
                    return record.location == location;
                  }) == 1;
  if (hasPlace && location != "unknown")
    applied.op = sumAtPlace(*after, level, location);
  return applied;
}
