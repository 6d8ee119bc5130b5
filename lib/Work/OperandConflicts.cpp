//===- OperandConflicts.cpp - What two operands do to each other ----------===//

#include "OperandConflicts.h"
#include "TensorUses.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

bool memwall::areExclusive(Operation *lhs, Operation *rhs) {
  for (Operation *op = lhs->getParentOp(); op; op = op->getParentOp()) {
    if (!op->isAncestor(rhs))
      continue;
    if (!isa<scf::IfOp, scf::IndexSwitchOp>(op))
      return false;
    return llvm::none_of(op->getRegions(), [&](Region &region) {
      return region.findAncestorOpInRegion(*lhs) &&
             region.findAncestorOpInRegion(*rhs);
    });
  }
  return false;
}

bool memwall::isElementwise(OpOperand *read, OpOperand *write) {
  if (read->getOwner() != write->getOwner())
    return false;
  if (isa<bufferization::MaterializeInDestinationOp>(read->getOwner()) ||
      findReusedOperand(read->getOwner()) == write)
    return true;
  auto op = dyn_cast<linalg::LinalgOp>(read->getOwner());
  return op && op.getNumLoops() == op.getNumParallelLoops() &&
         op.getMatchingIndexingMap(read).isIdentity() &&
         op.getMatchingIndexingMap(write).isIdentity();
}

Insertion memwall::getInsertion(Operation *op) {
  if (isa<tensor::InsertSliceOp, tensor::ParallelInsertSliceOp>(op))
    return {op, &op->getOpOperand(0), &op->getOpOperand(1)};
  return {};
}

bool memwall::insertsAll(Operation *op) {
  auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(op);
  return insert && insert.getDestType().hasStaticShape() &&
         ArrayRef(insert.getStaticSizes()) == insert.getDestType().getShape();
}
