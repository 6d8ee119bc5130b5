//===- BuildUnranked.cpp - Storage whose shape is said by its views -------===//
//
// An argument without a rank is storage of unknown extent. Views of it with
// static sizes say how far it reaches at least, and all of them share it.
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

/// Dimensions of a static shape with static strides, row-major where the type
/// has none; absent for every other shape.
static std::optional<SmallVector<ViewDim, 4>> getStaticDims(ShapedType type) {
  if (!isCountable(type) || !type.hasStaticShape())
    return std::nullopt;
  SmallVector<ViewDim, 4> dims;
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(type.getShape())) {
    dims.insert(dims.begin(), {stride, IndexValue::constant(extent).forms});
    if (llvm::MulOverflow(stride, extent, stride))
      return std::nullopt;
  }
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return dims;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)) ||
      llvm::is_contained(strides, ShapedType::kDynamic))
    return std::nullopt;
  for (auto [dim, step] : llvm::zip_equal(dims, strides))
    dim.stride = step;
  return dims;
}

/// A view with the type of the result of `op`, a cast or
/// memref.reinterpret_cast of an argument, from `offset` on. An offset that is
/// not known but never changes starts a piece of storage of its own. Absent
/// where the view does not say where it is.
FailureOr<std::optional<View>>
LoopTreeBuilder::viewUnranked(Operation *op, OpFoldResult offset) {
  auto argument = dyn_cast<BlockArgument>(op->getOperand(0));
  auto dims = getStaticDims(cast<ShapedType>(op->getResult(0).getType()));
  IndexValue start = getIndex(offset);
  bool isFixed = !start.isKnown() && arithmetic.merge({start}).loops.empty() &&
                 start.identity;
  if (!argument || !dims ||
      !isa<FunctionOpInterface>(argument.getOwner()->getParentOp()) ||
      !(start.isAffine() || isFixed))
    return std::optional<View>();
  View view;
  view.dims = std::move(*dims);
  if (!isFixed)
    view.offset = start.forms.front();
  return placeInUnranked(op, std::move(view),
                         isFixed ? cast<Value>(offset).getAsOpaquePointer()
                                 : nullptr);
}

/// Gives `view` the storage of the operand of `op` that has this identity, and
/// extends that to what the view reaches.
FailureOr<std::optional<View>>
LoopTreeBuilder::placeInUnranked(Operation *op, View view,
                                 const void *identity) {
  // 1. The elements from first to last.
  __int128 last = arithmetic.getUpperBound(view.offset);
  bool isForward = arithmetic.getLowerBound(view.offset) >= 0;
  for (const ViewDim &dim : view.dims) {
    last += (__int128)(arithmetic.getUpperBound(dim.extent) - 1) * dim.stride;
    isForward &= dim.stride >= 0;
  }
  if (!isForward || arithmetic.overflowed)
    return std::optional<View>();
  // 2. The storage.
  auto argument = cast<BlockArgument>(op->getOperand(0));
  auto type = cast<ShapedType>(op->getResult(0).getType());
  auto [entry, isNew] =
      unranked.try_emplace({Value(argument), identity}, tree.buffers.size());
  view.buffer = entry->second;
  if (isNew) {
    Buffer buffer;
    buffer.name = "%arg" + std::to_string(argument.getArgNumber());
    buffer.kind = BufferKind::Argument;
    buffer.elementBits = *getElementBits(type.getElementType());
    buffer.elementType = getElementTypeName(type.getElementType());
    tree.buffers.push_back(std::move(buffer));
    if (isa<BaseMemRefType>(type))
      foreignMemory.push_back(view.buffer);
  }
  // 3. Its extent.
  Buffer &buffer = tree.buffers[view.buffer];
  if ((last + 1) * buffer.elementBits > (__int128)8 * INT64_MAX - 64) {
    emitErrorAt(op, "has a shape whose size does not fit 64 bits: ") << type;
    return failure();
  }
  buffer.elements = std::max<int64_t>(buffer.elements, (int64_t)last + 1);
  return std::optional<View>(std::move(view));
}
