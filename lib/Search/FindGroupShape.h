//===- FindGroupShape.h - What loops and streams of a group cut -*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_FINDGROUPSHAPE_H
#define MEMWALL_LIB_SEARCH_FINDGROUPSHAPE_H

#include "FindGroups.h"
#include "GroupTiles.h"
#include "memwall/Search/Search.h"

namespace memwall {

/// A group on its own, and what can be cut of it.
struct FoundShape {
  IsolatedGroup group;
  GroupShape shape;
  /// What waits for the loops to end, in the tree that the group is cut from.
  llvm::SmallVector<NodeId, 4> deferred;
  std::string refusal; ///< Why no stream is possible; empty where one is.
};

/// Cuts the group of `nests` out of `tree`, and finds the dimensions that loops
/// and, unless `options` say no, a stream can cut; none where there are none,
/// or where the ops can be no group.
std::optional<FoundShape> findGroupShape(const LoopTree &tree,
                                         const GroupNests &nests,
                                         const Target &target,
                                         const SearchOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_FINDGROUPSHAPE_H
