//===- Reuse.h - When an op finds its data again ----------------*- C++ -*-===//
//
// What the analysis of reuse distances knows of one op: for all data that it
// touches, who touched it before, the loop that brings it back, and how much
// other data comes in between. docs/Model.md, "Scheduled traffic".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_REUSE_H
#define MEMWALL_TRAFFIC_REUSE_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// Data of one buffer that an op touches after the same touch before.
struct Reuse {
  BufferId buffer = 0;
  bool isStore = false; ///< A store touches it, else a load.
  bool isFirst = false; ///< Nothing in the function touched it before.
  /// The innermost loop around both touches, and whether they are in two of its
  /// iterations or at two places of its body.
  LoopId carrier = 0;
  bool isAcrossIterations = false;
  OpId previous = 0; ///< The op that touched it before.
  /// How much is touched so, in bytes of sectors, each as often as it is.
  double touchedBytes = 0;
  /// Of these: bytes that an LRU cache without sets of the capacity has lost.
  double missedBytes = 0;
  /// The least capacity from which no byte is lost.
  double distanceBytes = 0;
};

/// What `op` of `tree` touches, as `cache`, a level of `target`, sees it. Of
/// its sets nothing is considered; a memory that the program fills counts as a
/// cache.
llvm::SmallVector<Reuse, 0> findReuse(const LoopTree &tree,
                                      const Target &target, const Level &cache,
                                      OpId op);

} // namespace memwall

#endif // MEMWALL_TRAFFIC_REUSE_H
