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

/// The time alone, for as much as `traffic` allows to spend on it.
PredictedTime predictTime(const LoopTree &tree, const Target &target,
                          const TrafficOptions &traffic,
                          BandwidthChoice bandwidth);

} // namespace memwall

#endif // MEMWALL_REPORT_PREDICTTIME_H
