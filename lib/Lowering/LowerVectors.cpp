//===- LowerVectors.cpp - Vectors of one dimension, on memrefs ------------===//

#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

/// Functions that upstream has polynomials for which are as exact as the
/// C library's to a few units in the last place. Sine and cosine are not among
/// them: their reduction of large angles is not.
static bool hasPolynomial(StringRef name) {
  return llvm::is_contained({"math.exp", "math.expm1", "math.tanh", "math.erf",
                             "math.log", "math.log1p", "math.log2"},
                            name);
}

/// A copy between memrefs that lie in one piece each is a memcpy; another one,
/// which would be a call per element, becomes a loop nest.
static void lowerCopies(ModuleOp module) {
  SmallVector<memref::CopyOp> copies;
  module.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    auto isOnePiece = [](Value value) {
      auto type = dyn_cast<MemRefType>(value.getType());
      return !type || type.getLayout().isIdentity();
    };
    if (isOnePiece(copy.getSource()) && isOnePiece(copy.getTarget()))
      continue;
    OpBuilder builder(copy);
    linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    copy.erase();
  }
}

LogicalResult memwall::lowerVectors(ModuleOp module) {
  lowerCopies(module);
  using namespace vector;
  VectorTransformsOptions options;
  options.setVectorTransformsOptions(VectorContractLowering::OuterProduct)
      .setVectorMultiReductionLowering(
          VectorMultiReductionLowering::InnerParallel)
      .setVectorTransposeLowering(VectorTransposeLowering::Shuffle16x16);
  // What is masked has one op in it as long as that op stays what it is: masks
  // come first.
  RewritePatternSet masks(module.getContext());
  populateVectorMaskLoweringPatternsForSideEffectingOps(masks);
  if (failed(applyPatternsGreedily(module, std::move(masks))))
    return failure();
  RewritePatternSet patterns(module.getContext());
  populateVectorTransferPermutationMapLoweringPatterns(patterns);
  populateVectorContractLoweringPatterns(patterns,
                                         options.vectorContractLowering);
  populateVectorOuterProductLoweringPatterns(patterns);
  populateVectorMultiReductionLoweringPatterns(
      patterns, options.vectorMultiReductionLowering);
  populateVectorMaskOpLoweringPatterns(patterns);
  if (failed(applyPatternsGreedily(module, std::move(patterns))))
    return failure();
  RewritePatternSet shapes(module.getContext());
  populateCastAwayVectorLeadingOneDimPatterns(shapes);
  populateVectorTransposeLoweringPatterns(shapes,
                                          options.vectorTransposeLowering);
  populateVectorShapeCastLoweringPatterns(shapes);
  populateMathF32ExpansionPatterns(shapes, hasPolynomial);
  populateMathPolynomialApproximationPatterns(shapes, hasPolynomial);
  return applyPatternsGreedily(module, std::move(shapes));
}
