//===- ObserveVectors.cpp - Accesses of ops on vectors --------------------===//

#include "Observer.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace memwall;

/// A vector of consecutive elements is one wide access.
LogicalResult Observer::observeVector(Operation *op, Value memref,
                                      ValueRange indices, VectorType vector,
                                      MemoryAccess::Kind kind) {
  Builder b(op->getLoc(), op);
  auto type = cast<MemRefType>(memref.getType());
  std::optional<int64_t> element = getSimulatedBits(type.getElementType());
  std::optional<int64_t> bits = getSimulatedBits(vector);
  if (!element || !bits || vector.getRank() != 1)
    return rejectType(op, type);
  FailureOr<Value> address = buildAddress(b, memref, indices, *element);
  if (failed(address))
    return rejectType(op, type);
  observed[op->getBlock()].push_back({op, *address, packAccess(*bits, kind)});
  return success();
}

/// A transfer is, for every index of the outer vector dimensions, a range along
/// the innermost one; what lies outside of the memref is not touched.
LogicalResult Observer::observeTransfer(VectorTransferOpInterface transfer) {
  Operation *op = transfer;
  auto type = dyn_cast<MemRefType>(transfer.getShapedType());
  if (!type)
    return op->emitError("expected a transfer of a memref, found ")
           << transfer.getShapedType();
  if (transfer.getMask())
    return observeMaskedTransfer(transfer);
  auto kind = isa<vector::TransferWriteOp>(op) ? MemoryAccess::Store
                                               : MemoryAccess::Load;
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  if (!bits)
    return rejectType(op, type);

  Builder b(op->getLoc(), op);
  SmallVector<Value> indices(transfer.getIndices());
  VectorType vector = transfer.getVectorType();
  AffineMap map = transfer.getPermutationMap();
  Value count = arith::ConstantIndexOp::create(b, 1);
  Value stride = constant(b, 0);
  for (int64_t dim = 0; dim < vector.getRank(); ++dim) {
    auto expr = dyn_cast<AffineDimExpr>(map.getResult(dim));
    if (!expr)
      continue; // A broadcast reads one element.
    unsigned position = expr.getPosition();
    Value extent = arith::ConstantIndexOp::create(b, vector.getDimSize(dim));
    if (!transfer.isDimInBounds(dim)) {
      Value size = memref::DimOp::create(b, transfer.getBase(), position);
      Value left = arith::SubIOp::create(b, size, indices[position]);
      Value zero = arith::ConstantIndexOp::create(b, 0);
      extent = arith::MinSIOp::create(b, extent,
                                      arith::MaxSIOp::create(b, left, zero));
    }
    if (dim + 1 < vector.getRank()) {
      Value zero = arith::ConstantIndexOp::create(b, 0);
      Value one = arith::ConstantIndexOp::create(b, 1);
      auto loop = scf::ForOp::create(b, zero, extent, one);
      b.setInsertionPointToStart(loop.getBody());
      indices[position] =
          arith::AddIOp::create(b, indices[position], loop.getInductionVar());
      continue;
    }
    count = extent;
    SmallVector<Value> next = indices;
    next[position] = arith::AddIOp::create(
        b, next[position], arith::ConstantIndexOp::create(b, 1));
    FailureOr<Value> here = buildAddress(b, transfer.getBase(), indices, *bits);
    FailureOr<Value> there = buildAddress(b, transfer.getBase(), next, *bits);
    if (failed(here) || failed(there))
      return rejectType(op, type);
    stride = arith::SubIOp::create(b, *there, *here);
  }
  FailureOr<Value> address =
      buildAddress(b, transfer.getBase(), indices, *bits);
  if (failed(address))
    return rejectType(op, type);
  call(b, "memwall_stream",
       {*address, constant(b, packAccess(*bits, kind)), stride});
  call(b, "memwall_loop", toI64(b, count));
  return success();
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// One access for every lane of a vector whose bit in `mask` is set.
LogicalResult Observer::observeLanes(Operation *op, Value memref, Value mask,
                                     MemoryAccess::Kind kind,
                                     IndexBuilder buildIndices) {
  Builder b(op->getLoc(), op);
  auto type = cast<MemRefType>(memref.getType());
  auto lanes = cast<VectorType>(mask.getType());
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  if (!bits || lanes.getRank() != 1 || lanes.isScalable())
    return rejectType(op, type);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value count = arith::ConstantIndexOp::create(b, lanes.getNumElements());
  auto loop = scf::ForOp::create(b, zero, count, one);
  b.setInsertionPointToStart(loop.getBody());
  Value isActive = vector::ExtractOp::create(b, mask, loop.getInductionVar());
  auto active = scf::IfOp::create(b, isActive, /*withElseRegion=*/false);
  b.setInsertionPointToStart(active.thenBlock());
  FailureOr<Value> address =
      buildAddress(b, memref, buildIndices(b, loop.getInductionVar()), *bits);
  if (failed(address))
    return rejectType(op, type);
  call(b, "memwall_access", {*address, constant(b, packAccess(*bits, kind))});
  return success();
}

/// As many consecutive elements as the mask has bits.
LogicalResult Observer::observePacked(Operation *op, Value memref,
                                      ValueRange indices, Value mask,
                                      MemoryAccess::Kind kind) {
  Builder b(op->getLoc(), op);
  auto type = cast<MemRefType>(memref.getType());
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  FailureOr<Value> address =
      bits ? buildAddress(b, memref, indices, *bits) : FailureOr<Value>();
  if (failed(address))
    return rejectType(op, type);
  auto lanes = cast<VectorType>(mask.getType()).clone(b.getI64Type());
  Value ones = arith::ExtUIOp::create(b, lanes, mask);
  Value count =
      vector::ReductionOp::create(b, vector::CombiningKind::ADD, ones);
  call(b, "memwall_stream",
       {*address, constant(b, packAccess(*bits, kind)), constant(b, *bits)});
  call(b, "memwall_loop", count);
  return success();
}

/// A transfer whose mask says which elements it touches. Masks have the order
/// of the memref's dimensions, so only transfers in this order are understood.
LogicalResult
Observer::observeMaskedTransfer(VectorTransferOpInterface transfer) {
  Operation *op = transfer;
  VectorType vector = transfer.getVectorType();
  if (!transfer.getPermutationMap().isMinorIdentity() || vector.getRank() == 0)
    return op->emitError("expected a masked transfer in the order of the "
                         "memref, found the permutation ")
           << AffineMapAttr::get(transfer.getPermutationMap());
  for (int64_t dim = 0; dim < vector.getRank(); ++dim)
    if (!transfer.isDimInBounds(dim))
      return op->emitError("expected a masked transfer to be in bounds");
  auto kind = isa<vector::TransferWriteOp>(op) ? MemoryAccess::Store
                                               : MemoryAccess::Load;
  // One row of lanes after the other.
  int64_t firstDim = transfer.getIndices().size() - vector.getRank();
  SmallVector<int64_t> outer(vector.getShape().drop_back());
  for (int64_t row = 0; row < computeProduct(outer); ++row) {
    SmallVector<int64_t> position = delinearize(row, computeStrides(outer));
    Builder b(op->getLoc(), op);
    Value mask = transfer.getMask();
    if (!position.empty())
      mask = vector::ExtractOp::create(b, mask, position);
    auto buildIndices = [&](Builder &b, Value lane) {
      SmallVector<Value> indices(transfer.getIndices());
      for (auto [dim, offset] : llvm::enumerate(position))
        indices[firstDim + dim] =
            arith::AddIOp::create(b, indices[firstDim + dim],
                                  arith::ConstantIndexOp::create(b, offset));
      indices.back() = arith::AddIOp::create(b, indices.back(), lane);
      return indices;
    };
    if (failed(observeLanes(op, transfer.getBase(), mask, kind, buildIndices)))
      return failure();
  }
  return success();
}

/// Loads and stores of vectors that leave some lanes out, or move each lane by
/// itself; nullopt for other ops.
std::optional<LogicalResult> Observer::observeMasked(Operation *op) {
  constexpr auto load = MemoryAccess::Load, store = MemoryAccess::Store;
  // Lane i is at the last index + i, or + the i-th of a vector of offsets.
  auto observe = [&](auto access, MemoryAccess::Kind kind, ValueRange first,
                     Value offsets) {
    auto buildIndices = [&](Builder &b, Value lane) {
      Value offset = lane;
      if (offsets)
        offset = b.createOrFold<arith::IndexCastOp>(
            b.getIndexType(), vector::ExtractOp::create(b, offsets, lane));
      SmallVector<Value> indices(first);
      indices.back() = arith::AddIOp::create(b, indices.back(), offset);
      return indices;
    };
    return observeLanes(op, access.getBase(), access.getMask(), kind,
                        buildIndices);
  };
  if (auto access = dyn_cast<vector::MaskedLoadOp>(op))
    return observe(access, load, access.getIndices(), Value());
  if (auto access = dyn_cast<vector::MaskedStoreOp>(op))
    return observe(access, store, access.getIndices(), Value());
  if (auto access = dyn_cast<vector::GatherOp>(op))
    return observe(access, load, access.getOffsets(), access.getIndices());
  if (auto access = dyn_cast<vector::ScatterOp>(op))
    return observe(access, store, access.getOffsets(), access.getIndices());
  if (auto access = dyn_cast<vector::ExpandLoadOp>(op))
    return observePacked(op, access.getBase(), access.getIndices(),
                         access.getMask(), load);
  if (auto access = dyn_cast<vector::CompressStoreOp>(op))
    return observePacked(op, access.getBase(), access.getIndices(),
                         access.getMask(), store);
  return std::nullopt;
}
