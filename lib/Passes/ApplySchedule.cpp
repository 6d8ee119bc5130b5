//===- ApplySchedule.cpp - Applies the schedules on ops -------------------===//

#include "SelectTargets.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/IR/ScheduleAttr.h"
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
    SmallVector<std::string> names = joinTargetNames(target, targets);
    if (names.empty())
      return checkLevelNames(module);
    FailureOr<Target> machine = selectTarget(module, names, targetFile);
    if (failed(machine))
      return failure();
    return checkScheduleAttributes(module, *machine);
  }

  /// Whatever the target, a tile stays in a level that some target has.
  LogicalResult checkLevelNames(ModuleOp module) {
    SmallVector<std::string> moduleNames;
    FailureOr<Registry> registry =
        createModuleRegistry(module, targetFile, moduleNames);
    if (failed(registry))
      return failure();
    WalkResult result = module.walk([&](Operation *op) {
      auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
      if (!schedule)
        return WalkResult::advance();
      for (TileBandAttr band : schedule.getBands())
        if (llvm::Error error = registry->checkLevelName(band.getLevel())) {
          op->emitOpError("has a schedule that does not fit: ")
              << llvm::toString(std::move(error));
          return WalkResult::interrupt();
        }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }
};
} // namespace
