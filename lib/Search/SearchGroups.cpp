//===- SearchGroups.cpp - The groups of a function ------------------------===//

#include "SearchGroups.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/SetVector.h"

using namespace memwall;

/// Whether what the nests hand to each other, or read after each other, moves a
/// hundredth at DRAM of what they touch, or a twentieth one level further in:
/// no group saves more than that of what is left when every op has its tiles.
static bool mayGain(const LoopTree &tree, const GroupNests &nests,
                    const Traffic &before) {
  llvm::DenseSet<BufferId> made;
  for (NodeId node : nests)
    for (const Access &access : tree.nodes[node].nest.accesses)
      if (access.isWrite)
        made.insert(access.buffer);
  double touched = 0;
  for (NodeId node : nests)
    for (const Access &access : tree.nodes[node].nest.accesses)
      touched += double(tree.buffers[access.buffer].bytes());
  auto isMore = [&](const LevelTraffic &level, double part) {
    double handed = 0;
    llvm::DenseSet<BufferId> readBefore;
    for (NodeId node : nests) {
      llvm::ArrayRef<OperandTraffic> operands =
          level.operandsOf(tree.nodes[node].nest.op);
      for (const OperandTraffic &operand : operands)
        if (made.contains(operand.buffer) ||
            readBefore.contains(operand.buffer))
          handed += double(operand.bytes.total());
      for (const OperandTraffic &operand : operands)
        readBefore.insert(operand.buffer);
    }
    return handed > part * touched;
  };
  size_t levels = before.levels.size();
  return isMore(before.levels[levels - 1], 0.01) ||
         (levels > 2 && isMore(before.levels[levels - 2], 0.05));
}

/// Bytes that the ops of the nests move at DRAM in the function.
static double countDram(const LoopTree &tree, const GroupNests &nests,
                        const Traffic &before) {
  double bytes = 0;
  for (NodeId node : nests)
    if (OpId op = tree.nodes[node].nest.op;
        op < before.levels.back().ops.size())
      bytes += double(before.levels.back().ops[op].total());
  return bytes;
}

/// What a group is worth: bytes at DRAM, those further in as a tie-break.
static double getWorth(const GroupOutcome &outcome) {
  constexpr double kInner = 1e-3;
  return std::max(outcome.dramGain + kInner * outcome.innerGain, 1.0);
}

/// The best of groups whose spans in the program do not overlap: over the ends
/// of spans in program order, either without the group that ends there or with
/// it and the best that ends in front of it. `found` is in the order of ends.
static llvm::SmallVector<bool, 0>
chooseApart(llvm::ArrayRef<FoundGroup> found) {
  size_t count = found.size();
  llvm::SmallVector<double, 0> best(count + 1, 0);
  llvm::SmallVector<size_t, 0> previous(count, 0);
  llvm::SmallVector<bool, 0> isTaken(count, false);
  for (size_t i = 0; i < count; ++i) {
    // Groups in front of the first member.
    previous[i] = llvm::partition_point(found.take_front(i),
                                        [&](const FoundGroup &other) {
                                          return other.nests.back() <
                                                 found[i].nests.front();
                                        }) -
                  found.begin();
    double with = best[previous[i]] + getWorth(found[i].outcome);
    isTaken[i] = with > best[i];
    best[i + 1] = std::max(with, best[i]);
  }
  llvm::SmallVector<bool, 0> chosen(count, false);
  for (size_t i = count; i > 0;) {
    chosen[i - 1] = isTaken[i - 1];
    i = isTaken[i - 1] ? previous[i - 1] : i - 1;
  }
  return chosen;
}

/// Whether both groups can have loops: they have no member in common, and none
/// of one waits for the loops of the other. A projection whose result is
/// rotated much later may go around the other projections.
static bool areCompatible(const FoundGroup &a, const FoundGroup &b) {
  if (a.nests.back() < b.nests.front() || b.nests.back() < a.nests.front())
    return true;
  return llvm::none_of(a.nests,
                       [&](NodeId node) {
                         return llvm::is_contained(b.nests, node) ||
                                b.outcome.deferred.contains(node);
                       }) &&
         llvm::none_of(b.nests, [&](NodeId node) {
           return a.outcome.deferred.contains(node);
         });
}

/// Takes further groups in the place of those that they are not compatible
/// with, where they are worth more: those first that are worth most, or least.
static void exchange(llvm::ArrayRef<FoundGroup> found, bool mostFirst,
                     llvm::SmallVectorImpl<bool> &chosen) {
  auto order = llvm::to_vector<0>(llvm::seq<size_t>(found.size()));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return getWorth(found[a].outcome) > getWorth(found[b].outcome);
  });
  if (!mostFirst)
    std::reverse(order.begin(), order.end());
  // The groups that are chosen, by the nests in their spans.
  llvm::DenseMap<NodeId, llvm::SetVector<size_t>> spans;
  auto set = [&](size_t number, bool isChosen) {
    chosen[number] = isChosen;
    for (NodeId node = found[number].nests.front();
         node <= found[number].nests.back(); ++node) {
      if (isChosen)
        spans[node].insert(number);
      else
        spans[node].remove(number);
    }
  };
  for (size_t number : order)
    if (chosen[number])
      set(number, true);
  for (size_t number : order) {
    if (chosen[number])
      continue;
    llvm::SetVector<size_t> others;
    for (NodeId node = found[number].nests.front();
         node <= found[number].nests.back(); ++node)
      for (size_t other : spans[node])
        if (!areCompatible(found[number], found[other]))
          others.insert(other);
    double worth = 0;
    for (size_t other : others)
      worth += getWorth(found[other].outcome);
    if (getWorth(found[number].outcome) <= worth)
      continue;
    for (size_t other : others)
      set(other, false);
    set(number, true);
  }
}

/// Groups that are compatible: the best that are apart, or those that are worth
/// most one by one, after exchanges.
static llvm::SmallVector<FoundGroup, 0>
choosePartition(llvm::SmallVector<FoundGroup, 0> found) {
  llvm::stable_sort(found, [](const FoundGroup &a, const FoundGroup &b) {
    return a.nests.back() < b.nests.back();
  });
  llvm::SmallVector<bool, 0> apart = chooseApart(found), best;
  double bestSum = -1;
  auto consider = [&](llvm::SmallVector<bool, 0> chosen, bool mostFirst) {
    exchange(found, mostFirst, chosen);
    double sum = 0;
    for (auto [group, isChosen] : llvm::zip_equal(found, chosen))
      sum += isChosen ? getWorth(group.outcome) : 0;
    if (sum <= bestSum)
      return;
    bestSum = sum;
    best = std::move(chosen);
  };
  consider(apart, /*mostFirst=*/false);
  consider(apart, /*mostFirst=*/true);
  consider(llvm::SmallVector<bool, 0>(found.size(), false), /*mostFirst=*/true);
  llvm::SmallVector<FoundGroup, 0> chosen;
  for (auto [group, isChosen] : llvm::zip_equal(found, best))
    if (isChosen)
      chosen.push_back(std::move(group));
  return chosen;
}

llvm::SmallVector<FoundGroup, 0>
memwall::searchGroups(const LoopTree &tree, const Target &target,
                      const SearchOptions &options,
                      llvm::ArrayRef<ScheduleChoice> alone,
                      const Traffic &before, SearchOneOp searchOne) {
  llvm::SmallVector<FoundGroup, 0> found;
  llvm::StringMap<GroupOutcome> known;
  llvm::SmallVector<GroupNests, 0> groups = findGroups(tree, options);
  // Large ones first, so that parts of those that leave nothing to gain are not
  // looked at.
  llvm::stable_sort(groups, [](const GroupNests &a, const GroupNests &b) {
    return a.size() > b.size();
  });
  llvm::DenseMap<NodeId, size_t> owner; ///< Groups at their minimum.
  // What has a product may leave the rest to another group.
  auto isPart = [&](const GroupNests &nests) {
    auto first = owner.find(nests.front());
    return first != owner.end() && llvm::all_of(nests, [&](NodeId node) {
             auto mine = owner.find(node);
             return mine != owner.end() && mine->second == first->second &&
                    tree.ops[tree.nodes[node].nest.op].kind !=
                        OpKind::Contraction;
           });
  };
  // By member of a group but its root: the fewest bytes that one moves.
  llvm::DenseMap<NodeId, double> inside;
  // No group ends with a result that takes more bytes, to DRAM and fetched by
  // its stores, than all of another group that has it in its loops: scores
  // that attention hands on.
  auto endsTooEarly = [&](const GroupNests &nests) {
    auto least = inside.find(nests.back());
    double bytes = 0;
    for (const Access &access : tree.nodes[nests.back()].nest.accesses)
      if (access.isWrite)
        bytes += 2 * double(tree.buffers[access.buffer].bytes());
    return least != inside.end() && bytes > least->second;
  };
  for (GroupNests &nests : groups) {
    if (isPart(nests) || endsTooEarly(nests) || !mayGain(tree, nests, before))
      continue;
    llvm::SmallVector<Schedule, 8> schedules;
    for (NodeId node : nests) {
      schedules.push_back(
          alone[tree.nodes[node].nest.op].schedule.value_or(Schedule()));
    }
    GroupOutcome outcome =
        searchGroup(tree, nests, schedules, target, options, searchOne, known);
    if (outcome.schedules.empty())
      continue;
    // On its own the group comes in from cold. In the function it saves no more
    // than what its members move there; where that is less than what the group
    // moves from cold, both find their data in a cache, and nothing is lost.
    outcome.dramGain = std::min(
        outcome.dramGain,
        std::max(countDram(tree, nests, before) - outcome.dramBytes, 0.0));
    for (NodeId node : llvm::ArrayRef(nests).drop_back()) {
      auto least = inside.try_emplace(node, outcome.dramBytes).first;
      least->second = std::min(least->second, outcome.dramBytes);
    }
    if (outcome.isNearMinimum)
      for (NodeId node : nests)
        owner[node] = found.size();
    found.push_back({std::move(nests), std::move(outcome)});
  }
  return choosePartition(std::move(found));
}
