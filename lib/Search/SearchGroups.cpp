//===- SearchGroups.cpp - The groups of a function ------------------------===//

#include "SearchGroups.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/SetVector.h"
#include <numeric>

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

double AloneBytes::getInnerWeight() const {
  // A byte is its share of all bytes of its level, as the logarithm of a score
  // has it where little is gained. Of a function that moves hardly more one
  // level in than at DRAM, it counts a tenth.
  constexpr double kTenth = 0.1;
  double all = std::accumulate(inner.begin(), inner.end(), 0.0);
  return all > dram ? kTenth * dram / all : kTenth;
}

/// Sets what a group is worth, or is at most, in bytes at DRAM. On its own the
/// group comes in from cold; in the function it saves no more than what its
/// members move there, `moved`.
static void setWorth(FoundGroup &group, double moved, double innerWeight) {
  auto rate = [&](const auto &of) {
    return std::max(0.0, std::min(of.dramGain, moved - of.dramBytes)) +
           innerWeight * of.innerGain;
  };
  group.worth = std::max(
      group.isSearched ? rate(group.outcome) : rate(group.promise), 1.0);
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
    double with = best[previous[i]] + found[i].worth;
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
                                b.promise.deferred.contains(node);
                       }) &&
         llvm::none_of(b.nests, [&](NodeId node) {
           return a.promise.deferred.contains(node);
         });
}

/// Takes further groups in the place of those that they are not compatible
/// with, where they are worth more: those first that are worth most, or least.
static void exchange(llvm::ArrayRef<FoundGroup> found, bool mostFirst,
                     llvm::SmallVectorImpl<bool> &chosen) {
  auto order = llvm::to_vector<0>(llvm::seq<size_t>(found.size()));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return found[a].worth > found[b].worth;
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
      worth += found[other].worth;
    if (found[number].worth <= worth)
      continue;
    for (size_t other : others)
      set(other, false);
    set(number, true);
  }
}

/// Groups that are compatible: the best that are apart, or those that are worth
/// most one by one, after exchanges. `found` is in the order of ends.
static llvm::SmallVector<bool, 0>
choosePartition(llvm::ArrayRef<FoundGroup> found) {
  llvm::SmallVector<bool, 0> apart = chooseApart(found), best;
  double bestSum = -1;
  auto consider = [&](llvm::SmallVector<bool, 0> chosen, bool mostFirst) {
    exchange(found, mostFirst, chosen);
    double sum = 0;
    for (auto [group, isChosen] : llvm::zip_equal(found, chosen))
      sum += isChosen ? group.worth : 0;
    if (sum <= bestSum)
      return;
    bestSum = sum;
    best = std::move(chosen);
  };
  consider(apart, /*mostFirst=*/false);
  consider(apart, /*mostFirst=*/true);
  consider(llvm::SmallVector<bool, 0>(found.size(), false), /*mostFirst=*/true);
  return best;
}

llvm::SmallVector<FoundGroup, 0> memwall::searchGroups(
    const LoopTree &tree, const Target &target, const SearchOptions &options,
    llvm::ArrayRef<ScheduleChoice> alone, const AloneBytes &aloneBytes,
    const Traffic &before, SearchOneOp searchOne) {
  const double innerWeight = aloneBytes.getInnerWeight();
  // 1. What each could be worth.
  llvm::SmallVector<FoundGroup, 0> found;
  llvm::StringMap<GroupPromise> promises;
  for (GroupNests &nests : findGroups(tree, options)) {
    if (!mayGain(tree, nests, before))
      continue;
    double inner = 0;
    for (NodeId node : nests)
      inner += aloneBytes.inner[tree.nodes[node].nest.op];
    std::optional<GroupPromise> promise =
        promiseGroup(tree, nests, inner, target, options, promises);
    if (!promise)
      continue;
    FoundGroup &group = found.emplace_back();
    group.nests = std::move(nests);
    group.promise = std::move(*promise);
    setWorth(group, countDram(tree, group.nests, before), innerWeight);
  }
  llvm::stable_sort(found, [](const FoundGroup &a, const FoundGroup &b) {
    return a.nests.back() < b.nests.back();
  });
  // 2. Groups are searched when they are among the best that could be, until
  // all of the best are searched: what others are worth no more than others
  // have been found to be is not looked at.
  llvm::StringMap<GroupOutcome> outcomes;
  auto search = [&](FoundGroup &group) {
    auto [known, isNew] = outcomes.try_emplace(group.promise.key);
    if (isNew) {
      llvm::SmallVector<Schedule, 8> schedules;
      for (NodeId node : group.nests)
        schedules.push_back(
            alone[tree.nodes[node].nest.op].schedule.value_or(Schedule()));
      known->second =
          searchGroup(tree, group.nests, schedules, target, options, searchOne);
    }
    group.outcome = known->second;
    group.isSearched = true;
    setWorth(group, countDram(tree, group.nests, before), innerWeight);
  };
  for (;;) {
    llvm::SmallVector<bool, 0> chosen = choosePartition(found);
    bool areSearched = true;
    for (auto [group, isChosen] : llvm::zip_equal(found, chosen))
      if (isChosen && !group.isSearched) {
        search(group);
        areSearched = false;
      }
    if (areSearched) {
      llvm::SmallVector<FoundGroup, 0> best;
      for (auto [group, isChosen] : llvm::zip_equal(found, chosen))
        if (isChosen)
          best.push_back(std::move(group));
      return best;
    }
    // Equal ones cost nothing more.
    for (FoundGroup &group : found)
      if (!group.isSearched && outcomes.contains(group.promise.key))
        search(group);
    llvm::erase_if(found, [](const FoundGroup &group) {
      return group.isSearched && group.outcome.schedules.empty();
    });
  }
}
