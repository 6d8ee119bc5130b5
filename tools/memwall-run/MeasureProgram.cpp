//===- MeasureProgram.cpp - Everything about one program ------------------===//

#include "MeasureProgram.h"

using namespace mlir;
using namespace memwall;

FailureOr<Measurement> memwall::measureProgram(ModuleOp module,
                                               const MeasureOptions &options) {
  Measurement measurement;
  measurement.entry = options.run.entry;
  measurement.prediction = predict(module, options.run.entry, options.target);
  RunOptions run = options.run;
  if (options.target) {
    llvm::Expected<std::unique_ptr<Hierarchy>> memory =
        Hierarchy::create(*options.target, options.stacking);
    if (!memory)
      return module.emitError(llvm::toString(memory.takeError()));
    run.units = options.target->units;
    OwningOpRef<ModuleOp> clone = module.clone();
    FailureOr<RunResult> result = runProgram(*clone, run, memory->get());
    if (failed(result))
      return failure();
    measurement.levels = (*memory)->getTraffic();
    measurement.accesses = result->accesses;
    measurement.simulationSeconds = result->seconds;
    measurement.outputs = std::move(result->outputs);
  }
  if (options.time || !options.target) {
    run.repeatSeconds = options.time ? 0.5 : 0;
    OwningOpRef<ModuleOp> clone = module.clone();
    FailureOr<RunResult> result = runProgram(*clone, run, nullptr);
    if (failed(result))
      return failure();
    measurement.seconds = result->seconds;
    measurement.outputs = std::move(result->outputs);
  }
  return measurement;
}
