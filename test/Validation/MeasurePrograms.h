//===- MeasurePrograms.h - Predicted beside measured ------------*- C++ -*-===//
//
// The sweep's core: a stream of programs, each with a target of its own, each
// predicted by the traffic model and measured by the simulator, every level
// seeing every access.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H
#define MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H

#include "memwall/Simulator/Hierarchy.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// One program and what the two sides say of it.
struct Comparison {
  Target target;
  LoopTree tree;
  Traffic predicted;
  Traffic byDistances; ///< Without walking: as of programs that are too large.
  llvm::SmallVector<SimulatedLevel, 4> measured;
  int64_t accesses = 0;
};

/// Predicts and measures the function `f` of `module`, which is lowered in
/// place, on the module's first target. Fails with a diagnostic, also when the
/// model does not understand all of the function.
mlir::FailureOr<Comparison> comparePrediction(mlir::ModuleOp module);

/// The deliberately broken model: halves what it says about the operand that
/// it says most about, at every level that is not the innermost.
void halveLargestOperand(Traffic &traffic);

/// The head of the table of `printRows`.
void printHeader(llvm::raw_ostream &os);

/// One row for the accesses (cache "none") and one for each cache: what misses
/// it, predicted (also by reuse distances alone) and measured, and the
/// function's compulsory bytes (its floor).
void printRows(llvm::StringRef program, const Comparison &comparison,
               llvm::raw_ostream &os);

/// Every buffer behind every cache, for people.
void printBuffers(const Comparison &comparison, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_TEST_VALIDATION_MEASUREPROGRAMS_H
