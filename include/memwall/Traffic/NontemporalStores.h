//===- NontemporalStores.h - Stores that go past all caches -----*- C++ -*-===//
//
// Stores that go past all caches neither fetch the line that they store to nor
// push another one out. Consecutive stores of an op to one sector of a buffer
// are one transfer, as of StorePolicy::Bypass. Where such stores fill whole
// sectors, their traffic at every cached level is known without walking the
// cache: what they store. docs/Model.md, "Stores".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_NONTEMPORALSTORES_H
#define MEMWALL_TRAFFIC_NONTEMPORALSTORES_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// What the nontemporal stores of one op write to one buffer.
struct NontemporalStores {
  OpId op = 0;
  BufferId buffer = 0;
  double bits = 0; ///< Stored, over all executions.
  /// Transfers of a sector. Of runs of stores that begin or end inside of a
  /// sector it is the mean over where in a sector they may begin.
  double sectors = 0;
};

/// The nontemporal stores of `tree` as a cache with such sectors passes them
/// on, in program order.
llvm::SmallVector<NontemporalStores, 0>
countNontemporalStores(const LoopTree &tree, int64_t sectorBytes);

/// Whether some store of `tree` is nontemporal.
bool hasNontemporalStores(const LoopTree &tree);

/// `tree` without them: what caches see. Ops and buffers keep their numbers;
/// nests and loops that do nothing else are in no children any more.
LoopTree dropNontemporalStores(LoopTree tree);

} // namespace memwall

#endif // MEMWALL_TRAFFIC_NONTEMPORALSTORES_H
