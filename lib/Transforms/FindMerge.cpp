//===- FindMerge.cpp - When two ops are one pass --------------------------===//

#include "GenericOperands.h"
#include "MergeElementwise.h"
#include "NormalForm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace memwall;

/// More arrays than this are not walked side by side in one loop: caches have
/// 8 to 16 ways, and a merged op must not fall back behind two that fit.
static constexpr unsigned kMaxInputs = 16;

//===----------------------------------------------------------------------===//
// Producers
//===----------------------------------------------------------------------===//

/// Whether `op` computes each element of its one result once, from scalars
/// only, without a trace.
static bool isElementwiseProducer(linalg::GenericOp op) {
  if (!op || isPinned(op) || !op.hasPureTensorSemantics() ||
      op->getNumResults() != 1 || op.getNumReductionLoops() != 0 ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation())
    return false;
  return llvm::all_of(*op.getBody(), [](Operation &inner) {
    return inner.getNumRegions() == 0 &&
           (isPure(&inner) || isa<linalg::YieldOp>(inner)) &&
           llvm::none_of(inner.getOperandTypes(),
                         [](Type type) { return isa<ShapedType>(type); });
  });
}

static bool isWideningCast(Operation *op) {
  if (!isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp, arith::SIToFPOp,
           arith::UIToFPOp>(op))
    return false;
  return op->getOperand(0).getType().getIntOrFloatBitWidth() <
         op->getResult(0).getType().getIntOrFloatBitWidth();
}

/// Whether a producer computes nothing: it yields its one input, or that
/// widened.
static bool onlyMoves(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
    return false;
  Value value = op.getBody()->getTerminator()->getOperand(0);
  while (Operation *cast = value.getDefiningOp()) {
    if (cast->getBlock() != op.getBody() || !isWideningCast(cast))
      return false;
    value = cast->getOperand(0);
  }
  return value == op.getBody()->getArgument(0);
}

/// Whether the elements of the input come in another order than those of the
/// result.
static bool reorders(linalg::GenericOp op) {
  AffineMap input = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap output = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  AffineMap relative = input.compose(inversePermutation(output));
  unsigned next = 0;
  for (AffineExpr index : relative.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(index);
    if (!dim || dim.getPosition() < next)
      return true;
    next = dim.getPosition() + 1;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Consumers
//===----------------------------------------------------------------------===//

/// Whether every iteration of `op` reads another element through `map`.
static bool readsOnce(linalg::LinalgOp op, AffineMap map) {
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  return llvm::all_of(llvm::enumerate(extents), [&](auto extent) {
    return extent.value() == 1 || map.isFunctionOfDim(extent.index());
  });
}

/// Whether the innermost loop that moves through an operand at all walks along
/// its rows.
static bool walksRows(AffineMap map, unsigned innermost) {
  return map.getNumResults() == 0 || !map.isFunctionOfDim(innermost) ||
         map.getResults().back() ==
             getAffineDimExpr(innermost, map.getContext());
}

static unsigned findInnermostLoop(AffineMap map) {
  unsigned innermost = 0;
  for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
    if (map.isFunctionOfDim(dim))
      innermost = dim;
  return innermost;
}

/// How many operands of a producer have an element of their own for every
/// iteration.
static unsigned countWideInputs(linalg::GenericOp producer) {
  return llvm::count_if(producer->getOpOperands(), [&](OpOperand &operand) {
    return producer.payloadUsesValueFromOperand(&operand) &&
           readsOnce(producer, producer.getMatchingIndexingMap(&operand));
  });
}

bool memwall::mayConsume(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && !isPinned(op) && linalgOp.hasPureTensorSemantics() &&
         (isa<linalg::GenericOp>(op) ||
          (op->getNumOperands() == 3 &&
           linalg::isaContractionOpInterface(linalgOp)));
}

//===----------------------------------------------------------------------===//
// Both
//===----------------------------------------------------------------------===//

SmallVector<OpOperand *> memwall::getReadOperands(linalg::GenericOp producer) {
  SmallVector<OpOperand *> read = producer.getDpsInputOperands();
  OpOperand *init = producer.getDpsInitOperand(0);
  if (producer.payloadUsesValueFromOperand(init))
    read.push_back(init);
  return read;
}

/// Whether the consumer is still a valid op with what the producer reads in the
/// place of `operand`, and nothing that it reads changes on the way.
static bool canMove(linalg::LinalgOp consumer, OpOperand &operand, Merge merge,
                    const Overwrites &overwrites) {
  SmallVector<AffineMap> maps;
  for (OpOperand &other : consumer->getOpOperands())
    if (&other != &operand)
      maps.push_back(consumer.getMatchingIndexingMap(&other));
  for (OpOperand *read : getReadOperands(merge.producer)) {
    if (overwrites.happenBetween(read->get(), merge.producer, consumer))
      return false;
    maps.push_back(
        merge.producer.getMatchingIndexingMap(read).compose(merge.toProducer));
  }
  return maps.size() <= kMaxInputs + 1 && determineLoops(maps);
}

Merge memwall::findMerge(OpOperand &operand, const Overwrites &overwrites) {
  Merge merge;
  merge.producer = operand.get().getDefiningOp<linalg::GenericOp>();
  if (!mayConsume(operand.getOwner()) ||
      !isElementwiseProducer(merge.producer) ||
      merge.producer->getBlock() != operand.getOwner()->getBlock())
    return merge;
  auto consumer = cast<linalg::LinalgOp>(operand.getOwner());
  AffineMap map = consumer.getMatchingIndexingMap(&operand);
  if (!consumer.isDpsInput(&operand) || !map.isProjectedPermutation())
    return merge;
  AffineMap output = merge.producer.getMatchingIndexingMap(
      merge.producer.getDpsInitOperand(0));
  merge.toProducer = inversePermutation(output).compose(map);
  if (!canMove(consumer, operand, merge, overwrites))
    return merge;
  bool isOnlyUse = merge.producer->getResult(0).hasOneUse();
  if (isOnlyUse && readsOnce(consumer, map) &&
      (merge.toProducer.isIdentity() || countWideInputs(merge.producer) <= 1)) {
    merge.kind = MergeKind::ReadOnce;
  } else if (onlyMoves(merge.producer) &&
             (isOnlyUse || !reorders(merge.producer))) {
    unsigned innermost = findInnermostLoop(map);
    AffineMap input = merge.producer.getMatchingIndexingMap(
        merge.producer.getDpsInputOperand(0));
    if (!walksRows(map, innermost) ||
        walksRows(input.compose(merge.toProducer), innermost))
      merge.kind = MergeKind::Move;
  }
  return merge;
}
