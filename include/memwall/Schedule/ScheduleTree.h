//===- ScheduleTree.h - A loop tree with schedules applied ------*- C++ -*-===//
//
// What the program will do once Transforms has applied a schedule, without
// touching IR: the nest of the op gets its tile loops, partial tiles as minima,
// packed operands their own storage and packing nests. Search evaluates
// candidates on it; tests hold it equal to the tree built from rewritten IR.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SCHEDULE_SCHEDULETREE_H
#define MEMWALL_SCHEDULE_SCHEDULETREE_H

#include "memwall/Schedule/Schedule.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// A schedule for one op of a tree.
struct OpSchedule {
  OpId op = 0;
  Schedule schedule;
};

/// Why the reductions of a nest cannot be split over units, as its op in IR
/// says; "" where they can.
std::string explainNoSplit(const LoopTree &tree, const Nest &nest);

/// The tree with the schedules applied; ops keep their ids. The fill and the
/// combining op of every split get new ones behind, and after those packing
/// ops. An error when a schedule does not fit its op, or the op is not one
/// nest.
llvm::Expected<LoopTree> scheduleTree(const LoopTree &tree,
                                      llvm::ArrayRef<OpSchedule> schedules);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_SCHEDULETREE_H
