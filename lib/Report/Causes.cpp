//===- Causes.cpp - Why bytes move ----------------------------------------===//
//
// The same program is counted in other caches, and differences between them are
// causes:
//   the cache as it is - without sets, of the same capacity     conflict
//   whole sectors - only the bytes that are used of them        unused
//   the rest - an endless cache                                 capacity
//   an endless cache                                            cold
// docs/Explain.md, "Causes".
//
//===----------------------------------------------------------------------===//

#include "Causes.h"
#include "memwall/Traffic/TrafficOnTargets.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

Target memwall::cutToLevel(const LoopTree &tree, const Target &target,
                           unsigned depth) {
  Target cut = mergeVictimCaches(tree, target);
  cut.levels = {cut.levels[depth - 1], cut.levels[depth]};
  cut.levels[1].kind = LevelKind::Memory;
  return cut;
}

/// What `level` moves of an operand.
static OperandTraffic findOperand(const LevelTraffic &level, OpId op,
                                  BufferId buffer) {
  auto operands = level.operandsOf(op);
  const auto *found =
      llvm::find_if(operands, [&](const OperandTraffic &operand) {
        return operand.buffer == buffer;
      });
  return found == operands.end() ? OperandTraffic() : *found;
}

/// What loads read of an operand.
static int64_t getLoaded(const LevelTraffic &level, OpId op, BufferId buffer) {
  OperandTraffic moved = findOperand(level, op, buffer);
  return moved.bytes.read - moved.readByStores;
}

/// The cache of `cut` without sets.
static Target dropSets(Target cut) {
  Level &cache = cut.levels[0];
  cache.capacityBytes = cache.usableLines() * cache.lineBytes;
  cache.associativity = 0;
  cache.index = SetIndex::Modulo;
  return cut;
}

/// With sectors of a byte: only what is used is fetched.
static Target fetchingBytes(Target cut) {
  cut.levels[0].sectorBytes = 1;
  return cut;
}

/// The options for a cache without sets. The walk of a large one takes ten
/// times as long for each step as that of one with sets, and a sixteenth of the
/// steps found the same bytes (3.76 GB of a column walk, 117 MB without sets).
static TrafficOptions limitWithoutSets(Accuracy accuracy) {
  constexpr int64_t kPart = 16;
  TrafficOptions options;
  options.accuracy = accuracy;
  options.budget = getBudget(accuracy);
  if (options.budget) {
    options.budget->wholeSteps /= kPart;
    options.budget->work /= kPart;
  }
  return options;
}

static Target endless(Target cut) {
  constexpr int64_t kEndless = int64_t(1) << 44;
  cut.levels[0].capacityBytes = kEndless;
  return cut;
}

namespace {

/// What loads read of one operand, in one cache and in others.
struct Loads {
  int64_t read = 0, withoutSets = 0;
  bool knowsSets = false;
  /// What the difference of the two may be off by.
  double noise = 0;
  /// By reuse distances, without sets: whole sectors, and what is used of them.
  double sectors = 0, used = 0;
  int64_t cold = 0; ///< Used, in an endless cache.
};

} // namespace

static void splitLoads(const Loads &loads, Causes &causes) {
  int64_t rest = std::min(loads.read, loads.withoutSets);
  if (!loads.knowsSets || double(loads.read - rest) <= loads.noise)
    rest = loads.read;
  causes.conflict = loads.read - rest;
  if (!loads.knowsSets)
    causes.conflict = std::nullopt;
  double part =
      loads.sectors > 0 ? std::min(1.0, loads.used / loads.sectors) : 1;
  int64_t usedBytes =
      std::min(rest, int64_t(std::llround(double(rest) * part)));
  causes.unused = rest - usedBytes;
  causes.cold = std::min(loads.cold, usedBytes);
  causes.capacity = usedBytes - causes.cold;
}

/// Of what an op reads that it also writes, more than it touches once is
/// partial results that come back.
static void splitPartialResults(const OperandFigures &operand, Causes &causes) {
  if (!operand.isWritten)
    return;
  int64_t firstReads = std::max<int64_t>(
      0, std::min(operand.footprintBytes - causes.cold, causes.capacity));
  causes.partialRead = causes.capacity - firstReads;
  causes.capacity = firstReads;
}

std::vector<CauseCounts> CauseCounts::count(const LoopTree &tree,
                                            llvm::ArrayRef<CountedLevel> levels,
                                            Accuracy accuracy) {
  std::vector<CauseCounts> result(levels.size());
  llvm::SmallVector<Target, 0> walked, byDistances;
  for (auto [level, counts] : llvm::zip_equal(levels, result)) {
    Target cut = cutToLevel(tree, level.target, level.depth);
    Target noSets = dropSets(cut);
    counts.cache = cut.levels[0];
    counts.hasSets =
        counts.cache.kind == LevelKind::Cached && counts.cache.sets() > 1;
    counts.knowsSets =
        !counts.hasSets || level.provenance.method == TrafficMethod::Sets;
    counts.errorOfRead = level.provenance.errorOfRead.value_or(0);
    if (counts.hasSets && counts.knowsSets)
      walked.push_back(noSets);
    llvm::append_values(byDistances, noSets, fetchingBytes(noSets),
                        endless(noSets), fetchingBytes(endless(noSets)));
  }
  if (levels.empty())
    return result;
  TrafficOptions fast;
  fast.accuracy = Accuracy::Fast;
  auto distances = computeTrafficOnTargets(tree, byDistances, fast);
  auto walks =
      computeTrafficOnTargets(tree, walked, limitWithoutSets(accuracy));
  size_t nextWalk = 0, next = 0;
  for (CauseCounts &counts : result) {
    if (counts.hasSets && counts.knowsSets)
      counts.withoutSets = std::move(walks[nextWalk++].levels.back());
    for (LevelTraffic *into :
         {&counts.sectors, &counts.used, &counts.sectorsOnce, &counts.usedOnce})
      *into = std::move(distances[next++].levels.back());
  }
  return result;
}

llvm::SmallVector<std::optional<Causes>, 0>
CauseCounts::split(const OpFigures &op, const LevelFigures &level) const {
  llvm::SmallVector<std::optional<Causes>, 0> result(op.operands.size());
  if (level.hasTooManyScheduled())
    return result;
  // What the two counts may be off by, as a part of what the op reads.
  double noise =
      !withoutSets
          ? 0
          : std::hypot(errorOfRead,
                       withoutSets->provenance.errorOfRead.value_or(0)) /
                std::max(1.0, double(level.scheduled.read));
  for (auto [operand, moved, out] :
       llvm::zip_equal(op.operands, level.operands, result)) {
    Causes &causes = out.emplace();
    BufferId buffer = operand.buffer;
    auto count = [&](const LevelTraffic &traffic) {
      return getLoaded(traffic, op.index, buffer);
    };
    causes.fetchOnStore = moved.readByStores;
    int64_t loaded = moved.scheduled.read - moved.readByStores;
    splitLoads({loaded, withoutSets ? count(*withoutSets) : loaded, knowsSets,
                noise * double(moved.scheduled.read), double(count(sectors)),
                double(count(used)), count(usedOnce)},
               causes);
    splitPartialResults(operand, causes);
    // What leaves is written once, where nothing else writes it after the op.
    int64_t footprint = int64_t(llvm::alignTo(uint64_t(operand.footprintBytes),
                                              uint64_t(cache.sectorBytes)));
    int64_t least = std::max(
        footprint, findOperand(sectorsOnce, op.index, buffer).bytes.written);
    causes.writtenOnce = std::min(moved.scheduled.written, least);
    causes.writtenAgain = moved.scheduled.written - causes.writtenOnce;
  }
  return result;
}
