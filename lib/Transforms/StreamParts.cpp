//===- StreamParts.cpp - A stream in parts that run on several units ------===//
//
// Every part of the stream has rows and sums of its own, which are combined as
// they would be in one pass, were each part a tile. The loops of the group are
// there twice:
//
//   %m:2 = scf.forall (%i, %p) shared_outs(%ms, %ls) {   // parts x rows
//     start row %i of part %p of each;  the loop over the tiles of the part }
//   scf.for %i {
//     %m = max over parts of %m#0
//     %e = -%m#0
//     %c = exp(-%m - %e)                                  // parts x rows
//     %l = sum over parts of %m#1 * %c }
//
// What needs final rows reads a tile again, in a second loop. Then the parts
// are inside of the loops of the group, there twice, and each part of the
// second loop combines for itself.
//
// Room Schedule has the same as a loop tree, nest by nest (RewriteParts.cpp).
//
//===----------------------------------------------------------------------===//

#include "FillsAndBroadcasts.h"
#include "GroupStreamer.h"
#include "LocalEmpties.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Work/Combiner.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

/// The sizes of `init`, which may start from a fill.
static SmallVector<OpFoldResult> getSizes(RewriterBase &rewriter, Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getOutputs()[0];
  auto slice = init.getDefiningOp<tensor::ExtractSliceOp>();
  if (slice && slice.getType().getRank() == slice.getSourceType().getRank())
    return slice.getMixedSizes();
  return tensor::getMixedSizes(rewriter, init.getLoc(), init);
}

/// The shape of the result of `member` outside of the loops of the group.
SmallVector<int64_t> GroupStreamer::getWholeShape(unsigned member) const {
  auto type = cast<RankedTensorType>(result(member).getType());
  SmallVector<int64_t> shape(type.getShape());
  AffineMap map =
      op(member).getMatchingIndexingMap(op(member).getDpsInitOperand(0));
  for (auto [size, expr] : llvm::zip_equal(shape, map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      if (auto root = plan.members[member].rootDims[dim.getPosition()])
        size = loops.extents[*root];
  return shape;
}

/// Where the tile of `member` of `count` parts from `number` on is in storage
/// for all parts.
PartSlice GroupStreamer::createPartSlice(unsigned member, OpFoldResult number,
                                         OpFoldResult count) {
  PartSlice slice;
  slice.offsets = {number};
  slice.sizes = {count};
  Value init = op(member).getDpsInits()[0];
  llvm::append_range(slice.sizes, getSizes(rewriter, init));
  AffineMap map =
      op(member).getMatchingIndexingMap(op(member).getDpsInitOperand(0));
  for (AffineExpr expr : map.getResults()) {
    OpFoldResult &offset = slice.offsets.emplace_back(rewriter.getIndexAttr(0));
    auto dim = dyn_cast<AffineDimExpr>(expr);
    std::optional<unsigned> root;
    if (dim)
      root = plan.members[member].rootDims[dim.getPosition()];
    // No dimension is cut twice.
    for (auto [loop, begin] : llvm::zip_equal(plan.loops, loops.begins))
      if (root == loop.dim)
        offset = OpFoldResult(begin);
  }
  slice.strides.assign(slice.sizes.size(), rewriter.getIndexAttr(1));
  return slice;
}

/// Storage for exponents of what all parts make of the tile of `member`, as
/// large as the largest tile.
FailureOr<Value> GroupStreamer::createStorageOfParts(unsigned member) {
  Value init = op(member).getDpsInits()[0];
  SmallVector<OpFoldResult> sizes = getSizes(rewriter, init);
  sizes.insert(sizes.begin(), rewriter.getIndexAttr(plan.stream->parts));
  std::optional<SmallVector<int64_t>> shape = findLargestSizes(sizes);
  if (!shape)
    return members[member]->emitOpError(
        "has tiles of no constant size in the stream of its group");
  Type element =
      getWideType(cast<RankedTensorType>(init.getType()).getElementType());
  Value storage =
      tensor::EmptyOp::create(rewriter, init.getLoc(), *shape, element);
  if (getConstantIntValues(sizes))
    return storage;
  SmallVector<OpFoldResult> zeros(sizes.size(), rewriter.getIndexAttr(0));
  SmallVector<OpFoldResult> ones(sizes.size(), rewriter.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(rewriter, init.getLoc(), storage, zeros,
                                        sizes, ones)
      .getResult();
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Fills `row`, which one part has of `member`, with what changes nothing.
FailureOr<Value> GroupStreamer::createPartStart(unsigned member, Value row) {
  if (!plan.members[member].streamDim || role(member).startsFinite)
    return fillLowest(member, row);
  llvm::Expected<CombiningOp> combiner = findCombiner(members[member]);
  if (!combiner)
    return members[member]->emitOpError("cannot be combined: ")
           << llvm::toString(combiner.takeError());
  Value identity =
      arith::ConstantOp::create(rewriter, row.getLoc(), combiner->identity);
  auto fill = linalg::FillOp::create(rewriter, row.getLoc(), identity, row);
  fill->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return fill.getResult(0);
}

/// The stream of one part, in the body of `parts`.
LogicalResult GroupStreamer::fillPart(scf::ForallOp parts) {
  Location loc = parts.getLoc();
  Value number = parts.getInductionVars().back();
  OpFoldResult one = rewriter.getIndexAttr(1);
  findCarried();
  rewriter.setInsertionPoint(parts.getTerminator());
  SmallVector<PartSlice> slices;
  SmallVector<Value> starts;
  for (auto [member, out] :
       llvm::zip_equal(carried, parts.getRegionIterArgs())) {
    const PartSlice &slice =
        slices.emplace_back(createPartSlice(member, number, one));
    Value row = tensor::ExtractSliceOp::create(
        rewriter, loc,
        cast<RankedTensorType>(op(member).getDpsInits()[0].getType()), out,
        slice.offsets, slice.sizes, slice.strides);
    FailureOr<Value> start = createPartStart(member, row);
    if (failed(start))
      return failure();
    starts.push_back(*start);
  }
  scf::ForOp loop = createLoop(starts, /*isLimited=*/true, number);
  if (failed(fillFirstLoop(loop)))
    return failure();
  rewriter.setInsertionPointToEnd(parts.getTerminator().getBody());
  for (auto [made, out, slice] :
       llvm::zip_equal(loop.getResults(), parts.getRegionIterArgs(), slices))
    tensor::ParallelInsertSliceOp::create(
        rewriter, loc, made, out, slice.offsets, slice.sizes, slice.strides);
  for (Operation *member : llvm::reverse(members))
    if (isInside(llvm::find(members, member) - members.begin()) ||
        member->use_empty())
      eraseIfUnread(rewriter, member);
  eraseUnread(rewriter, block);
  return success();
}

/// The loops of a group, outermost first; `block` is the body of the last.
static SmallVector<LoopLikeOpInterface> findNest(Block *block, size_t count) {
  SmallVector<LoopLikeOpInterface> nest;
  for (size_t found = 0; found < count;) {
    auto loop = cast<LoopLikeOpInterface>(block->getParentOp());
    found += loop.getLoopInductionVars()->size();
    nest.insert(nest.begin(), loop);
    block = loop->getBlock();
  }
  return nest;
}

/// Copies `op`, which is inside of `nest`, and what it needs from inside of it.
static void copyNeeded(RewriterBase &rewriter, IRMapping &mapping,
                       Operation *nest, Operation *op) {
  if (!op || !nest->isProperAncestor(op) || mapping.contains(op))
    return;
  op->walk([&](Operation *inside) {
    for (Value operand : inside->getOperands())
      if (Operation *source = operand.getDefiningOp();
          source && !op->isAncestor(source))
        copyNeeded(rewriter, mapping, nest, source);
  });
  rewriter.clone(*op, mapping);
}

/// A loop over the parts with copies of the members in it: inside of the loops
/// of the group where a second loop reads a tile again, else inside of these
/// loops once more, all parallel. Returns what it makes, by member.
FailureOr<GroupStreamer::Tiles> GroupStreamer::makePartNest() {
  bool isReadAgain = hasSecondLoop(plan);
  SmallVector<LoopLikeOpInterface> nest =
      findNest(block, isReadAgain ? 0 : plan.loops.size());
  Location loc = members[plan.stream->carrier]->getLoc();
  Operation *around = block->getParentOp();
  rewriter.setInsertionPoint(block->getTerminator());
  if (!isReadAgain) {
    around = nest.front();
    rewriter.setInsertionPoint(around);
  }
  SmallVector<Value> storage;
  for (unsigned member : carried) {
    SmallVector<int64_t> shape = getWholeShape(member);
    shape.insert(shape.begin(), plan.stream->parts);
    storage.push_back(tensor::EmptyOp::create(
        rewriter, loc, shape,
        cast<RankedTensorType>(result(member).getType()).getElementType()));
  }
  SmallVector<OpFoldResult> begins, ends, steps;
  auto addLoop = [&](int64_t end, int64_t step) {
    begins.push_back(rewriter.getIndexAttr(0));
    ends.push_back(rewriter.getIndexAttr(end));
    steps.push_back(rewriter.getIndexAttr(step));
  };
  for (const TileLoop &loop : plan.loops)
    if (!isReadAgain)
      addLoop(loops.extents[loop.dim], loop.size);
  addLoop(plan.stream->parts, 1);
  auto parts = scf::ForallOp::create(rewriter, loc, begins, ends, steps,
                                     storage, /*mapping=*/std::nullopt);
  partLoop = parts;
  // 1. Copies of the members, and of what they need.
  LoopsInIR copied = loops;
  IRMapping mapping;
  if (!isReadAgain) {
    copied.begins = parts.getInductionVars();
    copied.begins.pop_back();
    mapping.map(loops.begins, copied.begins);
  }
  for (LoopLikeOpInterface loop : nest)
    for (auto [argument, init] :
         llvm::zip_equal(loop.getRegionIterArgs(), loop.getInits()))
      mapping.map(argument, mapping.lookupOrDefault(init));
  rewriter.setInsertionPoint(parts.getTerminator());
  SmallVector<Operation *> copies;
  for (Operation *member : members) {
    copyNeeded(rewriter, mapping, around, member);
    copies.push_back(mapping.lookup(member->getResult(0)).getDefiningOp());
  }
  // 2. Their stream.
  GroupStreamer part(rewriter, group, copied, copies, parts.getBody());
  part.extent = extent;
  part.packed.resize(members.size());
  if (failed(part.fillPart(parts)))
    return failure();
  Tiles made;
  for (auto [member, all] : llvm::zip_equal(carried, parts.getResults()))
    made[result(member)] = all;
  return made;
}

//===----------------------------------------------------------------------===//
// Combining
//===----------------------------------------------------------------------===//

/// What makes sums of the parts refer to the combined rows in `finals`.
FailureOr<SmallVector<PartFactor>>
GroupStreamer::createFactors(unsigned member, const Tiles &partials,
                             const Tiles &finals) {
  SmallVector<PartFactor> factors;
  for (const StreamKernel &kernel : role(member).kernels) {
    FailureOr<ExponentOfRows> exponent = findExponent(kernel);
    if (failed(exponent))
      return failure();
    Value &correction = corrections[{kernel.op, kernel.node}];
    if (!correction) {
      FailureOr<Value> storage = createStorageOfParts(kernel.getMainRow());
      if (failed(storage))
        return failure();
      Value old = createExponent(rewriter, *exponent,
                                 findRows(kernel, partials), *storage,
                                 /*perPart=*/true);
      correction =
          createCorrection(rewriter, *exponent, old, findRows(kernel, finals),
                           /*perPart=*/true);
    }
    AffineMap map = mapMainRow(kernel, member).shiftDims(1);
    factors.push_back(
        {correction, map.insertResult(rewriter.getAffineDimExpr(0), 0)});
  }
  return factors;
}

/// Puts rows and sums together in program order, so that what a sum refers to
/// is there when it is its turn.
LogicalResult GroupStreamer::combineParts(const Tiles &partials,
                                          Tiles &finals) {
  exponents.clear();
  corrections.clear();
  for (unsigned member : carried) {
    Value &final = finals[result(member)];
    if (!plan.members[member].streamDim) {
      Value storage = createOwnStorage(rewriter, op(member).getDpsInits()[0]);
      Operation *row = cloneRow(member, finals);
      cast<linalg::LinalgOp>(row).getDpsInitsMutable()[0].set(storage);
      final = row->getResult(0);
      if (role(member).isClamped)
        final = clampRow(rewriter, final, role(member).lowestDivisor);
      continue;
    }
    FailureOr<SmallVector<PartFactor>> factors =
        createFactors(member, partials, finals);
    if (failed(factors))
      return failure();
    llvm::Expected<CombiningOp> combiner = findCombiner(members[member]);
    if (!combiner)
      return members[member]->emitOpError("cannot be combined: ")
             << llvm::toString(combiner.takeError());
    final = createCombine(rewriter, members[member]->getLoc(),
                          partials.lookup(result(member)), createStart(member),
                          combiner->operation, *factors)
                .getResult(0);
  }
  return success();
}

LogicalResult GroupStreamer::makeParts(Tiles &finals) {
  FailureOr<Tiles> made = makePartNest();
  if (failed(made))
    return failure();
  rewriter.setInsertionPoint(block->getTerminator());
  Tiles partials;
  for (unsigned member : carried) {
    PartSlice slice =
        createPartSlice(member, rewriter.getIndexAttr(0),
                        rewriter.getIndexAttr(plan.stream->parts));
    partials[result(member)] = tensor::ExtractSliceOp::create(
        rewriter, members[member]->getLoc(), made->lookup(result(member)),
        slice.offsets, slice.sizes, slice.strides);
  }
  if (hasSecondLoop(plan))
    beginSecondParts();
  return combineParts(partials, finals);
}

//===----------------------------------------------------------------------===//
// Parts of a second loop
//===----------------------------------------------------------------------===//

/// A loop over parts of what needs final rows, in the loops of the group. Each
/// part combines the rows for itself: reading all parts of a row costs less
/// than another pass over the units.
void GroupStreamer::beginSecondParts() {
  SmallVector<Value> inits;
  for (unsigned member : findSecondSinks())
    inits.push_back(op(member).getDpsInits()[0]);
  secondParts = scf::ForallOp::create(
      rewriter, members[plan.stream->carrier]->getLoc(),
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(0)},
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(plan.stream->parts)},
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(1)}, inits,
      /*mapping=*/std::nullopt);
  behind = secondParts.getBody();
  rewriter.setInsertionPoint(behind->getTerminator());
  // Rows that are made of final ones have storage of their own in every part.
  for (unsigned member = 0; member < members.size(); ++member) {
    if (plan.members[member].streamDim ||
        role(member).place != StreamPlace::After)
      continue;
    Value storage = createOwnStorage(rewriter, op(member).getDpsInits()[0]);
    op(member).getDpsInitsMutable()[0].set(storage);
    rewriter.moveOpBefore(members[member], behind,
                          behind->getTerminator()->getIterator());
  }
}

/// The dimension of the result of `member` that the stream cuts.
unsigned GroupStreamer::getStreamedPosition(unsigned member) const {
  AffineMap map =
      op(member).getMatchingIndexingMap(op(member).getDpsInitOperand(0));
  AffineExpr streamed =
      rewriter.getAffineDimExpr(*plan.members[member].streamDim);
  return llvm::find(map.getResults(), streamed) - map.getResults().begin();
}

/// What a part makes of `whole`, the result of `member`.
PartSlice GroupStreamer::createSecondSlice(unsigned member, Value whole) {
  Location loc = whole.getLoc();
  PartSlice slice;
  slice.sizes = tensor::getMixedSizes(rewriter, loc, whole);
  slice.offsets.assign(slice.sizes.size(), rewriter.getIndexAttr(0));
  slice.strides.assign(slice.sizes.size(), rewriter.getIndexAttr(1));
  Value begin = createPartBegin(rewriter, loc, plan,
                                secondParts.getInductionVars().front());
  unsigned position = getStreamedPosition(member);
  slice.offsets[position] = begin;
  slice.sizes[position] = rewriter.getIndexAttr(plan.stream->partSize);
  if (extent % plan.stream->partSize != 0)
    slice.sizes[position] = affine::makeComposedFoldedAffineMin(
        rewriter, loc,
        AffineMap::get(1, 0,
                       {rewriter.getAffineConstantExpr(plan.stream->partSize),
                        rewriter.getAffineConstantExpr(extent) -
                            rewriter.getAffineDimExpr(0)},
                       rewriter.getContext()),
        OpFoldResult(begin));
  return slice;
}

/// Lets a tile of `member` write to the slice that its part has of the result.
void GroupStreamer::moveToPart(unsigned member, linalg::LinalgOp tiled,
                               const PartSlice &part) {
  auto slice = tiled.getDpsInits()[0].getDefiningOp<tensor::ExtractSliceOp>();
  SmallVector<OpFoldResult> offsets = slice.getMixedOffsets();
  unsigned position = getStreamedPosition(member);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(slice);
  AffineExpr difference =
      rewriter.getAffineDimExpr(0) - rewriter.getAffineDimExpr(1);
  offsets[position] = affine::makeComposedFoldedAffineApply(
      rewriter, slice.getLoc(), AffineMap::get(2, 0, difference),
      {offsets[position], part.offsets[position]});
  auto moved = tensor::ExtractSliceOp::create(
      rewriter, slice.getLoc(), slice.getType(), slice.getSource(), offsets,
      slice.getMixedSizes(), slice.getMixedStrides());
  rewriter.replaceOp(slice, moved);
}

/// Puts what `loop` made of the parts together.
LogicalResult GroupStreamer::endSecondParts(ArrayRef<unsigned> sinks,
                                            ArrayRef<PartSlice> slices,
                                            scf::ForOp loop) {
  scf::InParallelOp end = secondParts.getTerminator();
  rewriter.setInsertionPointToEnd(end.getBody());
  for (auto [made, out, slice] : llvm::zip_equal(
           loop.getResults(), secondParts.getRegionIterArgs(), slices))
    tensor::ParallelInsertSliceOp::create(rewriter, loop.getLoc(), made, out,
                                          slice.offsets, slice.sizes,
                                          slice.strides);
  for (auto [member, value] : llvm::zip_equal(sinks, secondParts.getResults()))
    rewriter.replaceAllUsesWith(result(member), value);
  return success();
}

void GroupStreamer::finishSecondParts() {
  eraseUnread(rewriter, behind);
  makeEmptiesLocal(rewriter, behind);
  sortTopologically(behind);
}
