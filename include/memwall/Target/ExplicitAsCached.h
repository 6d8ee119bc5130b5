//===- ExplicitAsCached.h - Scratchpads run as caches -----------*- C++ -*-===//
//
// IR on tensors does not say what a program keeps in its shared memory, so
// nothing can be executed that would fill it. Where a prediction is held to a
// simulation, both take such a level for a cache. docs/Model.md, "Simulation".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_EXPLICITASCACHED_H
#define MEMWALL_TARGET_EXPLICITASCACHED_H

#include "memwall/Target/Target.h"

namespace memwall {

/// `target` with its explicit levels filled on demand: least recently used, of
/// the same capacity, lines, ways and store policy. All else stays.
Target treatExplicitAsCached(Target target);

} // namespace memwall

#endif // MEMWALL_TARGET_EXPLICITASCACHED_H
