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
  /// These move no more at DRAM, if maybe more further in than `schedule`: what
  /// is left where that one does not suit the function.
  llvm::SmallVector<Schedule, 2> fallbacks;
  std::string reason; ///< Why there is no schedule.
  std::optional<SplitChoice> split;
};

/// Ranks candidates by closed forms and decides among the best with the
/// Traffic model.
OpChoice searchOp(const IsolatedOp &isolated, const Target &target,
                  const SearchOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHOP_H
