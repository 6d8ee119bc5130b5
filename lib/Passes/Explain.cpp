//===- Explain.cpp - memwall-explain --------------------------------------===//

#include "memwall/Report/Explain.h"
#include "ApplyAndCount.h"
#include "ForeignFunctions.h"
#include "ModuleTrees.h"
#include "ParseChoice.h"
#include "ParseOptions.h"
#include "SelectTargets.h"
#include "WarnUnmodelled.h"
#include "WriteReport.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/FindOps.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"

namespace memwall {
#define GEN_PASS_DEF_EXPLAIN
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct ExplainPass : public memwall::impl::ExplainBase<ExplainPass> {
  using ExplainBase::ExplainBase;

  /// Offers are applied to a clone.
  void getDependentDialects(DialectRegistry &registry) const override {
    ExplainBase::getDependentDialects(registry);
    registry.insert<MemWallDialect>();
    registerTilingDialects(registry);
  }

  void runOnOperation() override {
    RaisedFunctions raised(getOperation());
    if (failed(explain(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult explain(ModuleOp module) {
    FailureOr<bool> isJSON = parseChoice<bool>(
        module, "format", format, {{"text", false}, {"json", true}});
    FailureOr<Accuracy> parsed = parseAccuracy(module, accuracy);
    FailureOr<Target> selected =
        selectTarget(module, joinTargetNames(target, targets), targetFile);
    if (failed(isJSON) || failed(parsed) || failed(selected))
      return failure();
    RenderOptions render;
    if (failed(fitTerminal(module, render, output, columns)))
      return failure();
    FailureOr<ModuleTrees> trees = buildModuleTrees(module, dims);
    if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
      return failure();
    ReportOptions options(BandwidthChoice::Peak, *parsed);
    FailureOr<FoundOp> found =
        findCostliestOp(module, trees->trees, *selected, options, op);
    if (failed(found))
      return failure();
    FailureOr<unsigned> depth =
        findDepth(module, *selected, level, found->figures());
    if (failed(depth))
      return failure();
    ModuleOp analysed = trees->copy ? *trees->copy : module;
    const LoopTree &tree = trees->trees[found->tree];
    Explanation why = explainOp(
        tree, *selected, options, found->function, found->op, *depth,
        [&](ArrayRef<OpSchedule> schedules) {
          return applyAndCount(analysed, tree, schedules, *selected, *depth,
                               *parsed);
        },
        [&](OpId copy, OpId op) {
          return foldAndCount(analysed, tree, copy, op, *selected, *depth,
                              *parsed);
        });
    return writeOutput(module, "explanation", output, [&](raw_ostream &os) {
      if (*isJSON)
        return renderExplanationJSON(why, os);
      if (found->matches > 1 && !op.empty())
        os << found->matches << " operations are '" << op
           << "'; this is the one that takes longest\n";
      renderExplanation(why, os, render.columns);
    });
  }
};
} // namespace
