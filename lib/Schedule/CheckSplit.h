//===- CheckSplit.h - Whether a reduction can be split ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_CHECKSPLIT_H
#define MEMWALL_LIB_SCHEDULE_CHECKSPLIT_H

#include "memwall/Schedule/Schedule.h"

namespace memwall {

/// Explains what is wrong with the split of `schedule`, if it has one.
llvm::Error checkSplit(const Schedule &schedule, const ScheduledOp &op);

/// Explains what is wrong with the parts of `band` of `extent` iterations, if
/// it has any.
llvm::Error checkStreamParts(const StreamBand &band, int64_t extent);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_CHECKSPLIT_H
