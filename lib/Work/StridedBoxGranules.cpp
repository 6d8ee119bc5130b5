//===- StridedBoxGranules.cpp - Lines and sectors of strided boxes --------===//
//
// docs/Model.md, "Footprints".
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>

using namespace memwall;

/// Runs that share granules are listed one by one up to this many: listing and
/// sorting them takes a millisecond.
static constexpr double kMostListedRuns = 8192;
static constexpr int64_t kMostAlignments = 65536;
static constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

double Runs::count() const {
  double runs = 1;
  for (Progression step : steps)
    runs *= double(step.count);
  return runs;
}

Runs memwall::splitRuns(int64_t width, llvm::ArrayRef<Progression> steps,
                        int64_t granule) {
  Runs runs{width, steps};
  while (!runs.steps.empty() &&
         runs.steps.front().stride - runs.length < granule) {
    runs.length += runs.steps.front().stride * (runs.steps.front().count - 1);
    runs.steps = runs.steps.drop_front();
  }
  return runs;
}

/// Granules of a run of `length` places whose first is `offset` places into a
/// granule: floor((offset + length - 1) / granule) + 1.
static int64_t countRun(int64_t offset, int64_t length, int64_t granule) {
  return int64_t((uint64_t(offset) + uint64_t(length - 1)) /
                 uint64_t(granule)) +
         1;
}

/// How many steps, the shortest ones, may bring two runs into one granule. From
/// there on every step leaves a gap of at least a granule behind all that is
/// shorter, so that the granules of different runs differ.
static unsigned countTangledSteps(const Runs &runs, int64_t granule) {
  unsigned tangled = 0;
  int64_t reach = runs.length;
  for (auto [i, step] : llvm::enumerate(runs.steps)) {
    if (step.stride - reach < granule)
      tangled = i + 1;
    reach += step.stride * (step.count - 1);
  }
  return tangled;
}

//===----------------------------------------------------------------------===//
// Runs one by one
//===----------------------------------------------------------------------===//

namespace {
/// First and last granule of a run.
using Span = std::pair<int64_t, int64_t>;
} // namespace

/// Appends the spans of all runs. The first one begins at `offset`.
static void listRuns(int64_t offset, const Runs &runs, int64_t granule,
                     llvm::SmallVectorImpl<Span> &spans) {
  if (runs.steps.empty()) {
    int64_t last = offset + runs.length - 1;
    spans.push_back({llvm::divideFloorSigned(offset, granule),
                     llvm::divideFloorSigned(last, granule)});
    return;
  }
  Progression step = runs.steps.back();
  for (int64_t i = 0; i < step.count; ++i)
    listRuns(offset + i * step.stride, {runs.length, runs.steps.drop_back()},
             granule, spans);
}

/// Granules of the union of `spans`.
static uint64_t countSpans(llvm::MutableArrayRef<Span> spans) {
  llvm::sort(spans);
  uint64_t granules = 0; // There are 2^64 places.
  int64_t next = std::numeric_limits<int64_t>::min();
  for (auto [begin, end] : spans) {
    begin = std::max(begin, next);
    if (end < begin)
      continue;
    granules += uint64_t(end - begin) + 1;
    next = end + 1;
  }
  return granules;
}

//===----------------------------------------------------------------------===//
// Runs by their alignment
//===----------------------------------------------------------------------===//

/// Turns how many placements leave each remainder modulo `weights.size()` into
/// how many do when `step` repeats every placement. Along a cycle r, r +
/// stride, r + 2 stride, ... of remainders that is a sum over a sliding window,
/// and over the whole cycle once per whole round of the step.
static void spreadPlacements(Progression step,
                             llvm::SmallVectorImpl<double> &weights) {
  int64_t size = weights.size(), stride = llvm::mod(step.stride, size);
  int64_t cycles = std::gcd(stride, size), period = size / cycles;
  int64_t rest = step.count % period;
  double rounds = double(step.count / period);
  llvm::SmallVector<double, 64> old;
  for (int64_t cycle = 0; cycle < cycles; ++cycle) {
    old.clear();
    for (int64_t i = 0, at = cycle; i < period; ++i, at = (at + stride) % size)
      old.push_back(weights[at]);
    double all = std::accumulate(old.begin(), old.end(), 0.0), window = 0;
    for (int64_t i = 0; i < rest; ++i)
      window += old[(period - i) % period];
    for (int64_t i = 0, at = cycle; i < period;
         ++i, at = (at + stride) % size) {
      weights[at] = rounds * all + window;
      window += old[(i + 1) % period] - old[(i + 1 + period - rest) % period];
    }
  }
}

namespace {
/// Granules, and whether they are exactly known or an upper bound.
struct GranuleCount {
  double granules = 0;
  bool exact = true;
};
} // namespace

/// Distinct granules of `runs` that may share some, of which the first begins
/// `offset` places into a granule. `listable` runs may be listed.
static GranuleCount countTangledRuns(int64_t offset, const Runs &runs,
                                     double listable, int64_t granule) {
  int64_t perRun = countRun(offset, runs.length, granule);
  if (runs.steps.empty())
    return {double(perRun), true};
  if (runs.count() <= listable) {
    llvm::SmallVector<Span, 0> spans;
    listRuns(offset, runs, granule, spans);
    return {double(countSpans(spans)), true};
  }
  // Distinct starts lie on the grid of the steps, granules within the hull.
  int64_t grid = 0, reach = 0;
  for (Progression step : runs.steps) {
    grid = std::gcd(grid, step.stride);
    reach += step.stride * (step.count - 1);
  }
  ElementCount starts = StridedBox(0, runs.steps).count();
  double distinct = starts.exact
                        ? double(starts.elements)
                        : std::min(runs.count(), double(reach / grid + 1));
  double most = double(countRun(granule - 1, runs.length, granule));
  int64_t hull = countRun(offset, reach + runs.length, granule);
  return {std::min(distinct * most, double(hull)), false};
}

/// The average over the places where `outer` puts the box. Steps that keep runs
/// apart move the others like the steps around the box do, except that the
/// granules at all their places add up:
///   sum over remainders r of [places at r] * granules(inner box at r),
/// divided by the number of places of `outer`.
static std::optional<GranuleCount>
averagePlacements(const StridedBox &box, int64_t granule,
                  llvm::ArrayRef<Progression> outer) {
  if (box.last() - box.first() >= kMost - granule)
    return std::nullopt;
  Runs runs = splitRuns(box.getWidth(), box.getSteps(), granule);
  unsigned tangled = countTangledSteps(runs, granule);
  // 1. Steps that change the alignment to a granule.
  llvm::SmallVector<Progression, 8> moves;
  int64_t align = granule;
  double repeats = 1, places = 1;
  auto addStep = [&](Progression step) {
    if (step.stride % granule == 0 || step.count <= 1)
      return false;
    align = std::gcd(align, step.stride % granule);
    moves.push_back(step);
    return true;
  };
  for (Progression step : runs.steps.drop_front(tangled))
    if (!addStep(step))
      repeats *= double(step.count);
  for (Progression step : outer)
    if (addStep(step))
      places *= double(step.count);
  int64_t alignments = granule / align;
  if (alignments > kMostAlignments)
    return std::nullopt;
  // 2. How many places have each alignment.
  llvm::SmallVector<double, 64> weights(alignments, 0);
  weights[0] = 1;
  for (Progression step : moves) {
    step.stride = step.stride % granule / align;
    spreadPlacements(step, weights);
  }
  // 3. Granules at each alignment. Only the remainder of the offset matters.
  Runs inner{runs.length, runs.steps.take_front(tangled)};
  int64_t offset = llvm::mod(box.first(), granule);
  double listable = kMostListedRuns / double(alignments);
  GranuleCount total;
  for (auto [i, weight] : llvm::enumerate(weights)) {
    if (weight == 0)
      continue;
    GranuleCount once = countTangledRuns(
        (offset + int64_t(i) * align) % granule, inner, listable, granule);
    total.granules += weight * once.granules;
    total.exact &= once.exact;
  }
  total.granules *= repeats / places;
  return total;
}

std::optional<double>
memwall::averageGranules(const StridedBox &box, int64_t granule,
                         llvm::ArrayRef<Progression> outer) {
  if (box.isEmpty())
    return 0;
  if (!box.fits())
    return std::nullopt;
  std::optional<GranuleCount> count = averagePlacements(box, granule, outer);
  return count ? std::optional(count->granules) : std::nullopt;
}

std::optional<int64_t> memwall::countGranules(llvm::ArrayRef<StridedBox> boxes,
                                              int64_t granule) {
  constexpr double kMostExact = double(int64_t(1) << 53);
  llvm::SmallVector<const StridedBox *, 4> present;
  for (const StridedBox &box : boxes) {
    if (!box.fits())
      return std::nullopt;
    if (!box.isEmpty())
      present.push_back(&box);
  }
  if (present.empty())
    return 0;
  if (present.size() == 1) {
    auto count = averagePlacements(*present[0], granule, {});
    return count && count->exact && count->granules <= kMostExact
               ? std::optional(int64_t(count->granules))
               : std::nullopt;
  }
  llvm::SmallVector<Span, 0> spans;
  double runCount = 0;
  for (const StridedBox *box : present) {
    Runs runs = splitRuns(box->getWidth(), box->getSteps(), granule);
    runCount += runs.count();
    if (runCount > kMostListedRuns)
      return std::nullopt;
    listRuns(box->first(), runs, granule, spans);
  }
  uint64_t granules = countSpans(spans);
  return granules <= uint64_t(kMost) ? std::optional<int64_t>(granules)
                                     : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Shared granules
//===----------------------------------------------------------------------===//

namespace {

/// Counts the granules that two boxes share whose own runs are at least a
/// granule apart: a granule then belongs to one pair of runs at most. Pairs are
/// gone through by how many steps of each stride their runs differ.
struct RunPairs {
  struct Step {
    int64_t stride, countA, countB;
  };
  static constexpr unsigned kMostVisits = 256;

  int64_t granule, lengthA, lengthB;      ///< Of the runs.
  llvm::SmallVector<Step, 8> steps;       ///< Of both boxes, ascending.
  llvm::SmallVector<Progression, 8> rows; ///< Pairs that differ alike.
  double shared = 0;
  unsigned visits = 0;

  RunPairs(const Runs &a, const Runs &b, int64_t granule);
  bool visit(unsigned count, int64_t start, int64_t distance);
  void addRows(int64_t start, int64_t distance);
};

} // namespace

RunPairs::RunPairs(const Runs &a, const Runs &b, int64_t granule)
    : granule(granule), lengthA(a.length), lengthB(b.length) {
  for (Progression step : a.steps)
    steps.push_back({step.stride, step.count, 1});
  for (Progression step : b.steps) {
    auto same = llvm::find_if(
        steps, [&](const Step &s) { return s.stride == step.stride; });
    if (same == steps.end())
      steps.push_back({step.stride, 1, step.count});
    else
      same->countB = step.count;
  }
  llvm::sort(steps, [](auto &x, auto &y) { return x.stride < y.stride; });
}

/// Adds what runs share that begin at `start` in the first box and `distance`
/// further in the second, and once for all `rows`: what each of the two touches
/// less what both together touch.
void RunPairs::addRows(int64_t start, int64_t distance) {
  int64_t first = std::min<int64_t>(0, distance);
  int64_t length = std::max(lengthA, distance + lengthB) - first;
  if (length >= lengthA + lengthB + granule)
    return; // A granule or more lies between them.
  auto average = [&](int64_t offset, int64_t length) {
    return *averageGranules(StridedBox(offset, {}, length), granule, rows);
  };
  shared += Runs{1, rows}.count() *
            (average(start, lengthA) + average(start + distance, lengthB) -
             average(start + first, length));
}

/// Pairs whose steps from `count` on are settled: what is left of the distance
/// comes from shorter steps, forward in the first box or back in the second.
/// False when that takes too many visits.
bool RunPairs::visit(unsigned count, int64_t start, int64_t distance) {
  if (++visits > kMostVisits)
    return false;
  if (count == 0) {
    addRows(start, distance);
    return true;
  }
  auto [stride, countA, countB] = steps[count - 1];
  int64_t forward = lengthA + granule, back = lengthB + granule;
  for (const Step &shorter : llvm::ArrayRef(steps).take_front(count - 1)) {
    forward += shorter.stride * (shorter.countA - 1);
    back += shorter.stride * (shorter.countB - 1);
  }
  // -back < distance - shift * stride < forward.
  int64_t least = llvm::divideFloorSigned(distance - forward, stride) + 1;
  int64_t most = llvm::divideCeilSigned(distance + back, stride) - 1;
  least = std::max(least, 1 - countB), most = std::min(most, countA - 1);
  bool done = true;
  for (int64_t shift = least; shift <= most && done; ++shift) {
    int64_t ahead = std::max<int64_t>(shift, 0);
    rows.push_back({stride, std::min(countA - ahead, countB + shift - ahead)});
    done = visit(count - 1, start + ahead * stride, distance - shift * stride);
    rows.pop_back();
  }
  return done;
}

/// Absent where the runs of a box may share granules or pairs are too many.
static std::optional<double>
countSharedByRuns(const StridedBox &a, const Runs &runsA, const StridedBox &b,
                  const Runs &runsB, int64_t granule) {
  constexpr int64_t kFar = kMost / 8; // Sums of a few distances fit.
  bool isFar = std::min(a.first(), b.first()) < -kFar ||
               std::max(a.last(), b.last()) > kFar;
  if (isFar || granule > kMostAlignments || countTangledSteps(runsA, granule) ||
      countTangledSteps(runsB, granule))
    return std::nullopt;
  RunPairs pairs(runsA, runsB, granule);
  bool done = pairs.visit(pairs.steps.size(), a.first(), b.first() - a.first());
  return done ? std::optional(pairs.shared) : std::nullopt;
}

double memwall::estimateSharedGranules(const StridedBox &a, double granulesA,
                                       const StridedBox &b, double granulesB,
                                       int64_t granule) {
  constexpr double kMostCutRuns = 512;
  if (!a.fits() || !b.fits() || a.isEmpty() || b.isEmpty())
    return 0;
  auto hullOf = [&](const StridedBox &box) {
    return Span(llvm::divideFloorSigned(box.first(), granule),
                llvm::divideFloorSigned(box.last(), granule));
  };
  Span hullA = hullOf(a), hullB = hullOf(b);
  Span both(std::max(hullA.first, hullB.first),
            std::min(hullA.second, hullB.second));
  double most = std::min(granulesA, granulesB);
  if (both.first > both.second)
    return 0;
  if (a == b)
    return most;
  Runs runsA = splitRuns(a.getWidth(), a.getSteps(), granule);
  Runs runsB = splitRuns(b.getWidth(), b.getSteps(), granule);
  if (runsA.steps.empty() && both == hullB)
    return std::min(most, granulesB);
  if (runsB.steps.empty() && both == hullA)
    return std::min(most, granulesA);
  if (auto shared = countSharedByRuns(a, runsA, b, runsB, granule))
    return std::clamp(*shared, 0.0, most);
  if (runsA.count() + runsB.count() <= kMostCutRuns) {
    auto mine = countGranules(a, granule), theirs = countGranules(b, granule),
         all = countGranules({a, b}, granule);
    if (mine && theirs && all)
      return std::clamp(double(*mine + *theirs - *all), 0.0, most);
  }
  auto density = [](Span hull, double granules) {
    return std::min(1.0, granules / (double(hull.second - hull.first) + 1));
  };
  return std::min(most, (double(both.second - both.first) + 1) *
                            density(hullA, granulesA) *
                            density(hullB, granulesB));
}
