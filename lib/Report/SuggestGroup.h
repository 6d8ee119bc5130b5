//===- SuggestGroup.h - Ops that an op could share loops with ---*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_SUGGESTGROUP_H
#define MEMWALL_LIB_REPORT_SUGGESTGROUP_H

#include "memwall/Report/Report.h"
#include "memwall/Schedule/ScheduleTree.h"
#include <optional>

namespace memwall {

/// Ops that are to share loops: schedules of all of them, in program order, and
/// of each the best one on its own. The dimensions are the loops of the nests,
/// as in a tree.
struct SuggestedGroup {
  llvm::SmallVector<OpSchedule, 8> shared, apart;
};

/// Whether what `level` moves of what `op` hands to other ops, or takes from
/// them, is more than a hundredth of the bound: only then can shared loops
/// help.
bool handsOver(const LoopTree &tree, const OpFigures &op,
               const LevelFigures &level);

/// The fusion group of `op` that moves the fewest bytes at the outer level of
/// `cut`, a target of two levels, among `op` and the ops that it exchanges
/// intermediate results with, directly or through others; where a search of all
/// of them leaves it out, with one of them. None where a search finds none that
/// moves less than each op on its own. `inContext` is what is
/// spent on counts of all these ops together.
std::optional<SuggestedGroup> searchGroupOf(const LoopTree &tree,
                                            const Target &cut, OpId op,
                                            const TrafficOptions &inContext);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_SUGGESTGROUP_H
