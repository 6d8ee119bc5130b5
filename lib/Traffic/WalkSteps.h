//===- WalkSteps.h - What a step of a walk is -------------------*- C++ -*-===//
//
// Internal to the walk. In an innermost loop a step takes all iterations that
// stay within their sectors, where that changes nothing.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_WALKSTEPS_H
#define MEMWALL_LIB_TRAFFIC_WALKSTEPS_H

#include "ConstantTree.h"

namespace memwall {

/// A loop around accesses only.
bool isInnermost(const ConstantTree &tree, const ConstantNode &node);

/// Bits from one iteration of loop `node` to the next.
int64_t strideAt(const ConstantAccess &access, unsigned node);

/// Whether repeating the body within the same sectors changes nothing: all its
/// lines can be there at once, and no load follows a store to its buffer.
bool canStep(const ConstantTree &tree, const ConstantNode &node, int64_t ways);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_WALKSTEPS_H
