//===- SplitTree.h - Reductions in parts, as a loop tree --------*- C++ -*-===//
//
// A split reduction is another program whose ops then get the rest of their
// schedules:
//
//   nest op: out[m, n] += a[m, k] * b[k, n]          // 40 x 40 x 800000
//   // becomes, with split = <dim = 2, parts = 16>
//   parallel for p in 16
//     nest fill: partial[p, m, n] = 0
//     nest op: partial[p, m, n] += a[m, 50000 p + k] * b[50000 p + k, n]
//   nest combine: out[m, n] += partial[p, m, n]
//
// The partial results are one tensor, a part after the other, so that units do
// not write to the same lines. The combining nest runs over p just outside of
// the last dimension of the result: a row of it stays in the innermost cache
// while rows of all parts are read once.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SCHEDULE_SPLITTREE_H
#define MEMWALL_LIB_SCHEDULE_SPLITTREE_H

#include "memwall/Schedule/ScheduleTree.h"

namespace memwall {

/// A tree in which reductions are split, and what is left of the schedules.
struct SplitTree {
  LoopTree tree;
  llvm::SmallVector<OpSchedule, 0> schedules;
};

/// Splits the ops whose schedules say so, in that order; each adds two ops to
/// the tree, the fill and the combining one. New nodes are behind all others.
/// An error for a schedule that does not fit its op.
llvm::Expected<SplitTree> splitReductions(const LoopTree &tree,
                                          llvm::ArrayRef<OpSchedule> schedules);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_SPLITTREE_H
