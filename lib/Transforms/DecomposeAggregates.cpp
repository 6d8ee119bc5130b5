//===- DecomposeAggregates.cpp - Ops that stand for several ---------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

/// Gives the ops from `first` up to `last` the discardable attributes of an op
/// that they replace, such as the step of the layer that it belongs to.
static void passOnAttributes(DictionaryAttr attributes, Operation *first,
                             Operation *last) {
  for (Operation *op = first; op && op != last; op = op->getNextNode())
    if (isa<linalg::LinalgOp>(op))
      op->setDiscardableAttrs(attributes);
}

static FailureOr<SmallVector<Value>> decompose(RewriterBase &rewriter,
                                               Operation *op) {
  rewriter.setInsertionPoint(op);
  return cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
}

/// Softmax of integers verifies, and upstream crashes on the least float that
/// it looks for.
static bool isSoftmaxOfIntegers(Operation *op) {
  auto softmax = dyn_cast<linalg::SoftmaxOp>(op);
  return softmax &&
         !isa<FloatType>(softmax.getInputOperandType().getElementType());
}

/// Upstream decomposes Winograd transforms by rewriters of their own.
static LogicalResult decomposeWinograd(RewriterBase &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](linalg::WinogradFilterTransformOp transform) {
        return linalg::decomposeWinogradFilterTransformOp(rewriter, transform);
      })
      .Case([&](linalg::WinogradInputTransformOp transform) {
        return linalg::decomposeWinogradInputTransformOp(rewriter, transform);
      })
      .Case([&](linalg::WinogradOutputTransformOp transform) {
        return linalg::decomposeWinogradOutputTransformOp(rewriter, transform);
      })
      .Default(failure());
}

/// Packs and unpacks that leave every element where it is.
static void simplifyRelayouts(RewriterBase &rewriter, Operation *root) {
  SmallVector<Operation *> relayouts;
  root->walk([&](Operation *op) {
    if (isa<linalg::PackOp, linalg::UnPackOp>(op) && !isPinned(op))
      relayouts.push_back(op);
  });
  RewritePatternSet patterns(root->getContext());
  linalg::populateSimplifyPackAndUnpackPatterns(patterns);
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingOps);
  (void)applyOpPatternsGreedily(relayouts, std::move(patterns), config);
}

void memwall::decomposeAggregates(RewriterBase &rewriter, Operation *root,
                                  SpellingLog &log) {
  SmallVector<Operation *> aggregates;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool isAggregate =
        isa<linalg::AggregatedOpInterface, linalg::WinogradFilterTransformOp,
            linalg::WinogradInputTransformOp,
            linalg::WinogradOutputTransformOp>(op);
    if (isAggregate && op->getNumResults() > 0 && !isPinned(op) &&
        !isSoftmaxOfIntegers(op))
      aggregates.push_back(op);
  });
  for (Operation *op : aggregates) {
    Operation *before = op->getPrevNode();
    Block *block = op->getBlock();
    Operation *after = op->getNextNode();
    DictionaryAttr attributes = op->getDiscardableAttrDictionary();
    NormalizedSpelling entry = {
        op->getLoc(),
        (op->getName().getStringRef() + " is written as the ops it stands for")
            .str()};
    if (isa<linalg::AggregatedOpInterface>(op)) {
      FailureOr<SmallVector<Value>> results = decompose(rewriter, op);
      if (failed(results) || results->size() != op->getNumResults())
        continue;
      rewriter.replaceOp(op, *results);
    } else if (failed(decomposeWinograd(rewriter, op))) {
      continue;
    }
    log.push_back(std::move(entry));
    passOnAttributes(attributes,
                     before ? before->getNextNode() : &block->front(), after);
  }
  simplifyRelayouts(rewriter, root);
}
