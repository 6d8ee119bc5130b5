//===- Optimize.cpp - Tiles where fewer bytes are moved -------------------===//

#include "ModuleTrees.h"
#include "OptimizeModule.h"
#include "ParseOptions.h"
#include "SelectTargets.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"

namespace memwall {
#define GEN_PASS_DEF_OPTIMIZE
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct OptimizePass : public memwall::impl::OptimizeBase<OptimizePass> {
  using OptimizeBase::OptimizeBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registerMemWallDialect(registry);
    registry.insert<memref::MemRefDialect>();
    registerTilingDialects(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SearchOptions options{packWeightsAhead, pack, parallel, fuse, stream};
    options.split = split;
    options.nontemporal = nontemporal;
    options.forVectorCode = vectorCode;
    FailureOr<Target> machine =
        selectTarget(module, joinTargetNames(target, targets), targetFile);
    FailureOr<Accuracy> parsed = parseAccuracy(module, accuracy);
    if (failed(machine) || failed(parsed))
      return signalPassFailure();
    FailureOr<ObjectiveKind> aim = parseObjective(module, objective, *machine);
    if (failed(aim) || failed(bindDims(module, dims)))
      return signalPassFailure();
    options.inContext.accuracy = *parsed;
    options.objective = *aim;
    if (failed(optimizeModule(module, *machine, options, strict)))
      signalPassFailure();
  }
};
} // namespace
