//===- Extent.cpp - How long a dimension is -------------------------------===//

#include "Extent.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace memwall;

Value Extent::getValue(OpBuilder &builder, Location location) const {
  return getValueOrCreateConstantIndexOp(builder, location, length);
}

Extent Extent::countTiles(OpBuilder &builder, Location location,
                          int64_t tile) const {
  AffineExpr whole;
  bindDims(builder.getContext(), whole);
  return {affine::makeComposedFoldedAffineApply(builder, location,
                                                whole.ceilDiv(tile), {length}),
          isBounded() ? int64_t(llvm::divideCeil(bound, tile)) : bound};
}

Extent Extent::countWhole(OpBuilder &builder, Location location,
                          int64_t tile) const {
  AffineExpr whole;
  bindDims(builder.getContext(), whole);
  return {affine::makeComposedFoldedAffineApply(builder, location,
                                                whole.floorDiv(tile), {length}),
          isBounded() ? bound / tile : bound};
}

Extent memwall::getExtent(OpBuilder &builder, Location location, Value tensor,
                          int64_t dim) {
  Extent extent{tensor::getMixedSize(builder, location, tensor, dim)};
  if (std::optional<int64_t> constant = extent.getConstant()) {
    extent.bound = *constant;
    return extent;
  }
  FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
      presburger::BoundType::UB, {tensor, dim}, nullptr, /*closedUB=*/true);
  if (succeeded(bound))
    extent.bound = *bound;
  return extent;
}

Value memwall::buildLinear(OpBuilder &builder, Location location, Value index,
                           int64_t factor, int64_t offset) {
  AffineExpr expression;
  bindDims(builder.getContext(), expression);
  return getValueOrCreateConstantIndexOp(
      builder, location,
      affine::makeComposedFoldedAffineApply(
          builder, location, expression * factor + offset, {index}));
}

Value memwall::buildClamped(OpBuilder &builder, Location location, Value index,
                            int64_t factor, int64_t offset,
                            const Extent &extent) {
  Value linear = buildLinear(builder, location, index, factor, offset);
  if (extent.isMultipleOf(factor))
    return linear;
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  Value last = arith::SubIOp::create(builder, location,
                                     extent.getValue(builder, location), one);
  return arith::MinUIOp::create(builder, location, linear, last);
}

ValueRange memwall::buildLoop(
    OpBuilder &builder, Location location, Value begin, Value end, Value step,
    ValueRange inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)>
        body) {
  return scf::ForOp::create(
             builder, location, begin, end, step, inits,
             [&](OpBuilder &inside, Location, Value index, ValueRange carried) {
               scf::YieldOp::create(inside, location,
                                    body(inside, index, carried));
             })
      .getResults();
}

ValueRange memwall::buildLoop(
    OpBuilder &builder, Location location, Value end, int64_t step,
    ValueRange inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)>
        body) {
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  Value by = arith::ConstantIndexOp::create(builder, location, step);
  return buildLoop(builder, location, zero, end, by, inits, body);
}
