//===- OpShape.h - What the search knows of an op ---------------*- C++ -*-===//
//
// One nest without its surroundings: a box of iterations and operands that are
// linear forms over it. Closed forms work on this alone.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_OPSHAPE_H
#define MEMWALL_LIB_SEARCH_OPSHAPE_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// Bits from one iteration of a dimension to the next.
struct OperandTerm {
  unsigned dim = 0;
  int64_t strideBits = 0; ///< Positive.
};

/// Storage that a nest touches in one way.
struct OperandShape {
  BufferId buffer = 0;
  int64_t elementBits = 32;
  llvm::SmallVector<OperandTerm, 4> terms; ///< Smallest stride first.
  uint32_t dims = 0;                       ///< Bit d: moves with dimension d.
  bool isRead = false;
  bool isWritten = false;
  /// Accumulators that start from a fill or a broadcast, which goes into the
  /// tile loops: their first visit reads nothing.
  bool startsFresh = false;
  /// Laid out in tiles beforehand: whatever a tile touches is contiguous.
  bool isPacked = false;

  bool movesWith(unsigned dim) const { return dims >> dim & 1; }
};

/// See the head of this file.
struct OpShape {
  llvm::SmallVector<int64_t, 6> extents;
  llvm::SmallVector<bool, 6> isReduction;
  llvm::SmallVector<OperandShape, 4> operands;
  /// Leading dimensions that tile loops can cut: all, but for the inner tiles
  /// of a pack, whose loops have one order only.
  unsigned tiledRank = 0;
  /// Bit d: dimension d has no tile loops. An operand runs backwards along it,
  /// of which upstream's tiles leave the operand; or it is a part of a
  /// dimension of the op that a floordiv or mod splits, and no part but the
  /// outermost can be cut.
  uint32_t uncutDims = 0;
  /// Bit d: dimension d is a part of the same dimension of the op as d - 1, and
  /// directly inside of it.
  uint32_t partDims = 0;

  unsigned rank() const { return extents.size(); }
  bool canCut(unsigned dim) const {
    return dim < tiledRank && !(uncutDims >> dim & 1);
  }
  bool isPart(unsigned dim) const { return partDims >> dim & 1; }
  bool hasInnerTiles() const { return tiledRank < rank(); }
  /// Whether the op reuses nothing but lines: all operands move with all that
  /// it does, as those of transposes do.
  bool reusesOnlyLines() const;
};

/// The shape of nest `node`. An error that says why where a search cannot help:
/// data-dependent accesses, extents that are no constants, more than 16
/// dimensions or 8 operands, loops that are no dimensions of the op.
llvm::Expected<OpShape> readOpShape(const LoopTree &tree, NodeId node);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_OPSHAPE_H
