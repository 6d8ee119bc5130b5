//===- CountIterations.cpp - Exact counts over partial tiles --------------===//
//
// Loops whose extents do not name one another multiply. Loops that do are
// summed over the outer one's iterations; ranges of iterations over which
// nothing changes (all full tiles) are taken at once, found by bisection.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/CountIterations.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

namespace {

/// Sums one group of loops that depend on one another.
class GroupCounter {
public:
  GroupCounter(const llvm::SmallVectorImpl<Loop> &loops,
               llvm::ArrayRef<LoopId> group)
      : loops(loops), group(group) {}

  /// Executions of the innermost body of the group.
  __int128 count() { return countFrom(0); }
  bool failed() const { return exhausted; }

private:
  __int128 countFrom(size_t depth);
  __int128 countRange(size_t depth, int64_t first, int64_t last);
  bool isSteady(size_t depth, int64_t first, int64_t last) const;
  bool isDominated(const Loop &loop, const AffineForm &form, LoopId varying,
                   int64_t first, int64_t last) const;
  int64_t getTripCount(const Loop &loop) const;
  /// Smallest value with `varying` in [first, last], inner loops anywhere.
  __int128 getLowerBound(const AffineForm &form, LoopId varying, int64_t first,
                         int64_t last) const;

  const llvm::SmallVectorImpl<Loop> &loops;
  llvm::ArrayRef<LoopId> group;
  llvm::DenseMap<LoopId, int64_t> position;
  int64_t budget = 10'000'000;
  bool exhausted = false;
};

} // namespace

static bool dependsOn(const AffineForm &form, LoopId loop) {
  return llvm::any_of(form.terms,
                      [&](const Term &term) { return term.loop == loop; });
}

int64_t GroupCounter::getTripCount(const Loop &loop) const {
  __int128 extent = INT64_MAX;
  for (const AffineForm &form : loop.extent) {
    __int128 value = form.constant;
    for (const Term &term : form.terms)
      value += (__int128)term.stride * position.lookup(term.loop);
    extent = std::min(extent, value);
  }
  extent = std::max<__int128>(extent, 0);
  return (int64_t)((extent + loop.step - 1) / loop.step);
}

__int128 GroupCounter::getLowerBound(const AffineForm &form, LoopId varying,
                                     int64_t first, int64_t last) const {
  __int128 bound = form.constant;
  for (const Term &term : form.terms) {
    int64_t low = 0, high = 0;
    if (term.loop == varying) {
      low = first;
      high = last;
    } else if (auto it = position.find(term.loop); it != position.end()) {
      low = high = it->second;
    } else {
      high = std::max<int64_t>(loops[term.loop].maxTripCount - 1, 0);
    }
    bound += (__int128)term.stride * (term.stride > 0 ? low : high);
  }
  return bound;
}

/// Whether `form` never decides the extent of `loop` in the range.
bool GroupCounter::isDominated(const Loop &loop, const AffineForm &form,
                               LoopId varying, int64_t first,
                               int64_t last) const {
  __int128 bound = getLowerBound(form, varying, first, last);
  return llvm::any_of(loop.extent, [&](const AffineForm &other) {
    return other.terms.empty() && other.constant <= bound;
  });
}

bool GroupCounter::isSteady(size_t depth, int64_t first, int64_t last) const {
  LoopId varying = group[depth];
  for (LoopId inner : group.drop_front(depth + 1))
    for (const AffineForm &form : loops[inner].extent)
      if (dependsOn(form, varying) &&
          !isDominated(loops[inner], form, varying, first, last))
        return false;
  return true;
}

__int128 GroupCounter::countRange(size_t depth, int64_t first, int64_t last) {
  if (exhausted || first > last)
    return 0;
  if (first == last || isSteady(depth, first, last)) {
    position[group[depth]] = first;
    __int128 one = countFrom(depth + 1);
    position.erase(group[depth]);
    return one * (last - first + 1);
  }
  int64_t middle = first + (last - first) / 2;
  return countRange(depth, first, middle) + countRange(depth, middle + 1, last);
}

__int128 GroupCounter::countFrom(size_t depth) {
  if (depth == group.size())
    return 1;
  exhausted |= --budget < 0;
  int64_t trips = getTripCount(loops[group[depth]]);
  return depth + 1 == group.size() ? trips : countRange(depth, 0, trips - 1);
}

std::optional<int64_t>
memwall::countIterations(const llvm::SmallVectorImpl<Loop> &loops,
                         llvm::ArrayRef<LoopId> nested) {
  llvm::EquivalenceClasses<LoopId> groups;
  for (LoopId loop : nested) {
    groups.insert(loop);
    for (const AffineForm &form : loops[loop].extent)
      for (const Term &term : form.terms)
        groups.unionSets(loop, term.loop);
  }
  __int128 total = 1;
  llvm::SmallVector<LoopId> leaders;
  for (LoopId loop : nested) {
    LoopId leader = groups.getLeaderValue(loop);
    if (llvm::is_contained(leaders, leader))
      continue;
    leaders.push_back(leader);
    llvm::SmallVector<LoopId> group;
    for (LoopId member : nested)
      if (groups.isEquivalent(loop, member))
        group.push_back(member);
    GroupCounter counter(loops, group);
    total *= counter.count();
    if (counter.failed() || total > INT64_MAX)
      return std::nullopt;
    if (total == 0)
      return 0;
  }
  return (int64_t)total;
}
