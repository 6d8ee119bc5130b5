//===- Annotate.cpp - memwall-annotate ------------------------------------===//

#include "FigureAttributes.h"
#include "ForeignFunctions.h"
#include "ModuleTrees.h"
#include "ParseOptions.h"
#include "SelectTargets.h"
#include "WarnUnmodelled.h"
#include "WriteReport.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"

namespace memwall {
#define GEN_PASS_DEF_ANNOTATE
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct AnnotatePass : public memwall::impl::AnnotateBase<AnnotatePass> {
  using AnnotateBase::AnnotateBase;

  void runOnOperation() override {
    RaisedFunctions raised(getOperation());
    if (failed(annotate(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult annotate(ModuleOp module) {
    FailureOr<Target> selected =
        selectTarget(module, joinTargetNames(target, targets), targetFile);
    FailureOr<Accuracy> parsed = parseAccuracy(module, accuracy);
    if (failed(selected) || failed(parsed) || failed(bindDims(module, dims)))
      return failure();
    FailureOr<ModuleTrees> trees = buildModuleTrees(module);
    if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
      return failure();
    Report report = computeReport(trees->trees, {*selected},
                                  {BandwidthChoice::Peak, *parsed});
    warnOfOverflow(module, report);
    attachFigures(module, report);
    return success();
  }
};
} // namespace
