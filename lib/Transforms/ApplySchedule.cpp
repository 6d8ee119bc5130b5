//===- ApplySchedule.cpp - A schedule becomes loops in IR -----------------===//

#include "memwall/Transforms/ApplySchedule.h"
#include "FillsAndBroadcasts.h"
#include "LoopGroups.h"
#include "PackOperands.h"
#include "SplitReduction.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// What can be done
//===----------------------------------------------------------------------===//

/// Softmax and the like finish a reduction in one execution: only linalg ops
/// take up where the tile before left off.
static LogicalResult checkReductions(TilingInterface op,
                                     const Schedule &schedule) {
  if (isa<linalg::LinalgOp>(op.getOperation()))
    return success();
  for (auto [dim, type] : llvm::enumerate(op.getLoopIteratorTypes()))
    for (const TileBand &band : schedule.bands)
      if (type == utils::IteratorType::reduction && band.sizes[dim] != 0)
        return op->emitOpError("cannot be tiled in dimension ")
               << dim << ", a reduction that it does not accumulate";
  return success();
}

static bool runsBackwards(AffineExpr index, unsigned dim) {
  return index
      .walk([&](AffineExpr part) {
        auto product = dyn_cast<AffineBinaryOpExpr>(part);
        auto factor = product && part.getKind() == AffineExprKind::Mul
                          ? dyn_cast<AffineConstantExpr>(product.getRHS())
                          : AffineConstantExpr();
        return factor && factor.getValue() < 0 &&
                       product.getLHS().isFunctionOfDim(dim)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Upstream's tiles of a dimension with a negative coefficient begin where the
/// first iteration is, which is their end: the slices leave their operands.
static LogicalResult checkDirections(TilingInterface op,
                                     const Schedule &schedule) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op.getOperation());
  if (!linalgOp)
    return success();
  llvm::SmallBitVector isCut(linalgOp.getNumLoops());
  if (schedule.split)
    isCut.set(schedule.split->dim);
  for (const TileBand &band : schedule.bands)
    for (unsigned dim : band.order)
      isCut.set(dim);
  for (unsigned dim : isCut.set_bits())
    for (AffineMap map : linalgOp.getIndexingMapsArray())
      if (llvm::any_of(map.getResults(), [&](AffineExpr index) {
            return runsBackwards(index, dim);
          }))
        return op->emitOpError("cannot be tiled in dimension ")
               << dim << ", which runs backwards through an operand";
  return success();
}

static LogicalResult checkCanApply(TilingInterface op,
                                   const ScheduledOp &described,
                                   const Schedule &schedule) {
  if (llvm::Error error = check(schedule, described))
    return op->emitOpError("has a schedule that does not fit: ")
           << llvm::toString(std::move(error));
  if (!schedule.leafOrder.empty() && !isa<linalg::LinalgOp>(op.getOperation()))
    return op->emitOpError("cannot have its own loops reordered: it is no "
                           "structured linalg op");
  return failure(failed(checkReductions(op, schedule)) ||
                 failed(checkDirections(op, schedule)));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static scf::SCFTilingOptions createTilingOptions(const LoopGroup &group,
                                                 MLIRContext *context) {
  scf::SCFTilingOptions options;
  options.setTileSizes(getAsIndexOpFoldResult(context, group.sizes));
  options.setInterchange(group.order);
  if (group.isParallel)
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  return options;
}

/// Makes the loops of `group` with the producers of inits inside; the results
/// of `op` are replaced. Returns the tiled op.
static FailureOr<Operation *>
tileWithInits(RewriterBase &rewriter, TilingInterface op,
              const LoopGroup &group,
              SmallVectorImpl<LoopLikeOpInterface> &loops) {
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(createTilingOptions(group, op.getContext()));
  options.setFusionControlFn(
      [](tensor::ExtractSliceOp, OpResult producer, bool isDestination)
          -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        if (!isDestination || !isFillOrBroadcast(producer.getOwner()))
          return std::nullopt;
        return scf::SCFTileAndFuseOptions::ControlFnResult{};
      });
  FailureOr<scf::SCFTileAndFuseResult> result =
      scf::tileConsumerAndFuseProducersUsingSCF(rewriter, op, options);
  if (failed(result))
    return failure();
  llvm::append_range(loops, result->loops);
  for (OpResult original : op->getResults())
    rewriter.replaceAllUsesWith(original,
                                result->replacements.lookup(original));
  rewriter.eraseOp(op);
  for (Operation *producer : result->fusedProducers)
    eraseIfUnread(rewriter, producer);
  // The consumer is first; it is marked at the end, with all that is in it.
  for (Operation *fused :
       ArrayRef(result->tiledAndFusedOps.getArrayRef()).drop_front())
    fused->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return result->tiledAndFusedOps.front();
}

/// Makes the loops of `group`; the results of `op` are replaced.
static FailureOr<Operation *>
tileAlone(RewriterBase &rewriter, TilingInterface op, const LoopGroup &group,
          SmallVectorImpl<LoopLikeOpInterface> &loops) {
  FailureOr<scf::SCFTilingResult> result = scf::tileUsingSCF(
      rewriter, op, createTilingOptions(group, op.getContext()));
  if (failed(result))
    return failure();
  llvm::append_range(loops, result->loops);
  rewriter.replaceOp(op, result->replacements);
  return result->tiledOps.back();
}

/// Makes the loops of all groups around `op`, which becomes the op of a tile.
static LogicalResult tile(RewriterBase &rewriter, Operation *&op,
                          ArrayRef<LoopGroup> groups,
                          SmallVectorImpl<LoopLikeOpInterface> &loops) {
  for (const LoopGroup &group : groups) {
    auto tileable = dyn_cast<TilingInterface>(op);
    Location location = op->getLoc();
    StringAttr name = op->getName().getIdentifier();
    bool takesInits = group.takesInits && op->getNumResults() != 0;
    FailureOr<Operation *> tiled = failure();
    if (tileable)
      tiled = (takesInits ? tileWithInits : tileAlone)(rewriter, tileable,
                                                       group, loops);
    if (failed(tiled))
      return emitError(location)
             << "'" << name.getValue() << "' op cannot be tiled as scheduled";
    op = *tiled;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The op of a tile
//===----------------------------------------------------------------------===//

/// Reorders the loops of `op` itself, which takes a generic op.
static LogicalResult reorderLeaf(RewriterBase &rewriter, Operation *&op,
                                 ArrayRef<unsigned> order) {
  if (order.empty() || llvm::is_sorted(order))
    return success();
  auto linalgOp = cast<linalg::LinalgOp>(op);
  DictionaryAttr attributes = op->getDiscardableAttrDictionary();
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic) {
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::GenericOp> made =
        linalg::generalizeNamedOp(rewriter, linalgOp);
    if (failed(made))
      return op->emitOpError("cannot be made generic to reorder its loops");
    generic = *made;
  }
  FailureOr<linalg::GenericOp> ordered =
      linalg::interchangeGenericOp(rewriter, generic, order);
  op = generic;
  if (failed(ordered))
    return op->emitOpError("cannot have its loops reordered");
  op = *ordered;
  op->setDiscardableAttrs(attributes);
  return success();
}

FailureOr<ScheduledLoops> memwall::applySchedule(RewriterBase &rewriter,
                                                 TilingInterface op,
                                                 const Schedule &schedule) {
  ScheduledOp described = *describeScheduledOp(op);
  if (failed(checkCanApply(op, described, schedule)) ||
      failed(checkPacks(op, schedule)))
    return failure();
  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<PackedSource> sources = packSources(rewriter, op, schedule);
  ScheduledLoops result;
  result.tiledOp = op;
  // Or every level of tiling would copy it.
  op->removeAttr(kScheduleAttrName);
  if (schedule.split) {
    FailureOr<ReductionInParts> split =
        splitReduction(rewriter, op, *schedule.split);
    if (failed(split))
      return failure();
    result.loops.push_back(split->parts);
    result.tiledOp = split->op;
    int64_t &extent = described.extents[schedule.split->dim];
    extent = schedule.split->getPartSize(extent);
  }
  SmallVector<LoopGroup, 4> groups = computeLoopGroups(
      cast<TilingInterface>(result.tiledOp), described.extents, schedule.bands);
  if (failed(tile(rewriter, result.tiledOp, groups, result.loops)) ||
      failed(readPackedSources(rewriter, result.tiledOp, sources)) ||
      failed(reorderLeaf(rewriter, result.tiledOp, schedule.leafOrder)))
    return failure();
  result.tiledOp->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return result;
}
