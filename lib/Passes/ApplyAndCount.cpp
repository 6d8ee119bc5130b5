//===- ApplyAndCount.cpp - What a program moves once an op is scheduled ---===//

#include "ApplyAndCount.h"
#include "ModuleTrees.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "memwall/Transforms/FoldCopy.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace memwall;

/// The trees of the module once `schedules` are applied to ops of `tree`.
static FailureOr<ModuleTrees> applyToClone(ModuleOp module,
                                           const LoopTree &tree,
                                           ArrayRef<OpSchedule> schedules) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy = cast<ModuleOp>(module->clone(mapping));
  for (const OpSchedule &each : schedules) {
    Operation *scheduled = mapping.lookupOrNull(tree.ops[each.op].operation);
    if (!scheduled)
      return failure();
    scheduled->setAttr(kScheduleAttrName,
                       toAttribute(each.schedule, module.getContext()));
  }
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

/// Where the ops of `schedules` stand; nullopt where others stand there too.
static std::optional<llvm::StringSet<>>
findPlaces(const LoopTree &tree, ArrayRef<OpSchedule> schedules) {
  llvm::StringSet<> places;
  for (const OpSchedule &each : schedules)
    places.insert(tree.ops[each.op].location);
  size_t standing = llvm::count_if(tree.ops, [&](const OpRecord &record) {
    return places.contains(record.location);
  });
  if (standing != schedules.size() || places.contains("unknown"))
    return std::nullopt;
  return places;
}

/// Bytes of what stands at `places`: tiles of ops and their packing.
static Bytes sumAtPlaces(const LoopTree &tree, const LevelTraffic &level,
                         const llvm::StringSet<> &places) {
  Bytes sum;
  for (auto [record, bytes] : llvm::zip_equal(tree.ops, level.ops))
    if (places.contains(record.location))
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

/// The tree of the function of `before`, and what the level at `depth` moves of
/// it; nullopt where there is none, and where levels farther out move more.
static std::optional<std::pair<const LoopTree *, LevelTraffic>>
countAfter(const ModuleTrees &trees, const LoopTree &before,
           const Target &target, unsigned depth, Accuracy accuracy) {
  auto *after = llvm::find_if(trees.trees, [&](const LoopTree &other) {
    return other.function == before.function;
  });
  if (after == trees.trees.end() ||
      costsFartherOut(before, *after, target, depth))
    return std::nullopt;
  TrafficOptions options;
  options.accuracy = accuracy;
  options.recordsOperands = false;
  Traffic traffic =
      computeTraffic(*after, cutToLevel(*after, target, depth), options);
  return std::pair(&*after, std::move(traffic.levels.back()));
}

std::optional<AppliedBytes>
memwall::applyAndCount(ModuleOp module, const LoopTree &tree,
                       ArrayRef<OpSchedule> schedules, const Target &target,
                       unsigned depth, Accuracy accuracy) {
  FailureOr<ModuleTrees> trees = applyToClone(module, tree, schedules);
  if (failed(trees))
    return std::nullopt;
  auto after = countAfter(*trees, tree, target, depth, accuracy);
  if (!after)
    return std::nullopt;
  const auto &[scheduled, level] = *after;
  AppliedBytes applied;
  applied.function = level.total;
  if (auto places = findPlaces(tree, schedules))
    applied.ops = sumAtPlaces(*scheduled, level, *places);
  return applied;
}

std::optional<FoldedBytes>
memwall::foldAndCount(ModuleOp module, const LoopTree &tree, OpId copy, OpId op,
                      const Target &target, unsigned depth, Accuracy accuracy) {
  Operation *operation = tree.ops[copy].operation;
  if (!operation)
    return std::nullopt;
  SmallVector<Operation *, 1> consumers = findFoldingConsumers(operation);
  bool isPart =
      op == copy || llvm::is_contained(consumers, tree.ops[op].operation);
  if (consumers.empty() || !isPart)
    return std::nullopt;
  FoldedBytes folded;
  SmallVector<OpSchedule, 2> readers;
  for (auto [id, record] : llvm::enumerate(tree.ops))
    if (llvm::is_contained(consumers, record.operation)) {
      folded.readers.push_back(id);
      readers.push_back({OpId(id), {}});
    }
  auto places = findPlaces(tree, readers);
  IRMapping mapping;
  OwningOpRef<ModuleOp> clone = cast<ModuleOp>(module->clone(mapping));
  Operation *cloned = mapping.lookupOrNull(operation);
  if (!places || readers.empty() || !cloned)
    return std::nullopt;
  IRRewriter rewriter(module.getContext());
  foldCopy(rewriter, cloned);
  ScopedDiagnosticHandler silence(module.getContext(),
                                  [](Diagnostic &) { return success(); });
  FailureOr<ModuleTrees> trees = buildModuleTrees(*clone);
  if (failed(trees))
    return std::nullopt;
  auto after = countAfter(*trees, tree, target, depth, accuracy);
  if (!after)
    return std::nullopt;
  const auto &[changed, level] = *after;
  folded.ops = sumAtPlaces(*changed, level, *places);
  folded.function = level.total;
  return folded;
}
