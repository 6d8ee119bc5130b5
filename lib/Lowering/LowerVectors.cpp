//===- LowerVectors.cpp - Vectors of one dimension, on memrefs ------------===//

#include "DotLanes.h"
#include "StoreAround.h"
#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
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

/// A reduction over dimensions of length 1 is arithmetic on whole vectors.
/// Upstream's lowering would reduce every lane for itself.
static void lowerUnitReductions(ModuleOp module) {
  SmallVector<vector::MultiDimReductionOp> reductions;
  module.walk([&](vector::MultiDimReductionOp op) {
    auto result = dyn_cast<VectorType>(op.getType());
    if (result && !isa<vector::MaskOp>(op->getParentOp()) &&
        result.getNumElements() == op.getSourceVectorType().getNumElements())
      reductions.push_back(op);
  });
  for (vector::MultiDimReductionOp op : reductions) {
    OpBuilder builder(op);
    Value source = vector::ShapeCastOp::create(builder, op.getLoc(),
                                               op.getType(), op.getSource());
    op.replaceAllUsesWith(vector::makeArithReduction(
        builder, op.getLoc(), op.getKind(), source, op.getAcc()));
    op.erase();
  }
}

/// In memory, an element of fewer than 8 bits has a byte, but those of a vector
/// follow one another bit by bit. So vectors read bytes. To LLVM, a memref of
/// the elements and one of bytes are the same; upstream's passes do not know
/// that one is the other, so it has to be memory of an argument, which nobody
/// frees.
static LogicalResult readAsBytes(ModuleOp module) {
  SmallVector<vector::TransferReadOp> reads;
  module.walk([&](vector::TransferReadOp read) {
    Type element = getElementTypeOrSelf(read.getVectorType());
    if (element.isSignlessInteger() && element.getIntOrFloatBitWidth() < 8 &&
        !element.isInteger(1) && isa<MemRefType>(read.getBase().getType()))
      reads.push_back(read);
  });
  for (vector::TransferReadOp read : reads) {
    Value root = read.getBase();
    while (auto view = root.getDefiningOp<ViewLikeOpInterface>())
      root = view.getViewSource();
    auto argument = dyn_cast<BlockArgument>(root);
    if (!argument ||
        !isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
      return read.emitError("vectors read elements of fewer than 8 bits from "
                            "arguments of functions only");
    OpBuilder builder(read);
    Location location = read.getLoc();
    auto type = cast<MemRefType>(read.getBase().getType());
    Type byte = builder.getI8Type();
    Value bytes =
        UnrealizedConversionCastOp::create(
            builder, location,
            TypeRange{MemRefType::get(type.getShape(), byte, type.getLayout(),
                                      type.getMemorySpace())},
            ValueRange{read.getBase()})
            .getResult(0);
    Value zero = arith::ConstantOp::create(builder, location,
                                           builder.getI8IntegerAttr(0));
    Value whole = vector::TransferReadOp::create(
        builder, location,
        VectorType::get(read.getVectorType().getShape(), byte), bytes,
        read.getIndices(), read.getPermutationMap(), zero, read.getMask(),
        read.getInBoundsAttr());
    read.replaceAllUsesWith(
        arith::TruncIOp::create(builder, location, read.getType(), whole)
            .getResult());
    read.erase();
  }
  return success();
}

namespace {

/// The largest or smallest lane of a vector by halves. LLVM takes the last four
/// lanes of such a reduction one after the other where they may be no number.
struct ReduceByHalves : OpRewritePattern<vector::ReductionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::ReductionOp op,
                                PatternRewriter &rewriter) const override {
    int64_t lanes = op.getSourceVectorType().getNumElements();
    bool isExtreme = llvm::is_contained(
        {vector::CombiningKind::MAXIMUMF, vector::CombiningKind::MINIMUMF,
         vector::CombiningKind::MAXNUMF, vector::CombiningKind::MINNUMF},
        op.getKind());
    if (!isExtreme || op.getSourceVectorType().isScalable() ||
        !llvm::isPowerOf2_64(lanes))
      return failure();
    Location loc = op.getLoc();
    Value rest = op.getVector();
    while (lanes > 1) {
      lanes /= 2;
      auto range = [&](int64_t begin) {
        return llvm::to_vector(llvm::seq<int64_t>(begin, begin + lanes));
      };
      Value low =
          vector::ShuffleOp::create(rewriter, loc, rest, rest, range(0));
      Value high =
          vector::ShuffleOp::create(rewriter, loc, rest, rest, range(lanes));
      rest = vector::makeArithReduction(rewriter, loc, op.getKind(), low, high,
                                        op.getFastmathAttr());
    }
    Value lane = vector::ExtractOp::create(rewriter, loc, rest, 0);
    if (op.getAcc())
      lane = vector::makeArithReduction(rewriter, loc, op.getKind(), lane,
                                        op.getAcc(), op.getFastmathAttr());
    rewriter.replaceOp(op, lane);
    return success();
  }
};

} // namespace

LogicalResult memwall::lowerVectors(ModuleOp module) {
  lowerCopies(module);
  lowerUnitReductions(module);
  if (failed(readAsBytes(module)))
    return failure();
  lowerDots(module);
  using namespace vector;
  VectorTransformsOptions options;
  options.setVectorTransformsOptions(VectorContractLowering::OuterProduct)
      .setVectorMultiReductionLowering(
          VectorMultiReductionLowering::InnerReduction)
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
  populateVectorBitCastLoweringPatterns(shapes);
  populateMathF32ExpansionPatterns(shapes, hasPolynomial);
  populateMathPolynomialApproximationPatterns(shapes, hasPolynomial);
  shapes.add<ReduceByHalves>(module.getContext());
  // Views are folded before stores become nontemporal: upstream forgets it of a
  // store that it folds one into.
  memref::populateFoldMemRefAliasOpPatterns(shapes);
  if (failed(applyPatternsGreedily(module, std::move(shapes))))
    return failure();
  storeAround(module);
  return success();
}
