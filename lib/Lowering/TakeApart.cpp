//===- TakeApart.cpp - Ops that stand for several -------------------------===//

#include "TakeApart.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

static LogicalResult takeApartOne(RewriterBase &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  if (auto pack = dyn_cast<linalg::PackOp>(op))
    return linalg::lowerPack(rewriter, pack);
  if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
    return linalg::lowerUnPack(rewriter, unpack);
  // Upstream crashes on the least float of integers.
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
    if (!isa<FloatType>(softmax.getInputOperandType().getElementType()))
      return failure();
  FailureOr<SmallVector<Value>> parts =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
  if (failed(parts))
    return failure();
  rewriter.replaceOp(op, *parts);
  return success();
}

LogicalResult memwall::takeApart(RewriterBase &rewriter, Operation *root) {
  SmallVector<Operation *> composites;
  root->walk([&](Operation *op) {
    if (isa<linalg::AggregatedOpInterface, linalg::PackOp, linalg::UnPackOp>(
            op))
      composites.push_back(op);
  });
  for (Operation *op : composites)
    if (failed(takeApartOne(rewriter, op)))
      return op->emitOpError("has no lowering: upstream cannot take it apart");
  RewritePatternSet patterns(root->getContext());
  tensor::populateDecomposeTensorConcatPatterns(patterns);
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  return applyPatternsGreedily(root, std::move(patterns));
}
