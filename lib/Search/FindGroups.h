//===- FindGroups.h - Ops that could share loops ----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_FINDGROUPS_H
#define MEMWALL_LIB_SEARCH_FINDGROUPS_H

#include "memwall/Search/Search.h"

namespace memwall {

/// Nests of one block, in program order; the last would be the root.
using GroupNests = llvm::SmallVector<NodeId, 8>;

/// Sets of ops that hand data to each other and to nobody else, but for their
/// last: of every op that others need, what it is made of, in up to four steps
/// backwards (contractions that feed it, what prepares their operands, the
/// contractions in front of that, and what prepares theirs), and of every op
/// that only contractions read, those with it. Whether loops can go around
/// them, `planGroups` knows. Linear in the nests of the tree.
llvm::SmallVector<GroupNests, 0> findGroups(const LoopTree &tree,
                                            const SearchOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_FINDGROUPS_H
