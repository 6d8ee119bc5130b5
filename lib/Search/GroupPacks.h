//===- GroupPacks.h - Which operands of a group are packed ------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_GROUPPACKS_H
#define MEMWALL_LIB_SEARCH_GROUPPACKS_H

#include "FindGroupShape.h"

namespace memwall {

/// Adds to the `schedules` of the members, which have loops, the packs that
/// contractions could use of what they read from outside of the group.
void packOutside(const FoundShape &found,
                 llvm::MutableArrayRef<Schedule> schedules);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_GROUPPACKS_H
