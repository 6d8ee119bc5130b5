//===- LoopGroups.h - Loops that are made in one step -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_LOOPGROUPS_H
#define MEMWALL_LIB_TRANSFORMS_LOOPGROUPS_H

#include "memwall/Schedule/Schedule.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Support/LLVM.h"

namespace memwall {

/// Neighbouring loops that one call of upstream's tiling makes.
struct LoopGroup {
  llvm::SmallVector<int64_t, 6> sizes; ///< Per dimension; 0: no loop here.
  llvm::SmallVector<int64_t, 6> order; ///< All dimensions, loops first.
  bool isParallel = false;             ///< One scf.forall.
  /// Producers of inits may move inside: every iteration of these loops and
  /// those around them has its own part of every init.
  bool takesInits = false;
};

/// The loops of `bands`, outermost first, cut where a band ends, where loops
/// change from parallel to serial, and before the first loop that does not
/// partition the inits (a reduction). Loops that would run once, by the
/// `extents` of the dimensions, are left out.
llvm::SmallVector<LoopGroup, 4>
computeLoopGroups(mlir::TilingInterface op, llvm::ArrayRef<int64_t> extents,
                  llvm::ArrayRef<TileBand> bands);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_LOOPGROUPS_H
