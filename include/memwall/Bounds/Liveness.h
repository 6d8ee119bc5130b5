//===- Liveness.h - Which storage is alive when -----------------*- C++ -*-===//
//
// What a program has to keep in memory while it runs, step by step: arguments,
// constants and globals all the time, an intermediate from its first to its
// last use. docs/Model.md, B12.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_LIVENESS_H
#define MEMWALL_BOUNDS_LIVENESS_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// One nest of the program, in the order in which nests run.
struct LiveStep {
  OpId op = 0;
  int64_t bytes = 0; ///< Of intermediates that are alive while it runs.
};

/// See the head of this file.
struct Liveness {
  int64_t liveInBytes = 0; ///< Arguments, constants and globals.
  llvm::SmallVector<LiveStep, 0> steps;
  size_t peak = 0; ///< The first step with the most bytes; 0 without steps.
  /// Intermediates that are alive at the peak, the largest first.
  llvm::SmallVector<BufferId, 0> aliveAtPeak;

  int64_t peakBytes() const { return steps.empty() ? 0 : steps[peak].bytes; }
};

Liveness computeLiveness(const LoopTree &tree);

} // namespace memwall

#endif // MEMWALL_BOUNDS_LIVENESS_H
