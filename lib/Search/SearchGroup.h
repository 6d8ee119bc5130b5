//===- SearchGroup.h - The best loops around several ops --------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_SEARCHGROUP_H
#define MEMWALL_LIB_SEARCH_SEARCHGROUP_H

#include "FindGroups.h"
#include "IsolatedOp.h"
#include "SearchOp.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace memwall {

/// Answers for ops that were searched before.
using SearchOneOp = llvm::function_ref<OpChoice(const IsolatedOp &isolated,
                                                const SearchOptions &options)>;

/// What the search found for a group on its own, from cold.
struct GroupOutcome {
  /// Of the members, in the order of the group, named `kGroupName`; empty when
  /// nothing is gained.
  llvm::SmallVector<Schedule, 8> schedules;
  /// Bytes that the members on their own move more, at DRAM at least, and one
  /// level further in. What they move there by the model would not compare with
  /// that of other groups of the same members: few sets of it are walked.
  double dramGain = 0, innerGain = 0;
  double dramBytes = 0; ///< What the group moves at DRAM.
  /// Little more than what has to come in and go out moves at DRAM: a part of
  /// the group cannot be worth more.
  bool isNearMinimum = false;
  std::string bestRejected;
  /// How what is reduced is streamed: "in tiles of 64 along dimension 4 of
  /// linalg.contract"; or why it cannot be. Empty where there is nothing to.
  std::string streamed, streamRefusal;
  std::optional<StreamSplitChoice> split;
  /// Of the tree that the group was found in: what stands between its members
  /// and waits for its loops to end.
  llvm::DenseSet<NodeId> deferred;
};

/// The name in the schedules of an outcome.
inline constexpr llvm::StringLiteral kGroupName = "group";

/// Ranks tiles by closed forms and decides among the best with the Traffic
/// model, held against the members with the schedules `alone`. `known` has the
/// outcomes of equal groups.
GroupOutcome searchGroup(const LoopTree &tree, const GroupNests &nests,
                         llvm::ArrayRef<Schedule> alone, const Target &target,
                         const SearchOptions &options, SearchOneOp searchOne,
                         llvm::StringMap<GroupOutcome> &known);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHGROUP_H
