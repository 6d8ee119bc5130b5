//===- DecomposeGathers.cpp - Gathers as loop nests -----------------------===//

#include "DecomposeGathers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Which elements of a whole tensor the slices are: for every position in the
/// leading dimensions of `coordinates`, the slice at these coordinates.
struct Slices {
  TypedValue<RankedTensorType> coordinates;
  ArrayRef<int64_t> indexedDims; ///< Of the whole.
  int64_t wholeRank;
  RankedTensorType type; ///< Of all slices together.

  SmallVector<Value> buildPosition(OpBuilder &b, Location loc,
                                   ValueRange place) const;
};

} // namespace

/// Where the element at `place` of the slices is in the whole.
SmallVector<Value> Slices::buildPosition(OpBuilder &b, Location loc,
                                         ValueRange place) const {
  int64_t batchRank = coordinates.getType().getRank() - 1;
  // Indexed dimensions have size 1 in a slice, or are left out.
  bool isReduced = type.getRank() != batchRank + wholeRank;
  int64_t sliceDim = batchRank;
  SmallVector<Value> position;
  for (int64_t dim = 0; dim < wholeRank; ++dim) {
    const auto *indexed = llvm::find(indexedDims, dim);
    if (indexed == indexedDims.end()) {
      position.push_back(place[sliceDim++]);
      continue;
    }
    SmallVector<Value> at(place.take_front(batchRank));
    at.push_back(arith::ConstantIndexOp::create(
        b, loc, std::distance(indexedDims.begin(), indexed)));
    Value coordinate = tensor::ExtractOp::create(b, loc, coordinates, at);
    position.push_back(
        b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), coordinate));
    sliceDim += !isReduced;
  }
  return position;
}

static Value decompose(RewriterBase &b, tensor::GatherOp gather) {
  Location loc = gather.getLoc();
  RankedTensorType type = gather.getResultType();
  Slices slices{gather.getIndices(), gather.getGatherDims(),
                gather.getSourceType().getRank(), type};
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(type.getRank())};
  SmallVector<utils::IteratorType> parallel(type.getRank(),
                                            utils::IteratorType::parallel);
  auto buildBody = [&](OpBuilder &b, Location loc, ValueRange) {
    SmallVector<Value> place;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      place.push_back(linalg::IndexOp::create(b, loc, dim));
    Value element = tensor::ExtractOp::create(
        b, loc, gather.getSource(), slices.buildPosition(b, loc, place));
    linalg::YieldOp::create(b, loc, element);
  };
  return linalg::GenericOp::create(b, loc, TypeRange(type), ValueRange(),
                                   ValueRange(empty), maps, parallel, buildBody)
      .getResult(0);
}

static Value decompose(RewriterBase &b, tensor::ScatterOp scatter) {
  Location loc = scatter.getLoc();
  RankedTensorType type = scatter.getSourceType();
  Slices slices{scatter.getIndices(), scatter.getScatterDims(),
                scatter.getDestType().getRank(), type};
  auto buildConstants = [&](ArrayRef<int64_t> values) {
    return llvm::map_to_vector(values, [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    });
  };
  SmallVector<int64_t> zeros(type.getRank(), 0), ones(type.getRank(), 1);
  auto buildBody = [&](OpBuilder &b, Location loc, ValueRange place,
                       ValueRange dest) -> scf::ValueVector {
    Value element =
        tensor::ExtractOp::create(b, loc, scatter.getSource(), place);
    return {tensor::InsertOp::create(b, loc, element, dest.front(),
                                     slices.buildPosition(b, loc, place))};
  };
  return scf::buildLoopNest(b, loc, buildConstants(zeros),
                            buildConstants(type.getShape()),
                            buildConstants(ones), scatter.getDest(), buildBody)
      .results.front();
}

LogicalResult memwall::decomposeGathers(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (isa<tensor::GatherOp, tensor::ScatterOp>(op))
      ops.push_back(op);
  });
  IRRewriter rewriter(function.getContext());
  for (Operation *op : ops) {
    auto gather = dyn_cast<tensor::GatherOp>(op);
    auto slices = gather ? gather.getResultType()
                         : cast<tensor::ScatterOp>(op).getSourceType();
    if (!slices.hasStaticShape())
      return op->emitOpError("expected slices of static shape, found ")
             << slices;
    rewriter.setInsertionPoint(op);
    rewriter.replaceOp(
        op, gather ? decompose(rewriter, gather)
                   : decompose(rewriter, cast<tensor::ScatterOp>(op)));
  }
  return success();
}
