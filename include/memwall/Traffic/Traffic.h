//===- Traffic.h - Bytes a function moves, as it is scheduled ---*- C++ -*-===//
//
// The scheduled traffic of a LoopTree on a Target: for every level the sectors
// that it serves to the memory above it, reads and writes apart, per op. Pure:
// nothing is created or changed. docs/Model.md, "Scheduled traffic".
//
// Usage:
//   Traffic traffic = computeTraffic(tree, target);
//   Bytes dram = traffic.levels.back().total;
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_TRAFFIC_H
#define MEMWALL_TRAFFIC_TRAFFIC_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// Traffic at one level: bytes it serves to the memory above it. The sums over
/// `ops` and over `buffers` both equal `total`; a count that does not fit 64
/// bits is `kTooManyBytes`.
struct LevelTraffic {
  Bytes total;
  llvm::SmallVector<Bytes, 0> ops;     ///< By OpId.
  llvm::SmallVector<Bytes, 0> buffers; ///< By BufferId.
};

/// Traffic at every level of a target, innermost first.
struct Traffic {
  llvm::SmallVector<LevelTraffic, 4> levels;
};

/// How much to spend on being exact.
struct TrafficOptions {
  /// A cached level with sets is walked line by line when that takes at most
  /// this many steps, and in part when that takes at most four times as many; a
  /// fully associative one whole in four times as many (WalkProgram.h). 0:
  /// never, always by reuse distances.
  int64_t walkSteps = int64_t(1) << 22;
  /// The same for the caches in front of the last one, where less is at stake;
  /// none: as many.
  std::optional<int64_t> innerWalkSteps = std::nullopt;
};

/// Computes the traffic of `tree` at every level of `target`; both must have
/// passed their `check`.
Traffic computeTraffic(const LoopTree &tree, const Target &target,
                       TrafficOptions options = {});

} // namespace memwall

#endif // MEMWALL_TRAFFIC_TRAFFIC_H
