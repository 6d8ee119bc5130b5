//===- LocalEmpties.cpp - Storage as large as a tile ----------------------===//

#include "LocalEmpties.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

static constexpr llvm::StringLiteral kStorageAttrName = "memwall.storage";

void memwall::numberEmpties(Operation *op) {
  Builder builder(op->getContext());
  int64_t number = 0;
  for (auto empty : op->getBlock()->getOps<tensor::EmptyOp>())
    empty->setAttr(kStorageAttrName, builder.getI64IntegerAttr(number++));
}

void memwall::numberNewEmpties(Operation *op) {
  Builder builder(op->getContext());
  int64_t number = 0;
  op->walk([&](tensor::EmptyOp empty) {
    if (!empty->hasAttr(kStorageAttrName))
      empty->setAttr(kStorageAttrName, builder.getI64IntegerAttr(--number));
  });
}

void memwall::forgetEmpties(Operation *op) {
  op->walk([](tensor::EmptyOp empty) { empty->removeAttr(kStorageAttrName); });
}

/// The tensor.empty that `value` is, or is a slice of.
static tensor::EmptyOp findEmpty(Value value) {
  while (auto slice = value.getDefiningOp<tensor::ExtractSliceOp>())
    value = slice.getSource();
  return value.getDefiningOp<tensor::EmptyOp>();
}

std::optional<SmallVector<int64_t>>
memwall::findLargestSizes(ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes) {
    FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, size, /*stopCondition=*/nullptr,
        /*closedUB=*/true);
    if (failed(bound))
      return std::nullopt;
    shape.push_back(*bound);
  }
  return shape;
}

void memwall::makeEmptiesLocal(RewriterBase &rewriter, Block *block) {
  for (auto slice :
       llvm::make_early_inc_range(block->getOps<tensor::ExtractSliceOp>())) {
    tensor::EmptyOp empty = findEmpty(slice.getSource());
    bool keepsRank =
        slice.getType().getRank() == slice.getSourceType().getRank();
    if (!empty || empty->getBlock() == block || !keepsRank ||
        !slice.hasUnitStride())
      continue;
    std::optional<SmallVector<int64_t>> shape =
        findLargestSizes(slice.getMixedSizes());
    if (!shape)
      continue;
    rewriter.setInsertionPoint(slice);
    auto local = tensor::EmptyOp::create(rewriter, slice.getLoc(), *shape,
                                         slice.getType().getElementType());
    if (Attribute number = empty->getAttr(kStorageAttrName))
      local->setAttr(kStorageAttrName, number);
    if (local.getType() == slice.getType()) {
      rewriter.replaceOp(slice, local);
      continue;
    }
    SmallVector<OpFoldResult> zeros(shape->size(), rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(shape->size(), rewriter.getIndexAttr(1));
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
        slice, slice.getType(), local, zeros, slice.getMixedSizes(), ones);
  }
}
