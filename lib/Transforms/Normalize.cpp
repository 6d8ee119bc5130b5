//===- Normalize.cpp - One spelling of every program ----------------------===//

#include "memwall/Transforms/Normalize.h"
#include "NormalForm.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

bool memwall::isPinned(Operation *op) {
  StringRef decisions[] = {kScheduleAttrName, kTiledAttrName,
                           kPackedAheadAttrName, kMaxBytesAttrName,
                           kNontemporalAttrName};
  return llvm::any_of(decisions,
                      [&](StringRef name) { return op->hasAttr(name); });
}

SmallVector<linalg::GenericOp> memwall::collectTensorGenerics(Operation *root) {
  SmallVector<linalg::GenericOp> found = collectFree<linalg::GenericOp>(root);
  llvm::erase_if(
      found, [](linalg::GenericOp op) { return !op.hasPureTensorSemantics(); });
  return found;
}

/// "f.mlir:7:10"; "" for a place without a file.
static std::string describePlace(Location location) {
  if (auto file = location->findInstanceOf<FileLineColLoc>())
    return (" at " + file.getFilename().getValue() + ":" +
            Twine(file.getLine()) + ":" + Twine(file.getColumn()))
        .str();
  return "";
}

std::string memwall::describeWithPlace(Operation *op) {
  return op->getName().getStringRef().str() + describePlace(op->getLoc());
}

void memwall::log(SpellingLog &log, Operation *op, const Twine &what) {
  log.push_back(
      {op->getLoc(), (op->getName().getStringRef() + " " + what).str()});
}

/// Erases what nothing needs any more, users before what they use.
static void eraseDead(RewriterBase &rewriter, Operation *root) {
  SmallVector<Operation *> ops;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (op != root && isOpTriviallyDead(op))
      rewriter.eraseOp(op);
}

/// Folds what can be folded, and cancels reshapes, also with what makes tensors
/// from nothing.
static void foldReshapes(Operation *root) {
  MLIRContext *context = root->getContext();
  RewritePatternSet patterns(context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  linalg::FillOp::getCanonicalizationPatterns(patterns, context);
  GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  // Weights that a front end left out have one attribute, but are many.
  config.enableConstantCSE(false);
  (void)applyPatternsGreedily(root, std::move(patterns), config);
}

SmallVector<NormalizedSpelling> memwall::normalize(Operation *root) {
  IRRewriter rewriter(root->getContext());
  SmallVector<NormalizedSpelling> log;
  eraseDead(rewriter, root);
  decomposeAggregates(rewriter, root, log);
  spellAsGeneric(rewriter, root, log);
  dropUnitDims(rewriter, root, log);
  foldReshapes(root);
  shareViews(rewriter, root);
  inlineScalars(rewriter, root, log);
  eraseDead(rewriter, root);
  mergeElementwise(rewriter, root, log);
  separateFills(rewriter, root, log);
  foldReshapes(root);
  insertInPlace(rewriter, root, log);
  shareViews(rewriter, root);
  spellBodies(rewriter, root);
  eraseDead(rewriter, root);
  placeFreeOps(rewriter, root);
  placeConstants(rewriter, root);
  return log;
}
