//===- MeasureProgram.cpp - Everything about one program ------------------===//

#include "MeasureProgram.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Target/ExplicitAsCached.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"
#include <climits>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <malloc.h>
#include <unistd.h>

using namespace mlir;
using namespace memwall;

namespace {

/// While this lives, what the program prints goes to standard error, or
/// nowhere: standard output is the report's.
class ProgramOutput {
public:
  explicit ProgramOutput(bool show) : saved(dup(STDOUT_FILENO)) {
    llvm::outs().flush();
    int target = show ? dup(STDERR_FILENO) : open("/dev/null", O_WRONLY);
    dup2(target, STDOUT_FILENO);
    close(target);
  }
  ~ProgramOutput() {
    std::cout.flush();
    std::fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
  }

private:
  int saved;
};

} // namespace

/// Memory that a timed program gives back stays with the process, so that the
/// next run finds it mapped: what is timed is not the kernel that clears pages.
static void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, INT_MAX);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

/// The pipeline `memwall-lower-to-llvm`.
static LogicalResult lowerToVectorCode(ModuleOp module,
                                       const MeasureOptions &measure) {
  PassManager manager(module.getContext());
  LowerToLLVMOptions options;
  options.vectorBits = measure.registers.bits;
  options.vectorRegisters = measure.registers.count;
  options.dotInstructions = measure.registers.dots.print();
  options.threads = measure.threads;
  if (failed(buildLowerToLLVMPipeline(manager, options)))
    return failure();
  return manager.run(module);
}

FailureOr<Measurement> memwall::measureProgram(ModuleOp module,
                                               const MeasureOptions &options) {
  Measurement measurement;
  measurement.entry = options.run.entry;
  // Like is compared with like: what the program would keep in an explicit
  // level cannot be executed, so both sides take it for a cache.
  std::optional<Target> target = options.target;
  if (target)
    target = treatExplicitAsCached(std::move(*target));
  measurement.prediction =
      predict(module, target ? target : options.machine, options);
  RunOptions run = options.run;
  ProgramOutput output(options.printOutput);
  if (target) {
    llvm::Expected<std::unique_ptr<Hierarchy>> memory =
        Hierarchy::create(*target, options.stacking);
    if (!memory)
      return module.emitError(llvm::toString(memory.takeError()));
    run.units = target->units;
    OwningOpRef<ModuleOp> clone = module.clone();
    FailureOr<RunResult> result = runProgram(*clone, run, memory->get());
    if (failed(result))
      return failure();
    measurement.levels = (*memory)->getTraffic();
    const AddressMap &map = (*memory)->getAddressMap();
    for (unsigned buffer = 0; buffer < map.getBufferCount(); ++buffer)
      measurement.storageBytes.push_back(int64_t(map.getBytes(buffer)));
    measurement.accesses = result->accesses;
    measurement.simulationSeconds = result->seconds;
    measurement.outputs = std::move(result->outputs);
  }
  if (options.time || options.vectorize || !target) {
    run.repeatSeconds = options.time ? 0.5 : 0;
    if (options.time)
      keepFreedMemory();
    if (options.vectorize)
      run.lowering = [&](ModuleOp lowered) {
        return lowerToVectorCode(lowered, options);
      };
    OwningOpRef<ModuleOp> clone = module.clone();
    FailureOr<RunResult> result = runProgram(*clone, run, nullptr);
    if (failed(result))
      return failure();
    measurement.seconds = result->seconds;
    measurement.compileSeconds = result->compileSeconds;
    measurement.outputs = std::move(result->outputs);
  }
  return measurement;
}
