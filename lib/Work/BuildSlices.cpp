//===- BuildSlices.cpp - Parts of tensors and memrefs ---------------------===//

#include "LoopTreeBuilder.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

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
  Storage storage = inPlace.get(op->getOpOperand(0));
  if (isa<TensorType>(op->getResult(0).getType()) &&
      storage != Storage::Shared) {
    FailureOr<View> fresh = makeStorageLike(op, *view);
    bool isCopied = storage == Storage::Copied && view->isDefined;
    if (failed(fresh) ||
        (isCopied && failed(addCopy(op, std::nullopt, *view, *fresh))))
      return failure();
    fresh->isDefined = isCopied;
    fresh->isFill = isCopied && view->isFill;
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
