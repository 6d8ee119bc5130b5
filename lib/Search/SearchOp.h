//===- SearchOp.h - The best schedule of one op -----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_SEARCHOP_H
#define MEMWALL_LIB_SEARCH_SEARCHOP_H

#include "IsolatedOp.h"
#include "memwall/Search/Search.h"

namespace memwall {

/// What the search found for an op on its own, from cold.
struct OpChoice {
  std::optional<Schedule> schedule;
  std::optional<RejectedSchedule> bestRejected;
  std::string reason; ///< Why there is no schedule.
  std::optional<SplitChoice> split;
  /// What it then moves at DRAM and one level in front of it.
  double dramBytes = 0, innerBytes = 0;
};

/// Ranks candidates by closed forms and decides among the best with the
/// Traffic model.
OpChoice searchOp(const IsolatedOp &isolated, const Target &target,
                  const SearchOptions &options);

/// What is left where the choice of `searchOp` does not suit the function: the
/// next best schedules that move no more at DRAM, if maybe more further in. Few
/// ops need one, so they are sought anew.
llvm::SmallVector<Schedule, 2> findFallbacks(const IsolatedOp &isolated,
                                             const Target &target,
                                             const SearchOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHOP_H
