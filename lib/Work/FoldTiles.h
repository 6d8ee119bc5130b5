//===- FoldTiles.h - Merging tile loops -------------------------*- C++ -*-===//
//
// The loops of one nest while they are being folded. docs/Model.md, B1.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_FOLDTILES_H
#define MEMWALL_LIB_WORK_FOLDTILES_H

#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

namespace memwall {

/// A loop of the nest while it is being folded.
struct OpenLoop {
  LoopId id = 0;
  llvm::SmallVector<AffineForm, 2> extent; ///< Minimum; terms name open loops.
  int64_t step = 1;
  /// Elements per iteration, one per access that takes part.
  llvm::SmallVector<int64_t, 6> strides;
  bool isPrivate = false;
  bool isDimension = false; ///< Of the op itself, not a loop around it.

  bool isUsed() const {
    return isPrivate || llvm::any_of(strides, [](int64_t s) { return s != 0; });
  }
};

using OpenLoops = llvm::SmallVector<OpenLoop, 8>;

/// Zero terms dropped, one term per loop, in order: equal forms look equal.
AffineForm normalize(const AffineForm &form);

/// Adds `form` to a minimum of normal forms.
void addForm(llvm::SmallVectorImpl<AffineForm> &forms, const AffineForm &form);

/// Trip count of a loop whose extent is one constant.
std::optional<int64_t> getConstantTrip(const OpenLoop &loop);

/// Replaces the iteration number of `loop` by `value` in all extents.
void substituteLoop(OpenLoops &loops, LoopId loop, int64_t value);

/// Drops loops that run once, as far as that can be told. Dimensions of the op
/// stay: they show which tile loop is theirs.
void dropSingleTrips(OpenLoops &loops);

/// Merges every loop around the nest that tiles another one into that one.
void mergeTiles(OpenLoops &loops);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_FOLDTILES_H
