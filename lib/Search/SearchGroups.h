//===- SearchGroups.h - The groups of a function ----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_SEARCHGROUPS_H
#define MEMWALL_LIB_SEARCH_SEARCHGROUPS_H

#include "SearchGroup.h"
#include "memwall/Traffic/Traffic.h"

namespace memwall {

/// A group that moves less than its members do on their own.
struct FoundGroup {
  GroupNests nests;
  GroupPromise promise;
  GroupOutcome outcome; ///< Once it is searched.
  bool isSearched = false;
  double worth = 0; ///< At most, until it is searched.
};

/// What the ops of a function move by their own choices, each from cold.
struct AloneBytes {
  llvm::SmallVector<double, 0> inner; ///< By op, one level in front of DRAM.
  double dram = 0;                    ///< Of all ops, at DRAM.

  /// What a byte one level in front of DRAM counts beside one at DRAM: as in a
  /// score of the function, a tenth for equal factors of both.
  double getInnerWeight() const;
};

/// The groups of `tree` that together move the fewest bytes, in program order
/// and apart from each other. `alone` are the choices for the ops, `before` the
/// bytes of the tree as it is: a group whose members hand each other nothing
/// that leaves the caches is not looked at.
llvm::SmallVector<FoundGroup, 0>
searchGroups(const LoopTree &tree, const Target &target,
             const SearchOptions &options, llvm::ArrayRef<ScheduleChoice> alone,
             const AloneBytes &aloneBytes, const Traffic &before,
             SearchOneOp searchOne);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHGROUPS_H
