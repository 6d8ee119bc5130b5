//===- BusyUnits.h - Time on a part of the units ----------------*- C++ -*-===//
//
// Peaks and bandwidths of a target are those of all units. Work that parallel
// loops give to fewer units has their share of the arithmetic, and of the
// levels that they do not share with others. docs/Model.md, B10.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_BUSYUNITS_H
#define MEMWALL_BOUNDS_BUSYUNITS_H

#include "memwall/Bounds/Roofline.h"

namespace memwall {

/// By op: how many of `units` units have an iteration of the parallel loops
/// around it, those of its largest nest. Where there is no parallel loop,
/// `serialUnits`; by default all, because then nothing says which units run it.
llvm::SmallVector<int64_t, 0>
countBusyUnits(const LoopTree &tree, int64_t units,
               std::optional<int64_t> serialUnits = std::nullopt);

/// What an op does on fewer units than there are.
struct IdleWork {
  ComputeWork work;
  llvm::SmallVector<Bytes, 4> bytes; ///< By level.
  int64_t busyUnits = 1;
};

/// The roofline of `work` and `bytes`, of which `idle` runs on fewer units. A
/// level that several units share serves those that have work as fast as all:
/// targets do not state what one of them can draw.
Roofline computeRooflineOnUnits(llvm::ArrayRef<ComputeWork> work,
                                llvm::ArrayRef<Bytes> bytes,
                                llvm::ArrayRef<IdleWork> idle,
                                const Target &target, BandwidthChoice choice);

} // namespace memwall

#endif // MEMWALL_BOUNDS_BUSYUNITS_H
