//===- BuildIntegers.cpp - Integers of the program ------------------------===//

#include "IntegerOps.h"
#include "LoopTreeBuilder.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

IndexValue LoopTreeBuilder::getIndex(Value value) {
  if (auto it = indices.find(value); it != indices.end())
    return it->second;
  // Arguments and results of ops that are not followed.
  IndexValue unknown = IndexValue::data(enclosing);
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
      unknown = IndexValue::data({});
  unknown.identity = value.getAsOpaquePointer();
  unknown.firstInner = unknown.loops.empty() ? 0 : tree.loops.size();
  return unknown;
}

IndexValue LoopTreeBuilder::getIndex(OpFoldResult value) {
  if (auto attribute = dyn_cast<Attribute>(value))
    return IndexValue::constant(cast<IntegerAttr>(attribute).getInt());
  return getIndex(cast<Value>(value));
}

void LoopTreeBuilder::setIndex(Value value, IndexValue index) {
  if (!index.isKnown() && !index.identity) {
    index.identity = value.getAsOpaquePointer();
    index.firstInner = std::min<LoopId>(index.firstInner, tree.loops.size());
  }
  indices[value] = std::move(index);
}

/// Extent `position` of the view, when both are known.
static IndexValue getExtent(const View *view, const IndexValue &position) {
  std::optional<int64_t> dim = position.getConstant();
  if (!view || !dim || *dim < 0 || *dim >= (int64_t)view->dims.size())
    return IndexValue::data({});
  IndexValue extent;
  extent.forms = view->dims[*dim].extent;
  return extent;
}

/// Notes what the integer results of `op` are.
void LoopTreeBuilder::visitInteger(Operation *op) {
  if (op->getNumResults() == 0)
    return;
  SmallVector<IndexValue> operands;
  APInt constant;
  std::optional<IndexValue> value;
  if (matchPattern(op, m_ConstantInt(&constant))) {
    std::optional<int64_t> integer = getInteger(constant);
    value = integer ? IndexValue::constant(*integer) : IndexValue::data({});
  } else if (isa<tensor::DimOp, memref::DimOp>(op)) {
    value = getExtent(getView(op->getOperand(0)), getIndex(op->getOperand(1)));
  } else {
    for (Value operand : op->getOperands())
      operands.push_back(operand.getType().isIntOrIndex()
                             ? getIndex(operand)
                             : IndexValue::data(enclosing));
    if (op->getNumResults() == 1 && op->getResult(0).getType().isIntOrIndex())
      value = evaluateIntegerOp(arithmetic, op, ArrayRef(operands));
    // A result that does not fit 64 bits is data like any other; only storage
    // has to be exact.
    if (arithmetic.overflowed)
      value = std::nullopt;
    if (!value)
      value = operands.empty() ? IndexValue::data(enclosing)
                               : arithmetic.merge(operands);
  }
  arithmetic.overflowed = false;
  for (Value result : op->getResults())
    if (result.getType().isIntOrIndex())
      setIndex(result, *value);
}
