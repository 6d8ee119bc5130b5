//===- PredictTime.h - The time of a program as it stands -------*- C++ -*-===//

#ifndef MEMWALL_REPORT_PREDICTTIME_H
#define MEMWALL_REPORT_PREDICTTIME_H

#include "memwall/Report/Report.h"

namespace memwall {

/// What a report says of a function as it is scheduled.
struct PredictedTime {
  /// Absent where neither a peak nor any bandwidth is known.
  std::optional<double> seconds;
  std::string boundBy = "unknown"; ///< As `TargetFigures::boundBy`.
};

/// The time alone, for as much as `traffic` allows to spend on it. `threads`:
/// of code, which parallel loops deal out to so many units, and all else runs
/// on one; without, nothing is said of units, and all have work but where
/// parallel loops leave them none.
PredictedTime predictTime(const LoopTree &tree, const Target &target,
                          const TrafficOptions &traffic,
                          BandwidthChoice bandwidth,
                          std::optional<int64_t> threads = std::nullopt);

} // namespace memwall

#endif // MEMWALL_REPORT_PREDICTTIME_H
