//===- FoldNest.h - Tile loops folded back into one box ---------*- C++ -*-===//
//
// Bounds are statements about the work, not about its tiling. Folding takes a
// nest with all loops around it and merges every chain of tile loops (an outer
// loop that advances by a tile, an inner one that covers it, partial tiles
// included) into one dimension. docs/Model.md, B1.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_FOLDNEST_H
#define MEMWALL_WORK_FOLDNEST_H

#include "memwall/Work/LoopTree.h"
#include "memwall/Work/StridedBox.h"

namespace memwall {

/// One dimension of a folded nest.
struct FoldedDim {
  int64_t size = 1;
  /// No write of the nest depends on the dimension, and what is written is
  /// carried from one of its iterations to the next. A dimension that no write
  /// depends on and that is not a reduction starts new output values in the
  /// same storage ("private": the buffer is allocated or filled inside it).
  bool isReduction = false;
};

/// `stride` elements per step of dimension `dim`.
struct FoldedTerm {
  unsigned dim = 0;
  int64_t stride = 0;
};

/// An access in terms of folded dimensions. Data-dependent indices are left
/// out: over all executions a gather may touch as little as one row, unless the
/// program says how many.
struct FoldedAccess {
  BufferId buffer = 0;
  bool isWrite = false;
  bool readsFill = false;
  int64_t offset = 0;
  llvm::SmallVector<FoldedTerm, 4> terms; ///< One per dimension at most.
  bool isGather = false;
  /// Rows of a gather that are known to be touched, each by every combination
  /// of the dimensions in `terms`.
  llvm::SmallVector<Progression, 0> rows;
  uint32_t results = 0; ///< See Access.
};

/// All executions of one nest as one box of iterations. Loops that no access
/// depends on (pure repetition) are dimensions that no term names.
struct FoldedNest {
  OpId op = 0;
  llvm::SmallVector<FoldedDim, 6> dims;
  llvm::SmallVector<FoldedAccess, 4> accesses; ///< As in the nest.
  /// False when some chain of loops could not be merged for all accesses
  /// together. The box is then a part of what runs: loops that the extents of
  /// others depend on are held at their first or last iteration.
  bool exact = true;

  /// Whether the box is empty: nothing runs.
  bool isEmpty() const;
};

/// Which nests write a buffer, in program order. Built once per tree for the
/// folding of many nests.
class BufferWriters {
public:
  explicit BufferWriters(const LoopTree &tree);
  llvm::ArrayRef<NodeId> operator[](BufferId buffer) const {
    return nodes[buffer];
  }

private:
  llvm::SmallVector<llvm::SmallVector<NodeId, 2>, 0> nodes;
};

/// Folds the nest `node` of `tree` with the loops around it, up to the root.
FoldedNest foldNest(const LoopTree &tree, NodeId node,
                    const BufferWriters &writers);
FoldedNest foldNest(const LoopTree &tree, NodeId node);

/// Folds for one access of the nest alone, so that only its own loops have to
/// merge; the result has that one access.
FoldedNest foldAccess(const LoopTree &tree, NodeId node, unsigned access);

/// Elements that `access` touches over all iterations of the box.
StridedBox computeElements(const FoldedNest &nest, const FoldedAccess &access);

/// An interval that has every element that `access` of the nest can touch,
/// whatever merges; needs no folding. A gather can touch every row of its
/// range.
StridedBox computeHull(const LoopTree &tree, NodeId node, unsigned access);

/// Distinct elements that `access` touches over all iterations of the box;
/// a gather counts one row, or those known to be touched. Exact for accesses
/// whose terms are nested strides and for most windows, else a lower bound
/// (StridedBox::count).
int64_t computeDistinctElements(const FoldedNest &nest,
                                const FoldedAccess &access);

} // namespace memwall

#endif // MEMWALL_WORK_FOLDNEST_H
