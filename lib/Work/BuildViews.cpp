//===- BuildViews.cpp - Ops that only rename storage ----------------------===//

#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace memwall;

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
  return isa<tensor::CastOp, tensor::BitcastOp, memref::CastOp,
             memref::AssumeAlignmentOp, memref::MemorySpaceCastOp,
             bufferization::ToTensorOp, bufferization::ToBufferOp>(op);
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitCast(Operation *op) {
  if (!isCast(op))
    return false;
  if (isa<tensor::CastOp, memref::CastOp>(op) &&
      !cast<ShapedType>(op->getOperand(0).getType()).hasRank() &&
      cast<ShapedType>(op->getResult(0).getType()).hasRank()) {
    FailureOr<std::optional<View>> view =
        viewUnranked(op, Builder(op->getContext()).getIndexAttr(0));
    if (failed(view))
      return failure();
    if (*view) {
      setView(op->getResult(0), std::move(**view));
      return true;
    }
  }
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

/// memref.transpose, memref.reinterpret_cast.
LoopTreeBuilder::Handled LoopTreeBuilder::visitRelabel(Operation *op) {
  if (!isa<memref::TransposeOp, memref::ReinterpretCastOp>(op))
    return false;
  const View *source = getView(op->getOperand(0));
  std::optional<View> view;
  if (auto transpose = dyn_cast<memref::TransposeOp>(op); transpose && source) {
    view = *source;
    for (auto [i, result] :
         llvm::enumerate(transpose.getPermutation().getResults()))
      view->dims[i] = source->dims[cast<AffineDimExpr>(result).getPosition()];
  } else if (source) {
    view = reinterpret(*source, cast<memref::ReinterpretCastOp>(op),
                       [&](OpFoldResult value) { return getIndex(value); });
  } else if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op);
             cast && isa<UnrankedMemRefType>(cast.getSource().getType())) {
    FailureOr<std::optional<View>> found =
        viewUnranked(op, cast.getMixedOffsets().front());
    if (failed(found))
      return failure();
    view = std::move(*found);
  }
  if (view)
    setView(op->getResult(0), std::move(*view));
  else if (failed(makeUnmodelled(op)))
    return failure();
  return true;
}

/// The source's content ends up in the destination: a copy unless it is there.
LoopTreeBuilder::Handled LoopTreeBuilder::visitMaterialize(Operation *op) {
  auto materialize = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
  if (!materialize)
    return false;
  const View *source = getView(materialize.getSource());
  const View *destination = getView(materialize.getDest());
  if (!source || !destination) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  FailureOr<View> into = *destination;
  if (isa<TensorType>(materialize.getDest().getType()))
    into = getDestination(materialize.getDestMutable(), std::nullopt);
  if (failed(into))
    return failure();
  if (source->isDefined && !isSameStorage(*source, *into) &&
      failed(addCopy(op, std::nullopt, *source, *into)))
    return failure();
  into->isDefined = true;
  into->isFill = source->isFill;
  if (op->getNumResults())
    setView(op->getResult(0), std::move(*into));
  return true;
}

/// arith.select of whole tensors by one condition is one of them.
LoopTreeBuilder::Handled LoopTreeBuilder::visitSelect(Operation *op) {
  auto select = dyn_cast<arith::SelectOp>(op);
  if (!select || !isa<TensorType, BaseMemRefType>(select.getType()) ||
      isa<ShapedType>(select.getCondition().getType()))
    return false;
  std::optional<int64_t> condition =
      getIndex(select.getCondition()).getConstant();
  const View *chosen = condition ? getView(*condition ? select.getTrueValue()
                                                      : select.getFalseValue())
                                 : nullptr;
  if (chosen)
    setView(select.getResult(), View(*chosen));
  else if (failed(makeUnmodelled(op)))
    return failure();
  return true;
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitView(Operation *op) {
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return visitInsertSlice(op, insert.getDestMutable(), insert.getSource(),
                            insert.getResult());
  if (auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(op))
    return visitInsertSlice(op, insert.getDestMutable(), insert.getSource(),
                            Value());
  for (auto visitSome :
       {&LoopTreeBuilder::visitCast, &LoopTreeBuilder::visitSlice,
        &LoopTreeBuilder::visitReshape, &LoopTreeBuilder::visitRelabel,
        &LoopTreeBuilder::visitMaterialize, &LoopTreeBuilder::visitSelect}) {
    Handled handled = (this->*visitSome)(op);
    if (failed(handled) || *handled)
      return handled;
  }
  return false;
}
