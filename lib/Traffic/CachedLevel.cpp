//===- CachedLevel.cpp - Traffic of a cache by walking its sets -----------===//

#include "CachedLevel.h"
#include "SetEstimate.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/DebugLog.h"
#include <cmath>

#define DEBUG_TYPE "memwall-traffic"

using namespace memwall;

/// Fully associative caches of at most so many lines are one set; larger ones
/// are walked by residues (docs/Model.md, "Fully associative caches").
static constexpr int64_t kMostLinesOfOneSet = 1024;
/// Ways of such a residue: with 16 the error was 56 % on one product, with 64
/// 0.04 % (docs/Model.md, as above).
static constexpr int64_t kWaysOfResidue = 64;

/// A level's sets, or residues that stand for sets.
static SetGeometry getGeometry(const Level &level) {
  SetGeometry geometry;
  geometry.lineBits = level.lineBytes * 8;
  geometry.sectorBits = level.sectorBytes * 8;
  geometry.storePolicy = level.storePolicy;
  geometry.writesDead = level.deadLines == DeadLines::Written;
  geometry.sets = level.sets();
  geometry.ways = level.associativity ? level.associativity : level.lines();
  return geometry;
}

static void useResidues(SetGeometry &geometry) {
  if (geometry.sets > 1 || geometry.ways <= kMostLinesOfOneSet)
    return;
  int64_t lines = geometry.ways;
  geometry.isResidue = true;
  // Of some primes, the one that leaves the whole cache to its residues most
  // nearly: near a capacity one way in 64 decides.
  constexpr unsigned kPrimes = 32;
  int64_t prime = findPrimeUpTo(lines / kWaysOfResidue), least = lines;
  for (unsigned i = 0; i < kPrimes && prime > 1; ++i) {
    int64_t ways = (lines + prime / 2) / prime;
    if (int64_t off = std::abs(lines - ways * prime); off < least) {
      least = off;
      geometry.sets = prime;
      geometry.ways = ways;
    }
    prime = findPrimeUpTo(prime - 1);
  }
}

/// Sets whose counts differ by less than that part, relative to the whole.
static constexpr double kAlike = 0.005;

/// Where sets, or blocks of a loop that is sampled in time, differ by more than
/// that part, as many times the steps are spent. Two units of a tiled i8
/// product were 30 % off and said 18 %; with four times the steps they are 2 %
/// off.
static constexpr double kApart = 0.03, kTimesWhereApart = 4;

namespace {

/// One level's walks and what they add up to.
class LevelWalk {
public:
  LevelWalk(const LoopTree &source, const ConstantTree &tree,
            const Level &level, int64_t units, bool holdsAll,
            const WalkBudget &budget)
      : source(source), tree(tree), level(level), units(units),
        holdsAll(holdsAll), budget(budget) {}

  CachedTraffic run();

private:
  SetProgram build(const SetGeometry &geometry) const {
    return buildSetProgram(source, tree, geometry, units,
                           level.unitsPerInstance);
  }
  CachedTraffic walkWhole(const SetProgram &program) const;
  CachedTraffic walkSets(SetProgram program, bool canWalkWhole) const;
  WalkedSets walkSome(const SetProgram &program, double wanted, double work,
                      bool givesUp, llvm::ArrayRef<double> weights = {}) const;
  double chooseCount(const SetProgram &program, const WalkedSets &walked,
                     double spread) const;
  bool isNearCapacity(const SetProgram &program,
                      const WalkedSets &walked) const;
  std::vector<double> rankBuffers(const SetProgram &program) const;
  std::vector<RepeatedBlock> findLayers() const;
  CachedTraffic report(const SetProgram &program, const WalkedSets &walked,
                       SetEstimate estimate) const;
  MovedCells sumCells(const SetProgram &program,
                      llvm::MutableArrayRef<MovedSectors> byAccess) const;

  const LoopTree &source;
  const ConstantTree &tree;
  const Level &level;
  int64_t units;
  bool holdsAll;
  const WalkBudget &budget;
};

} // namespace

/// A result that says why there is none.
static CachedTraffic giveUp(std::string reason) {
  CachedTraffic result;
  result.provenance.reason = std::move(reason);
  return result;
}

static int64_t countSets(const SetProgram &program) {
  return program.geometry.sets * program.countInstances();
}

CachedTraffic LevelWalk::run() {
  std::string obstacle = findWalkObstacle(source, tree, level);
  if (!obstacle.empty())
    return giveUp(obstacle);
  SetGeometry geometry = getGeometry(level);
  geometry.isWhole = true;
  SetProgram whole = build(geometry);
  double steps = whole.nodes.front().wholeSteps;
  LDBG() << "level " << level.name << ": " << steps << " steps for all sets";
  if (steps <= double(budget.wholeSteps))
    return walkWhole(whole);
  if (holdsAll && whole.countInstances() == 1)
    return giveUp("everything fits");
  bool canWalkWhole =
      steps <= WalkBudget::insteadOfSampling * double(budget.wholeSteps);
  // A fully associative cache of few lines is a set that recurs.
  bool isLarge = geometry.sets == 1 && geometry.ways > kMostLinesOfOneSet;
  CachedTraffic result;
  if (level.storePolicy == StorePolicy::Bypass) {
    // Which store was the last one around the cache is not known to one set.
    result = giveUp("stores that go around the cache");
  } else if (isLarge && canWalkWhole) {
    result = giveUp("residues say less than all lines at once");
  } else if (isLarge && !budget.walksResidues) {
    result = giveUp("a fully associative cache and little to spend");
  } else {
    geometry.isWhole = false;
    if (isLarge)
      useResidues(geometry);
    result = walkSets(build(geometry), canWalkWhole);
  }
  bool isDone = result.provenance.reason.empty();
  return isDone || !canWalkWhole ? result : walkWhole(whole);
}

CachedTraffic LevelWalk::walkWhole(const SetProgram &program) const {
  WalkedSets walked = walkAllAtOnce(program);
  CachedTraffic result =
      report(program, walked, estimateAllSets(program, walked));
  result.provenance.setsWalked = result.provenance.sets;
  return result;
}

/// About `wanted` sets, which share `work` steps.
WalkedSets LevelWalk::walkSome(const SetProgram &program, double wanted,
                               double work, bool givesUp,
                               llvm::ArrayRef<double> weights) const {
  int64_t count = int64_t(std::min(wanted, double(countSets(program))));
  SetSample sample = chooseSets(program, rankBuffers(program), count, weights);
  double share = work / double(sample.sets.size());
  WalkedSets walked = walkSample(program, std::move(sample), {share, givesUp});
  LDBG() << "level " << level.name << ": " << walked.walks.size() << " of "
         << countSets(program) << " sets took " << walked.countSteps()
         << " steps" << (walked.isSampledInTime() ? ", sampled in time" : "");
  return walked;
}

/// Some sets, or all where they recur soon. The result is given up where loops
/// would have to be sampled in time and all sets at once can be walked instead,
/// and where residues say little.
CachedTraffic LevelWalk::walkSets(SetProgram program, bool canWalkWhole) const {
  if (budget.skipsLayers)
    program.repeats = findLayers();
  // 1. A try: few sets from start to end say more than many that are sampled in
  // time. It costs a part only where it may be for nothing.
  constexpr double kSetsOfTry = 2, kPartForTry = 1.0 / 4;
  // Errors of many ops balance, those of few do not.
  constexpr size_t kFewOps = 4;
  constexpr double kTimesForFew = 2;
  double work = budget.work;
  bool isSmall = source.ops.size() <= kFewOps;
  if (isSmall)
    work *= kTimesForFew;
  double few = std::min(kSetsOfTry, double(budget.sets));
  // A budget of so few sets is tried with all of its work, and is done with it.
  bool isTry = canWalkWhole || few < double(budget.sets);
  double tried = isTry ? budget.work * (canWalkWhole ? kPartForTry : 1) : work;
  WalkedSets walked = walkSome(program, few, tried, /*givesUp=*/isTry);
  double share = SetWalk::unlimited; // Of a set of those that follow.
  if (walked.isSampledInTime()) {
    // What a part of a loop leaves in many ways is not what the loop leaves.
    if (canWalkWhole || program.geometry.sets == 1 ||
        program.geometry.isResidue)
      return giveUp("loops too long to walk");
    if (isTry)
      walked = walkSome(program, double(budget.sets), work, /*givesUp=*/false);
    if (isTry && isSmall && estimateAllSets(program, walked).spread > kApart) {
      work *= kTimesWhereApart;
      walked = walkSome(program, double(budget.sets), work, /*givesUp=*/false);
    }
    share = work / double(walked.walks.size());
  }
  // 2. More of them, some times as many at once, as far as is affordable by
  // what they have cost so far.
  constexpr double kGrowth = 4;
  // So many sets of each stratum that move the same are enough: of a
  // 1024x1024x1024 product in two tile levels, 96 more sets of the L2 cost
  // three times as many steps and changed nothing, and all 1024 of them thirty
  // times as many. Fewer miss what short intermediates leave in few sets.
  constexpr double kManySets = 24, kEqual = 0.003;
  // All sets are walked however equal they are where they take less than that
  // part of what all at once may take: 40 ms.
  constexpr double kCheap = 1.0 / 8;
  double all = double(countSets(program));
  SetEstimate estimate = estimateAllSets(program, walked);
  for (;;) {
    double count = double(walked.walks.size());
    double wanted = chooseCount(program, walked, estimate.spread);
    // Where all at once can be walked, sets that differ are not worth a count.
    if (canWalkWhole && wanted < all && estimate.spread > kAlike)
      return giveUp("sets that differ say less than all at once");
    bool isMany = count >= kManySets * double(walked.sample.strata.size());
    bool isCheap =
        walked.countSteps() / count * all <= kCheap * double(budget.wholeSteps);
    bool isSettled = isMany && estimate.spread <= kEqual && !isCheap;
    if (count >= all || isSettled || (wanted < all && wanted < 2 * count))
      break;
    // Few sets may not tell what others cost. Many tell how many it takes to
    // agree: a standard error falls with the root of their number.
    double apart = estimate.spread / kEqual;
    double enough = std::max(2.0, apart * apart) * count;
    if (!isMany)
      wanted = std::min(wanted, kGrowth * count);
    else if (!isCheap && enough < all / 2)
      wanted = std::min(wanted, enough);
    walked = walkSome(program, wanted, share * wanted, /*givesUp=*/false,
                      estimate.weighStrata());
    estimate = estimateAllSets(program, walked);
    // Strata whose sets differ may be small, and all of their sets walked.
    if (double(walked.walks.size()) <= count)
      break;
  }
  if (program.geometry.isResidue && isNearCapacity(program, walked))
    return giveUp("close to a capacity, where residues err");
  return report(program, walked, std::move(estimate));
}

/// How many sets can be afforded, judged by some that were walked: all, for
/// about what walking them at once may cost, or as many as the work is enough
/// for, and some times that where they differ much.
double LevelWalk::chooseCount(const SetProgram &program,
                              const WalkedSets &walked, double spread) const {
  constexpr double kTimesForAll = 2;
  // Every set keeps two counts of each access: 256 MiB in all.
  constexpr double kMostCounts = 1 << 24;
  double all = double(countSets(program));
  double each = walked.countSteps() / double(walked.walks.size());
  double most = std::max(budget.work, double(budget.wholeSteps));
  double wanted = (spread > kApart ? kTimesWhereApart : 1) * most / each;
  if (walked.isSampledInTime())
    wanted = budget.work / each;
  else if (each * all <= kTimesForAll * most)
    wanted = all;
  return std::min({wanted, all, kMostCounts / double(program.accesses.size())});
}

/// Whether the cache with a few lines more or less in every residue would move
/// much more or less. The lines of a residue are not spread as evenly as those
/// of the cache, so that a threshold that the cache passes at once is passed by
/// some residues and not by others.
bool LevelWalk::isNearCapacity(const SetProgram &program,
                               const WalkedSets &walked) const {
  // Four ways in 64 move a cache on a smooth slope by a few percent at most.
  constexpr double kMostChange = 0.15;
  constexpr int64_t kWays = 4;
  // Some of each stratum: small buffers are in few residues.
  constexpr unsigned kLooksInStratum = 4;
  SetSample looks;
  std::vector<unsigned> taken(walked.sample.strata.size(), 0);
  for (const SampledSet &set : walked.sample.sets)
    if (taken[set.stratum]++ < kLooksInStratum)
      looks.sets.push_back(set);
  MovedSectors moved = walkSample(program, looks).countMoved();
  for (int64_t change : {-kWays, kWays}) {
    SetProgram near = program;
    near.geometry.ways += change;
    MovedSectors other = walkSample(near, looks).countMoved();
    if (std::abs(other.read - moved.read) > kMostChange * moved.read ||
        std::abs(other.written - moved.written) > kMostChange * moved.written)
      return true;
  }
  return false;
}

/// Bits that all accesses to a buffer ask for.
std::vector<double> LevelWalk::rankBuffers(const SetProgram &program) const {
  std::vector<double> bits(source.buffers.size(), 0);
  std::vector<double> executions(program.nodes.size(), 0);
  executions[0] = 1;
  for (auto [n, node] : llvm::enumerate(program.nodes)) {
    for (unsigned child : node.children)
      executions[child] = executions[n] * double(node.tripCount);
    if (node.isAccess) {
      const SetAccess &access = program.accesses[node.access];
      bits[access.buffer] += executions[n] * double(access.bits);
    }
  }
  return bits;
}

/// Runs of equal layers that each bring in the whole cache several times, so
/// that it does not matter which sets their buffers begin at.
std::vector<RepeatedBlock> LevelWalk::findLayers() const {
  // Among a handful of layers nothing is gained.
  constexpr unsigned kLeastBlocks = 4;
  constexpr double kLeastTurnovers = 4;
  std::vector<RepeatedBlock> layers =
      findRepeatedBlocks(source, tree, kLeastBlocks);
  llvm::erase_if(layers, [&](const RepeatedBlock &layer) {
    double bytes = 0;
    for (auto [buffer, name] : layer.renamed)
      bytes += double(source.buffers[buffer].bytes());
    return bytes < kLeastTurnovers * double(level.capacityBytes);
  });
  return layers;
}

/// Sums by access into cells; every block of a run counts as the second one.
MovedCells
LevelWalk::sumCells(const SetProgram &program,
                    llvm::MutableArrayRef<MovedSectors> byAccess) const {
  const SetNode &root = program.nodes.front();
  for (const RepeatedBlock &block : program.repeats) {
    unsigned second = block.first + block.length;
    unsigned from = program.nodes[root.children[second]].firstAccess;
    unsigned third =
        program.nodes[root.children[second + block.length]].firstAccess;
    unsigned end = program.nodes[root.children[block.end() - 1]].endAccess;
    for (unsigned a = third; a < end; ++a)
      byAccess[a] = byAccess[from + (a - third) % (third - from)];
  }
  MovedCells cells;
  for (auto [a, access] : llvm::enumerate(program.accesses)) {
    MovedCell &cell = cells[{access.op, access.buffer}];
    cell.read += byAccess[a].read;
    if (access.isWrite)
      cell.readByStores += byAccess[a].read;
    cell.written += byAccess[a].written;
  }
  return cells;
}

CachedTraffic LevelWalk::report(const SetProgram &program,
                                const WalkedSets &walked,
                                SetEstimate estimate) const {
  CachedTraffic result;
  Provenance &provenance = result.provenance;
  provenance.method = TrafficMethod::Sets;
  provenance.setsWalked = walked.walks.size();
  provenance.sets = countSets(program);
  provenance.sampledInTime = walked.isSampledInTime();
  provenance.errorOfRead = estimate.error.read;
  provenance.errorOfWritten = estimate.error.written;
  result.isExact = estimate.isExact() && program.repeats.empty();
  result.cells = sumCells(program, estimate.byAccess);
  return result;
}

CachedTraffic memwall::computeCachedTraffic(const LoopTree &source,
                                            const ConstantTree &tree,
                                            const Level &level, int64_t units,
                                            bool holdsAll,
                                            const WalkBudget &budget) {
  return LevelWalk(source, tree, level, units, holdsAll, budget).run();
}
