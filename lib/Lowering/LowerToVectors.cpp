//===- LowerToVectors.cpp - Linalg on tensors to loops over vectors -------===//

#include "Distribute.h"
#include "ScaledProduct.h"
#include "TakeApart.h"
#include "VectorizeOp.h"
#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

using namespace mlir;
using namespace memwall;

/// An op on tensors that upstream cannot put into memory has no way to LLVM.
static LogicalResult checkHasLowering(Operation *root) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  WalkResult result = root->walk([&](Operation *op) {
    if (isa<bufferization::BufferizableOpInterface>(op) ||
        (llvm::none_of(op->getOperandTypes(), isTensor) &&
         llvm::none_of(op->getResultTypes(), isTensor)))
      return WalkResult::advance();
    op->emitError("'") << op->getName() << "' has no lowering to LLVM";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Moves out of `loop` what does not depend on it, but for loops and fills:
/// what starts from a tensor that was filled in front of the loop starts from a
/// copy of it.
static void hoistInvariants(LoopLikeOpInterface loop) {
  moveLoopInvariantCode(
      loop.getLoopRegions(),
      [&](Value value, Region *) { return loop.isDefinedOutsideOfLoop(value); },
      [](Operation *op, Region *) {
        return isMemoryEffectFree(op) && isSpeculatable(op) &&
               !isa<LoopLikeOpInterface, linalg::FillOp>(op);
      },
      [&](Operation *op, Region *) { loop.moveOutOfLoop(op); });
}

/// Slices move as far out of loops as they can: packing stands right behind
/// the operand that it copies.
static void hoistSlices(Operation *root) {
  root->walk([](LoopLikeOpInterface loop) { hoistInvariants(loop); });
}

/// Lets a product whose init is filled for it alone start from the filler, in
/// registers, and overwrite what the fill would have. Returns the filler, or
/// null.
static Value absorbFill(RewriterBase &rewriter, linalg::LinalgOp op) {
  OpOperand &init = op.getDpsInitsMutable()[0];
  auto fill = init.get().getDefiningOp<linalg::FillOp>();
  if (!fill || !fill->hasOneUse() ||
      fill.value().getType() != getElementTypeOrSelf(init.get().getType()))
    return {};
  Value filler = fill.value();
  init.set(fill.output());
  rewriter.eraseOp(fill);
  return filler;
}

static void lowerProducts(RewriterBase &rewriter, Operation *root,
                          const VectorOptions &options) {
  SmallVector<Product> products;
  SmallVector<ScaledProduct> scaledProducts;
  root->walk([&](linalg::LinalgOp op) {
    if (std::optional<Product> product = matchProduct(op))
      products.push_back(std::move(*product));
    else if (std::optional<ScaledProduct> scaled = matchScaledProduct(op))
      scaledProducts.push_back(*scaled);
  });
  for (Product &product : products) {
    // Sums over more dimensions pass over the result several times.
    bool sumsOnce = llvm::none_of(product.others, [&](unsigned dim) {
      return product.op.getIteratorTypesArray()[dim] ==
             utils::IteratorType::reduction;
    });
    if (sumsOnce)
      product.start = absorbFill(rewriter, product.op);
    lowerProduct(rewriter, product, options);
  }
  for (const ScaledProduct &product : scaledProducts)
    lowerScaledProduct(rewriter, product, absorbFill(rewriter, product.op),
                       options);
}

/// Upstream's canonicalizer, with what makes sizes of tiles that are constants
/// part of their types: the vectorizer asks for that.
static LogicalResult refineShapes(Operation *root) {
  MLIRContext *context = root->getContext();
  RewritePatternSet patterns =
      linalg::getLinalgTilingCanonicalizationPatterns(context);
  scf::populateSCFForLoopCanonicalizationPatterns(patterns);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName name : context->getRegisteredOperations())
    name.getCanonicalizationPatterns(patterns, context);
  return applyPatternsGreedily(root, std::move(patterns));
}

/// Vectors are read where they lie, and the sums of a loop stay in registers.
static LogicalResult keepInRegisters(RewriterBase &rewriter, Operation *root) {
  RewritePatternSet patterns(root->getContext());
  tensor::populateFoldTensorSubsetIntoVectorTransferPatterns(patterns);
  vector::TransferReadOp::getCanonicalizationPatterns(patterns,
                                                      root->getContext());
  vector::TransferWriteOp::getCanonicalizationPatterns(patterns,
                                                       root->getContext());
  if (failed(applyPatternsGreedily(root, std::move(patterns))))
    return failure();
  DominanceInfo dominance(root);
  eliminateCommonSubExpressions(rewriter, dominance, root);
  SmallVector<LoopLikeOpInterface> loops;
  root->walk([&](scf::ForOp loop) { loops.push_back(loop); });
  for (LoopLikeOpInterface loop : loops) {
    hoistInvariants(loop);
    (void)hoistLoopInvariantSubsets(rewriter, loop);
  }
  return success();
}

LogicalResult memwall::lowerToVectors(ModuleOp module,
                                      const VectorOptions &options) {
  IRRewriter rewriter(module.getContext());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    if (failed(takeApart(rewriter, function)) ||
        failed(checkHasLowering(function)))
      return failure();
    if (options.threads > 1)
      distributeOps(rewriter, function, options.threads);
    hoistSlices(function);
    lowerProducts(rewriter, function, options);
    SmallVector<linalg::LinalgOp> ops;
    function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      tileForVectors(rewriter, op, options);
    if (failed(refineShapes(function)))
      return failure();
    vectorizeTiles(rewriter, function);
    if (failed(keepInRegisters(rewriter, function)))
      return failure();
  }
  return success();
}
