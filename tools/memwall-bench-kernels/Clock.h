//===- Clock.h - Predicted beside measured seconds --------------*- C++ -*-===//
//
// Times many schedules of an op, as vector code on one thread, and sets beside
// each what a report predicts of that code. What has to hold is that the order
// is the same and that the schedule of the search is among the fastest.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_CLOCK_H
#define MEMWALL_TOOLS_BENCHKERNELS_CLOCK_H

#include "Cases.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

struct ClockOptions {
  ScheduleSource source;
  unsigned schedules = 20; ///< Per op.
  int64_t shrink = 1;      ///< Divides the sizes.
  std::string only;        ///< Of ops with this in their name.
  double seconds = 5;      ///< Of measuring, per op.
};

/// Writes the tables in Markdown; an error where an op cannot be compiled, or
/// a schedule does not compute what the op does.
llvm::Error writeClock(mlir::MLIRContext &context, const ClockOptions &options,
                       llvm::raw_ostream &os);

/// The programs, one after another.
void forEachClockCase(int64_t shrink, llvm::function_ref<void(Case &)> visit);

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_CLOCK_H
