//===- Overwrites.cpp - Where the storage of a value changes --------------===//

#include "Overwrites.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace memwall;

/// The tensor that `value` is a view of, through reshapes, slices and casts.
static Value findWhole(Value value) {
  while (Operation *producer = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
             tensor::ExtractSliceOp, tensor::CastOp>(producer))
      break;
    value = producer->getOperand(0);
  }
  return value;
}

/// The tensors whose storage `op` would like its results to be in.
static SmallVector<Value, 1> findUpdated(Operation *op) {
  SmallVector<Value, 1> updated;
  auto add = [&](ValueRange values) {
    for (Value value : values)
      if (isa<TensorType>(value.getType()))
        updated.push_back(findWhole(value));
  };
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    for (OpOperand &init : linalgOp.getDpsInitsMutable())
      if (linalgOp.payloadUsesValueFromOperand(&init))
        add(init.get());
  } else if (auto destination = dyn_cast<DestinationStyleOpInterface>(op)) {
    add(destination.getDpsInits());
  } else if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
    add(loop.getInits());
  } else if (isa<CallOpInterface>(op)) {
    add(op->getOperands());
  }
  return updated;
}

Overwrites::Overwrites(Operation *root) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) { add(op); });
}

void Overwrites::add(Operation *op) {
  for (Value value : findUpdated(op))
    writers[value].push_back(op);
}

bool Overwrites::happenBetween(Value value, Operation *from,
                               Operation *to) const {
  auto found = writers.find(findWhole(value));
  return found != writers.end() &&
         llvm::any_of(found->second, [&](Operation *writer) {
           Operation *inBlock = to->getBlock()->findAncestorOpInBlock(*writer);
           return inBlock && from->isBeforeInBlock(inBlock) &&
                  !to->isBeforeInBlock(inBlock);
         });
}

void Overwrites::forget(Operation *op) {
  for (Value value : findUpdated(op))
    if (auto found = writers.find(value); found != writers.end())
      llvm::erase(found->second, op);
}
