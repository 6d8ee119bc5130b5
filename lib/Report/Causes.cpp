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
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

Target memwall::cutToLevel(const Target &target, unsigned depth) {
  Target cut = target;
  cut.levels = {target.levels[depth - 1], target.levels[depth]};
  cut.levels[1].kind = LevelKind::Memory;
  return cut;
}

namespace {

/// What moves of the operands of one op in some cache.
class Moved {
public:
  Moved(const LoopTree &tree, const Target &target, OpId op,
        TrafficOptions options) {
    LevelTraffic level =
        std::move(computeTraffic(tree, target, options).levels.back());
    operands.assign(level.operandsOf(op).begin(), level.operandsOf(op).end());
    provenance = std::move(level.provenance);
  }

  OperandTraffic of(BufferId buffer) const {
    auto found = llvm::find_if(operands, [&](const OperandTraffic &operand) {
      return operand.buffer == buffer;
    });
    return found == operands.end() ? OperandTraffic() : *found;
  }

  Provenance provenance;

private:
  llvm::SmallVector<OperandTraffic, 0> operands;
};

} // namespace

/// The cache of `cut` without sets.
static Target withoutSets(Target cut) {
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

llvm::SmallVector<Causes, 0>
memwall::findCauses(const LoopTree &tree, const Target &target, unsigned depth,
                    const OpFigures &op, const LevelFigures &level,
                    const Provenance &provenance, Accuracy accuracy) {
  Target cut = cutToLevel(target, depth), noSets = withoutSets(cut);
  const Level &cache = cut.levels[0];
  bool hasSets = cache.kind == LevelKind::Cached && cache.sets() > 1;
  TrafficOptions fast;
  fast.accuracy = Accuracy::Fast;
  bool knowsSets = !hasSets || provenance.method == TrafficMethod::Sets;
  std::optional<Moved> inNoSets;
  if (hasSets && knowsSets)
    inNoSets.emplace(tree, noSets, op.index, limitWithoutSets(accuracy));
  Moved rough(tree, noSets, op.index, fast);
  Moved used(tree, fetchingBytes(noSets), op.index, fast);
  Moved cold(tree, fetchingBytes(endless(noSets)), op.index, fast);
  Moved once(tree, endless(noSets), op.index, fast);
  // What the two counts may be off by, as a part of what the op reads.
  double noise =
      !inNoSets ? 0
                : std::hypot(provenance.errorOfRead.value_or(0),
                             inNoSets->provenance.errorOfRead.value_or(0)) /
                      std::max(1.0, double(level.scheduled.read));
  llvm::SmallVector<Causes, 0> result;
  auto loadsOf = [](const OperandTraffic &moved) {
    return moved.bytes.read - moved.readByStores;
  };
  for (auto [operand, moved] : llvm::zip_equal(op.operands, level.operands)) {
    Causes &causes = result.emplace_back();
    BufferId buffer = operand.buffer;
    causes.fetchOnStore = moved.readByStores;
    int64_t loaded = moved.scheduled.read - moved.readByStores;
    splitLoads({loaded, inNoSets ? loadsOf(inNoSets->of(buffer)) : loaded,
                knowsSets, noise * double(moved.scheduled.read),
                double(loadsOf(rough.of(buffer))),
                double(loadsOf(used.of(buffer))), loadsOf(cold.of(buffer))},
               causes);
    splitPartialResults(operand, causes);
    // What leaves is written once, where nothing else writes it after the op.
    int64_t sectorBytes = cache.sectorBytes;
    int64_t footprint = int64_t(llvm::divideCeil(
                            uint64_t(operand.footprintBytes), sectorBytes)) *
                        sectorBytes;
    int64_t least = std::max(footprint, once.of(buffer).bytes.written);
    causes.writtenOnce = std::min(moved.scheduled.written, least);
    causes.writtenAgain = moved.scheduled.written - causes.writtenOnce;
  }
  return result;
}
