//===- SplitOp.h - Parts of a reduction for idle units ----------*- C++ -*-===//
//
// An op whose tiles are fewer than the units of the target leaves units without
// work. Where it is a reduction, they can do parts of it. A split saves no
// bytes and costs partial results, so it is bought with idle units only: 2 % of
// a score for every factor of e in the units that have no work, as for parallel
// loops. docs/Search.md, "Several units".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_SPLITOP_H
#define MEMWALL_LIB_SEARCH_SPLITOP_H

#include "OpShape.h"
#include "memwall/Schedule/Schedule.h"
#include "memwall/Target/Target.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall {

/// What the Traffic model says of a schedule.
struct MeasuredSchedule {
  double score = 0; ///< By its `Objective`, and what its loops cost.
  int64_t dramBytes = 0;
};
/// None where the schedule does not fit the op.
using MeasureSchedule =
    llvm::function_ref<std::optional<MeasuredSchedule>(const Schedule &)>;

/// A split that is worth it, and how many units have work with and without it.
struct FoundSplit {
  Schedule schedule;
  int64_t busyBefore = 1, busyAfter = 1;
};

/// How many of `units` have a tile of the parallel loops of `schedule`, or a
/// part of its reduction.
int64_t countBusyUnits(const OpShape &op, const Schedule &schedule,
                       int64_t units);

/// The best split of `op`, which otherwise runs as `chosen` says; none where
/// units are not idle, or it would cost more than it is worth or a hundredth
/// more bytes at DRAM. Of an op that is left as it is, `chosen` is empty: as
/// many units count as busy as parallel loops over its own dimensions could
/// keep busy without moving more.
std::optional<FoundSplit> findSplit(const OpShape &op, const Schedule &chosen,
                                    const Target &target,
                                    MeasureSchedule measure);

/// Takes the loops of bands away that would not cut a part of `size` iterations
/// of dimension `dim`, and bands without loops.
void cutToPart(Schedule &schedule, unsigned dim, int64_t size);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SPLITOP_H
