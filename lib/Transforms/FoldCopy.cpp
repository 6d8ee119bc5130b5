//===- FoldCopy.cpp - A transpose that is read in place -------------------===//

#include "memwall/Transforms/FoldCopy.h"
#include "GenericOperands.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace memwall;

/// Whether `op` yields its only input, each element of which goes to one or
/// more places.
static bool isCopy(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumDpsInputs() != 1 || op.hasIndexSemantics())
    return false;
  Block *body = op.getBlock();
  return body->getTerminator()->getOperand(0) == body->getArgument(0) &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0))
             .isProjectedPermutation() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation();
}

/// The maps of `consumer` once it reads the input of `copy` itself.
static SmallVector<AffineMap> composeMaps(linalg::LinalgOp consumer,
                                          linalg::LinalgOp copy) {
  // From an element of the result to the one that it is a copy of.
  AffineMap toInput =
      copy.getMatchingIndexingMap(copy.getDpsInputOperand(0))
          .compose(inversePermutation(
              copy.getMatchingIndexingMap(copy.getDpsInitOperand(0))));
  SmallVector<AffineMap> maps = consumer.getIndexingMapsArray();
  for (OpOperand &operand : consumer->getOpOperands())
    if (operand.get() == copy->getResult(0))
      maps[operand.getOperandNumber()] =
          toInput.compose(maps[operand.getOperandNumber()]);
  return maps;
}

SmallVector<Operation *, 1> memwall::findFoldingConsumers(Operation *copy) {
  auto op = dyn_cast<linalg::LinalgOp>(copy);
  if (!op || !isCopy(op))
    return {};
  llvm::SmallSetVector<Operation *, 1> consumers;
  for (OpOperand &use : copy->getUses()) {
    auto consumer = dyn_cast<linalg::LinalgOp>(use.getOwner());
    // What an op accumulates onto has to be there, and every loop needs an
    // operand that says how often it runs.
    if (!consumer || consumer.isDpsInit(&use) ||
        !consumer.hasPureTensorSemantics() ||
        !determineLoops(composeMaps(consumer, op)))
      return {};
    consumers.insert(use.getOwner());
  }
  return llvm::to_vector<1>(consumers);
}

void memwall::foldCopy(RewriterBase &rewriter, Operation *copy) {
  auto op = cast<linalg::LinalgOp>(copy);
  SmallVector<Operation *, 1> consumers = findFoldingConsumers(copy);
  assert(!consumers.empty() && "cannot be folded");
  for (Operation *each : consumers) {
    auto consumer = cast<linalg::LinalgOp>(each);
    rewriter.setInsertionPoint(consumer);
    SmallVector<Value> inputs = consumer.getDpsInputs();
    llvm::replace(inputs, Value(copy->getResult(0)),
                  op.getDpsInputOperand(0)->get());
    auto folded = linalg::GenericOp::create(
        rewriter, consumer.getLoc(), consumer->getResultTypes(), inputs,
        consumer.getDpsInits(), composeMaps(consumer, op),
        consumer.getIteratorTypesArray());
    for (NamedAttribute attribute : consumer->getDiscardableAttrs())
      folded->setAttr(attribute.getName(), attribute.getValue());
    rewriter.inlineRegionBefore(consumer->getRegion(0), folded.getRegion(),
                                folded.getRegion().begin());
    rewriter.replaceOp(consumer, folded);
  }
  rewriter.eraseOp(copy);
}
