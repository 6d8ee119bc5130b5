//===- EstimateAccesses.cpp - How long a simulation will be ---------------===//

#include "memwall/Simulator/ObserveAccesses.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Interfaces/VectorInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

/// upper - lower, at most; nullopt when there is no constant bound.
static std::optional<int64_t> computeSpan(OpFoldResult lower,
                                          OpFoldResult upper) {
  std::optional<int64_t> begin = getConstantIntValue(lower);
  std::optional<int64_t> end = getConstantIntValue(upper);
  if (!end) {
    FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, upper, /*stopCondition=*/nullptr,
        /*closedUB=*/true);
    if (succeeded(bound))
      end = *bound;
  }
  if (!end)
    return std::nullopt;
  return std::max<int64_t>(0, *end - begin.value_or(0));
}

/// The largest number of iterations of a loop that is known, else 1.
static uint64_t computeTripCount(LoopLikeOpInterface loop) {
  std::optional<SmallVector<OpFoldResult>> lower = loop.getLoopLowerBounds();
  std::optional<SmallVector<OpFoldResult>> upper = loop.getLoopUpperBounds();
  std::optional<SmallVector<OpFoldResult>> steps = loop.getLoopSteps();
  if (!lower || !upper || !steps)
    return 1;
  uint64_t trips = 1;
  for (auto [begin, end, step] : llvm::zip(*lower, *upper, *steps)) {
    std::optional<int64_t> span = computeSpan(begin, end);
    int64_t by = std::max<int64_t>(1, getConstantIntValue(step).value_or(1));
    if (span)
      trips = llvm::SaturatingMultiply<uint64_t>(trips,
                                                 llvm::divideCeil(*span, by));
  }
  return trips;
}

static uint64_t countAccesses(Operation *op) {
  if (isa<memref::LoadOp, memref::StoreOp, vector::LoadOp, vector::StoreOp>(op))
    return 1;
  // At most; what is masked is not known.
  if (isa<vector::MaskedLoadOp, vector::MaskedStoreOp, vector::GatherOp,
          vector::ScatterOp, vector::ExpandLoadOp, vector::CompressStoreOp>(op))
    for (Type type : op->getOperandTypes())
      if (auto vector = dyn_cast<VectorType>(type))
        return vector.getNumElements();
  if (auto transfer = dyn_cast<VectorTransferOpInterface>(op))
    return transfer.getVectorType().getNumElements();
  uint64_t inside = 0;
  for (Region &region : op->getRegions())
    for (Operation &child : region.getOps())
      inside = llvm::SaturatingAdd(inside, countAccesses(&child));
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
    return inside ? llvm::SaturatingMultiply(inside, computeTripCount(loop))
                  : 0;
  return inside;
}

int64_t memwall::estimateAccesses(func::FuncOp function) {
  return std::min<uint64_t>(countAccesses(function), INT64_MAX);
}
