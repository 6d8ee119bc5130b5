//===- ClosedForm.h - Traffic of tiled loops in closed form -----*- C++ -*-===//
//
// What one level fetches and writes back for a row of loops, outermost first,
// in a microsecond: the ranking of a search, whose last word has the Traffic
// model. Explicit levels by the best retention depths, caches by estimated
// reuse distances in lines and sets. docs/Search.md, "Closed forms".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_CLOSEDFORM_H
#define MEMWALL_LIB_SEARCH_CLOSEDFORM_H

#include "OpShape.h"
#include "memwall/Target/Target.h"

namespace memwall {

/// A loop over `dim` that goes in steps of `size` iterations of the op.
struct SearchLoop {
  unsigned dim = 0;
  int64_t size = 1;
};

/// Extents of a tile, by dimension.
using TileExtents = llvm::SmallVector<int64_t, 6>;

/// What a tile touches of an operand.
struct Footprint {
  double bits = 0;    ///< Elements.
  double sectors = 0; ///< Granules of transfer.
  /// Capacity that it takes: bits in an explicit level; lines in a cache, and
  /// as many more as the fullest set has more than its share.
  double held = 0;
};

/// The footprint of `operand` over a tile of `extents` in `level`.
Footprint computeFootprint(const OperandShape &operand,
                           llvm::ArrayRef<int64_t> extents, const Level &level);

/// Capacity of `level` in the unit of Footprint::held.
double getHeldCapacity(const Level &level);

/// Bytes that `level` fetches and writes back when `loops` run around the box
/// of the op and capacity is `capacity` (Footprint::held). The first
/// `bandLoops` are tile loops, the rest the op's own. What is inside of all
/// loops is taken to be one unit that fits.
double estimateTraffic(const OpShape &op, llvm::ArrayRef<SearchLoop> loops,
                       unsigned bandLoops, const Level &level, double capacity);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_CLOSEDFORM_H
