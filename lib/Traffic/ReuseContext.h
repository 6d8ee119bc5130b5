//===- ReuseContext.h - What all parts of one analysis share ----*- C++ -*-===//
//
// Internal to the reuse analysis.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_REUSECONTEXT_H
#define MEMWALL_LIB_TRAFFIC_REUSECONTEXT_H

#include "Touch.h"
#include <vector>

namespace memwall {

/// The program, what is known of its nodes so far, and where classes go.
struct ReuseContext {
  ReuseContext(const LoopTree &source, const ConstantTree &tree,
               const ReuseConfig &config, ReuseConsumer consume);

  bool isStored(BufferId buffer) const { return firstStore[buffer] != ~0u; }
  /// Whether data that the program has stored to `buffer` before leaf `leaf` is
  /// still defined when the next child of node `n` runs (`acrossIterations`:
  /// the next iteration). A buffer that a loop allocates has new, undefined
  /// content in each of its iterations.
  bool holdsStoredData(BufferId buffer, unsigned leaf, unsigned n,
                       bool acrossIterations) const;

  /// The op that meets `touch` of node `n` last.
  OpId findLastOp(unsigned n, const Touch &touch) const;

  const LoopTree &source;
  const ConstantTree &tree;
  const ReuseConfig &config;
  ReuseConsumer consume;
  std::vector<Summary> nodes;
  /// All lines that the function touches: no distance exceeds them.
  double allLines;
  /// By buffer: the first leaf that stores to it, ~0u where there is none.
  llvm::SmallVector<unsigned, 0> firstStore;
  llvm::SmallVector<unsigned, 0> nodeDepth; ///< By node; 0 at the root.
  GapId gaps = 0;                           ///< Numbered so far.
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_REUSECONTEXT_H
