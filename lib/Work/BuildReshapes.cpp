//===- BuildReshapes.cpp - The same elements under another shape ----------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

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
  Storage storage = inPlace.get(op->getOpOperand(0));
  // A tensor that does not lie in one piece is copied first, as One-Shot does.
  if (isTensor && (!view || storage != Storage::Shared)) {
    FailureOr<View> fresh = makeStorageLike(op, *source);
    if (failed(fresh))
      return failure();
    view = apply(*fresh);
    if (view && source->isDefined && storage != Storage::Fresh) {
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
