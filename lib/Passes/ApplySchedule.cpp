//===- ApplySchedule.cpp - Applies the schedules on ops -------------------===//

#include "SelectTargets.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Schedule/CheckFit.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"

namespace memwall {
#define GEN_PASS_DEF_APPLYSCHEDULE
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct ApplySchedulePass
    : public memwall::impl::ApplyScheduleBase<ApplySchedulePass> {
  using ApplyScheduleBase::ApplyScheduleBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registerMemWallDialect(registry);
    registerTilingDialects(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(checkAgainstTarget(module)) ||
        failed(applyScheduleAttributes(module)))
      signalPassFailure();
  }

private:
  LogicalResult checkAgainstTarget(ModuleOp module) {
    if (target.empty())
      return success();
    FailureOr<Target> machine = selectTarget(module, target, targetFile);
    if (failed(machine))
      return failure();
    return checkScheduleAttributes(module, *machine);
  }
};
} // namespace
