//===- TiledBox.h - The box of an op inside its tile loops ------*- C++ -*-===//
//
// What is left of every dimension of an op at some depth of its tile loops:
// where the tile begins, and how long it is, partial tiles included.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SCHEDULE_TILEDBOX_H
#define MEMWALL_LIB_SCHEDULE_TILEDBOX_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// One dimension. A step is (loop, iterations of the op per iteration of it).
struct TiledDim {
  llvm::SmallVector<AffineForm, 2> extent; ///< Minimum, in iterations.
  llvm::SmallVector<Term, 4> offset;       ///< Begin of the tile: its steps.

  /// An upper bound of the extent: its smallest constant.
  int64_t getMostIterations() const;

  /// Cuts into tiles of `size` iterations, which `loop` counts. Remainders that
  /// never are less than a tile are dropped.
  void cut(int64_t size, LoopId loop);

  /// The same range of a dimension that has `factor` iterations for each of
  /// this one.
  TiledDim scale(int64_t factor) const;
};

/// Whether `value` is a multiple of `size` wherever its loops are.
bool isMultiple(const AffineForm &value, int64_t size);

/// How often the innermost of nested tile loops over `extent` iterations run in
/// all, `sizes` outermost first.
int64_t countTiles(int64_t extent, llvm::ArrayRef<int64_t> sizes);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_TILEDBOX_H
