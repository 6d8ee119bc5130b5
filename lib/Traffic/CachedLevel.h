//===- CachedLevel.h - Traffic of a cache by walking its sets ---*- C++ -*-===//
//
// Chooses how a cache is walked (all sets at once, every set, or some that
// stand for all), walks it, and says how far off the sum may be. docs/Model.md,
// "Walking sets".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_CACHEDLEVEL_H
#define MEMWALL_LIB_TRAFFIC_CACHEDLEVEL_H

#include "SetWalk.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/MapVector.h"

namespace memwall {

/// Sectors that one op moves of one buffer, over all instances.
struct MovedCell : MovedSectors {
  double readByStores = 0; ///< Of `read`: what stores fetched.
};
using MovedCells = llvm::MapVector<std::pair<OpId, BufferId>, MovedCell>;

/// What was moved, and how that is known.
struct CachedTraffic {
  MovedCells cells;
  /// Errors in sectors; a reason only where nothing was walked.
  Provenance provenance;
  bool isExact = false;
};

/// Walks `tree`, the constant tree of `source`, through the caches of `level`
/// of a machine of `units`. Where that cannot be done, the result has a reason
/// and nothing else; nor where everything fits (`holdsAll`) and too many steps
/// would be needed to walk all sets, since then reuse distances are exact.
CachedTraffic computeCachedTraffic(const LoopTree &source,
                                   const ConstantTree &tree, const Level &level,
                                   int64_t units, bool holdsAll,
                                   const WalkBudget &budget);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_CACHEDLEVEL_H
