//===- SearchSchedules.cpp - Writes what Search chooses -------------------===//

#include "ChooseSchedules.h"
#include "ForeignFunctions.h"
#include "ModuleTrees.h"
#include "ParseOptions.h"
#include "SelectTargets.h"
#include "WarnUnmodelled.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"

namespace memwall {
#define GEN_PASS_DEF_SEARCHSCHEDULES
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct SearchSchedulesPass
    : public memwall::impl::SearchSchedulesBase<SearchSchedulesPass> {
  using SearchSchedulesBase::SearchSchedulesBase;

  void runOnOperation() override {
    RaisedFunctions raised(getOperation());
    if (failed(search(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult search(ModuleOp module) {
    FailureOr<Target> machine =
        selectTarget(module, joinTargetNames(target, targets), targetFile);
    if (failed(machine))
      return failure();
    FailureOr<ObjectiveKind> aim = parseObjective(module, objective, *machine);
    if (failed(aim) || failed(bindDims(module, dims)))
      return failure();
    FailureOr<ModuleTrees> trees = buildModuleTrees(module);
    if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
      return failure();
    SearchOptions options{packWeightsAhead, pack, parallel, fuse, stream};
    options.split = split;
    options.objective = *aim;
    options.forVectorCode = vectorCode;
    ModuleChoices choices =
        chooseSchedules(trees->trees, {}, *machine, options);
    for (const OperationGroup &group : choices.groups)
      emitGroupRemark(choices, group, *machine);
    SmallVector<std::pair<Operation *, Schedule>, 0> schedules;
    for (const OperationChoice &found : choices.ops) {
      if (!found.choice.group)
        emitChoiceRemark(found, *machine);
      if (const std::optional<Schedule> &schedule = found.choice.schedule)
        schedules.push_back({found.operation, *schedule});
    }
    writeSchedules(module, schedules);
    return success();
  }
};
} // namespace
