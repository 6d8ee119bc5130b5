//===- LoopTimes.h - The time of loops, one after another -------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_LOOPTIMES_H
#define MEMWALL_LIB_REPORT_LOOPTIMES_H

#include "memwall/Report/Report.h"

namespace memwall {

/// Sets the time of `function` as scheduled, and what takes it, on a target
/// that says how many instructions it starts: what is in one innermost loop
/// happens at the same time, one loop after another. docs/Model.md, "Times of
/// loops". `threads` as in PredictTime.h.
void setTimeOfLoops(TargetFigures &function, const LoopTree &tree,
                    const Target &target, const Traffic &traffic,
                    BandwidthChoice bandwidth,
                    std::optional<int64_t> threads = std::nullopt);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_LOOPTIMES_H
