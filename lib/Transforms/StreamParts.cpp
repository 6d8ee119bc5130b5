//===- StreamParts.cpp - A stream in parts that run on several units ------===//
//
// Every part of the stream has rows and sums of its own, which are combined as
// they would be in one pass, were each part a tile:
//
//   %m:2 = scf.forall (%p) shared_outs(%ms, %ls) {     // parts x rows
//     start row %p of each;  the loop over the tiles of the part;  insert }
//   %m = max over parts of %m#0
//   %e = -%m#0
//   %c = exp(-%m - %e)                                   // parts x rows
//   %l = sum over parts of %m#1 * %c
//
// Room Schedule has the same as a loop tree, nest by nest (RewriteParts.cpp).
//
//===----------------------------------------------------------------------===//

#include "GroupStreamer.h"
#include "LocalEmpties.h"
#include "SplitReduction.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Work/Combiner.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace memwall;

/// The sizes of `init`, which may start from a fill.
static SmallVector<OpFoldResult> getSizes(RewriterBase &rewriter, Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getOutputs()[0];
  auto slice = init.getDefiningOp<tensor::ExtractSliceOp>();
  if (slice && slice.getType().getRank() == slice.getSourceType().getRank())
    return slice.getMixedSizes();
  return tensor::getMixedSizes(rewriter, init.getLoc(), init);
}

/// The place of part `number`, or of all parts, in storage for them.
static PartSlice createSlice(OpBuilder &builder, OpFoldResult number,
                             OpFoldResult count, ArrayRef<OpFoldResult> sizes) {
  PartSlice slice;
  slice.offsets.assign(sizes.size() + 1, builder.getIndexAttr(0));
  slice.offsets.front() = number;
  slice.sizes = {count};
  llvm::append_range(slice.sizes, sizes);
  slice.strides.assign(sizes.size() + 1, builder.getIndexAttr(1));
  return slice;
}

/// Storage for what the parts make of `member`, as large as its largest tile.
FailureOr<Value> GroupStreamer::createPartialStorage(unsigned member) {
  Value init = op(member).getDpsInits()[0];
  std::optional<SmallVector<int64_t>> shape =
      findLargestSizes(getSizes(rewriter, init));
  if (!shape)
    return members[member]->emitOpError(
        "has tiles of no constant size in the stream of its group");
  shape->insert(shape->begin(), plan.stream->parts);
  Type element = cast<RankedTensorType>(init.getType()).getElementType();
  return tensor::EmptyOp::create(rewriter, init.getLoc(), *shape, element)
      .getResult();
}

/// Fills `row`, which one part has of `member`, with what changes nothing.
FailureOr<Value> GroupStreamer::createPartStart(unsigned member, Value row) {
  if (!plan.members[member].streamDim || role(member).startsFinite)
    return fillWithLowest(rewriter, row.getLoc(), row,
                          role(member).lowestDivisor);
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

/// The first loop for each part. Its results are what all parts make of the
/// carried members.
FailureOr<SmallVector<Value>> GroupStreamer::makePartLoop() {
  Location loc = members[plan.stream->carrier]->getLoc();
  SmallVector<Value> storage;
  SmallVector<SmallVector<OpFoldResult>> sizes;
  for (unsigned member : carried) {
    FailureOr<Value> made = createPartialStorage(member);
    if (failed(made))
      return failure();
    storage.push_back(*made);
    sizes.push_back(getSizes(rewriter, op(member).getDpsInits()[0]));
  }
  OpFoldResult one = rewriter.getIndexAttr(1);
  OpFoldResult count = rewriter.getIndexAttr(plan.stream->parts);
  auto parts = scf::ForallOp::create(rewriter, loc, {count}, storage,
                                     /*mapping=*/std::nullopt);
  Value number = parts.getInductionVar(0);
  // 1. One part.
  rewriter.setInsertionPoint(parts.getTerminator());
  SmallVector<PartSlice> slices;
  SmallVector<Value> starts;
  for (auto [member, out, size] :
       llvm::zip_equal(carried, parts.getRegionIterArgs(), sizes)) {
    const PartSlice &slice =
        slices.emplace_back(createSlice(rewriter, number, one, size));
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
    tensor::ParallelInsertSliceOp::create(rewriter, loc, made, out,
                                          slice.offsets, slice.sizes,
                                          slice.strides);
  // 2. What all of them made.
  rewriter.setInsertionPoint(block->getTerminator());
  SmallVector<Value> partials;
  OpFoldResult zero = rewriter.getIndexAttr(0);
  for (auto [made, size] : llvm::zip_equal(parts.getResults(), sizes)) {
    PartSlice slice = createSlice(rewriter, zero, count, size);
    partials.push_back(made);
    if (!getConstantIntValues(size)) // The largest tiles are larger.
      partials.back() = tensor::ExtractSliceOp::create(
          rewriter, loc, made, slice.offsets, slice.sizes, slice.strides);
  }
  return partials;
}

/// What the parts made of a sum, all at the combined rows in `finals`.
FailureOr<Value> GroupStreamer::correctParts(unsigned member, Value sums,
                                             const Tiles &partials,
                                             const Tiles &finals) {
  for (const StreamKernel &kernel : role(member).kernels) {
    FailureOr<ExponentOfRow> exponent = findExponent(kernel);
    if (failed(exponent))
      return failure();
    Value row = result(kernel.row);
    Value &correction = corrections[{kernel.op, kernel.node}];
    if (!correction) {
      Value old =
          createExponent(rewriter, *exponent, partials.lookup(row));
      correction = createCorrection(rewriter, *exponent, old,
                                    finals.lookup(row), /*perPart=*/true);
    }
    AffineMap map =
        mapRow(kernel.op, findRow(kernel.op, row), member).shiftDims(1);
    sums = scaleSum(rewriter, sums, correction,
                    map.insertResult(rewriter.getAffineDimExpr(0), 0));
  }
  return sums;
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
      Value storage =
          createOwnStorage(rewriter, op(member).getDpsInits()[0]);
      Operation *row = cloneRow(member, finals);
      cast<linalg::LinalgOp>(row).getDpsInitsMutable()[0].set(storage);
      final = row->getResult(0);
      if (role(member).isClamped)
        final = clampRow(rewriter, final, role(member).lowestDivisor);
      continue;
    }
    FailureOr<Value> sums =
        correctParts(member, partials.lookup(result(member)), partials, finals);
    if (failed(sums))
      return failure();
    llvm::Expected<CombiningOp> combiner = findCombiner(members[member]);
    if (!combiner)
      return members[member]->emitOpError("cannot be combined: ")
             << llvm::toString(combiner.takeError());
    final = createCombine(rewriter, members[member]->getLoc(), *sums,
                          createStart(member), combiner->operation)
                .getResult(0);
  }
  return success();
}

LogicalResult GroupStreamer::makeParts(Tiles &finals) {
  rewriter.setInsertionPoint(block->getTerminator());
  FailureOr<SmallVector<Value>> made = makePartLoop();
  if (failed(made))
    return failure();
  Tiles partials;
  for (auto [member, all] : llvm::zip_equal(carried, *made))
    partials[result(member)] = all;
  return combineParts(partials, finals);
}
