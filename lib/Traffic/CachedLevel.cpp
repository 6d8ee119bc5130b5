//===- CachedLevel.cpp - Traffic of a cache by walking its sets -----------===//

#include "CachedLevel.h"
#include "SetSample.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/DebugLog.h"
#include "llvm/Support/Parallel.h"
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
  geometry.sets = findPrimeUpTo(lines / kWaysOfResidue);
  geometry.ways = std::llround(double(lines) / double(geometry.sets));
}

/// Touches of a walk of all sets at once, when no stretch of a loop recurs: an
/// innermost loop takes as many iterations at once as stay within their
/// sectors.
static double countWholeSteps(const SetProgram &program) {
  double total = 0;
  std::vector<double> executions(program.nodes.size(), 0);
  executions[0] = 1;
  for (auto [n, node] : llvm::enumerate(program.nodes)) {
    double iterations = executions[n] * double(node.tripCount);
    double perStep =
        node.isInnermost && node.mayRun ? double(node.tripCount) : 1;
    double accesses = 0;
    for (unsigned child : node.children) {
      executions[child] = iterations;
      if (!program.nodes[child].isAccess)
        continue;
      ++accesses;
      unsigned access = program.nodes[child].access;
      const AccessTerm &term = program.term(node, access);
      if (term.isUnknown)
        perStep = 1;
      else if (term.strideBits != 0)
        perStep = std::min(
            perStep, std::max(1.0, double(program.geometry.sectorBits) /
                                       double(std::abs(term.strideBits))));
    }
    if (!node.isAccess)
      total += iterations / perStep * (accesses + 1);
  }
  return total;
}

namespace {

/// Variances among the sets of a stratum, in sectors squared.
struct Spread {
  double read = 0, written = 0;
};

/// What walked sets say of all sets.
struct SetEstimate {
  CachedTraffic traffic;
  std::vector<Spread> spreads; ///< By stratum; empty where nothing is unsure.
  MovedSectors all;

  /// How much a set of each stratum matters: reads and writes count alike.
  std::vector<double> weighStrata() const;
  void setErrors(const SetSample &sample);
};

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
  CachedTraffic walkWhole(const SetProgram &program) const;
  std::optional<CachedTraffic> walkSets(SetProgram program,
                                        bool canWalkWhole) const;
  std::vector<double> rankBuffers(const SetProgram &program) const;
  double countBodies(const SetProgram &program) const;
  std::vector<RepeatedBlock> findLayers() const;
  std::vector<std::unique_ptr<SetWalk>> walkAll(const SetProgram &program,
                                                llvm::ArrayRef<SampledSet> sets,
                                                double workPerBody) const;
  SetEstimate addUp(const SetProgram &program, const SetSample &sample,
                    llvm::ArrayRef<std::unique_ptr<SetWalk>> walks) const;
  std::vector<Spread>
  measureSpreads(const SetProgram &program, const SetSample &sample,
                 llvm::ArrayRef<std::unique_ptr<SetWalk>> walks,
                 llvm::ArrayRef<MovedSectors> perLine,
                 llvm::ArrayRef<double> scales) const;
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

CachedTraffic LevelWalk::run() {
  CachedTraffic result;
  result.provenance.reason = findWalkObstacle(source, tree, level);
  if (!result.provenance.reason.empty())
    return result;
  SetGeometry geometry = getGeometry(level);
  geometry.isWhole = true;
  SetProgram whole =
      buildSetProgram(source, tree, geometry, units, level.unitsPerInstance);
  double steps = countWholeSteps(whole);
  LDBG() << "level " << level.name << ": " << steps << " steps for all sets";
  if (steps <= double(budget.wholeSteps))
    return walkWhole(whole);
  if (holdsAll && whole.countInstances() == 1) {
    result.provenance.reason = "everything fits";
    return result;
  }
  bool canWalkWhole =
      steps <= WalkBudget::insteadOfSampling * double(budget.wholeSteps);
  // Which store was the last one around the cache is not known to one set.
  bool hasSets = level.storePolicy != StorePolicy::Bypass;
  // A fully associative cache of few lines is a set that recurs.
  bool isOneSet = geometry.sets == 1 && geometry.ways <= kMostLinesOfOneSet;
  bool isLarge = geometry.sets == 1 && !isOneSet;
  if (hasSets && (!isLarge || budget.walksResidues)) {
    geometry.isWhole = false;
    if (isLarge)
      useResidues(geometry);
    std::optional<CachedTraffic> walked = walkSets(
        buildSetProgram(source, tree, geometry, units, level.unitsPerInstance),
        canWalkWhole);
    if (walked)
      return *walked;
  }
  if (canWalkWhole)
    return walkWhole(whole);
  result.provenance.reason =
      !hasSets               ? "stores that go around the cache"
      : budget.walksResidues ? "loops too long to walk by residues"
                             : "a fully associative cache and little to spend";
  return result;
}

std::vector<std::unique_ptr<SetWalk>>
LevelWalk::walkAll(const SetProgram &program, llvm::ArrayRef<SampledSet> sets,
                   double workPerBody) const {
  std::vector<std::unique_ptr<SetWalk>> walks(sets.size());
  llvm::parallelFor(0, sets.size(), [&](size_t i) {
    walks[i] = std::make_unique<SetWalk>(program, sets[i].set, sets[i].instance,
                                         workPerBody);
    walks[i]->run();
  });
  return walks;
}

CachedTraffic LevelWalk::walkWhole(const SetProgram &program) const {
  SetSample sample;
  for (int64_t instance = 0; instance < program.countInstances(); ++instance) {
    sample.sets.push_back({0, instance, 0, 1});
    sample.strata = {{double(instance + 1), unsigned(instance + 1)}};
  }
  auto walks = walkAll(program, sample.sets, SetWalk::unlimited);
  CachedTraffic result = addUp(program, sample, walks).traffic;
  result.provenance.sets = result.provenance.setsWalked =
      program.geometry.sets * program.countInstances();
  return result;
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

/// Innermost bodies that a walk meets.
double LevelWalk::countBodies(const SetProgram &program) const {
  double bodies = program.nodes.front().leaves;
  for (const RepeatedBlock &block : program.repeats)
    for (unsigned i = block.first + 2 * block.length; i < block.end(); ++i)
      bodies -= program.nodes[program.nodes.front().children[i]].leaves;
  return std::max(bodies, 1.0);
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

/// Some sets, or all where they recur soon. None where loops would have to be
/// sampled in time, and all sets at once can be walked instead, or residues
/// cannot be sampled: they have many ways, which a part of a loop does not fill
/// the way the whole loop does.
std::optional<CachedTraffic> LevelWalk::walkSets(SetProgram program,
                                                 bool canWalkWhole) const {
  if (budget.skipsLayers)
    program.repeats = findLayers();
  std::vector<double> importance = rankBuffers(program);
  int64_t all = program.geometry.sets * program.countInstances();
  SetSample sample =
      chooseSets(program, importance, std::min(all, budget.sets));
  // A try that may be for nothing costs a part only.
  constexpr double kPartForTry = 1.0 / 4;
  double share = budget.work * (canWalkWhole ? kPartForTry : 1) /
                 double(sample.sets.size());
  double workPerBody = share / countBodies(program);
  auto walks = walkAll(program, sample.sets, workPerBody);
  double work = 0;
  bool isSampledInTime = false;
  for (const auto &walk : walks) {
    work += walk->work();
    isSampledInTime |= walk->isSampledInTime();
  }
  LDBG() << "level " << level.name << ": " << walks.size() << " of " << all
         << " sets took " << work << " steps"
         << (isSampledInTime ? ", sampled in time" : "");
  if (isSampledInTime && (canWalkWhole || program.geometry.isResidue))
    return std::nullopt;
  double each = work / double(walks.size());
  // Sets that recur cost little: then all are walked, or many more, for about
  // what walking them at once may cost.
  constexpr double kPartForMore = 1.0 / 4, kTimesForAll = 2;
  double most = std::max(budget.work, double(budget.wholeSteps));
  double affordable = each * double(all) <= kTimesForAll * most
                          ? double(all)
                          : kPartForMore * most / each;
  if (isSampledInTime)
    affordable = budget.work / each;
  // Fewer sets err by some percent where all at once cost little more.
  constexpr double kFewSets = 64;
  if (canWalkWhole && affordable < kFewSets && affordable < double(all))
    return std::nullopt;
  SetEstimate estimate = addUp(program, sample, walks);
  if (sample.isWhole() ||
      (affordable < double(all) && affordable < 2 * double(walks.size())))
    return estimate.traffic;
  sample = chooseSets(program, importance,
                      std::min(all, int64_t(std::min(affordable, 1e9))),
                      estimate.weighStrata());
  walks = walkAll(program, sample.sets, workPerBody);
  return addUp(program, sample, walks).traffic;
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
    MovedSectors &cell = cells[{access.op, access.buffer}];
    cell.read += byAccess[a].read;
    cell.written += byAccess[a].written;
  }
  return cells;
}

/// Sampled sets may hold more or fewer lines of a buffer than others do: what
/// is moved of it is taken in proportion to its lines (a ratio estimate).
SetEstimate
LevelWalk::addUp(const SetProgram &program, const SetSample &sample,
                 llvm::ArrayRef<std::unique_ptr<SetWalk>> walks) const {
  SetEstimate estimate;
  CachedTraffic &result = estimate.traffic;
  Provenance &provenance = result.provenance;
  provenance.method = TrafficMethod::Sets;
  provenance.setsWalked = walks.size();
  provenance.sets = program.geometry.sets * program.countInstances();
  for (const auto &walk : walks)
    provenance.sampledInTime |= walk->isSampledInTime();
  size_t buffers = source.buffers.size();
  std::vector<double> scales(buffers, 1), seen(buffers, 0);
  std::vector<MovedSectors> byAccess(program.accesses.size()), perLine(buffers);
  for (auto [set, walk] : llvm::zip_equal(sample.sets, walks)) {
    for (auto [a, moved] : llvm::enumerate(walk->moved())) {
      byAccess[a].read += set.weight * moved.read;
      byAccess[a].written += set.weight * moved.written;
    }
    for (unsigned b = 0; b < buffers; ++b)
      seen[b] += set.weight * double(countLinesInSet(program, b, set.set));
  }
  bool isWhole = sample.isWhole() || program.geometry.isWhole;
  // Residues that stand for one set are an estimate even when all are walked.
  bool isResidue = program.geometry.isResidue;
  for (unsigned b = 0; b < buffers && !isWhole; ++b) {
    int64_t lineBits = program.geometry.lineBits;
    double lines = double((program.bufferEnd[b] - 1) / lineBits -
                          program.bufferBegin[b] / lineBits + 1) *
                   double(program.countInstances());
    if (seen[b] > 0)
      scales[b] = lines / seen[b];
  }
  for (auto [a, access] : llvm::enumerate(program.accesses)) {
    double scale = scales[access.buffer];
    if (seen[access.buffer] > 0) {
      perLine[access.buffer].read += byAccess[a].read / seen[access.buffer];
      perLine[access.buffer].written +=
          byAccess[a].written / seen[access.buffer];
    }
    byAccess[a].read *= scale;
    byAccess[a].written *= scale;
  }
  if (!isWhole || isResidue || provenance.sampledInTime) {
    for (const MovedSectors &moved : byAccess) {
      estimate.all.read += moved.read;
      estimate.all.written += moved.written;
    }
    estimate.spreads = measureSpreads(program, sample, walks, perLine, scales);
    estimate.setErrors(sample);
  }
  result.isExact = isWhole && !isResidue && !provenance.sampledInTime &&
                   program.repeats.empty();
  result.cells = sumCells(program, byAccess);
  return estimate;
}

/// The spread, within each stratum, of what a set moves beyond its share by
/// lines.
std::vector<Spread>
LevelWalk::measureSpreads(const SetProgram &program, const SetSample &sample,
                          llvm::ArrayRef<std::unique_ptr<SetWalk>> walks,
                          llvm::ArrayRef<MovedSectors> perLine,
                          llvm::ArrayRef<double> scales) const {
  struct Sums {
    double sum = 0, squares = 0;
    void add(double value) {
      sum += value;
      squares += value * value;
    }
    double variance(double count) const {
      return count < 2
                 ? squares
                 : std::max(0.0, squares - sum * sum / count) / (count - 1);
    }
  };
  std::vector<Sums> read(sample.strata.size()), written = read;
  for (auto [set, walk] : llvm::zip_equal(sample.sets, walks)) {
    double restRead = 0, restWritten = 0;
    for (auto [a, moved] : llvm::enumerate(walk->moved())) {
      double scale = scales[program.accesses[a].buffer];
      restRead += scale * moved.read;
      restWritten += scale * moved.written;
    }
    for (unsigned b = 0; b < source.buffers.size(); ++b) {
      double lines = double(countLinesInSet(program, b, set.set));
      restRead -= scales[b] * perLine[b].read * lines;
      restWritten -= scales[b] * perLine[b].written * lines;
    }
    read[set.stratum].add(restRead);
    written[set.stratum].add(restWritten);
  }
  std::vector<Spread> spreads;
  for (auto [i, stratum] : llvm::enumerate(sample.strata))
    spreads.push_back({read[i].variance(stratum.sampled),
                       written[i].variance(stratum.sampled)});
  return spreads;
}

std::vector<double> SetEstimate::weighStrata() const {
  std::vector<double> weights;
  for (const Spread &spread : spreads)
    weights.push_back(std::sqrt(spread.read) / std::max(all.read, 1.0) +
                      std::sqrt(spread.written) / std::max(all.written, 1.0));
  return weights;
}

/// Standard errors of the stratified ratio estimate. Where loops were sampled
/// in time, sets that were walked are no certainty either.
void SetEstimate::setErrors(const SetSample &sample) {
  Provenance &provenance = traffic.provenance;
  double varianceOfRead = 0, varianceOfWritten = 0;
  for (auto [stratum, spread] : llvm::zip_equal(sample.strata, spreads)) {
    double count = stratum.sampled;
    double unseen = provenance.sampledInTime ? 1 : 1 - count / stratum.size;
    double factor = stratum.size * stratum.size / count * unseen;
    varianceOfRead += factor * spread.read;
    varianceOfWritten += factor * spread.written;
  }
  // Sets of a kind that none of n sets shows are one in n + 1 on average at
  // most (the rule of succession). How much they differ is not known: by a
  // quarter is an assumption, which tools/validate --large holds to.
  constexpr double kUnseenDiffer = 0.25;
  double floor = kUnseenDiffer / double(provenance.setsWalked + 1);
  provenance.errorOfRead =
      std::hypot(std::sqrt(varianceOfRead), floor * all.read);
  provenance.errorOfWritten =
      std::hypot(std::sqrt(varianceOfWritten), floor * all.written);
}

CachedTraffic memwall::computeCachedTraffic(const LoopTree &source,
                                            const ConstantTree &tree,
                                            const Level &level, int64_t units,
                                            bool holdsAll,
                                            const WalkBudget &budget) {
  return LevelWalk(source, tree, level, units, holdsAll, budget).run();
}
