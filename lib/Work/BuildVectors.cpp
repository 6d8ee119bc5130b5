//===- BuildVectors.cpp - Vector accesses: small nests over the lanes -----===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace memwall;

/// A load or store of a vector whose lanes lie along the dimensions that
/// `permutation` names (a constant result is a broadcast), from `position` on.
struct LoopTreeBuilder::VectorAccess {
  Value storage;
  SmallVector<IndexValue, 4> position;
  VectorType type;
  bool isWrite = false;
  AffineMap permutation; ///< Null: along the last dimensions.
  /// Per lane dimension; empty: all. Lanes out of bounds are not touched.
  SmallVector<bool> inBounds;
};

LogicalResult LoopTreeBuilder::addVectorAccess(Operation *op, const View &view,
                                               const VectorAccess &access) {
  Nest nest;
  SmallVector<IndexValue, 4> lanes = access.position;
  for (auto [i, result] : llvm::enumerate(access.permutation.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim)
      continue;
    IndexValue extent = IndexValue::constant(access.type.getDimSize(i));
    IndexValue &lane = lanes[dim.getPosition()];
    if (!access.inBounds.empty() && !access.inBounds[i] && lane.isAffine()) {
      IndexValue left;
      left.forms = view.dims[dim.getPosition()].extent;
      extent = arithmetic.minimum(extent, arithmetic.subtract(left, lane));
    }
    nest.loops.push_back(addLoop(LoopKind::Dimension, extent.forms, 1));
    lane = arithmetic.add(lane, IndexValue::loop(nest.loops.back()));
  }
  nest.accesses.push_back(makeAccess(view, lanes, access.isWrite));
  nest.accesses.back().isNontemporal = access.isWrite && storesAround(op);
  scalars.addValue(access.type);
  scalars.nests.push_back(std::move(nest));
  nameScalars(op, view, access.isWrite);
  return checkOverflow(op);
}

/// vector.load and the like: storage, indices, lanes along the last dimensions.
template <typename OpTy>
bool LoopTreeBuilder::matchVectorAccess(Operation *op, bool isWrite,
                                        VectorAccess &access) {
  auto typed = dyn_cast<OpTy>(op);
  if (!typed)
    return false;
  access.storage = typed.getBase();
  for (Value index : typed.getIndices())
    access.position.push_back(getIndex(index));
  access.type = typed.getVectorType();
  access.isWrite = isWrite;
  return true;
}

/// affine.vector_load, affine.vector_store.
bool LoopTreeBuilder::matchAffineVectorAccess(Operation *op,
                                              VectorAccess &access) {
  if (!isa<affine::AffineVectorLoadOp, affine::AffineVectorStoreOp>(op))
    return false;
  access.isWrite = isa<affine::AffineVectorStoreOp>(op);
  access.storage = op->getOperand(access.isWrite ? 1 : 0);
  access.type = cast<VectorType>(access.isWrite ? op->getOperand(0).getType()
                                                : op->getResult(0).getType());
  SmallVector<IndexValue> operands;
  for (Value operand : op->getOperands().drop_front(access.isWrite ? 2 : 1))
    operands.push_back(getIndex(operand));
  NamedAttribute map =
      cast<affine::AffineMapAccessInterface>(op).getAffineMapAttrForMemRef(
          access.storage);
  access.position = arithmetic.evaluate(
      cast<AffineMapAttr>(map.getValue()).getValue(), operands);
  return true;
}

bool LoopTreeBuilder::matchTransfer(Operation *op, VectorAccess &access) {
  auto transfer = dyn_cast<VectorTransferOpInterface>(op);
  if (!transfer)
    return false;
  access.storage = transfer.getBase();
  for (Value index : transfer.getIndices())
    access.position.push_back(getIndex(index));
  access.type = transfer.getVectorType();
  access.isWrite = isa<vector::TransferWriteOp>(op);
  access.permutation = transfer.getPermutationMap();
  for (unsigned i = 0, e = access.type.getRank(); i < e; ++i)
    access.inBounds.push_back(transfer.isDimInBounds(i));
  return true;
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitVectorAccess(Operation *op) {
  VectorAccess access;
  if (!matchTransfer(op, access) && !matchAffineVectorAccess(op, access) &&
      !matchVectorAccess<vector::LoadOp>(op, false, access) &&
      !matchVectorAccess<vector::StoreOp>(op, true, access) &&
      !matchVectorAccess<vector::MaskedLoadOp>(op, false, access) &&
      !matchVectorAccess<vector::MaskedStoreOp>(op, true, access))
    return false;
  const View *view = getView(access.storage);
  size_t rank = access.position.size();
  if (!view || access.type.isScalable() || view->dims.size() != rank ||
      isa<VectorType>(getElementTypeOrSelf(access.storage.getType())))
    return false;
  if (!access.permutation)
    access.permutation = AffineMap::getMinorIdentityMap(
        rank, std::min<size_t>(access.type.getRank(), rank), op->getContext());
  if (!access.isWrite || !isa<TensorType>(access.storage.getType())) {
    if (failed(addVectorAccess(op, *view, access)))
      return failure();
    return true;
  }
  // A tensor is written through its destination.
  auto destination = cast<DestinationStyleOpInterface>(op);
  FailureOr<View> target =
      getDestination(*destination.getDpsInitOperand(0), std::nullopt);
  if (failed(target) || failed(addVectorAccess(op, *target, access)))
    return failure();
  target->isDefined = true;
  target->isFill = false;
  setView(op->getResult(0), std::move(*target));
  return true;
}
