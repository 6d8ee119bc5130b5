//===- Times.h - What takes the time of an op or a function -----*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_TIMES_H
#define MEMWALL_LIB_REPORT_TIMES_H

#include "memwall/Bounds/BusyUnits.h"
#include "memwall/Report/Report.h"

namespace memwall {

/// What an op or a function does, for one target.
struct WorkOnTarget {
  llvm::SmallVector<ComputeWork, 1> work;
  int64_t operations = 0;             ///< As `countOperations` has them.
  llvm::SmallVector<Bytes, 4> bounds; ///< By level, as `splitBound` has them.
  /// What of it parallel loops give to fewer units than there are.
  llvm::SmallVector<IdleWork, 0> idle;
};

/// Sets times, what takes them, intensities and ridges of `figures` from
/// `work` and the scheduled bytes in `figures`.
void setTimes(TargetFigures &figures, const WorkOnTarget &work,
              const Target &target, BandwidthChoice bandwidth);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_TIMES_H
