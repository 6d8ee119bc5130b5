//===- TrafficOnTargets.h - Bytes on many targets at once -------*- C++ -*-===//
//
//   std::vector<Traffic> traffics = computeTrafficOnTargets(tree, targets);
//   Bytes dramOfFirst = traffics[0].levels.back().total;
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_TRAFFICONTARGETS_H
#define MEMWALL_TRAFFIC_TRAFFICONTARGETS_H

#include "memwall/Traffic/Traffic.h"
#include <vector>

namespace memwall {

/// What computeTraffic says of each of `targets`. Levels that are alike are
/// looked at once, and those with the same lines share an analysis of reuse.
std::vector<Traffic> computeTrafficOnTargets(const LoopTree &tree,
                                             llvm::ArrayRef<Target> targets,
                                             TrafficOptions options = {});

} // namespace memwall

#endif // MEMWALL_TRAFFIC_TRAFFICONTARGETS_H
