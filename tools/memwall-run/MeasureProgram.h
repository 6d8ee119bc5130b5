//===- MeasureProgram.h - Everything about one program ----------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_MEASUREPROGRAM_H
#define MEMWALL_TOOLS_RUN_MEASUREPROGRAM_H

#include "memwall/Bounds/Roofline.h"
#include "memwall/Report/PredictTime.h"
#include "memwall/Simulator/RunProgram.h"
#include "memwall/Target/RegisterTile.h"
#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// What the command line asks for.
struct MeasureOptions {
  RunOptions run;
  std::optional<Target> target; ///< Simulate this one.
  /// Hold times to the peaks of this one where none is simulated.
  std::optional<Target> machine;
  Stacking stacking = Stacking::Independent;
  Accuracy accuracy = Accuracy::Default; ///< Of the prediction.
  bool time = false;                     ///< Also run unobserved.
  /// Run unobserved in vector code, not in loops of one element.
  bool vectorize = false;
  VectorRegisters registers; ///< Of vector code.
  int64_t threads = 1;       ///< That vector code runs on.
  bool printOutput = false;  ///< Of the program, on standard error.
  bool printStorage = false; ///< What moves of each buffer.

  const std::optional<Target> &predicted() const {
    return target ? target : machine;
  }
};

/// Storage of a program, and what moves of it.
struct StorageBytes {
  std::string name;
  int64_t bytes = 0;                        ///< Its size.
  llvm::SmallVector<ServedBytes, 4> levels; ///< As the target's.
};

/// What the traffic model says of a program.
struct Prediction {
  llvm::SmallVector<StorageBytes, 0> storage; ///< In program order.
  llvm::SmallVector<ServedBytes, 4> levels;   ///< As the target's.
  /// How the bytes of each level were computed.
  llvm::SmallVector<Provenance, 4> provenances;
  int64_t flops = 0;
  int64_t floorBytes = 0;
  /// Operations by type and kind of unit, the most first.
  llvm::SmallVector<ComputeWork, 2> work;
  /// Of the unobserved run, where it was asked for.
  std::optional<PredictedTime> time;
  SumRounding rounding; ///< Of the outputs.
};

/// What is known of a program after it was run. Absent: not asked for.
struct Measurement {
  std::string entry;
  std::optional<Prediction> prediction;
  llvm::SmallVector<SimulatedLevel, 4> levels; ///< Empty: not simulated.
  llvm::SmallVector<int64_t, 0> storageBytes;  ///< Sizes of simulated buffers.
  int64_t accesses = 0;
  double simulationSeconds = 0;
  std::optional<double> seconds; ///< Of the unobserved run.
  double compileSeconds = 0;     ///< Before it.
  std::vector<HostTensor> outputs;
};

/// Runs clones of `module`, which stays as it is.
mlir::FailureOr<Measurement> measureProgram(mlir::ModuleOp module,
                                            const MeasureOptions &options);

/// How often numbers are rounded, one after another, on the way to an output:
/// the longest chain through the buffers of `tree`, where a sum of n terms
/// rounds n times, and any other op once.
SumRounding estimateRounding(const LoopTree &tree, mlir::MLIRContext *context);

/// Asks the traffic model about the entry for `target`; without one only for
/// FLOPs and floor. Nullopt, with a diagnostic, when it does not understand the
/// function.
std::optional<Prediction> predict(mlir::ModuleOp module,
                                  const std::optional<Target> &target,
                                  const MeasureOptions &options);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_MEASUREPROGRAM_H
