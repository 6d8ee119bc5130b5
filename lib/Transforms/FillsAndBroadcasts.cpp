//===- FillsAndBroadcasts.cpp - What accumulators start from --------------===//

#include "FillsAndBroadcasts.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

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
  auto op = cast<DestinationStyleOpInterface>(producer);
  for (OpResult result : producer->getResults()) {
    Value init = op.getTiedOpOperand(result)->get();
    for (Operation *user : llvm::make_early_inc_range(result.getUsers()))
      if (isa<tensor::DimOp>(user))
        rewriter.modifyOpInPlace(user, [&] { user->setOperand(0, init); });
  }
  if (producer->use_empty())
    rewriter.eraseOp(producer);
}

SmallVector<Operation *>
memwall::separateInits(RewriterBase &rewriter, Operation *fill,
                       llvm::function_ref<bool(Operation *)> isFixed) {
  SmallVector<OpOperand *> inits;
  for (OpOperand &use : fill->getUses()) {
    auto op = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
    if (op && op.isDpsInit(&use))
      inits.push_back(&use);
  }
  // The last of the list is the first in the program; what other ops read
  // stays.
  bool staysForOthers = !llvm::hasNItems(fill->getUses(), inits.size());
  if (!staysForOthers && !inits.empty())
    inits.pop_back();
  SmallVector<Operation *> users;
  for (OpOperand *init : llvm::reverse(inits)) {
    Operation *op = init->getOwner();
    if (isFixed(op))
      continue;
    rewriter.setInsertionPoint(op);
    Operation *copy = rewriter.clone(*fill);
    rewriter.modifyOpInPlace(op, [&] { init->set(copy->getResult(0)); });
    users.push_back(op);
  }
  return users;
}
