//===- MeasurePrograms.h - Predicted beside measured ------------*- C++ -*-===//
//
// The sweep's core: a stream of programs, each with a target of its own, each
// predicted by the traffic model and measured by the simulator, every level
// seeing every access. The two sides may run in different processes: what was
// measured once can be kept while the model changes.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H
#define MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H

#include "PlantFault.h"
#include "memwall/Simulator/Hierarchy.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// What the model says of one program.
struct Prediction {
  LoopTree tree;
  Traffic traffic;
  double seconds = 0;  ///< Of `traffic`, on the processor.
  Traffic byDistances; ///< Without walking: as of programs that are too large.
};

/// What the simulator says of one program.
struct Measurement {
  llvm::SmallVector<SimulatedLevel, 4> levels;
  int64_t accesses = 0;
  double seconds = 0; ///< Of lowering, compiling, simulating; on the processor.
};

/// One program: either side is absent where it was not asked for.
struct Comparison {
  Target target;
  std::optional<Prediction> predicted;
  std::optional<Measurement> measured;
};

/// The first target on the module. Fails with a diagnostic.
mlir::FailureOr<Target> findModuleTarget(mlir::ModuleOp module);

/// Predicts the function `f` of `module` on `target`, by a model with `fault`.
/// Fails with a diagnostic when the model does not understand all of it.
mlir::FailureOr<Prediction> predictProgram(mlir::ModuleOp module,
                                           const Target &target,
                                           Accuracy accuracy, Fault fault);

/// Simulates the function `f` of `module`, which is lowered in place, on
/// `target`; `seed` is that of its arguments' values. Fails with a diagnostic.
mlir::FailureOr<Measurement>
measureProgram(mlir::ModuleOp module, const Target &target, uint64_t seed);

/// The head of the table of `printRows`.
void printHeader(llvm::raw_ostream &os);

/// One row for the accesses (cache "none") and one for each cache: the cache,
/// then what misses it as predicted (where it comes from, and by reuse
/// distances alone), the function's compulsory bytes (its floor), and what
/// misses it as measured. Cells of a side that is absent are empty.
void printRows(llvm::StringRef program, const Comparison &comparison,
               llvm::raw_ostream &os);

/// Every buffer behind every cache, for people; needs both sides.
void printBuffers(const Comparison &comparison, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H
