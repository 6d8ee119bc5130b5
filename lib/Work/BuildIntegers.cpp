//===- BuildIntegers.cpp - Integers of the program ------------------------===//

#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
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
  return unknown;
}

IndexValue LoopTreeBuilder::getIndex(OpFoldResult value) {
  if (auto attribute = dyn_cast<Attribute>(value))
    return IndexValue::constant(cast<IntegerAttr>(attribute).getInt());
  return getIndex(cast<Value>(value));
}

void LoopTreeBuilder::setIndex(Value value, IndexValue index) {
  if (!index.isKnown() && !index.identity)
    index.identity = value.getAsOpaquePointer();
  indices[value] = std::move(index);
}

/// The outcome of a comparison that is the same in every iteration.
static std::optional<bool> decide(arith::CmpIPredicate predicate, int64_t low,
                                  int64_t high) {
  // [low, high] holds lhs - rhs.
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return low == 0 && high == 0 ? std::optional(true)
           : low > 0 || high < 0 ? std::optional(false)
                                 : std::nullopt;
  case arith::CmpIPredicate::ne:
    if (std::optional<bool> equal = decide(arith::CmpIPredicate::eq, low, high))
      return !*equal;
    return std::nullopt;
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::ult:
    return high < 0   ? std::optional(true)
           : low >= 0 ? std::optional(false)
                      : std::nullopt;
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::ule:
    return high <= 0 ? std::optional(true)
           : low > 0 ? std::optional(false)
                     : std::nullopt;
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::ugt:
    return low > 0     ? std::optional(true)
           : high <= 0 ? std::optional(false)
                       : std::nullopt;
  case arith::CmpIPredicate::sge:
  case arith::CmpIPredicate::uge:
    return low >= 0   ? std::optional(true)
           : high < 0 ? std::optional(false)
                      : std::nullopt;
  }
  return std::nullopt;
}

static IndexValue compare(IndexArithmetic &arithmetic, arith::CmpIOp op,
                          const IndexValue &lhs, const IndexValue &rhs) {
  IndexValue difference = arithmetic.subtract(lhs, rhs);
  if (difference.isAffine()) {
    const AffineForm &form = difference.forms.front();
    if (std::optional<bool> outcome =
            decide(op.getPredicate(), arithmetic.getLowerBound(form),
                   arithmetic.getUpperBound(form)))
      return IndexValue::constant(*outcome);
  }
  return arithmetic.merge({lhs, rhs});
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

static std::optional<IndexValue> evaluateBinary(IndexArithmetic &arithmetic,
                                                Operation *op,
                                                const IndexValue &lhs,
                                                const IndexValue &rhs) {
  if (isa<arith::AddIOp>(op))
    return arithmetic.add(lhs, rhs);
  if (isa<arith::SubIOp>(op))
    return arithmetic.subtract(lhs, rhs);
  if (isa<arith::MulIOp>(op))
    return arithmetic.multiply(lhs, rhs);
  // Division of what is not negative, which positions are.
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>(op))
    return arithmetic.floorDivide(lhs, rhs);
  if (isa<arith::CeilDivSIOp, arith::CeilDivUIOp>(op))
    return arithmetic.ceilDivide(lhs, rhs);
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return arithmetic.remainder(lhs, rhs);
  if (isa<arith::MinSIOp, arith::MinUIOp>(op))
    return arithmetic.minimum(lhs, rhs);
  if (isa<arith::MaxSIOp, arith::MaxUIOp>(op))
    return arithmetic.maximum(lhs, rhs);
  if (auto cmp = dyn_cast<arith::CmpIOp>(op))
    return compare(arithmetic, cmp, lhs, rhs);
  return std::nullopt;
}

/// affine.apply, affine.min, affine.max.
static std::optional<IndexValue> evaluateMap(IndexArithmetic &arithmetic,
                                             Operation *op,
                                             ArrayRef<IndexValue> operands) {
  AffineMap map;
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
    map = apply.getAffineMap();
  else if (auto minimum = dyn_cast<affine::AffineMinOp>(op))
    map = minimum.getAffineMap();
  else if (auto maximum = dyn_cast<affine::AffineMaxOp>(op))
    map = maximum.getAffineMap();
  else
    return std::nullopt;
  SmallVector<IndexValue, 4> results = arithmetic.evaluate(map, operands);
  IndexValue value = results.front();
  for (const IndexValue &other : ArrayRef(results).drop_front())
    value = isa<affine::AffineMinOp>(op) ? arithmetic.minimum(value, other)
                                         : arithmetic.maximum(value, other);
  return value;
}

/// Notes what the integer results of `op` are.
void LoopTreeBuilder::visitInteger(Operation *op) {
  if (op->getNumResults() == 0)
    return;
  SmallVector<IndexValue> operands;
  APInt constant;
  std::optional<IndexValue> value;
  if (matchPattern(op, m_ConstantInt(&constant))) {
    // i1 true is 1, as in comparisons.
    bool fits = constant.getSignificantBits() <= 64;
    value = !fits ? IndexValue::data({})
            : constant.getBitWidth() == 1
                ? IndexValue::constant(constant.getZExtValue())
                : IndexValue::constant(constant.getSExtValue());
  } else if (isa<tensor::DimOp, memref::DimOp>(op)) {
    value = getExtent(getView(op->getOperand(0)), getIndex(op->getOperand(1)));
  } else {
    for (Value operand : op->getOperands())
      operands.push_back(operand.getType().isIntOrIndex()
                             ? getIndex(operand)
                             : IndexValue::data(enclosing));
    if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
            arith::ExtUIOp, arith::TruncIOp>(op)) {
      value = operands.front();
    } else if (isa<arith::SelectOp>(op)) {
      std::optional<int64_t> condition = operands.front().getConstant();
      value =
          condition ? operands[*condition ? 1 : 2] : arithmetic.merge(operands);
    } else if (op->getNumOperands() == 2) {
      value = evaluateBinary(arithmetic, op, operands[0], operands[1]);
    }
    if (!value)
      value = evaluateMap(arithmetic, op, operands);
    if (!value)
      value = operands.empty() ? IndexValue::data(enclosing)
                               : arithmetic.merge(operands);
  }
  // An overflow here is data like any other; only storage must be exact.
  arithmetic.overflowed = false;
  for (Value result : op->getResults())
    if (result.getType().isIntOrIndex())
      setIndex(result, *value);
}
