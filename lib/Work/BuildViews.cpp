//===- BuildViews.cpp - Ops that only rename storage
//-----------------------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

/// The part of `source` that an op with offsets, sizes and strides names, at
/// full rank. Absent when a size depends on data.
std::optional<View> LoopTreeBuilder::slice(const View &source, Operation *op) {
  auto sliceOp = cast<OffsetSizeAndStrideOpInterface>(op);
  SmallVector<OpFoldResult> offsets = sliceOp.getMixedOffsets();
  SmallVector<OpFoldResult> sizes = sliceOp.getMixedSizes();
  SmallVector<OpFoldResult> steps = sliceOp.getMixedStrides();
  if (sizes.size() != source.dims.size())
    return std::nullopt;
  View view = source;
  for (unsigned i = 0, e = sizes.size(); i < e; ++i) {
    IndexValue size = getIndex(sizes[i]);
    std::optional<int64_t> step = getIndex(steps[i]).getConstant();
    if (!size.isKnown() || !step)
      return std::nullopt;
    shift(view, i, getIndex(offsets[i]), arithmetic.getUpperBound(size.forms));
    view.dims[i].extent = size.forms;
    int64_t stride;
    if (llvm::MulOverflow(source.dims[i].stride, *step, stride))
      return std::nullopt;
    view.dims[i].stride = stride;
  }
  return view;
}

/// Drops dimensions of one element until the rank is that of `type`.
static void reduceRank(View &view, const llvm::SmallBitVector &dropped) {
  SmallVector<ViewDim, 4> kept;
  for (auto [i, dim] : llvm::enumerate(view.dims))
    if (!dropped.test(i))
      kept.push_back(std::move(dim));
  view.dims = std::move(kept);
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitSlice(Operation *op) {
  llvm::SmallBitVector dropped;
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op))
    dropped = extract.getDroppedDims();
  else if (auto subview = dyn_cast<memref::SubViewOp>(op))
    dropped = subview.getDroppedDims();
  else
    return false;
  const View *source = getView(op->getOperand(0));
  std::optional<View> view = source ? slice(*source, op) : std::nullopt;
  if (!view) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  reduceRank(*view, dropped);
  if (isa<TensorType>(op->getResult(0).getType()) &&
      inPlace.get(op->getOpOperand(0)) != Storage::Shared) {
    FailureOr<View> fresh = makeStorageLike(op, *view);
    if (failed(fresh) ||
        (view->isDefined && failed(addCopy(op, std::nullopt, *view, *fresh))))
      return failure();
    fresh->isDefined = view->isDefined;
    fresh->isFill = view->isFill;
    view = *fresh;
  }
  setView(op->getResult(0), std::move(*view));
  return true;
}

/// insert_slice into `destination`: nothing when the source was built there.
LoopTreeBuilder::Handled
LoopTreeBuilder::visitInsertSlice(Operation *op, OpOperand &destination,
                                  Value source, Value result) {
  const View *from = getView(source);
  if (!from || !getView(destination.get())) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  FailureOr<View> into = getDestination(destination, std::nullopt);
  if (failed(into))
    return failure();
  std::optional<View> box = slice(*into, op);
  if (!box) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  // The source says which dimensions of the box are dropped: those of static
  // size one that it does not have.
  auto slicing = cast<OffsetSizeAndStrideOpInterface>(op);
  std::optional<llvm::SmallDenseSet<unsigned>> unused =
      computeRankReductionMask(slicing.getStaticSizes(),
                               cast<ShapedType>(source.getType()).getShape());
  llvm::SmallBitVector dropped(box->dims.size());
  if (unused)
    for (unsigned dim : *unused)
      dropped.set(dim);
  reduceRank(*box, dropped);
  if (from->isDefined && !isSameStorage(*from, *box) &&
      failed(addCopy(op, std::nullopt, *from, *box)))
    return failure();
  into->isFill &= from->isFill && into->isDefined;
  into->isDefined = true;
  if (result)
    setView(result, std::move(*into));
  return true;
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

static std::optional<int64_t> getConstantExtent(const ViewDim &dim) {
  if (dim.extent.size() != 1 || !dim.extent.front().terms.empty())
    return std::nullopt;
  return dim.extent.front().constant;
}

/// Merges each group of dimensions into one. Absent when a group's elements do
/// not follow one another at one stride.
std::optional<View>
LoopTreeBuilder::collapse(const View &source,
                          ArrayRef<SmallVector<int64_t, 2>> groups) {
  View view = source;
  view.dims.clear();
  for (ArrayRef<int64_t> group : groups) {
    // From the innermost dimension out; ones do not matter.
    ViewDim merged{1, IndexValue::constant(1).forms};
    bool isFirst = true;
    for (int64_t position : llvm::reverse(group)) {
      const ViewDim &dim = source.dims[position];
      if (getConstantExtent(dim) == 1)
        continue;
      if (isFirst) {
        merged = dim;
        isFirst = false;
        continue;
      }
      std::optional<int64_t> inner = getConstantExtent(merged);
      if (!inner || (__int128)merged.stride * *inner != dim.stride)
        return std::nullopt;
      for (AffineForm &form : merged.extent = dim.extent)
        form = arithmetic.scale(form, *inner);
    }
    view.dims.push_back(std::move(merged));
  }
  return view;
}

/// Splits each dimension into its group's sizes.
std::optional<View>
LoopTreeBuilder::expand(const View &source,
                        ArrayRef<SmallVector<int64_t, 2>> groups,
                        ArrayRef<OpFoldResult> sizes) {
  View view = source;
  view.dims.assign(sizes.size(), {1, IndexValue::constant(1).forms});
  for (auto [group, from] : llvm::zip(groups, source.dims)) {
    int64_t stride = from.stride;
    for (int64_t position : llvm::reverse(group)) {
      IndexValue size = getIndex(sizes[position]);
      if (!size.isKnown())
        return std::nullopt;
      view.dims[position] = {stride, size.forms};
      if (position == group.front())
        break;
      std::optional<int64_t> extent = size.getConstant();
      if (!extent || llvm::MulOverflow(stride, *extent, stride))
        return std::nullopt;
    }
  }
  return view;
}

bool LoopTreeBuilder::isContiguous(const View &view) {
  int64_t expected = 1;
  for (const ViewDim &dim : llvm::reverse(view.dims)) {
    std::optional<int64_t> extent = getConstantExtent(dim);
    if (!extent)
      return false;
    if (*extent != 1 && dim.stride != expected)
      return false;
    expected *= *extent;
  }
  return true;
}

/// `source` under another static shape; absent unless it is contiguous.
std::optional<View> LoopTreeBuilder::reshapeContiguous(const View &source,
                                                       ShapedType type) {
  if (!type.hasStaticShape() || !isContiguous(source))
    return std::nullopt;
  View view = source;
  view.dims.clear();
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(type.getShape())) {
    view.dims.insert(view.dims.begin(),
                     {stride, IndexValue::constant(extent).forms});
    stride *= extent;
  }
  return view;
}

namespace {
/// A reshape op taken apart.
struct Reshape {
  SmallVector<SmallVector<int64_t, 2>> groups;
  SmallVector<OpFoldResult> sizes; ///< Of an expansion.
  bool isExpand = false;
  bool isGrouped = true; ///< False: any shape to any shape.
};
} // namespace

static std::optional<Reshape> matchReshape(Operation *op) {
  Reshape reshape;
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    reshape.isExpand = true;
    for (const auto &group : expand.getReassociationIndices())
      reshape.groups.emplace_back(group.begin(), group.end());
    reshape.sizes = expand.getMixedOutputShape();
    return reshape;
  }
  if (auto expand = dyn_cast<memref::ExpandShapeOp>(op)) {
    reshape.isExpand = true;
    for (const auto &group : expand.getReassociationIndices())
      reshape.groups.emplace_back(group.begin(), group.end());
    reshape.sizes = expand.getMixedOutputShape();
    return reshape;
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    for (const auto &group : collapse.getReassociationIndices())
      reshape.groups.emplace_back(group.begin(), group.end());
    return reshape;
  }
  if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op)) {
    for (const auto &group : collapse.getReassociationIndices())
      reshape.groups.emplace_back(group.begin(), group.end());
    return reshape;
  }
  if (isa<tensor::ReshapeOp, memref::ReshapeOp>(op)) {
    reshape.isGrouped = false;
    return reshape;
  }
  return std::nullopt;
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitReshape(Operation *op) {
  std::optional<Reshape> reshape = matchReshape(op);
  if (!reshape)
    return false;
  const View *source = getView(op->getOperand(0));
  auto type = dyn_cast<ShapedType>(op->getResult(0).getType());
  if (!source || !isCountable(type)) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  auto apply = [&](const View &from) -> std::optional<View> {
    if (!reshape->isGrouped)
      return reshapeContiguous(from, type);
    if (reshape->groups.empty())
      return reshapeContiguous(from, type);
    return reshape->isExpand ? expand(from, reshape->groups, reshape->sizes)
                             : collapse(from, reshape->groups);
  };
  std::optional<View> view = apply(*source);
  bool isTensor = isa<TensorType>(type);
  bool mustCopy =
      isTensor && inPlace.get(op->getOpOperand(0)) != Storage::Shared;
  // A tensor that does not lie in one piece is copied first, as One-Shot does.
  if (isTensor && (!view || mustCopy)) {
    FailureOr<View> fresh = makeStorageLike(op, *source);
    if (failed(fresh))
      return failure();
    view = apply(*fresh);
    if (view && source->isDefined) {
      if (failed(addCopy(op, std::nullopt, *source, *fresh)))
        return failure();
      view->isDefined = true;
      view->isFill = source->isFill;
    }
  }
  if (view)
    setView(op->getResult(0), std::move(*view));
  else if (failed(makeUnmodelled(op)))
    return failure();
  return true;
}

//===----------------------------------------------------------------------===//
// Casts and the borders between tensors and memrefs
//===----------------------------------------------------------------------===//

/// memref.reinterpret_cast names storage from its start.
static std::optional<View>
reinterpret(const View &source, memref::ReinterpretCastOp op,
            llvm::function_ref<IndexValue(OpFoldResult)> get) {
  View view = source;
  view.dims.clear();
  view.gathers.clear();
  view.gatherIdentities.clear();
  IndexValue offset = get(op.getMixedOffsets().front());
  if (!offset.isAffine())
    return std::nullopt;
  view.offset = offset.forms.front();
  for (auto [size, stride] :
       llvm::zip_equal(op.getMixedSizes(), op.getMixedStrides())) {
    IndexValue extent = get(size);
    std::optional<int64_t> step = get(stride).getConstant();
    if (!extent.isKnown() || !step)
      return std::nullopt;
    view.dims.push_back({*step, extent.forms});
  }
  return view;
}

/// Gives constant extents of the result type to the dims.
static void refine(View &view, ShapedType type) {
  if (!type.hasRank() || view.dims.size() != (size_t)type.getRank())
    return;
  for (auto [dim, extent] : llvm::zip_equal(view.dims, type.getShape()))
    if (!ShapedType::isDynamic(extent))
      dim.extent = IndexValue::constant(extent).forms;
}

/// The operand that a cast-like op gives another type.
static bool isCast(Operation *op) {
  return isa<tensor::CastOp, memref::CastOp, memref::AssumeAlignmentOp,
             memref::MemorySpaceCastOp, bufferization::ToTensorOp,
             bufferization::ToBufferOp>(op);
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitView(Operation *op) {
  if (isCast(op)) {
    const View *source = getView(op->getOperand(0));
    if (!source || op->getNumResults() != 1) {
      if (failed(makeUnmodelled(op)))
        return failure();
      return true;
    }
    View view = *source;
    if (isa<TensorType>(op->getOperand(0).getType()) &&
        inPlace.get(op->getOpOperand(0)) != Storage::Shared) {
      FailureOr<View> fresh = getDestination(op->getOpOperand(0), std::nullopt);
      if (failed(fresh))
        return failure();
      view = std::move(*fresh);
    }
    refine(view, cast<ShapedType>(op->getResult(0).getType()));
    // What a memref holds later is not known here.
    if (isa<bufferization::ToTensorOp>(op)) {
      view.isDefined = true;
      view.isFill = false;
    }
    setView(op->getResult(0), std::move(view));
    return true;
  }
  if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op)) {
    const View *source = getView(cast.getSource());
    std::optional<View> view =
        source
            ? reinterpret(*source, cast,
                          [&](OpFoldResult value) { return getIndex(value); })
            : std::nullopt;
    if (view)
      setView(cast.getResult(), std::move(*view));
    else if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return visitInsertSlice(op, insert.getDestMutable(), insert.getSource(),
                            insert.getResult());
  if (auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(op))
    return visitInsertSlice(op, insert.getDestMutable(), insert.getSource(),
                            Value());
  Handled sliced = visitSlice(op);
  if (failed(sliced) || *sliced)
    return sliced;
  return visitReshape(op);
}
