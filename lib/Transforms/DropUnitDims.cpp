//===- DropUnitDims.cpp - Dimensions of extent 1 are not written ----------===//
//
//   %m = linalg.generic {(i, j, k) -> (i, j, 0)} ... : tensor<1x8x64xf32>
//   // becomes
//   %c = tensor.collapse_shape %x : tensor<1x8x64xf32> into tensor<8x64xf32>
//   %m = linalg.generic {(j, k) -> (j)} ... : tensor<8x64xf32>
//   %e = tensor.expand_shape %m ...
//
// and the reshapes of ops that follow one another cancel.
//
//===----------------------------------------------------------------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

/// The dimensions of extent 1. One reduction stays where all of them have
/// extent 1: a contraction stays one.
static SmallVector<unsigned> findUnitDims(linalg::LinalgOp op,
                                          bool keepsReduction) {
  SmallVector<unsigned> dims;
  std::optional<unsigned> kept;
  bool hasLongReduction = false;
  for (auto [dim, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
    bool isReduction =
        op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
    if (extent == 1)
      dims.push_back(dim);
    if (isReduction && extent == 1)
      kept = dim;
    hasLongReduction |= isReduction && extent != 1;
  }
  if (keepsReduction && kept && !hasLongReduction)
    llvm::erase(dims, *kept);
  return dims;
}

/// A contraction without some dimensions, as linalg.contract.
static IndexingMapOpInterface
buildContraction(linalg::LinalgOp op, Location location, OpBuilder &builder,
                 ArrayRef<Value> operands, ArrayRef<AffineMap> maps) {
  SmallVector<NamedAttribute> attributes;
  if (Attribute cast = op->getAttr("cast"))
    attributes.push_back(builder.getNamedAttr("cast", cast));
  auto made = linalg::ContractOp::create(
      builder, location, operands.back().getType(), operands.drop_back(),
      operands.back(), builder.getAffineMapArrayAttr(maps), attributes);
  return cast<IndexingMapOpInterface>(made.getOperation());
}

/// Drops unit dimensions of one op; whether there were any.
static bool dropFrom(RewriterBase &rewriter, linalg::LinalgOp op) {
  bool isContraction = !isa<linalg::GenericOp>(op.getOperation());
  SmallVector<unsigned> dims = findUnitDims(op, isContraction);
  if (dims.empty())
    return false;
  linalg::ControlDropUnitDims control;
  control.controlFn = [&](Operation *) { return dims; };
  auto buildContract = [&](Location location, OpBuilder &builder,
                           IndexingMapOpInterface, ArrayRef<Value> operands,
                           ArrayRef<AffineMap> maps,
                           const llvm::SmallDenseSet<unsigned> &) {
    return buildContraction(op, location, builder, operands, maps);
  };
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::DropUnitDimsResult> dropped =
      isContraction
          ? linalg::dropUnitDims(
                rewriter, cast<IndexingMapOpInterface>(op.getOperation()),
                buildContract, control)
          : linalg::dropUnitDims(
                rewriter, cast<linalg::GenericOp>(op.getOperation()), control);
  if (failed(dropped))
    return false;
  dropped->resultOp->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, dropped->replacements);
  return true;
}

/// Contractions of two tensors by multiplication and addition, which
/// linalg.contract can say.
static bool isNamedContraction(linalg::LinalgOp op) {
  return !isa<linalg::GenericOp>(op.getOperation()) &&
         op->getNumOperands() == 3 && linalg::isaContractionOpInterface(op);
}

/// Cancels reshapes, also with what makes tensors from nothing.
static void cancelReshapes(Operation *root) {
  MLIRContext *context = root->getContext();
  RewritePatternSet patterns(context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  linalg::FillOp::getCanonicalizationPatterns(patterns, context);
  GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  (void)applyPatternsGreedily(root, std::move(patterns), config);
}

void memwall::dropUnitDims(RewriterBase &rewriter, Operation *root,
                           SpellingLog &log) {
  for (linalg::LinalgOp op : collectFree<linalg::LinalgOp>(root)) {
    if (!op.hasPureTensorSemantics() ||
        (!isa<linalg::GenericOp>(op.getOperation()) && !isNamedContraction(op)))
      continue;
    NormalizedSpelling entry = {op.getLoc(),
                                (op->getName().getStringRef() +
                                 " is written without dimensions of extent 1")
                                    .str()};
    if (dropFrom(rewriter, op))
      log.push_back(std::move(entry));
  }
  cancelReshapes(root);
}
