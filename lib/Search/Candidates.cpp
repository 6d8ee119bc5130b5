//===- Candidates.cpp - Schedules worth a closer look ---------------------===//

#include "Candidates.h"
#include "LevelTilings.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace memwall;

double memwall::computeLoopCost(const OpShape &op, const Target &target,
                                llvm::ArrayRef<TileBand> bands,
                                bool isRanking) {
  constexpr double kLoop = 0.0005, kThin = 0.004, kTiles = 0.0001;
  double cost = 0;
  // Fewer tiles break ties. Not in a ranking for caches: the largest of equal
  // tiles is the most likely not to fit after all.
  bool hasCache = llvm::any_of(target.levels, [](const Level &level) {
    return level.kind == LevelKind::Cached;
  });
  for (unsigned d = 0; d < op.tiledRank && !(isRanking && hasCache); ++d)
    for (const TileBand &band : llvm::reverse(bands))
      if (band.sizes[d] != 0) {
        cost += kTiles * std::log(double(op.extents[d]) / band.sizes[d]);
        break;
      }
  for (const TileBand &band : bands) {
    const Level *level = target.findLevel(band.level);
    for (unsigned dim : band.order) {
      cost += kLoop;
      if (!level)
        continue;
      llvm::SmallVector<int64_t, 2> lines =
          countLineIterations(op, dim, *level);
      if (!lines.empty() && band.sizes[dim] < lines.front())
        cost += kThin;
    }
  }
  return cost;
}

/// The tile loops of all bands in one row.
static llvm::SmallVector<SearchLoop, 16>
listTileLoops(llvm::ArrayRef<TileBand> bands) {
  llvm::SmallVector<SearchLoop, 16> loops;
  for (const TileBand &band : bands)
    for (unsigned d : band.order)
      loops.push_back({d, band.sizes[d]});
  return loops;
}

/// Capacity that all of `box` takes.
static double getHeld(const OpShape &op, const TileExtents &box,
                      const Level &level) {
  LevelGrain grain(level);
  double held = 0;
  for (const OperandShape &operand : op.operands)
    held += computeFootprint(operand, box, grain).held;
  return held;
}

/// Sorts by score; equal ones stay in their order.
template <typename T>
static void sortByScore(llvm::SmallVectorImpl<T> &list) {
  llvm::SmallVector<std::pair<double, unsigned>, 0> order;
  for (auto [i, entry] : llvm::enumerate(list))
    order.push_back({entry.score, unsigned(i)});
  llvm::sort(order);
  llvm::SmallVector<T, 0> sorted;
  for (const auto &[score, i] : order)
    sorted.push_back(std::move(list[i]));
  std::move(sorted.begin(), sorted.end(), list.begin());
}

namespace {

/// Partial schedules measured and kept per level; where few candidates are
/// asked for, only closed forms count. Of 14 random products on three CPUs,
/// schedules of one measured and one kept score 0.002 worse in the mean and
/// 0.027 at most; two to four measured and one to three kept are alike to
/// 0.0006.
constexpr unsigned kMeasured = 3, kBeam = 2;
constexpr unsigned kBeamOfFew = 1, kFew = 2;

/// Where a tile does not fit, what is inside of it moves so much more than a
/// bound says, until bands inside show what it is.
constexpr double kUnfit = 4;

/// Bands chosen so far, and what is left inside of them.
struct Partial {
  llvm::SmallVector<TileBand, 3> bands;
  TileExtents box;
  double share = 1; ///< Least share of a capacity that a band was meant for.
  /// The level that has the only band outside of the innermost level; 0 where
  /// bands were sought at all levels.
  unsigned alone = 0;
  bool fits = true; ///< What is inside fits the level of the last band.
  /// By level: of those outside of the last band, measured; else estimates.
  llvm::SmallVector<double, 4> bytes;
  double score = 0;
};

/// Bands of all levels and an order of the op's own loops, both by number, with
/// what the closed forms say.
struct ScoredTiling {
  unsigned tiling = 0, order = 0;
  /// Candidates take turns by these two of its tiling.
  std::pair<unsigned, double> turn;
  double score = 0;
};

class Enumerator {
public:
  Enumerator(const OpShape &op, const Target &target,
             const Objective &objective)
      : op(op), target(target), objective(objective),
        levels(target.levels.size() - 1), orders(listLeafOrders()),
        band(findRegisterBand(op, target)) {}

  llvm::SmallVector<Candidate, 0> run(unsigned most, MeasureBytes measure);

private:
  using Estimates = std::vector<LevelEstimate>; ///< By level.

  bool isBatch(const DimGroup &group) const;
  llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 0> listLeafOrders() const;
  void extend(const Partial &partial, unsigned level,
              llvm::SmallVectorImpl<Partial> &next) const;
  void measureBest(llvm::SmallVectorImpl<Partial> &partials, unsigned level,
                   MeasureBytes measure) const;
  void finish(const Partial &partial);
  void tileAlone(unsigned level, MeasureBytes measure);
  llvm::SmallVector<Candidate, 0> select(unsigned most);
  void addCandidates(const Partial &partial, const LevelTiling &tiling);
  Estimates makeEstimates(const Partial &complete) const;
  bool isSettled(const Partial &partial) const;
  void addCandidate(unsigned tiling, unsigned order, Estimates &estimates);
  Candidate makeCandidate(const ScoredTiling &entry) const;
  std::optional<Partial> startInside(const Partial &complete,
                                     llvm::ArrayRef<unsigned> order) const;
  Partial addBand(const Partial &partial, unsigned level,
                  const LevelTiling &tiling) const;
  double estimateInside(const TileExtents &box, const Level &level) const;

  const OpShape &op;
  const Target &target;
  const Objective &objective;
  unsigned levels; ///< That hold tiles: all but memory.
  llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 0> orders;
  std::optional<RegisterBand> band;     ///< Inside of all bands.
  std::vector<Partial> completeTilings; ///< Bands of all levels.
  llvm::SmallVector<ScoredTiling, 0> scored;
};

} // namespace

/// Whether every operand moves with the group, in steps of at least a line:
/// nothing is reused between its iterations.
bool Enumerator::isBatch(const DimGroup &group) const {
  return llvm::all_of(llvm::enumerate(op.operands), [&](auto entry) {
    auto [o, operand] = entry;
    return group.moves(o) &&
           llvm::all_of(operand.terms, [&](const OperandTerm &term) {
             return !llvm::is_contained(group.dims, term.dim) ||
                    term.strideBits >= target.levels[0].lineBytes * 8;
           });
  });
}

/// Whether the parts of every dimension of the op are one loop in `order`.
static bool keepsPartsTogether(const OpShape &op,
                               llvm::ArrayRef<unsigned> order) {
  return llvm::all_of(llvm::enumerate(order), [&](auto entry) {
    auto [i, d] = entry;
    return !op.isPart(d) || (i > 0 && order[i - 1] == d - 1);
  });
}

/// Orders of the op's own loops: groups of dimensions in all orders, as they
/// are within a group, batches outermost; single dimensions where there is one
/// group only.
llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 0>
Enumerator::listLeafOrders() const {
  llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 4> units;
  if (op.hasInnerTiles()) {
    llvm::SmallVector<unsigned, 6> order(op.rank());
    std::iota(order.begin(), order.end(), 0);
    return {order};
  }
  llvm::SmallVector<DimGroup, 4> groups =
      findGroups(op, op.extents, /*cutOnly=*/false);
  llvm::SmallVector<unsigned, 6> outermost; // And those that run once.
  for (unsigned d = 0; d < op.rank(); ++d)
    if (op.extents[d] <= 1)
      outermost.push_back(d);
  if (groups.size() == 1 && groups[0].dims.size() <= 4) {
    for (unsigned d : groups[0].dims)
      units.push_back({d});
  } else {
    for (DimGroup &group : groups) {
      llvm::sort(group.dims);
      if (isBatch(group))
        outermost.append(group.dims.begin(), group.dims.end());
      else
        units.emplace_back(group.dims.begin(), group.dims.end());
    }
  }
  constexpr unsigned kMostUnits = 4;
  while (units.size() > kMostUnits) {
    units[units.size() - 2].append(units.back());
    units.pop_back();
  }
  llvm::SmallVector<unsigned, 4> permutation(units.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 0> result;
  do {
    llvm::SmallVector<unsigned, 6> order = outermost;
    for (unsigned u : permutation)
      order.append(units[u]);
    if (keepsPartsTogether(op, order))
      result.push_back(std::move(order));
  } while (std::next_permutation(permutation.begin(), permutation.end()));
  if (result.empty()) { // No permutation of groups keeps parts together.
    result.emplace_back(op.rank());
    std::iota(result.back().begin(), result.back().end(), 0);
  }
  return result;
}

Partial Enumerator::addBand(const Partial &partial, unsigned level,
                            const LevelTiling &tiling) const {
  Partial result = partial;
  result.box = tiling.extents;
  result.share = std::min(result.share, tiling.share);
  if (tiling.order.empty())
    return result;
  TileBand band;
  band.level = target.levels[level].name;
  band.sizes.assign(op.tiledRank, 0);
  for (unsigned d : tiling.order)
    band.sizes[d] = tiling.extents[d];
  band.order = tiling.order;
  result.bands.push_back(std::move(band));
  return result;
}

/// About what one execution of `box` moves through a level inside, to rank
/// tilings whose inner bands are not known yet: every operand once, or, of two
/// inputs and an output, the bound of a matmul that does not fit, 2 V / sqrt(C)
/// elements for V products and a capacity of C elements (docs/Model.md).
double Enumerator::estimateInside(const TileExtents &box,
                                  const Level &level) const {
  double once = 0, widths = 1, volume = 1;
  for (const OperandShape &operand : op.operands) {
    Footprint footprint = computeFootprint(operand, box, level);
    bool isTwice = operand.isRead && operand.isWritten;
    once += footprint.sectors * double(level.sectorBytes) * (isTwice ? 2 : 1);
    widths *= double(operand.elementBits) / 8;
  }
  for (int64_t extent : box)
    volume *= double(extent);
  if (op.operands.size() < 3)
    return once;
  return std::max(once,
                  2 * volume * std::sqrt(widths / double(level.capacityBytes)));
}

/// All ways to tile for `level`, and not to.
void Enumerator::extend(const Partial &partial, unsigned level,
                        llvm::SmallVectorImpl<Partial> &next) const {
  LevelQuestion question{&op,
                         &target.levels[level],
                         partial.box,
                         /*isInnermost=*/false,
                         /*prefersDivisors=*/!partial.bands.empty(),
                         /*isCoarse=*/levels > 1,
                         band ? &*band : nullptr};
  // What fits as a whole needs no tiles.
  llvm::SmallVector<LevelTiling, 0> tilings;
  if (getHeld(op, partial.box, *question.level) >
      getHeldCapacity(*question.level))
    tilings = findTilings(question);
  tilings.push_back({partial.box, {}, 0, 1, 0});
  for (const LevelTiling &tiling : tilings) {
    Partial longer = addBand(partial, level, tiling);
    llvm::SmallVector<SearchLoop, 16> loops = listTileLoops(longer.bands);
    llvm::SmallVector<double, 4> bytes;
    double executions = 1;
    for (unsigned d = 0; d < op.rank(); ++d)
      executions *= double(op.extents[d]) / double(longer.box[d]);
    for (unsigned inner = 0; inner < level; ++inner)
      bytes.push_back(executions *
                      estimateInside(longer.box, target.levels[inner]));
    for (unsigned outer = level; outer < levels; ++outer) {
      const Level &memory = target.levels[outer];
      if (outer > level && isSettled(partial)) {
        bytes.push_back(partial.bytes[outer]);
        continue;
      }
      // What does not fit is an order of loops, which inner bands decide.
      bool fits = getHeld(op, longer.box, memory) <= getHeldCapacity(memory);
      bytes.push_back(fits ? LevelEstimate(op, memory, loops).computeBytes({})
                           : kUnfit * executions *
                                 estimateInside(longer.box, memory));
    }
    longer.bytes = bytes;
    longer.score = objective.computeScore(bytes);
    longer.fits = getHeld(op, longer.box, *question.level) <=
                  getHeldCapacity(*question.level);
    next.push_back(std::move(longer));
  }
}

/// Candidates with the innermost tile `tiling`, for every order of the leaf.
void Enumerator::addCandidates(const Partial &partial,
                               const LevelTiling &tiling) {
  LevelTiling innermost = tiling;
  // What is streamed one iteration at a time streams in the op's own loops,
  // unless each iteration starts accumulators of its own.
  llvm::erase_if(innermost.order, [&](unsigned d) {
    return tiling.extents[d] == 1 && op.isReduction[d] &&
           !op.operands[tiling.stationary].movesWith(d);
  });
  completeTilings.push_back(addBand(partial, 0, innermost));
  Estimates estimates = makeEstimates(completeTilings.back());
  unsigned number = completeTilings.size() - 1;
  for (unsigned order = 0; order < orders.size(); ++order) {
    addCandidate(number, order, estimates);
    if (std::optional<Partial> started =
            startInside(completeTilings[number], orders[order])) {
      completeTilings.push_back(std::move(*started));
      Estimates inside = makeEstimates(completeTilings.back());
      addCandidate(completeTilings.size() - 1, order, inside);
    }
  }
}

Enumerator::Estimates Enumerator::makeEstimates(const Partial &complete) const {
  llvm::SmallVector<SearchLoop, 16> loops = listTileLoops(complete.bands);
  Estimates estimates;
  unsigned estimated = isSettled(complete) ? 1 : levels;
  estimates.reserve(estimated);
  for (unsigned level = 0; level < estimated; ++level)
    estimates.emplace_back(op, target.levels[level], loops);
  return estimates;
}

void Enumerator::addCandidate(unsigned tiling, unsigned order,
                              Estimates &estimates) {
  llvm::ArrayRef<TileBand> bands = completeTilings[tiling].bands;
  if (bands.empty() && llvm::is_sorted(orders[order]))
    return;
  llvm::SmallVector<double, 4> bytes;
  for (LevelEstimate &estimate : estimates)
    bytes.push_back(estimate.computeBytes(orders[order]));
  for (unsigned level = bytes.size(); level < levels; ++level)
    bytes.push_back(completeTilings[tiling].bytes[level]);
  double score = objective.computeScore(bytes) +
                 computeLoopCost(op, target, bands, /*isRanking=*/true) +
                 (band ? band->computeCost(op, bands) : 0);
  const Partial &complete = completeTilings[tiling];
  std::pair<unsigned, double> turn(complete.alone,
                                   complete.alone ? 1 : complete.share);
  scored.push_back({tiling, order, turn, score});
}

Candidate Enumerator::makeCandidate(const ScoredTiling &entry) const {
  Candidate candidate;
  candidate.schedule.bands = completeTilings[entry.tiling].bands;
  llvm::ArrayRef<unsigned> order = orders[entry.order];
  if (!llvm::is_sorted(order))
    candidate.schedule.leafOrder.assign(order.begin(), order.end());
  candidate.score = entry.score;
  return candidate;
}

/// The op's own loops outside of its reduction as tile loops of one iteration,
/// so that accumulators are started right before they are used. Worth it where
/// the program decides what an explicit level holds.
std::optional<Partial>
Enumerator::startInside(const Partial &complete,
                        llvm::ArrayRef<unsigned> order) const {
  bool startsFresh = llvm::any_of(op.operands, [](const OperandShape &operand) {
    return operand.startsFresh;
  });
  if (!startsFresh || levels != 1 ||
      target.levels[0].kind != LevelKind::Explicit)
    return std::nullopt;
  Partial result = complete;
  if (result.bands.empty())
    result.bands.push_back({target.levels[0].name,
                            llvm::SmallVector<int64_t, 6>(op.tiledRank, 0),
                            {},
                            {}});
  TileBand &band = result.bands.back();
  bool isChanged = false;
  for (unsigned d : order) {
    if (op.isReduction[d])
      break;
    if (op.extents[d] == 1 || band.sizes[d] == 1)
      continue;
    if (band.sizes[d] != 0 || !op.canCut(d))
      return std::nullopt;
    band.sizes[d] = 1;
    band.order.push_back(d);
    isChanged = true;
  }
  return isChanged ? std::optional(result) : std::nullopt;
}

void Enumerator::finish(const Partial &partial) {
  // The innermost cache holds what register tiles read.
  if (band)
    return addCandidates(partial, {partial.box, {}, 0, 1, 0});
  LevelQuestion question{&op,
                         &target.levels[0],
                         partial.box,
                         /*isInnermost=*/true,
                         /*prefersDivisors=*/!partial.bands.empty(),
                         /*isCoarse=*/levels > 1};
  llvm::SmallVector<LevelTiling, 0> tilings = findTilings(question);
  tilings.push_back({partial.box, {}, 0, 1, 0});
  for (const LevelTiling &tiling : tilings)
    addCandidates(partial, tiling);
}

/// Whether bytes of the levels outside are known, whatever happens inside.
bool Enumerator::isSettled(const Partial &partial) const {
  return partial.fits && !partial.bytes.empty();
}

/// Puts measured bytes in the place of estimates for the best that fit, at
/// `level` and outside of it, and drops the others that fit. One of them leaves
/// room in the level, where there are such: estimates take tiles that fill all
/// of it to stay, which they may not. Of a product of 100x1000x384 in 64 KB of
/// lines the best of the three that fill them moves 6.0 MB, one with room 5.0,
/// measured.
void Enumerator::measureBest(llvm::SmallVectorImpl<Partial> &partials,
                             unsigned level, MeasureBytes measure) const {
  bool hasRoomy = llvm::any_of(partials, [](const Partial &partial) {
    return partial.fits && partial.share < 1;
  });
  unsigned full = 0, roomy = 0;
  llvm::erase_if(partials, [&](Partial &partial) {
    if (!partial.fits)
      return false;
    bool isFull = partial.share == 1;
    unsigned most = !hasRoomy ? kMeasured : isFull ? kMeasured - 1 : 1;
    if ((isFull ? full : roomy)++ >= most)
      return true;
    Schedule schedule;
    schedule.bands = partial.bands;
    std::optional<llvm::SmallVector<double, 4>> bytes =
        schedule.empty() ? std::nullopt : measure(schedule);
    if (!bytes)
      return !schedule.empty();
    std::copy(bytes->begin() + level, bytes->end(),
              partial.bytes.begin() + level);
    partial.score = objective.computeScore(partial.bytes);
    return false;
  });
  sortByScore(partials);
}

/// Bands of `level` with none outside of it. A band outside that keeps one
/// operand may part what the level could have walked in one go: of a product of
/// 5504x1024x2048 on two channels of DDR5, tiles of the L2 alone move a tenth
/// at the L3 of what those inside of the best band of the L3 do.
void Enumerator::tileAlone(unsigned level, MeasureBytes measure) {
  llvm::SmallVector<Partial, 0> tilings;
  extend({{}, TileExtents(op.extents), 1, level, true, {}, 0}, level, tilings);
  llvm::erase_if(tilings,
                 [](const Partial &tiling) { return tiling.bands.empty(); });
  sortByScore(tilings);
  measureBest(tilings, level, measure);
  if (!tilings.empty())
    finish(tilings.front());
}

llvm::SmallVector<Candidate, 0> Enumerator::run(unsigned most,
                                                MeasureBytes measure) {
  llvm::SmallVector<Partial, 0> beam = {
      {{}, TileExtents(op.extents), 1, 0, true, {}, 0}};
  bool wantsFew = most <= kFew;
  unsigned width = wantsFew ? kBeamOfFew : kBeam;
  for (unsigned level = levels - 1; level > 0; --level) {
    llvm::SmallVector<Partial, 0> next;
    for (const Partial &partial : beam)
      extend(partial, level, next);
    sortByScore(next);
    if (!wantsFew)
      measureBest(next, level, measure);
    // What does not fit counts on the bands inside, which may disappoint.
    unsigned fitting = 0, others = 0;
    llvm::erase_if(next, [&](const Partial &partial) {
      return partial.fits ? ++fitting > width : ++others > 1;
    });
    beam = std::move(next);
  }
  for (const Partial &partial : beam)
    finish(partial);
  for (unsigned level = levels - 1; level > 0 && !wantsFew; --level)
    tileAlone(level, measure);
  sortByScore(scored);
  return select(most);
}

/// Closed forms err near a capacity: what uses all of it takes turns with what
/// leaves room. Of equal tilings the best two orders only, one with several
/// levels.
llvm::SmallVector<Candidate, 0> Enumerator::select(unsigned most) {
  auto isSame = [&](const Candidate &a, const ScoredTiling &b) {
    return llvm::equal(a.schedule.bands, completeTilings[b.tiling].bands,
                       [](const TileBand &x, const TileBand &y) {
                         return x.sizes == y.sizes && x.order == y.order;
                       });
  };
  llvm::SmallVector<Candidate, 0> result;
  llvm::SmallVector<std::pair<unsigned, double>, 4> turns;
  for (const ScoredTiling &entry : scored)
    if (!llvm::is_contained(turns, entry.turn))
      turns.push_back(entry.turn);
  llvm::SmallVector<size_t, 4> next(turns.size(), 0);
  for (bool isProgress = true; isProgress && result.size() < most;) {
    isProgress = false;
    for (auto [turn, position] : llvm::zip_equal(turns, next)) {
      for (; position < scored.size(); ++position) {
        const ScoredTiling &entry = scored[position];
        if (entry.turn != turn ||
            llvm::count_if(result, [&](const Candidate &other) {
              return isSame(other, entry);
            }) >= (levels > 1 ? 1 : 2))
          continue;
        result.push_back(makeCandidate(entry));
        isProgress = true;
        ++position;
        break;
      }
      if (result.size() == most)
        break;
    }
  }
  return result;
}

llvm::SmallVector<Candidate, 0>
memwall::listCandidates(const OpShape &op, const Target &target,
                        const Objective &objective, unsigned most,
                        MeasureBytes measure) {
  if (target.levels.size() < 2)
    return {};
  return Enumerator(op, target, objective).run(most, measure);
}

size_t memwall::countLoops(const Schedule &schedule) {
  size_t loops = 0;
  for (const TileBand &band : schedule.bands)
    loops += band.order.size();
  return loops;
}

std::string memwall::writeLoops(Schedule schedule) {
  for (TileBand &band : schedule.bands)
    band.level.clear();
  return toString(schedule);
}
