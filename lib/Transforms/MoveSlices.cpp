//===- MoveSlices.cpp - Slices in front of reshapes and insertions --------===//

#include "MoveSlices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Where a slice begins and how long it is, by dimension; all steps are 1.
struct Box {
  SmallVector<OpFoldResult> offsets, sizes;
  /// Dimensions that a slice does not take whole, where somebody found out.
  llvm::SmallBitVector isCut;

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
        box{slice.getMixedOffsets(), slice.getMixedSizes(), {}} {}

  /// False where it has to stay.
  bool move();

private:
  Value moveAcross(tensor::ExpandShapeOp expand);
  Value moveAcross(tensor::CollapseShapeOp collapse);
  Value moveAcross(tensor::ExtractSliceOp other);
  Value moveAcross(tensor::InsertSliceOp insert);

  /// Whether dimension `dim` of `part` is all of one that has `size`.
  static bool isWhole(const Box &part, unsigned dim, OpFoldResult size) {
    return isZeroInteger(part.offsets[dim]) && isSame(part.sizes[dim], size);
  }
  static bool isSame(OpFoldResult a, OpFoldResult b) {
    if (a == b)
      return true;
    FailureOr<bool> isEqual = ValueBoundsConstraintSet::areEqual(a, b);
    return succeeded(isEqual) && *isEqual;
  }
  bool takesAll(unsigned dim, OpFoldResult size) const {
    return isWhole(box, dim, size);
  }
  bool takesAll(unsigned dim, int64_t size) const {
    return takesAll(dim, rewriter.getIndexAttr(size));
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
  std::optional<Box> meet(const Box &other, ArrayRef<OpFoldResult> whole,
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
      if (ShapedType::isDynamic(shape[dim]) || !takesAll(dim, shape[dim]))
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
  ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
  Box before;
  for (auto [result, group] :
       llvm::enumerate(collapse.getReassociationIndices())) {
    auto isLong = [&](int64_t dim) { return shape[dim] != 1; };
    bool isMerged = llvm::count_if(group, isLong) > 1;
    int64_t size = collapse.getResultType().getDimSize(result);
    if (isMerged && (ShapedType::isDynamic(size) || !takesAll(result, size)))
      return {};
    for (int64_t dim : group) {
      if (!isMerged && isLong(dim))
        before.add(box.offsets[result], box.sizes[result]);
      else
        before.add(rewriter.getIndexAttr(0), rewriter.getIndexAttr(shape[dim]));
    }
  }
  Value part = cut(collapse.getSrc(), before);
  return tensor::CollapseShapeOp::create(rewriter, location, part,
                                         collapse.getReassociationIndices());
}

/// The part of a tensor of sizes `whole` that the slice needs, which is of the
/// part `other` of it without `dropped` dimensions: every dimension is whole in
/// one of both.
std::optional<Box> SliceMover::meet(const Box &other,
                                    ArrayRef<OpFoldResult> whole,
                                    const llvm::SmallBitVector &dropped) {
  Box both;
  both.isCut.resize(whole.size());
  unsigned mine = 0;
  for (auto [dim, size] : llvm::enumerate(whole)) {
    if (dropped.test(dim) || takesAll(mine, other.sizes[dim])) {
      both.add(rewriter.getIndexAttr(0), size);
    } else if (isWhole(other, dim, size)) {
      both.add(box.offsets[mine], box.sizes[mine]);
      both.isCut.set(dim);
    } else {
      return std::nullopt;
    }
    mine += !dropped.test(dim);
  }
  return both;
}

/// Where `part` is in what `cut` leaves of the tensor: all of the dimensions
/// that are cut.
static Box place(const Box &part, const Box &cut, OpFoldResult zero) {
  Box placed;
  for (unsigned dim = 0; dim < part.sizes.size(); ++dim)
    placed.add(cut.isCut.test(dim) ? zero : part.offsets[dim],
               cut.isCut.test(dim) ? cut.sizes[dim] : part.sizes[dim]);
  return placed;
}

Value SliceMover::moveAcross(tensor::ExtractSliceOp other) {
  if (!other.hasUnitStride())
    return {};
  Box part = {other.getMixedOffsets(), other.getMixedSizes(), {}};
  std::optional<Box> first =
      meet(part, tensor::getMixedSizes(rewriter, location, other.getSource()),
           other.getDroppedDims());
  if (!first)
    return {};
  Box second = place(part, *first, rewriter.getIndexAttr(0));
  Value tile = cut(other.getSource(), *first);
  return tensor::ExtractSliceOp::create(rewriter, location, slice.getType(),
                                        tile, second.offsets, second.sizes,
                                        getOnes(second.sizes.size()));
}

Value SliceMover::moveAcross(tensor::InsertSliceOp insert) {
  if (!insert.hasUnitStride() || insert.getDroppedDims().any())
    return {};
  SmallVector<OpFoldResult> whole =
      tensor::getMixedSizes(rewriter, location, insert.getDest());
  Box part = {insert.getMixedOffsets(), insert.getMixedSizes(), {}}, inside;
  box.isCut.resize(whole.size());
  for (auto [dim, size] : llvm::enumerate(whole)) {
    if (takesAll(dim, size)) {
      inside.add(rewriter.getIndexAttr(0), part.sizes[dim]);
    } else if (isWhole(part, dim, size)) {
      inside.add(box.offsets[dim], box.sizes[dim]);
      box.isCut.set(dim);
    } else {
      return {};
    }
  }
  Box second = place(part, box, rewriter.getIndexAttr(0));
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

/// Whether `value`, made outside of `block`, comes from what `isMade` accepts
/// through views, or is a view of an empty tensor.
static bool comesFrom(Value value, Block *block,
                      function_ref<bool(Operation *)> isMade) {
  SmallVector<Value> pending = {value};
  bool isPart = false;
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val().getDefiningOp();
    if (!op || op->getBlock() == block)
      continue;
    if (isMade(op) || (isa<tensor::EmptyOp>(op) && !isPart))
      return true;
    isPart |= isa<tensor::InsertSliceOp>(op);
    if (!isView(op))
      continue;
    pending.push_back(op->getOperand(0));
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      pending.push_back(insert.getDest());
  }
  return false;
}

/// Asks for sizes of `view` where it got them, so that they do not keep it.
static void resolveSizes(RewriterBase &rewriter, Operation *view) {
  for (Operation *user :
       llvm::make_early_inc_range(view->getResult(0).getUsers())) {
    auto size = dyn_cast<tensor::DimOp>(user);
    std::optional<int64_t> dim = size ? size.getConstantIndex() : std::nullopt;
    if (!dim)
      continue;
    rewriter.setInsertionPoint(size);
    OpFoldResult known;
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(view))
      known = expand.getMixedOutputShape()[*dim];
    else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(view);
             slice && slice.getDroppedDims().none())
      known = slice.getMixedSizes()[*dim];
    else if (auto insert = dyn_cast<tensor::InsertSliceOp>(view))
      known =
          tensor::getMixedSize(rewriter, size.getLoc(), insert.getDest(), *dim);
    if (known)
      rewriter.replaceOp(size, getValueOrCreateConstantIndexOp(
                                   rewriter, size.getLoc(), known));
  }
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
          comesFrom(slice.getSource(), block, isMade)) {
        resolveSizes(rewriter, source);
        isChanged |= SliceMover(rewriter, slice).move();
      }
    }
  }
}
