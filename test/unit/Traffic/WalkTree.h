//===- WalkTree.h - Executes a loop tree, access by access ------*- C++ -*-===//
//
// The judge of the traffic model on hand-made trees: walks every iteration and
// feeds every access to the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_UNIT_TRAFFIC_WALKTREE_H
#define MEMWALL_TEST_UNIT_TRAFFIC_WALKTREE_H

#include "memwall/Traffic/Traffic.h"

namespace memwall::test {

/// Measured traffic at every level of `target`: each level sees every access.
/// Only `total` and `buffers` are filled in.
Traffic simulateTree(const LoopTree &tree, const Target &target);

/// Innermost iterations times accesses, to keep programs small.
int64_t countTreeAccesses(const LoopTree &tree);

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_TRAFFIC_WALKTREE_H
