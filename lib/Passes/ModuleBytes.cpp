//===- ModuleBytes.cpp - What all functions of a module move --------------===//

#include "ModuleBytes.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace memwall;

static bool hasPacksAhead(ModuleOp module) {
  return module
      .walk([](linalg::PackOp pack) {
        return pack->hasAttr(kPackedAheadAttrName) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// A copy of `module` in which weights that are packed ahead of entry functions
/// come in packed.
static OwningOpRef<ModuleOp> clonePackedAhead(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  for (FunctionOpInterface function : getEntryFunctions(*copy))
    function->walk([&](linalg::PackOp pack) {
      unsigned position = function.getNumArguments();
      Type type = pack->getResultTypes().front();
      if (!pack->hasAttr(kPackedAheadAttrName) ||
          failed(function.insertArgument(position, type, {}, pack->getLoc())))
        return;
      pack->getResult(0).replaceAllUsesWith(function.getArgument(position));
      pack->erase();
    });
  return copy;
}

static ModuleBytes sumBytes(ArrayRef<LoopTree> trees, const Target &target,
                            const TrafficOptions &options) {
  ModuleBytes bytes;
  for (const LoopTree &tree : trees) {
    Traffic traffic = computeTraffic(tree, target, options);
    FunctionBytes &function = bytes.functions.emplace_back();
    function.name = tree.function;
    function.unmodelled = tree.unmodelled.size();
    for (const LevelTraffic &level : llvm::reverse(traffic.levels))
      function.levels.push_back(level.total.total());
    for (auto [id, record] : llvm::enumerate(tree.ops)) {
      auto number =
          record.operation
              ? record.operation->getAttrOfType<IntegerAttr>(kCandidateAttrName)
              : IntegerAttr();
      if (!number)
        continue;
      SmallVector<int64_t, 4> &sums = bytes.candidates[number.getInt()];
      sums.resize(traffic.levels.size());
      for (auto [sum, level] : llvm::zip(sums, llvm::reverse(traffic.levels)))
        sum = addCounts(sum, level.ops[id].total());
    }
    bytes.traffic.push_back(std::move(traffic));
  }
  return bytes;
}

FailureOr<ModuleBytes> memwall::computeBytes(ModuleOp module,
                                             const ModuleTrees &trees,
                                             const Target &target,
                                             TrafficOptions options) {
  if (!hasPacksAhead(module))
    return sumBytes(trees.trees, target, options);
  OwningOpRef<ModuleOp> copy = clonePackedAhead(module);
  FailureOr<ModuleTrees> packed = buildModuleTrees(*copy);
  if (failed(packed))
    return failure();
  ModuleBytes bytes = sumBytes(packed->trees, target, options);
  bytes.traffic.clear();
  return bytes;
}
