//===- VisibleTiles.cpp - Which tiles of a stream masks leave -------------===//

#include "VisibleTiles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace memwall;

/// Expressions of the begins of the group's loops, the smallest of which is the
/// largest value of `limit`: the last iteration of a tile is where any of the
/// loops that cut its dimension ends a tile, or the dimension ends, less 1.
static SmallVector<AffineExpr> expandLimit(Builder &builder,
                                           const StreamLimit &limit,
                                           const GroupPlan &plan,
                                           const LoopsInIR &loops) {
  SmallVector<AffineExpr> sums = {
      builder.getAffineConstantExpr(limit.constant)};
  for (auto [dim, coefficient] : limit.terms) {
    AffineExpr begin = builder.getAffineConstantExpr(0);
    SmallVector<AffineExpr> moves = {
        builder.getAffineConstantExpr(loops.extents[dim] - 1)};
    for (auto [number, loop] : llvm::enumerate(plan.loops)) {
      if (loop.dim != dim)
        continue;
      begin = begin + builder.getAffineDimExpr(number);
      moves.push_back(begin + (loop.size - 1));
    }
    if (coefficient < 0)
      moves = {begin};
    SmallVector<AffineExpr> longer;
    for (AffineExpr sum : sums)
      for (AffineExpr move : moves)
        longer.push_back(sum + move * coefficient);
    sums = std::move(longer);
  }
  return sums;
}

Value memwall::createPartBegin(OpBuilder &builder, Location loc,
                               const GroupPlan &plan, Value part) {
  AffineExpr begin = builder.getAffineDimExpr(0) * plan.stream->partSize;
  return getValueOrCreateConstantIndexOp(
      builder, loc,
      affine::makeComposedFoldedAffineApply(
          builder, loc, AffineMap::get(1, 0, begin), OpFoldResult(part)));
}

Value memwall::createStreamEnd(OpBuilder &builder, Location loc,
                               const GroupPlan &plan, const LoopsInIR &loops,
                               int64_t extent, bool isLimited, Value part) {
  SmallVector<AffineExpr> ends;
  SmallVector<OpFoldResult> operands = getAsOpFoldResult(loops.begins);
  int64_t size = plan.stream->partSize;
  if (part) {
    ends.push_back(builder.getAffineDimExpr(operands.size()) * size + size);
    operands.push_back(part);
  }
  // Parts of equal sizes end in time by themselves.
  if (!part || extent % size != 0)
    ends.push_back(builder.getAffineConstantExpr(extent));
  for (const StreamLimit &limit : plan.stream->ends)
    if (isLimited)
      llvm::append_range(ends, expandLimit(builder, limit, plan, loops));
  OpFoldResult end = affine::makeComposedFoldedAffineMin(
      builder, loc,
      AffineMap::get(operands.size(), 0, ends, builder.getContext()), operands);
  return getValueOrCreateConstantIndexOp(builder, loc, end);
}

Value memwall::createVisibleEnd(OpBuilder &builder, Location loc,
                                const GroupPlan &plan, const LoopsInIR &loops,
                                Value tile) {
  const StreamLoop &stream = *plan.stream;
  if (stream.begins.empty())
    return Value();
  unsigned numLoops = loops.begins.size();
  AffineExpr begin = builder.getAffineDimExpr(numLoops);
  SmallVector<AffineExpr> ends = {begin + 1};
  for (const StreamLimit &limit : stream.begins)
    for (AffineExpr first : expandLimit(builder, limit.negate(), plan, loops))
      ends.push_back(begin + begin + stream.size + first);
  SmallVector<OpFoldResult> operands = getAsOpFoldResult(loops.begins);
  operands.push_back(tile);
  OpFoldResult end = affine::makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(numLoops + 1, 0, ends, builder.getContext()),
      operands);
  return getValueOrCreateConstantIndexOp(builder, loc, end);
}
