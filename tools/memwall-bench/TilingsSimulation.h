//===- TilingsSimulation.h - A schedule, run through the simulator -*- C++
//-*-===//

#ifndef MEMWALL_BENCH_TILINGSSIMULATION_H
#define MEMWALL_BENCH_TILINGSSIMULATION_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall::tilings {

/// Scalar accesses that `tree` makes.
double countAccesses(const LoopTree &tree);

/// Executes `tree`, which has no parallel loops and no gathers, access by
/// access, and returns the bytes that the simulator measures at DRAM.
int64_t simulateBytes(const LoopTree &tree, const Target &target);

} // namespace memwall::tilings

#endif // MEMWALL_BENCH_TILINGSSIMULATION_H
