//===- CheckBudget.cpp - memwall-check-budget -----------------------------===//

#include "Budgets.h"
#include "ForeignFunctions.h"
#include "ModuleTrees.h"
#include "ParseOptions.h"
#include "SelectTargets.h"
#include "WarnUnmodelled.h"
#include "memwall/Passes/Passes.h"

namespace memwall {
#define GEN_PASS_DEF_CHECKBUDGET
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct CheckBudgetPass
    : public memwall::impl::CheckBudgetBase<CheckBudgetPass> {
  using CheckBudgetBase::CheckBudgetBase;

  void runOnOperation() override {
    RaisedFunctions raised(getOperation());
    if (failed(check(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult check(ModuleOp module) {
    SmallVector<std::string> moduleNames;
    FailureOr<Registry> registry =
        createModuleRegistry(module, targetFile, moduleNames);
    FailureOr<Target> selected =
        selectTarget(module, joinTargetNames(target, targets), targetFile);
    FailureOr<Accuracy> parsed = parseAccuracy(module, accuracy);
    if (failed(registry) || failed(selected) || failed(parsed))
      return failure();
    FailureOr<ModuleTrees> trees = buildModuleTrees(module, dims);
    if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
      return failure();
    ModuleOp analysed = trees->copy ? *trees->copy : module;
    return checkBudgets(analysed, trees->trees, *selected, *parsed, *registry);
  }
};
} // namespace
