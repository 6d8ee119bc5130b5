//===- ConvertSchedule.h - Between IR and plain schedules -------*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_CONVERTSCHEDULE_H
#define MEMWALL_SCHEDULE_CONVERTSCHEDULE_H

#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/Schedule.h"
#include "mlir/Support/LLVM.h"

namespace memwall {

/// What the attribute says; toAttribute(toSchedule(a)) is a.
Schedule toSchedule(ScheduleAttr attribute);

/// `schedule` has to hold numbers that the attribute accepts: none is negative,
/// tiles of packs and units are at least 1.
ScheduleAttr toAttribute(const Schedule &schedule, mlir::MLIRContext *context);

/// What a schedule of `op` is checked against; fails when the op has no
/// TilingInterface. An extent that is not a number in the IR is negative.
mlir::FailureOr<ScheduledOp> describeScheduledOp(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_CONVERTSCHEDULE_H
