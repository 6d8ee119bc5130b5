//===- PredictVectorTime.cpp - The time of vector code --------------------===//

#include "memwall/Passes/PredictVectorTime.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace memwall;

FailureOr<PredictedTime> memwall::predictVectorTime(ModuleOp module,
                                                    llvm::StringRef entry,
                                                    const Target &target,
                                                    const VectorCode &code) {
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> vectors = module.clone();
  VectorizeOptions options;
  options.vectorBits = code.registers.bits;
  options.vectorRegisters = code.registers.count;
  options.dotInstructions = code.registers.dots.print();
  options.threads = code.threads;
  PassManager manager(module.getContext());
  manager.addPass(createVectorize(options));
  if (failed(manager.run(*vectors)))
    return failure();
  auto function = vectors->lookupSymbol<FunctionOpInterface>(entry);
  if (!function || function.isExternal())
    return failure();
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree) || !tree->unmodelled.empty())
    return failure();
  // Walks of sets as a report has them would take a second of a core.
  TrafficOptions traffic;
  traffic.recordsOperands = false;
  traffic.budget.emplace();
  traffic.budget->sets = 2;
  traffic.budget->wholeSteps = 1 << 18;
  traffic.budget->work = 1 << 18;
  return predictTime(*tree, target, traffic, BandwidthChoice::Achievable,
                     code.threads);
}
