//===- FoldNest.h - Tile loops folded back into one box ---------*- C++ -*-===//
//
// Bounds are statements about the work, not about its tiling. Folding takes a
// nest with all loops around it and merges every chain of tile loops (an outer
// loop that advances by a tile, an inner one that covers it, partial tiles
// included) into one dimension. docs/Model.md, "Folding".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_FOLDNEST_H
#define MEMWALL_WORK_FOLDNEST_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// One dimension of a folded nest.
struct FoldedDim {
  int64_t size = 1;
  /// Every loop of the chain is a reduction or carries the same output.
  bool isReduction = false;
};

/// `stride` elements per step of dimension `dim`.
struct FoldedTerm {
  unsigned dim = 0;
  int64_t stride = 0;
};

/// An access in terms of folded dimensions. A gather is kept as one term per
/// data-dependent index: over all executions it may touch as little as one row.
struct FoldedAccess {
  BufferId buffer = 0;
  bool isWrite = false;
  bool readsFill = false;
  int64_t offset = 0;
  llvm::SmallVector<FoldedTerm, 4> terms;
  bool isGather = false;
};

/// All executions of one nest as one box of iterations.
struct FoldedNest {
  OpId op = 0;
  llvm::SmallVector<FoldedDim, 6> dims;
  llvm::SmallVector<FoldedAccess, 4> accesses;
  /// False when some chain of loops could not be merged: `dims` then still has
  /// every loop, each with its largest trip count.
  bool exact = true;
};

/// Folds the nest `node` of `tree` with the loops around it, up to the root.
FoldedNest foldNest(const LoopTree &tree, NodeId node);

/// Distinct elements that `access` touches over all iterations of the box;
/// a gather counts one row. Exact for accesses whose terms are nested strides,
/// else a lower bound.
int64_t computeDistinctElements(const FoldedNest &nest,
                                const FoldedAccess &access);

} // namespace memwall

#endif // MEMWALL_WORK_FOLDNEST_H
