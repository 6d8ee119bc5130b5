//===- SplitReduction.cpp - A reduction in parts --------------------------===//

#include "SplitReduction.h"
#include "StreamRows.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Work/Combiner.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace memwall;

namespace {

/// One part of a dimension.
struct Part {
  OpFoldResult offset, size;
};

} // namespace

/// Part `number` of `extent` iterations.
static Part createPart(OpBuilder &builder, Location loc, Value number,
                       int64_t extent, int64_t size) {
  AffineExpr i = builder.getAffineDimExpr(0);
  Part part;
  part.offset = affine::makeComposedFoldedAffineApply(
      builder, loc, AffineMap::get(1, 0, i * size), OpFoldResult(number));
  part.size = builder.getIndexAttr(size);
  if (extent % size != 0) {
    auto map = AffineMap::get(
        1, 0, {extent - i * size, builder.getAffineConstantExpr(size)},
        builder.getContext());
    part.size = affine::makeComposedFoldedAffineMin(builder, loc, map,
                                                    {OpFoldResult(number)});
  }
  return part;
}

static PartSlice createPartSlice(OpBuilder &builder, Value number,
                                 ArrayRef<int64_t> shape) {
  PartSlice slice;
  slice.offsets.assign(shape.size() + 1, builder.getIndexAttr(0));
  slice.offsets.front() = number;
  slice.sizes = {builder.getIndexAttr(1)};
  for (int64_t size : shape)
    slice.sizes.push_back(builder.getIndexAttr(size));
  slice.strides.assign(shape.size() + 1, builder.getIndexAttr(1));
  return slice;
}

/// `op` on `part` of dimension `dim` alone, onto `init`; null when upstream
/// cannot tile it.
static Operation *createPartOp(RewriterBase &rewriter, linalg::LinalgOp op,
                               unsigned dim, const Part &part, Value init) {
  Operation *whole = rewriter.clone(*op);
  cast<linalg::LinalgOp>(whole).setDpsInitOperand(0, init);
  SmallVector<OpFoldResult> offsets, sizes;
  for (int64_t extent : op.getStaticLoopRanges()) {
    offsets.push_back(rewriter.getIndexAttr(0));
    sizes.push_back(rewriter.getIndexAttr(extent));
  }
  offsets[dim] = part.offset;
  sizes[dim] = part.size;
  FailureOr<TilingResult> tiled =
      cast<TilingInterface>(whole).getTiledImplementation(rewriter, offsets,
                                                          sizes);
  rewriter.eraseOp(whole);
  if (failed(tiled))
    return nullptr;
  // Slices that are all of their source are the source.
  for (Operation *slice : tiled->generatedSlices) {
    SmallVector<Value> folded;
    if (succeeded(rewriter.tryFold(slice, folded)))
      rewriter.replaceOp(slice, folded);
  }
  return tiled->tiledOps.front();
}

linalg::GenericOp memwall::createCombine(RewriterBase &rewriter, Location loc,
                                         Value partials, Value init,
                                         Operation *combiner,
                                         ArrayRef<PartFactor> factors) {
  auto type = cast<RankedTensorType>(init.getType());
  unsigned rank = type.getRank(), place = rank;
  while (place > 0 && type.getDimSize(place - 1) == 1)
    --place;
  place = place > 0 ? place - 1 : rank;
  MLIRContext *context = rewriter.getContext();
  SmallVector<AffineExpr> result;
  SmallVector<utils::IteratorType> types(rank + 1,
                                         utils::IteratorType::parallel);
  for (unsigned d = 0; d < rank; ++d)
    result.push_back(getAffineDimExpr(d < place ? d : d + 1, context));
  types[place] = utils::IteratorType::reduction;
  SmallVector<AffineExpr> partial = {getAffineDimExpr(place, context)};
  llvm::append_range(partial, result);
  SmallVector<Value> inputs = {partials};
  SmallVector<AffineMap> maps = {AffineMap::get(rank + 1, 0, partial, context)};
  for (const PartFactor &factor : factors) {
    inputs.push_back(factor.value);
    maps.push_back(factor.map.compose(maps.front()));
  }
  maps.push_back(AffineMap::get(rank + 1, 0, result, context));
  auto combine = linalg::GenericOp::create(
      rewriter, loc, type, inputs, init, maps, types,
      [&](OpBuilder &builder, Location, ValueRange values) {
        Type type = values.front().getType();
        Type wide = factors.empty() ? type : getWideType(type);
        Value term = convertFloat(builder, loc, values.front(), wide);
        for (Value factor : values.drop_front().drop_back())
          term = arith::MulFOp::create(
              builder, loc, term, convertFloat(builder, loc, factor, wide));
        term = convertFloat(builder, loc, term, type);
        Operation *combined = builder.clone(*combiner);
        combined->setOperands({term, values.back()});
        linalg::YieldOp::create(builder, loc, combined->getResults());
      });
  combine->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return combine;
}

FailureOr<ReductionInParts> memwall::splitReduction(RewriterBase &rewriter,
                                                    Operation *op,
                                                    SplitReduction split) {
  auto linalgOp = cast<linalg::LinalgOp>(op);
  llvm::Expected<CombiningOp> combiner = findCombiner(op);
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!combiner)
    return op->emitOpError("cannot be split: ")
           << llvm::toString(combiner.takeError());
  if (!type.hasStaticShape() || linalgOp.hasDynamicShape())
    return op->emitOpError("cannot be split: its shape is not constant");
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);
  SmallVector<int64_t> shape(type.getShape());
  shape.insert(shape.begin(), split.parts);
  Value empty =
      tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  Value identity = arith::ConstantOp::create(rewriter, loc, combiner->identity);
  // 1. The parts.
  ReductionInParts result;
  result.parts = scf::ForallOp::create(
      rewriter, loc, {OpFoldResult(rewriter.getIndexAttr(split.parts))}, empty,
      /*mapping=*/std::nullopt);
  Value number = result.parts.getInductionVar(0);
  rewriter.setInsertionPoint(result.parts.getTerminator());
  PartSlice slice = createPartSlice(rewriter, number, type.getShape());
  Value out = result.parts.getRegionIterArgs().front();
  Value start = tensor::ExtractSliceOp::create(
      rewriter, loc, type, out, slice.offsets, slice.sizes, slice.strides);
  auto fill = linalg::FillOp::create(rewriter, loc, identity, start);
  fill->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  int64_t extent = linalgOp.getStaticLoopRanges()[split.dim];
  Part part =
      createPart(rewriter, loc, number, extent, split.getPartSize(extent));
  result.op =
      createPartOp(rewriter, linalgOp, split.dim, part, fill.getResult(0));
  if (!result.op)
    return op->emitOpError("cannot be tiled in dimension ") << split.dim;
  rewriter.setInsertionPointToEnd(result.parts.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(rewriter, loc, result.op->getResult(0),
                                        out, slice.offsets, slice.sizes,
                                        slice.strides);
  // 2. What combines them.
  rewriter.setInsertionPoint(op);
  linalg::GenericOp combine =
      createCombine(rewriter, loc, result.parts.getResult(0),
                    linalgOp.getDpsInitOperand(0)->get(), combiner->operation);
  rewriter.replaceOp(op, combine);
  return result;
}
