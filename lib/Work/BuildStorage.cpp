//===- BuildStorage.cpp - Fresh storage, constants, copies ----------------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Making storage
//===----------------------------------------------------------------------===//

/// Storage of a memref with a layout reaches to its last element: so many
/// elements, at most INT64_MAX.
static std::optional<int64_t> applyLayout(ShapedType type, View &view) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getLayout().isIdentity())
    return std::nullopt;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)) ||
      llvm::is_contained(strides, ShapedType::kDynamic))
    return std::nullopt;
  __int128 last = ShapedType::isDynamic(offset) ? 0 : offset;
  view.offset.constant = (int64_t)last;
  for (auto [dim, stride] : llvm::zip_equal(view.dims, strides)) {
    dim.stride = stride;
    last += (__int128)(dim.extent.front().constant - 1) * stride;
  }
  if (last < 0)
    return std::nullopt;
  return (int64_t)std::min<__int128>(last, INT64_MAX - 1) + 1;
}

/// Whether positions in `buffer`, which are in bits, fit 64 bits.
static bool hasCountableBits(const Buffer &buffer) {
  return (__int128)buffer.elements * buffer.elementBits <= INT64_MAX;
}

FailureOr<std::optional<View>>
LoopTreeBuilder::makeStorage(Operation *op, ShapedType type,
                             ArrayRef<IndexValue> dynamic, BufferKind kind,
                             StringRef name) {
  if (!isCountable(type))
    return std::optional<View>();
  View view;
  // 1. Extents.
  for (int64_t extent : type.getShape()) {
    ViewDim dim;
    if (!ShapedType::isDynamic(extent)) {
      dim.extent = IndexValue::constant(extent).forms;
    } else {
      // A negative size is no size.
      if (dynamic.empty() || !dynamic.front().isKnown() ||
          dynamic.front().getConstant().value_or(0) < 0)
        return std::optional<View>();
      dim.extent = dynamic.front().forms;
      dynamic = dynamic.drop_front();
    }
    view.dims.push_back(std::move(dim));
  }
  // 2. Row-major strides of the largest extents.
  int64_t elements = 1;
  bool overflow = false;
  for (ViewDim &dim : llvm::reverse(view.dims)) {
    dim.stride = elements;
    int64_t extent = std::max<int64_t>(arithmetic.getUpperBound(dim.extent), 0);
    overflow |= llvm::MulOverflow(elements, extent, elements);
  }
  if (std::optional<int64_t> span = applyLayout(type, view))
    elements = *span;
  // 3. The buffer.
  Buffer buffer;
  buffer.name = name.str();
  buffer.kind = kind;
  buffer.elementBits = *getElementBits(type.getElementType());
  buffer.elementType = getElementTypeName(type.getElementType());
  buffer.elements = elements;
  buffer.scope = kind == BufferKind::Intermediate ? current : LoopTree::root;
  if (overflow || !hasCountableBits(buffer)) {
    emitErrorAt(op, "has a shape whose size in bits does not fit 64 bits: ")
        << type;
    return failure();
  }
  view.buffer = tree.buffers.size();
  tree.buffers.push_back(std::move(buffer));
  return std::optional<View>(std::move(view));
}

FailureOr<View> LoopTreeBuilder::makeStorageLike(Operation *op,
                                                 const View &view) {
  View fresh;
  int64_t elements = 1;
  bool overflow = false;
  for (const ViewDim &dim : llvm::reverse(view.dims)) {
    int64_t extent = std::max<int64_t>(arithmetic.getUpperBound(dim.extent), 0);
    fresh.dims.insert(fresh.dims.begin(), {elements, dim.extent});
    overflow |= llvm::MulOverflow(elements, extent, elements);
  }
  Buffer buffer = tree.buffers[view.buffer];
  buffer.name.clear();
  buffer.kind = BufferKind::Intermediate;
  buffer.elements = elements;
  buffer.liveOut = false;
  buffer.scope = current;
  if (overflow || !hasCountableBits(buffer)) {
    emitErrorAt(op, "has a copy whose size in bits does not fit 64 bits");
    return failure();
  }
  fresh.buffer = tree.buffers.size();
  fresh.isDefined = false;
  tree.buffers.push_back(std::move(buffer));
  return fresh;
}

/// Data that an export left out: such constants look alike and are not.
static bool isElided(Attribute value) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  return resource && !resource.getRawHandle().getBlob();
}

FailureOr<std::optional<View>>
LoopTreeBuilder::makeConstant(Operation *op, Attribute value, ShapedType type) {
  Attribute key = value;
  if (isElided(value))
    key = StringAttr::get(op->getContext(),
                          "elided" + std::to_string(constants.size()));
  auto [it, isNew] = constants.try_emplace(key, tree.buffers.size());
  FailureOr<std::optional<View>> view =
      makeStorage(op, type, {}, BufferKind::Constant,
                  "constant#" + std::to_string(constants.size() - 1));
  if (failed(view) || !*view)
    return view;
  (*view)->isFill = isa<SplatElementsAttr>(value);
  // Equal constants are one piece of storage.
  if (!isNew) {
    tree.buffers.pop_back();
    (*view)->buffer = it->second;
  }
  return view;
}

//===----------------------------------------------------------------------===//
// Ops that make storage
//===----------------------------------------------------------------------===//

/// tensor.empty and allocations: content that nobody has written.
FailureOr<std::optional<View>> LoopTreeBuilder::makeAllocation(Operation *op) {
  ValueRange sizes;
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    sizes = empty.getDynamicSizes();
  } else if (auto alloc = dyn_cast<bufferization::AllocTensorOp>(op)) {
    if (const View *copied = getView(alloc.getCopy())) {
      FailureOr<View> fresh = makeStorageLike(op, *copied);
      if (failed(fresh) || failed(addCopy(op, std::nullopt, *copied, *fresh)))
        return failure();
      fresh->isDefined = true;
      return std::optional<View>(std::move(*fresh));
    }
    sizes = alloc.getDynamicSizes();
  } else {
    // memref.alloc, memref.alloca: sizes come first, then symbols.
    auto type = cast<MemRefType>(op->getResult(0).getType());
    sizes = op->getOperands().take_front(type.getNumDynamicDims());
  }
  SmallVector<IndexValue> dynamic;
  for (Value size : sizes)
    dynamic.push_back(getIndex(size));
  FailureOr<std::optional<View>> view =
      makeStorage(op, cast<ShapedType>(op->getResult(0).getType()), dynamic,
                  BufferKind::Intermediate);
  if (succeeded(view) && *view)
    (*view)->isDefined = false;
  return view;
}

/// The storage of a global, the same for every op that names it.
FailureOr<std::optional<View>>
LoopTreeBuilder::makeGlobal(Operation *op, SymbolRefAttr symbol) {
  auto [it, isNew] = globals.try_emplace(symbol, tree.buffers.size());
  FailureOr<std::optional<View>> view =
      makeStorage(op, cast<ShapedType>(op->getResult(0).getType()), {},
                  BufferKind::Global, "@" + symbol.getLeafReference().str());
  if (succeeded(view) && *view && !isNew) {
    tree.buffers.pop_back();
    (*view)->buffer = it->second;
  }
  return view;
}

/// tensor.empty, allocations, constants and globals.
LoopTreeBuilder::Handled LoopTreeBuilder::visitStorage(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<TensorType, BaseMemRefType>(op->getResult(0).getType()))
    return false;
  FailureOr<std::optional<View>> view;
  if (isa<tensor::EmptyOp, memref::AllocOp, memref::AllocaOp,
          bufferization::AllocTensorOp>(op))
    view = makeAllocation(op);
  else if (auto constant = dyn_cast<arith::ConstantOp>(op))
    view = makeConstant(op, constant.getValue(),
                        cast<ShapedType>(constant.getType()));
  else if (auto global = dyn_cast<memref::GetGlobalOp>(op))
    view = makeGlobal(op, global.getNameAttr());
  else if (auto load = dyn_cast<ml_program::GlobalLoadOp>(op))
    view = makeGlobal(op, load.getGlobalAttr());
  else if (auto load = dyn_cast<ml_program::GlobalLoadConstOp>(op))
    view = makeGlobal(op, load.getGlobalAttr());
  else
    return false;
  if (failed(view))
    return failure();
  if (*view)
    setView(op->getResult(0), std::move(**view));
  else if (failed(makeUnmodelled(op)))
    return failure();
  return true;
}

//===----------------------------------------------------------------------===//
// Destinations and copies
//===----------------------------------------------------------------------===//

FailureOr<View> LoopTreeBuilder::getDestination(OpOperand &operand,
                                                std::optional<OpId> record) {
  const View &view = *getView(operand.get());
  Storage storage = inPlace.get(operand);
  if (storage == Storage::Shared)
    return view;
  FailureOr<View> fresh = makeStorageLike(operand.getOwner(), view);
  if (failed(fresh) || storage == Storage::Fresh || !view.isDefined)
    return fresh;
  if (failed(addCopy(operand.getOwner(), record, view, *fresh)))
    return failure();
  // Bufferization copies what pack and unpack overwrite: nothing needs it.
  if (isa<linalg::PackOp, linalg::UnPackOp>(operand.getOwner()))
    tree.nodes.back().nest.accesses.front().readsFill = true;
  fresh->isDefined = true;
  fresh->isFill = view.isFill;
  return fresh;
}

LogicalResult LoopTreeBuilder::addCopy(Operation *op,
                                       std::optional<OpId> record,
                                       const View &source,
                                       const View &destination) {
  if (failed(flushScalars()))
    return failure();
  Nest nest;
  nest.op = record ? *record
                   : addOp(op, OpKind::Copy,
                           tree.buffers[destination.buffer].elementType);
  SmallVector<IndexValue, 4> position;
  for (const ViewDim &dim : source.dims) {
    nest.loops.push_back(addLoop(LoopKind::Dimension, dim.extent, 1));
    position.push_back(IndexValue::loop(nest.loops.back()));
  }
  nest.accesses.push_back(makeAccess(source, position, /*isWrite=*/false));
  nest.accesses.back().readsFill = source.isFill;
  nest.accesses.push_back(makeAccess(destination, position, /*isWrite=*/true));
  return addNest(op, std::move(nest));
}

/// Whether both views have every element at the same place. Dimensions of one
/// element do not matter: rank reductions are free.
bool LoopTreeBuilder::isSameStorage(const View &lhs, const View &rhs) {
  if (lhs.buffer != rhs.buffer || !isSameForm(lhs.offset, rhs.offset) ||
      lhs.gatherIdentities != rhs.gatherIdentities ||
      llvm::is_contained(lhs.gatherIdentities, nullptr))
    return false;
  for (auto [a, b] : llvm::zip_equal(lhs.gathers, rhs.gathers))
    if (a.stride != b.stride)
      return false;
  auto strides = [&](const View &view) {
    SmallVector<int64_t> result;
    for (const ViewDim &dim : view.dims)
      if (arithmetic.getUpperBound(dim.extent) > 1)
        result.push_back(dim.stride);
    return result;
  };
  return strides(lhs) == strides(rhs);
}
