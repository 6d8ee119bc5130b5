//===- HoldOffers.cpp - Offers of an explanation, as applied --------------===//

#include "HoldOffers.h"
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

/// Takes over what the program moves with the offer applied; false where it
/// cannot be applied or does not help.
static bool holdOffer(ModuleOp module, const LoopTree &tree, const Target &cut,
                      Accuracy accuracy, const Explanation &why,
                      Suggestion &offer) {
  bool packsAhead =
      llvm::any_of(offer.schedule->packs,
                   [](const PackedOperand &pack) { return pack.ahead; });
  if (packsAhead)
    return true;
  FailureOr<ModuleTrees> trees =
      applyToClone(module, tree.ops[why.op.index].operation, *offer.schedule);
  if (failed(trees))
    return false;
  auto *after = llvm::find_if(trees->trees, [&](const LoopTree &other) {
    return other.function == tree.function;
  });
  if (after == trees->trees.end())
    return false;
  TrafficOptions options;
  options.accuracy = accuracy;
  Traffic traffic = computeTraffic(*after, cut, options);
  offer.functionAfter = traffic.levels.back().total;
  // Ops without a place of their own keep what was planned.
  bool hasPlace = llvm::count_if(tree.ops, [&](const OpRecord &record) {
                    return record.location == why.op.location;
                  }) == 1;
  if (hasPlace && why.op.location != "unknown")
    offer.opAfter = sumAtPlace(*after, traffic.levels.back(), why.op.location);
  offer.savedBytes = why.scheduled.total() - offer.opAfter.total();
  return offer.savedBytes > 0 &&
         offer.functionAfter.total() < why.functionScheduled.total();
}

void memwall::holdOffers(ModuleOp module, const LoopTree &tree,
                         const Target &target, Accuracy accuracy,
                         Explanation &why) {
  Target cut = target;
  cut.levels = {target.levels[why.depth - 1], target.levels[why.depth]};
  cut.levels[1].kind = LevelKind::Memory;
  llvm::erase_if(why.suggestions, [&](Suggestion &offer) {
    return offer.schedule &&
           !holdOffer(module, tree, cut, accuracy, why, offer);
  });
  llvm::stable_sort(why.suggestions,
                    [](const Suggestion &a, const Suggestion &b) {
                      return a.savedBytes > b.savedBytes;
                    });
}
