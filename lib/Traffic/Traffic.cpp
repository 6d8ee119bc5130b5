//===- Traffic.cpp - From reuse distances to bytes per level --------------===//

#include "memwall/Traffic/Traffic.h"
#include "CachedLevel.h"
#include "ColdSectors.h"
#include "ExplicitLevel.h"
#include "LevelCells.h"
#include "Parallel.h"
#include "ReuseAnalysis.h"
#include "memwall/Target/ExclusiveAsInclusive.h"
#include "memwall/Traffic/NontemporalStores.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <tuple>

using namespace memwall;

llvm::StringRef memwall::getMethodName(TrafficMethod method) {
  switch (method) {
  case TrafficMethod::Accesses:
    return "accesses";
  case TrafficMethod::Sets:
    return "sets";
  case TrafficMethod::Distances:
    return "distances";
  case TrafficMethod::Retention:
    return "retention";
  }
  llvm_unreachable("all methods are named");
}

static constexpr std::pair<llvm::StringRef, Accuracy> kAccuracyNames[] = {
    {"fast", Accuracy::Fast},
    {"default", Accuracy::Default},
    {"exact", Accuracy::Exact}};

llvm::StringRef memwall::getAccuracyName(Accuracy accuracy) {
  return llvm::find_if(kAccuracyNames,
                       [&](auto &entry) { return entry.second == accuracy; })
      ->first;
}

std::optional<Accuracy> memwall::findAccuracy(llvm::StringRef name) {
  for (auto [known, accuracy] : kAccuracyNames)
    if (known == name)
      return accuracy;
  return std::nullopt;
}

/// Numbers of levels.
using LevelGroups = llvm::SmallVector<llvm::SmallVector<unsigned, 4>, 4>;

/// How often each node runs, by node.
static llvm::SmallVector<double, 0> countExecutions(const ConstantTree &tree) {
  llvm::SmallVector<double, 0> executions(tree.nodes.size(), 1);
  for (size_t n = 1; n < tree.nodes.size(); ++n)
    executions[n] =
        executions[tree.nodes[n].parent] * double(tree.nodes[n].tripCount);
  return executions;
}

/// The innermost level serves every access: bits, rounded up per cell.
static LevelTraffic countAccesses(const LoopTree &tree,
                                  const ConstantTree &constant,
                                  bool recordsOperands) {
  Cells cells;
  llvm::SmallVector<double, 0> executions = countExecutions(constant);
  for (size_t n = 1; n < constant.nodes.size(); ++n) {
    const ConstantNode &node = constant.nodes[n];
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = constant.accesses[node.access];
    Sectors &cell = cells[{access.op, access.buffer}];
    (access.isWrite ? cell.written : cell.read) +=
        executions[n] * double(access.elementBits);
  }
  for (auto &[key, bits] : cells)
    bits.read = std::ceil(bits.read / 8),
    bits.written = std::ceil(bits.written / 8);
  return toBytes(tree, cells, 1, recordsOperands);
}

/// Standard deviation of the bytes that accesses to rows move which data
/// choose: all accesses, or writes. Of n choices each finds its row or does
/// not, which deviates by sqrt(n) / 2 rows at most.
static double computeChance(const ConstantTree &tree, bool ofWrites) {
  llvm::SmallVector<double, 0> executions = countExecutions(tree);
  double variance = 0;
  for (size_t n = 1; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = tree.accesses[node.access];
    if (ofWrites && !access.isWrite)
      continue;
    for (const ConstantGather &gather : access.gathers) {
      double choices = 1;
      for (unsigned loop : gather.nodes)
        choices *= double(tree.nodes[loop].tripCount);
      double rowBits =
          std::min(double(std::abs(gather.strideBits)),
                   executions[n] / choices * double(access.elementBits));
      variance += choices / 4 * (rowBits / 8) * (rowBits / 8);
    }
  }
  return std::sqrt(variance);
}

/// Whether all buffers fit together: they follow one another, so every set has
/// room for its lines too.
static bool holdsAll(const LoopTree &tree, const Level &level) {
  return tree.countStorageBytes() <= level.usableLines() * level.lineBytes;
}

static ReuseConfig getConfig(const Target &target, const Level &level) {
  ReuseConfig config;
  config.lineBits = level.lineBytes * 8;
  config.sectorBits = level.sectorBytes * 8;
  config.storesBypass = level.kind == LevelKind::Cached &&
                        level.storePolicy == StorePolicy::Bypass;
  config.units = target.units;
  config.unitsPerInstance = level.unitsPerInstance;
  return config;
}

/// Whether all loops run on units that share one cache of this level.
static bool isShared(const ConstantTree &tree, const Target &target,
                     const Level &level) {
  return target.units <= level.unitsPerInstance || !hasParallelLoops(tree);
}

/// By buffer: bits that all writes together cover at most.
static llvm::SmallVector<double, 0>
countBitsWritten(const LoopTree &tree, const ConstantTree &constant) {
  llvm::SmallVector<double, 0> executions = countExecutions(constant);
  llvm::SmallVector<double, 0> bits(tree.buffers.size(), 0.0);
  for (auto [n, node] : llvm::enumerate(constant.nodes)) {
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = constant.accesses[node.access];
    if (access.isWrite)
      bits[access.buffer] += executions[n] * double(access.elementBits);
  }
  return bits;
}

/// Sectors of `buffer` that have to be read, whatever was measured: those of
/// live-in data whose first use is a load or fetches, and those of elements
/// that are loaded and that no write covers. `bitsWritten`: of this buffer.
static int64_t countLeastRead(const LoopTree &tree, const ColdSectors &cold,
                              const Level &level, BufferId buffer,
                              double bitsWritten) {
  if (!tree.buffers[buffer].isLiveIn())
    return 0;
  int64_t sectorBits = level.sectorBytes * 8;
  if (bitsWritten == 0 || (level.kind == LevelKind::Cached &&
                           level.storePolicy == StorePolicy::Fetch))
    return cold.countTouched(buffer, sectorBits).value_or(0);
  int64_t elementBits = tree.buffers[buffer].elementBits;
  double loaded = double(cold.countLoaded(buffer, elementBits).value_or(0)) *
                  double(elementBits);
  double sectors = std::ceil((loaded - bitsWritten) / double(sectorBits));
  return int64_t(std::clamp(sectors, 0.0, 0x1p62));
}

/// A walk in part may miss a little of what moves in any case, and so may
/// retention where positions are enumerated; distances do of buffers that are
/// written, as data or parts of sectors.
static void raiseToCold(const LoopTree &tree, const ConstantTree &constant,
                        const ColdSectors &cold, const Level &level,
                        bool isByDistances, Cells &cells) {
  struct OfBuffer {
    Sectors sum;
    Sectors *read = nullptr, *written = nullptr; ///< The largest cells.
  };
  llvm::MapVector<BufferId, OfBuffer> buffers;
  for (auto &[key, cell] : cells) {
    OfBuffer &of = buffers[key.second];
    of.sum.read += cell.read;
    of.sum.written += cell.written;
    if (!of.read || cell.read > of.read->read)
      of.read = &cell;
    if (!of.written || cell.written > of.written->written)
      of.written = &cell;
  }
  auto bitsWritten = countBitsWritten(tree, constant);
  for (auto &[buffer, of] : buffers) {
    if (isByDistances && bitsWritten[buffer] == 0)
      continue;
    double read =
        countLeastRead(tree, cold, level, buffer, bitsWritten[buffer]);
    double written =
        tree.buffers[buffer].liveOut
            ? std::max(
                  cold.countWritten(buffer, level.sectorBytes * 8).value_or(0),
                  cold.countLeastWritten(buffer, level.sectorBytes * 8))
            : 0;
    of.read->read += std::max(0.0, read - of.sum.read);
    of.written->written += std::max(0.0, written - of.sum.written);
  }
}

std::optional<WalkBudget> memwall::getBudget(Accuracy accuracy) {
  WalkBudget budget;
  switch (accuracy) {
  case Accuracy::Fast:
    return std::nullopt;
  case Accuracy::Default:
    return budget;
  case Accuracy::Exact:
    budget.wholeSteps = int64_t(1) << 26;
    budget.sets = int64_t(1) << 40;
    budget.work = 1e10;
    budget.skipsLayers = false;
    return budget;
  }
  llvm_unreachable("all accuracies have a budget");
}

namespace {

/// What the sets of a level moved, or the reason why they were not walked.
struct WalkedLevel {
  Cells cells;
  Provenance provenance;
};

} // namespace

static WalkedLevel walkLevel(const LoopTree &tree, const ConstantTree &constant,
                             const ColdSectors &cold, const Target &target,
                             const Level &level, const WalkBudget &budget) {
  WalkedLevel result;
  CachedTraffic walked = computeCachedTraffic(
      tree, constant, level, target.units, holdsAll(tree, level), budget);
  result.provenance = std::move(walked.provenance);
  for (const auto &[key, moved] : walked.cells) {
    Sectors &cell = result.cells[key];
    cell.read += moved.read;
    cell.readByStores += moved.readByStores;
    cell.written += moved.written;
  }
  if (result.provenance.method == TrafficMethod::Sets && !walked.isExact)
    raiseToCold(tree, constant, cold, level, /*isByDistances=*/false,
                result.cells);
  for (std::optional<double> *error :
       {&result.provenance.errorOfRead, &result.provenance.errorOfWritten})
    **error *= double(level.sectorBytes);
  return result;
}

/// Executions of all innermost loops together: at least as many as there are
/// nodes when no iterations are grouped.
static double countIterations(const ConstantTree &tree) {
  llvm::SmallVector<double, 0> executions = countExecutions(tree);
  double total = 0;
  for (const ConstantNode &node : llvm::drop_begin(tree.nodes))
    total += executions[node.parent];
  return total;
}

/// Whether one analysis of reuse serves two levels.
static bool isAlike(const Level &a, const Level &b, const Target &target,
                    bool isParallel) {
  auto sharing = [&](const Level &level) {
    return std::min(level.unitsPerInstance, target.units);
  };
  return a.kind == LevelKind::Cached && b.kind == LevelKind::Cached &&
         a.lineBytes == b.lineBytes && a.sectorBytes == b.sectorBytes &&
         (a.storePolicy == StorePolicy::Bypass) ==
             (b.storePolicy == StorePolicy::Bypass) &&
         (!isParallel || sharing(a) == sharing(b));
}

/// Parts `levels` so that one analysis serves each group.
static LevelGroups groupLevels(const Target &target,
                               llvm::ArrayRef<unsigned> levels,
                               bool isParallel) {
  LevelGroups groups;
  for (unsigned i : levels) {
    auto group = llvm::find_if(groups, [&](llvm::ArrayRef<unsigned> other) {
      return isAlike(target.levels[other.front()], target.levels[i], target,
                     isParallel);
    });
    if (group == groups.end())
      groups.push_back({i});
    else
      group->push_back(i);
  }
  return groups;
}

/// Fills in the levels of one group.
static void computeByDistances(const LoopTree &tree,
                               const ConstantTree &constant,
                               const ColdSectors &cold, const Target &target,
                               llvm::ArrayRef<unsigned> group,
                               bool recordsOperands, Traffic &traffic) {
  llvm::SmallVector<LevelByDistances, 4> levels;
  for (unsigned i : group)
    levels.emplace_back(target.levels[i]);
  const Level &first = levels.front().level;
  if (first.kind == LevelKind::Explicit) {
    Retained retained = computeExplicitTraffic(tree, constant, target, first);
    for (const ReuseClass &reuse : retained.moved)
      addUnheld(reuse, levels.front().cells);
  } else {
    analyzeReuse(tree, constant, getConfig(target, first),
                 [&](const ReuseClass &reuse) {
                   for (LevelByDistances &level : levels)
                     level.add(reuse);
                 });
  }
  for (auto [i, found] : llvm::zip_equal(group, levels)) {
    settleCold(found.level, cold, isShared(constant, target, found.level),
               found.cells);
    raiseToCold(tree, constant, cold, found.level,
                /*isByDistances=*/first.kind != LevelKind::Explicit,
                found.cells);
    LevelTraffic &out = traffic.levels[i + 1];
    Provenance provenance = std::move(out.provenance);
    out = toBytes(tree, found.cells, found.level.sectorBytes, recordsOperands);
    out.provenance = std::move(provenance);
    // Of sets that were not looked at nothing is known.
    if (out.provenance.method == TrafficMethod::Distances &&
        found.level.sets() == 1)
      found.stateErrors(out);
  }
}

Target memwall::mergeVictimCaches(const LoopTree &tree, const Target &target) {
  bool isParallel = llvm::any_of(tree.loops, [](const Loop &loop) {
    return loop.kind == LoopKind::Parallel;
  });
  return treatExclusiveAsInclusive(target, /*areAllUnitsUsed=*/isParallel);
}

/// Traffic of a tree without nontemporal stores.
static Traffic computeThroughCaches(const LoopTree &tree,
                                    const Target &described,
                                    const TrafficOptions &options) {
  Target target = mergeVictimCaches(tree, described);
  std::optional<WalkBudget> budget = getBudget(options.accuracy);
  if (budget && options.budget)
    budget = options.budget;
  ConstantTree constant = buildConstantTree(tree);
  // Small programs get the extents of every iteration of a triangular loop.
  if (!constant.exact && budget &&
      countIterations(constant) <= double(budget->wholeSteps))
    constant = buildConstantTree(tree, /*maxGroups=*/4096);
  ColdSectors cold(tree);
  Traffic traffic;
  traffic.levels.resize(target.levels.size());
  traffic.levels[0] = countAccesses(tree, constant, options.recordsOperands);
  traffic.levels[0].provenance.method = TrafficMethod::Accesses;
  if (!constant.exact)
    traffic.levels[0].provenance.errorOfRead =
        traffic.levels[0].provenance.errorOfWritten = std::nullopt;
  // 1. Walks, every level on its own.
  size_t caches = target.levels.size() - 1;
  std::vector<WalkedLevel> walked(caches);
  runInParallel(caches, [&](size_t i) {
    if (budget && target.levels[i].kind == LevelKind::Cached)
      walked[i] =
          walkLevel(tree, constant, cold, target, target.levels[i], *budget);
  });
  // 2. What is left to reuse distances and to retention. What fits as a whole
  // in one cache moves what an infinite cache does.
  llvm::SmallVector<unsigned, 4> byDistances;
  Target roomy = target;
  for (unsigned i = 0; i < caches; ++i) {
    const Level &level = target.levels[i];
    LevelTraffic &out = traffic.levels[i + 1];
    if (walked[i].provenance.method == TrafficMethod::Sets) {
      out = toBytes(tree, walked[i].cells, level.sectorBytes,
                    options.recordsOperands);
      out.provenance = std::move(walked[i].provenance);
      continue;
    }
    byDistances.push_back(i);
    if (level.kind == LevelKind::Explicit) {
      out.provenance.method = TrafficMethod::Retention;
      continue;
    }
    out.provenance.reason = std::move(walked[i].provenance.reason);
    if (isShared(constant, target, level) && holdsAll(tree, level)) {
      // Every set is as it would be in an endless cache, walked or not.
      // Distances do not see sectors that stores leave incomplete.
      constexpr int64_t kEndless = int64_t(1) << 44;
      roomy.levels[i].capacityBytes = kEndless;
      roomy.levels[i].associativity = 0;
      roomy.levels[i].index = SetIndex::Modulo;
      if (budget && constant.exact && level.storePolicy == StorePolicy::Fetch) {
        out.provenance.method = TrafficMethod::Sets;
        out.provenance.setsWalked = out.provenance.sets = level.sets();
        out.provenance.reason.clear();
        continue;
      }
    }
    out.provenance.errorOfRead = out.provenance.errorOfWritten = std::nullopt;
  }
  LevelGroups groups =
      groupLevels(target, byDistances, hasParallelLoops(constant));
  runInParallel(groups.size(), [&](size_t group) {
    computeByDistances(tree, constant, cold, roomy, groups[group],
                       options.recordsOperands, traffic);
  });
  // 3. Where data choose rows, the choice is one more error; of what is written
  // in another place too, unless nothing is pushed out.
  double chance = computeChance(constant, /*ofWrites=*/false);
  double chanceOfWrites = computeChance(constant, /*ofWrites=*/true);
  for (auto [out, level] :
       llvm::zip(llvm::drop_begin(traffic.levels), target.levels)) {
    if (std::optional<double> &error = out.provenance.errorOfRead)
      *error = std::hypot(*error, chance);
    if (std::optional<double> &error = out.provenance.errorOfWritten)
      *error =
          std::hypot(*error, holdsAll(tree, level) ? chanceOfWrites : chance);
  }
  return traffic;
}

/// Adds what passes the cache inside of a level to what the level moves.
static void addNontemporal(llvm::ArrayRef<NontemporalStores> stores,
                           int64_t sectorBytes, bool recordsOperands,
                           LevelTraffic &level) {
  for (const NontemporalStores &each : stores) {
    Bytes bytes{0, toWholeBytes(each.sectors, sectorBytes)};
    level.total.add(bytes);
    level.ops[each.op].add(bytes);
    level.buffers[each.buffer].add(bytes);
    if (!recordsOperands)
      continue;
    auto place = llvm::lower_bound(
        level.operands, each, [](const OperandTraffic &a, const auto &b) {
          return std::tie(a.op, a.buffer) < std::tie(b.op, b.buffer);
        });
    if (place == level.operands.end() || place->op != each.op ||
        place->buffer != each.buffer)
      place = level.operands.insert(place, {each.op, each.buffer, Bytes(), 0});
    place->bytes.add(bytes);
  }
}

/// Traffic of a tree with nontemporal stores. Caches see all other accesses;
/// what a program-filled level holds is the program's, stores or not.
static Traffic computeAroundCaches(const LoopTree &tree, const Target &target,
                                   const TrafficOptions &options) {
  LoopTree plain = tree;
  for (Node &node : plain.nodes)
    for (Access &access : node.nest.accesses)
      access.isNontemporal = false;
  Traffic traffic =
      computeThroughCaches(dropNontemporalStores(tree), target, options);
  bool hasExplicit = llvm::any_of(target.levels, [](const Level &level) {
    return level.kind == LevelKind::Explicit;
  });
  std::optional<Traffic> ofPlain;
  if (hasExplicit)
    ofPlain = computeThroughCaches(plain, target, options);
  for (size_t i = 0; i + 1 < target.levels.size(); ++i) {
    const Level &level = target.levels[i];
    if (level.kind == LevelKind::Explicit)
      traffic.levels[i + 1] = std::move(ofPlain->levels[i + 1]);
    else
      addNontemporal(countNontemporalStores(tree, level.sectorBytes),
                     level.sectorBytes, options.recordsOperands,
                     traffic.levels[i + 1]);
  }
  LevelTraffic &innermost = traffic.levels.front();
  Provenance provenance = std::move(innermost.provenance);
  innermost =
      countAccesses(plain, buildConstantTree(plain), options.recordsOperands);
  innermost.provenance = std::move(provenance);
  return traffic;
}

Traffic memwall::computeTraffic(const LoopTree &tree, const Target &target,
                                TrafficOptions options) {
  return hasNontemporalStores(tree)
             ? computeAroundCaches(tree, target, options)
             : computeThroughCaches(tree, target, options);
}
