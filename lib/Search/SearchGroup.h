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
  std::string bestRejected;
  /// How what is reduced is streamed: "in tiles of 64 along dimension 4 of
  /// linalg.contract"; or why it cannot be. Empty where there is nothing to.
  std::string streamed, streamRefusal;
  std::optional<StreamSplitChoice> split;
};

/// The name in the schedules of an outcome.
inline constexpr llvm::StringLiteral kGroupName = "group";

/// What can be said of a group without counting.
struct GroupPromise {
  std::string key; ///< Equal for groups that a search treats alike.
  /// At most what an outcome may say.
  double dramGain = 0, innerGain = 0;
  double dramBytes = 0; ///< At least.
  /// What stands between the members and waits for their loops to end.
  llvm::DenseSet<NodeId> deferred;
};

/// What closed forms say of the group of `nests`, of which `innerAlone` are the
/// bytes that its members move one level in front of DRAM, each on its own;
/// none where the ops can be no group. `known` has what is said of equal ones.
std::optional<GroupPromise>
promiseGroup(const LoopTree &tree, const GroupNests &nests, double innerAlone,
             const Target &target, const SearchOptions &options,
             llvm::StringMap<GroupPromise> &known);

/// Decides with the Traffic model among the best tiles of closed forms, held
/// against the members with the schedules `alone`.
GroupOutcome searchGroup(const LoopTree &tree, const GroupNests &nests,
                         llvm::ArrayRef<Schedule> alone, const Target &target,
                         const SearchOptions &options, SearchOneOp searchOne);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHGROUP_H
