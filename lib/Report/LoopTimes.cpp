//===- LoopTimes.cpp - The time of loops, one after another ---------------===//

#include "LoopTimes.h"
#include "memwall/Bounds/BusyUnits.h"
#include "memwall/Report/PredictTime.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include <algorithm>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Pages
//===----------------------------------------------------------------------===//

/// Pages that `cache` does not find, as traffic at a level.
static LevelTraffic countPages(const LoopTree &tree, const Target &target,
                               const PageCache &cache) {
  Target pages;
  pages.name = cache.name;
  pages.units = target.units;
  Level inner, memory;
  inner.name = cache.name;
  inner.lineBytes = inner.sectorBytes = cache.pageBytes;
  inner.capacityBytes = cache.pages * cache.pageBytes;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.unitsPerInstance = target.units;
  memory.capacityBytes = std::max(target.dram().capacityBytes,
                                  2 * inner.capacityBytes * target.units);
  pages.levels = {inner, memory};
  TrafficOptions options;
  options.accuracy = Accuracy::Fast;
  options.recordsOperands = false;
  return computeTraffic(tree, pages, options).levels.back();
}

/// Seconds of the pages that page caches do not find, of all ops, on `units`.
static double computePageSeconds(const LoopTree &tree, const Target &target,
                                 int64_t units) {
  double seconds = 0;
  for (const PageCache &cache : target.pageCaches)
    if (cache.secondsPerMiss != 0)
      seconds += double(countPages(tree, target, cache).total.read) /
                 double(cache.pageBytes) * cache.secondsPerMiss;
  return seconds / double(units);
}

/// Whether the data of a function stays in the last cache from one call to the
/// next.
static bool fitsLastCache(const LoopTree &tree, const Target &target) {
  int64_t bytes = 0;
  for (const Buffer &buffer : tree.buffers)
    if (!buffer.storage)
      bytes = addCounts(bytes, buffer.bytes());
  size_t levels = target.levels.size();
  return levels > 1 && bytes <= target.countHeldBytes(levels - 2);
}

/// Seconds that lines from memory take by op because no prefetcher follows
/// them, as if one unit had all of them; empty where nothing is said of that.
/// docs/Model.md, "Times of loops".
static llvm::SmallVector<double, 0>
computeUnfollowedSeconds(const LoopTree &tree, const Target &target,
                         const Traffic &traffic) {
  const PageCache *cache =
      llvm::find_if(target.pageCaches, [](const PageCache &each) {
        return each.secondsPerLine != 0;
      });
  if (cache == target.pageCaches.end() || fitsLastCache(tree, target))
    return {};
  // What is found in caches takes no place among what is followed.
  LoopTree fromMemory = tree;
  for (Node &node : fromMemory.nodes) {
    if (node.kind != Node::Kind::Nest)
      continue;
    Bytes accessed = traffic.levels.front().ops[node.nest.op];
    if (traffic.levels.back().ops[node.nest.op].read <
        (accessed.read + accessed.written) / 8)
      node.nest.accesses.clear();
  }
  LevelTraffic entered = countPages(fromMemory, target, *cache);
  double lineBytes = double(target.levels.front().lineBytes);
  llvm::SmallVector<double, 0> seconds;
  for (auto [pages, memory] :
       llvm::zip_equal(entered.ops, traffic.levels.back().ops)) {
    double lines = double(memory.read) / lineBytes;
    // Of a page that is left half-way, nothing is followed.
    double leftOut = double(pages.read) / lineBytes - lines;
    seconds.push_back(std::clamp(leftOut, 0.0, lines) * cache->secondsPerLine);
  }
  return seconds;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// What happens in one innermost loop, over all executions.
struct LoopWork {
  llvm::SmallVector<ComputeWork, 2> work;
  llvm::SmallVector<Bytes, 4> bytes; ///< By level.
  llvm::SmallVector<IdleWork, 1> idle;
  double instructions = 0; ///< Of all units, as if all were busy.
  double iterations = 0;   ///< Likewise.
  double unfollowedSeconds = 0;
};

/// Collects the innermost loops of a function.
class LoopCollector {
public:
  LoopCollector(const LoopTree &tree, const Target &target,
                const Traffic &traffic, std::optional<int64_t> threads)
      : tree(tree), target(target), traffic(traffic),
        busy(threads ? countBusyUnits(tree, std::min(*threads, target.units),
                                      /*serialUnits=*/1)
                     : countBusyUnits(tree, target.units)),
        unfollowedSeconds(computeUnfollowedSeconds(tree, target, traffic)) {}

  /// All of the function, as if it were one loop.
  LoopWork sum() {
    LoopWork all;
    for (OpId op = 0; op < tree.ops.size(); ++op)
      add(op, all);
    return all;
  }

  llvm::MapVector<int64_t, LoopWork> collect() {
    // Code in one loop stands together; any other op is loops of its own.
    llvm::SmallVector<int64_t, 0> keys(tree.ops.size());
    for (const Node &node : tree.nodes)
      if (node.kind == Node::Kind::Nest)
        keys[node.nest.op] = tree.ops[node.nest.op].isStraightLine
                                 ? int64_t(node.parent)
                                 : -1 - int64_t(node.nest.op);
    llvm::MapVector<int64_t, LoopWork> loops;
    for (OpId op = 0; op < tree.ops.size(); ++op)
      add(op, loops[keys[op]]);
    return loops;
  }

private:
  const LoopTree &tree;
  const Target &target;
  const Traffic &traffic;
  llvm::SmallVector<int64_t, 0> busy;             ///< By op.
  llvm::SmallVector<double, 0> unfollowedSeconds; ///< By op; or none.

  void add(OpId op, LoopWork &loop) {
    const OpRecord &record = tree.ops[op];
    loop.bytes.resize(target.levels.size());
    loop.work.push_back(getComputeWork(record));
    if (busy[op] < target.units)
      loop.idle.push_back({loop.work.back(), {}, busy[op]});
    for (auto [into, level] : llvm::zip_equal(loop.bytes, traffic.levels)) {
      into.add(level.ops[op]);
      if (busy[op] < target.units)
        loop.idle.back().bytes.push_back(level.ops[op]);
    }
    if (!unfollowedSeconds.empty())
      loop.unfollowedSeconds += unfollowedSeconds[op] / double(busy[op]);
    // A vector that is longer than a register takes several.
    double longer = double(target.units) / double(busy[op]);
    double registers =
        double(record.valueBits) / double(target.vectorBits.value_or(64));
    loop.instructions += longer * std::max(double(record.values), registers);
    if (record.isStraightLine)
      loop.iterations =
          std::max(loop.iterations, longer * double(record.executions));
  }
};
} // namespace

void memwall::setTimeOfLoops(TargetFigures &function, const LoopTree &tree,
                             const Target &target, const Traffic &traffic,
                             BandwidthChoice bandwidth,
                             std::optional<int64_t> threads) {
  if (!function.secondsAsScheduled)
    return;
  // The counter of a loop and its branch.
  constexpr double instructionsPerIteration = 2;
  double seconds = computePageSeconds(
      tree, target, std::min(threads.value_or(target.units), target.units));
  llvm::StringMap<double> parts;
  for (auto &[key, loop] :
       LoopCollector(tree, target, traffic, threads).collect()) {
    Roofline roofline = computeRooflineOnUnits(loop.work, loop.bytes, loop.idle,
                                               target, bandwidth);
    if (std::optional<double> fromMemory = roofline.levelSeconds.back())
      if (double seconds = *fromMemory + loop.unfollowedSeconds;
          seconds > *roofline.seconds) {
        roofline.seconds = seconds;
        roofline.boundBy = target.dram().name;
      }
    double started =
        (loop.instructions + instructionsPerIteration * loop.iterations) /
        *target.instructionsPerSecond;
    bool isByMemory = roofline.seconds.value_or(0) > started;
    double longest = std::max(started, roofline.seconds.value_or(0));
    parts[isByMemory ? roofline.boundBy : "compute"] += longest;
    seconds += longest;
  }
  function.secondsAsScheduled = seconds;
  function.boundByAsScheduled = "compute";
  double most = parts.lookup("compute");
  for (const Level &level : target.levels)
    if (double part = parts.lookup(level.name); part >= most && part > 0) {
      most = part;
      function.boundByAsScheduled = level.name;
    }
}

PredictedTime memwall::predictTime(const LoopTree &tree, const Target &target,
                                   const TrafficOptions &trafficOptions,
                                   BandwidthChoice bandwidth,
                                   std::optional<int64_t> threads) {
  Traffic traffic = computeTraffic(tree, target, trafficOptions);
  LoopWork all = LoopCollector(tree, target, traffic, threads).sum();
  Roofline roofline =
      computeRooflineOnUnits(all.work, all.bytes, all.idle, target, bandwidth);
  TargetFigures figures;
  figures.secondsAsScheduled = roofline.seconds;
  figures.boundByAsScheduled = roofline.boundBy;
  if (target.instructionsPerSecond)
    setTimeOfLoops(figures, tree, target, traffic, bandwidth, threads);
  return {figures.secondsAsScheduled, figures.boundByAsScheduled};
}
