//===- SplitDims.h - Dimensions that a nest has in parts --------*- C++ -*-===//
//
// Work splits a dimension that an op divides by a constant: with an operand at
// [k floordiv 2, n, k mod 2], as weights in pairs of rows have it, the nest of
// a product has loops over m, n, k / 2 and k mod 2. A schedule of a tree
// numbers these loops, `#memwall.schedule` the dimensions of the op.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SCHEDULE_SPLITDIMS_H
#define MEMWALL_SCHEDULE_SPLITDIMS_H

#include "memwall/Schedule/Schedule.h"
#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// By dimension of an op the loops of its nest that run over it, outermost
/// first, by number in the nest.
using LoopsOfDims = llvm::SmallVector<llvm::SmallVector<unsigned, 1>, 6>;

/// The loops of nest `node` by dimension of its op; one each where the tree has
/// no IR behind it. None where the loops are no parts of the dimensions.
std::optional<LoopsOfDims> findLoopsOfDims(const LoopTree &tree, NodeId node);

/// `schedule` of the only nest of `op`, or of the one behind a copy of its
/// init, in the dimensions of the op. It cuts no loop but the outermost over
/// each of them and leaves loops over one of them together. None where
/// `findLoopsOfDims` finds none.
std::optional<Schedule> toOpDims(const Schedule &schedule, const LoopTree &tree,
                                 OpId op);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_SPLITDIMS_H
