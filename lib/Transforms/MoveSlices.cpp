//===- MoveSlices.cpp - Slices in front of reshapes and insertions --------===//

#include "MoveSlices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Where a slice begins and how long it is, by dimension; all steps are 1.
struct Box {
  SmallVector<OpFoldResult> offsets, sizes;

  void add(OpFoldResult offset, OpFoldResult size) {
    offsets.push_back(offset);
    sizes.push_back(size);
  }
};

/// Moves one slice in front of the op that it reads.
class SliceMover {
public:
  SliceMover(RewriterBase &rewriter, tensor::ExtractSliceOp slice)
      : rewriter(rewriter), slice(slice), location(slice.getLoc()),
        box{slice.getMixedOffsets(), slice.getMixedSizes()} {}

  /// False where it has to stay.
  bool move();

private:
  Value moveAcross(tensor::ExpandShapeOp expand);
  Value moveAcross(tensor::CollapseShapeOp collapse);
  Value moveAcross(tensor::ExtractSliceOp other);
  Value moveAcross(tensor::InsertSliceOp insert);

  /// Whether the slice takes all of dimension `dim`, which has `size`.
  bool takesAll(unsigned dim, int64_t size) const {
    return isZeroInteger(box.offsets[dim]) &&
           getConstantIntValue(box.sizes[dim]) == size;
  }
  OpFoldResult multiply(OpFoldResult value, int64_t factor) {
    AffineExpr all = rewriter.getAffineDimExpr(0) * factor;
    return affine::makeComposedFoldedAffineApply(rewriter, location, all,
                                                 {value});
  }
  SmallVector<OpFoldResult> getOnes(size_t count) {
    return SmallVector<OpFoldResult>(count, rewriter.getIndexAttr(1));
  }
  Value cut(Value whole, const Box &part) {
    return tensor::ExtractSliceOp::create(rewriter, location, whole,
                                          part.offsets, part.sizes,
                                          getOnes(part.sizes.size()));
  }
  std::optional<Box> meet(const Box &other, ArrayRef<int64_t> whole,
                          const llvm::SmallBitVector &dropped);

  RewriterBase &rewriter;
  tensor::ExtractSliceOp slice;
  Location location;
  Box box;
};

} // namespace

bool SliceMover::move() {
  if (!slice.hasUnitStride() || slice.getDroppedDims().any())
    return false;
  rewriter.setInsertionPoint(slice);
  Value moved;
  Operation *source = slice.getSource().getDefiningOp();
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(source))
    moved = moveAcross(expand);
  else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(source))
    moved = moveAcross(collapse);
  else if (auto other = dyn_cast<tensor::ExtractSliceOp>(source))
    moved = moveAcross(other);
  else if (auto insert = dyn_cast<tensor::InsertSliceOp>(source))
    moved = moveAcross(insert);
  if (!moved)
    return false;
  if (moved.getType() != slice.getType())
    moved = tensor::CastOp::create(rewriter, location, slice.getType(), moved);
  rewriter.replaceOp(slice, moved);
  return true;
}

/// The outermost dimension of a group that is longer than 1 may be cut; the
/// others are whole.
Value SliceMover::moveAcross(tensor::ExpandShapeOp expand) {
  if (!expand.getResultType().hasStaticShape())
    return {};
  ArrayRef<int64_t> shape = expand.getResultType().getShape();
  Box before;
  for (const ReassociationIndices &group : expand.getReassociationIndices()) {
    auto isLong = [&](int64_t dim) { return shape[dim] != 1; };
    auto outermost = llvm::find_if(group, isLong);
    if (outermost == group.end()) {
      before.add(rewriter.getIndexAttr(0), rewriter.getIndexAttr(1));
      continue;
    }
    int64_t inner = 1;
    for (int64_t dim : llvm::make_range(std::next(outermost), group.end())) {
      if (!takesAll(dim, shape[dim]))
        return {};
      inner *= shape[dim];
    }
    before.add(multiply(box.offsets[*outermost], inner),
               multiply(box.sizes[*outermost], inner));
  }
  Value part = cut(expand.getSrc(), before);
  return tensor::ExpandShapeOp::create(rewriter, location, slice.getType(),
                                       part, expand.getReassociationIndices(),
                                       box.sizes);
}

/// What several dimensions have become is whole.
Value SliceMover::moveAcross(tensor::CollapseShapeOp collapse) {
  if (!collapse.getSrcType().hasStaticShape())
    return {};
  ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
  Box before;
  for (auto [result, group] :
       llvm::enumerate(collapse.getReassociationIndices())) {
    bool isWhole =
        takesAll(result, collapse.getResultType().getDimSize(result));
    int64_t longDims =
        llvm::count_if(group, [&](int64_t dim) { return shape[dim] != 1; });
    if (!isWhole && longDims != 1)
      return {};
    for (int64_t dim : group) {
      if (!isWhole && shape[dim] != 1)
        before.add(box.offsets[result], box.sizes[result]);
      else
        before.add(rewriter.getIndexAttr(0), rewriter.getIndexAttr(shape[dim]));
    }
  }
  Value part = cut(collapse.getSrc(), before);
  return tensor::CollapseShapeOp::create(rewriter, location, part,
                                         collapse.getReassociationIndices());
}

/// The part of a tensor of shape `whole` that the slice needs, which is of the
/// part `other` of it without `dropped` dimensions: every dimension is whole in
/// one of both.
std::optional<Box> SliceMover::meet(const Box &other, ArrayRef<int64_t> whole,
                                    const llvm::SmallBitVector &dropped) {
  Box both;
  unsigned mine = 0;
  for (auto [dim, size] : llvm::enumerate(whole)) {
    std::optional<int64_t> length = getConstantIntValue(other.sizes[dim]);
    if (!length)
      return std::nullopt;
    if (!dropped.test(dim) && !takesAll(mine, *length)) {
      if (*length != size || !isZeroInteger(other.offsets[dim]))
        return std::nullopt;
      both.add(box.offsets[mine], box.sizes[mine]);
    } else {
      both.add(rewriter.getIndexAttr(0), rewriter.getIndexAttr(size));
    }
    mine += !dropped.test(dim);
  }
  return both;
}

/// `box` where its dimension is cut, and `part` elsewhere.
static Box choose(const Box &part, const Box &box, ArrayRef<int64_t> whole,
                  OpFoldResult zero) {
  Box chosen;
  for (auto [dim, size] : llvm::enumerate(whole)) {
    bool isCut = getConstantIntValue(box.sizes[dim]) != size;
    chosen.add(isCut ? zero : part.offsets[dim],
               isCut ? box.sizes[dim] : part.sizes[dim]);
  }
  return chosen;
}

Value SliceMover::moveAcross(tensor::ExtractSliceOp other) {
  if (!other.hasUnitStride() || !other.getSourceType().hasStaticShape())
    return {};
  ArrayRef<int64_t> whole = other.getSourceType().getShape();
  Box part = {other.getMixedOffsets(), other.getMixedSizes()};
  std::optional<Box> first = meet(part, whole, other.getDroppedDims());
  if (!first)
    return {};
  Box second = choose(part, *first, whole, rewriter.getIndexAttr(0));
  Value tile = cut(other.getSource(), *first);
  return tensor::ExtractSliceOp::create(rewriter, location, slice.getType(),
                                        tile, second.offsets, second.sizes,
                                        getOnes(second.sizes.size()));
}

Value SliceMover::moveAcross(tensor::InsertSliceOp insert) {
  if (!insert.hasUnitStride() || insert.getDroppedDims().any() ||
      !insert.getDestType().hasStaticShape())
    return {};
  ArrayRef<int64_t> whole = insert.getDestType().getShape();
  Box part = {insert.getMixedOffsets(), insert.getMixedSizes()}, inside;
  for (auto [dim, size] : llvm::enumerate(whole)) {
    if (takesAll(dim, size)) {
      inside.add(rewriter.getIndexAttr(0), part.sizes[dim]);
      continue;
    }
    if (getConstantIntValue(part.sizes[dim]) != size ||
        !isZeroInteger(part.offsets[dim]))
      return {};
    inside.add(box.offsets[dim], box.sizes[dim]);
  }
  Box second = choose(part, box, whole, rewriter.getIndexAttr(0));
  Value tile = cut(insert.getSource(), inside);
  Value dest = cut(insert.getDest(), box);
  return tensor::InsertSliceOp::create(rewriter, location, tile, dest,
                                       second.offsets, second.sizes,
                                       getOnes(second.sizes.size()));
}

bool memwall::isView(Operation *op) {
  return isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                         tensor::ExtractSliceOp, tensor::InsertSliceOp>(op);
}

void memwall::eraseUnreadViews(RewriterBase &rewriter, Operation *op) {
  llvm::SetVector<Operation *> users(op->user_begin(), op->user_end());
  for (Operation *user : users) {
    if (!isView(user))
      continue;
    eraseUnreadViews(rewriter, user);
    if (user->use_empty())
      rewriter.eraseOp(user);
  }
}

/// Whether `value`, made outside of `block`, comes from what `isMade` accepts,
/// or from an empty tensor, through views.
static bool comesFrom(Value value, Block *block,
                      function_ref<bool(Operation *)> isMade) {
  SmallVector<Value> pending = {value};
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val().getDefiningOp();
    if (!op || op->getBlock() == block)
      continue;
    if (isa<tensor::EmptyOp>(op) || isMade(op))
      return true;
    if (!isView(op))
      continue;
    pending.push_back(op->getOperand(0));
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      pending.push_back(insert.getDest());
  }
  return false;
}

void memwall::moveSlicesUp(RewriterBase &rewriter, Block *block,
                           function_ref<bool(Operation *)> isMade) {
  OpBuilder::InsertionGuard guard(rewriter);
  bool isChanged = true;
  while (isChanged) {
    isChanged = false;
    SmallVector<tensor::ExtractSliceOp> slices(
        block->getOps<tensor::ExtractSliceOp>());
    for (tensor::ExtractSliceOp slice : slices) {
      Operation *source = slice.getSource().getDefiningOp();
      if (isView(source) && source->getBlock() != block &&
          comesFrom(slice.getSource(), block, isMade))
        isChanged |= SliceMover(rewriter, slice).move();
    }
  }
}
