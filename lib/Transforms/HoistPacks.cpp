//===- HoistPacks.cpp - Packs out of loops that repeat them ---------------===//

#include "memwall/Transforms/ApplyGroups.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

/// Whether all that `op` needs is outside of `loop`, or can be: slices, sizes
/// and positions. `needed` gets the ops that have to move, first ones first.
static bool canHoist(Operation *op, LoopLikeOpInterface loop,
                     llvm::SetVector<Operation *> &needed) {
  for (Value operand : op->getOperands()) {
    if (loop.isDefinedOutsideOfLoop(operand))
      continue;
    Operation *source = operand.getDefiningOp();
    if (!source || source->getNumRegions() != 0 || !isPure(source) ||
        !canHoist(source, loop, needed))
      return false;
  }
  needed.insert(op);
  return true;
}

void memwall::hoistPacks(RewriterBase &rewriter, Operation *loop) {
  SmallVector<Operation *> packs;
  loop->walk([&](linalg::PackOp pack) { packs.push_back(pack); });
  for (Operation *pack : packs)
    while (auto parent = dyn_cast<LoopLikeOpInterface>(pack->getParentOp())) {
      llvm::SetVector<Operation *> needed;
      if (!canHoist(pack, parent, needed))
        break;
      for (Operation *op : needed)
        rewriter.moveOpBefore(op, parent);
      if (parent == loop)
        break;
    }
}
