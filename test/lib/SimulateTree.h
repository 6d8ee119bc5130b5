//===- SimulateTree.h - The measured traffic of a loop tree -----*- C++ -*-===//
//
// The judge of the traffic model on trees that have no IR: every access goes to
// the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_LIB_SIMULATETREE_H
#define MEMWALL_TEST_LIB_SIMULATETREE_H

#include "memwall/Traffic/Traffic.h"

namespace memwall::test {

/// Measured traffic at every level of `target`: each level sees every access.
/// Only `total` and `buffers` are filled in. Fails when the simulator does not
/// take the target, and when an access is outside of its buffer.
llvm::Expected<Traffic> simulateTree(const LoopTree &tree,
                                     const Target &target);

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_SIMULATETREE_H
