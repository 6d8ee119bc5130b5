//===- ExclusiveAsInclusive.h - Victim caches as plain ones -----*- C++ -*-===//
//
// An outer cache that takes the victims of the caches inside of it holds other
// lines than they do, so together they keep as much from memory as one cache of
// their capacities. With one LRU cache inside of an LRU cache, both fully
// associative, that is exact: the inner one has the lines that were used last,
// and the outer one the next. docs/Model.md, "Victim caches", says what it
// misses where several inner caches hold copies of a line.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_EXCLUSIVEASINCLUSIVE_H
#define MEMWALL_TARGET_EXCLUSIVEASINCLUSIVE_H

#include "memwall/Target/Target.h"

namespace memwall {

/// `target` with every level that is not inclusive replaced by an inclusive one
/// of as many sets and of `countHeldBytes`. Ways are rounded down to whole
/// ones, and the capacity to them.
Target treatExclusiveAsInclusive(Target target, bool areAllUnitsUsed = true);

} // namespace memwall

#endif // MEMWALL_TARGET_EXCLUSIVEASINCLUSIVE_H
