//===- PartialRows.cpp - Storage whose rows are shorter at the end --------===//

#include "PartialRows.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Whether integer arithmetic leads from `source` to `value`.
static bool isComputedFrom(Value value, Value source) {
  SmallVector<Value> pending = {value};
  llvm::SmallDenseSet<Value> seen;
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (next == source)
      return true;
    Operation *op = next.getDefiningOp();
    if (!op || !next.getType().isIntOrIndex() || !seen.insert(next).second)
      continue;
    for (Value operand : op->getOperands())
      if (operand.getType().isIntOrIndex())
        pending.push_back(operand);
  }
  return false;
}

/// The dynamic sizes of an allocation that decide on its strides.
static ValueRange getRowSizes(Operation *op) {
  ValueRange sizes;
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    sizes = empty.getDynamicSizes();
  else if (auto alloc = dyn_cast<memref::AllocOp>(op))
    sizes = alloc.getDynamicSizes();
  if (sizes.empty())
    return sizes;
  auto type = cast<ShapedType>(op->getResult(0).getType());
  return type.isDynamicDim(0) ? sizes.drop_front() : sizes;
}

bool memwall::hasPartialRows(Block &body, Value inductionVariable) {
  WalkResult result = body.walk([&](Operation *op) {
    for (Value size : getRowSizes(op))
      if (isComputedFrom(size, inductionVariable))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}
