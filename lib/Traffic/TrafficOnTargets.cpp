//===- TrafficOnTargets.cpp - Levels of many targets at once --------------===//

#include "memwall/Traffic/TrafficOnTargets.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <tuple>

using namespace memwall;

/// What a program can tell of a cache.
static auto describe(const Level &level) {
  return std::tuple(level.kind, level.capacityBytes, level.lineBytes,
                    level.sectorBytes, level.associativity, level.index,
                    level.storePolicy, level.deadLines, level.unitsPerInstance);
}

namespace {

/// A target whose levels are the different ones of others, and their memory.
struct AllLevels {
  Target target;
  std::map<decltype(describe(Level())), unsigned> positions;

  unsigned add(const Level &level) {
    auto [found, isNew] =
        positions.try_emplace(describe(level), target.levels.size());
    if (isNew)
      target.levels.push_back(level);
    return found->second;
  }
};

} // namespace

std::vector<Traffic>
memwall::computeTrafficOnTargets(const LoopTree &tree,
                                 llvm::ArrayRef<Target> targets,
                                 TrafficOptions options) {
  bool isParallel = llvm::any_of(tree.loops, [](const Loop &loop) {
    return loop.kind == LoopKind::Parallel;
  });
  // 1. The levels, by the units that parallel loops run on. Without any there
  // is one unit, and no sharing.
  std::map<int64_t, AllLevels> levelsByUnits;
  std::vector<llvm::SmallVector<unsigned, 4>> levelsOf(targets.size());
  auto countUnits = [&](const Target &target) {
    return isParallel ? target.units : 1;
  };
  for (auto [target, levels] : llvm::zip_equal(targets, levelsOf)) {
    AllLevels &all = levelsByUnits[countUnits(target)];
    Target merged = mergeVictimCaches(tree, target);
    for (Level level : llvm::drop_end(merged.levels)) {
      if (!isParallel)
        level.unitsPerInstance = 1;
      levels.push_back(all.add(level));
    }
  }
  // 2. What they move: each level does on its own.
  std::map<int64_t, Traffic> trafficByUnits;
  for (auto &[units, all] : levelsByUnits) {
    all.target.units = units;
    all.target.levels.push_back(targets.front().dram());
    trafficByUnits[units] = computeTraffic(tree, all.target, options);
  }
  // 3. Each target's part.
  std::vector<Traffic> result(targets.size());
  for (auto [target, levels, traffic] :
       llvm::zip_equal(targets, levelsOf, result)) {
    const Traffic &all = trafficByUnits[countUnits(target)];
    traffic.levels.push_back(all.levels.front());
    for (unsigned level : levels)
      traffic.levels.push_back(all.levels[level + 1]);
  }
  return result;
}
