//===- FillsAndBroadcasts.cpp - What accumulators start from --------------===//

#include "FillsAndBroadcasts.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

bool memwall::isFillOrBroadcast(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumDpsInits() != 1 ||
      linalgOp.getNumReductionLoops() != 0 ||
      !llvm::hasSingleElement(*linalgOp.getBlock()))
    return false;
  OpOperand *init = linalgOp.getDpsInitOperand(0);
  auto hasLowerRank = [&](OpOperand *input) {
    return linalgOp.getRank(input) < linalgOp.getRank(init);
  };
  return !linalgOp.payloadUsesValueFromOperand(init) &&
         llvm::all_of(linalgOp.getDpsInputOperands(), hasLowerRank);
}

void memwall::eraseIfUnread(RewriterBase &rewriter, Operation *producer) {
  Value init = cast<linalg::LinalgOp>(producer).getDpsInits().front();
  for (Operation *user :
       llvm::make_early_inc_range(producer->getResult(0).getUsers()))
    if (isa<tensor::DimOp>(user))
      rewriter.modifyOpInPlace(user, [&] { user->setOperand(0, init); });
  if (producer->use_empty())
    rewriter.eraseOp(producer);
}
