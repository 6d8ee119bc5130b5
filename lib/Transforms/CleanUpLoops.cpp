//===- CleanUpLoops.cpp - Folds what tiling leaves behind -----------------===//

#include "memwall/Transforms/CleanUpLoops.h"
#include "FillsAndBroadcasts.h"
#include "LocalEmpties.h"
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
    numberNewEmpties(loop);
    eliminateCommonSubExpressions(rewriter, dominance, loop);
    forgetEmpties(loop);
    // Accumulators that started from equal fills do not share one.
    SmallVector<Operation *> fills;
    loop->walk([&](Operation *op) {
      if (isFillOrBroadcast(op))
        fills.push_back(op);
    });
    for (Operation *fill : fills)
      separateInits(rewriter, fill, [](Operation *) { return false; });
    loop->walk([&](Operation *op) { inside.push_back(op); });
  }
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
  config.setListener(
      dyn_cast_if_present<RewriterBase::Listener>(rewriter.getListener()));
  // What does not converge is only less tidy.
  (void)applyOpPatternsGreedily(inside, std::move(patterns), config);
}
