//===- ExplicitLevel.h - A memory that the program fills --------*- C++ -*-===//
//
// Shared memory and VMEM hold what the program puts there. The model gives them
// the best retention: each reuse of a buffer may be served by holding its bits
// from one touch to the next, as long as everything that is held at any place
// of the program fits. Exhaustive for the loops of one nest, greedy by bytes
// saved per byte held across nests. docs/Model.md, "Explicit levels"
// (formulary C1).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H
#define MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H

#include "ReuseAnalysis.h"

namespace memwall {

/// Calls `consume` for every class of the program (or the part of it) that
/// moves when `capacityBytes` are used as well as possible.
void computeExplicitTraffic(const LoopTree &source, const ConstantTree &tree,
                            const ReuseConfig &config, int64_t capacityBytes,
                            bool writesDead, ReuseConsumer consume);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H
