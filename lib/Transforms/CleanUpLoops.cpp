//===- CleanUpLoops.cpp - Folds what tiling leaves behind -----------------===//

#include "memwall/Transforms/CleanUpLoops.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

void memwall::cleanUpLoops(RewriterBase &rewriter,
                           ArrayRef<Operation *> outermostLoops) {
  if (outermostLoops.empty())
    return;
  MLIRContext *context = outermostLoops.front()->getContext();
  RewritePatternSet patterns(context);
  linalg::populateLinalgTilingCanonicalizationPatterns(patterns);
  scf::populateSCFForLoopCanonicalizationPatterns(patterns);
  SmallVector<Operation *> inside;
  for (Operation *loop : outermostLoops) {
    DominanceInfo dominance(loop);
    eliminateCommonSubExpressions(rewriter, dominance, loop);
    loop->walk([&](Operation *op) { inside.push_back(op); });
  }
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
  // What does not converge is only less tidy.
  (void)applyOpPatternsGreedily(inside, std::move(patterns), config);
}
