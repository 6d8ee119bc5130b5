//===- ClosedForm.cpp - Traffic of tiled loops in closed form -------------===//

#include "ClosedForm.h"
#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Footprints
//===----------------------------------------------------------------------===//

/// The greatest common divisor with a granule, mostly a power of two.
static int64_t divideCommon(int64_t value, int64_t granule) {
  if ((granule & (granule - 1)) != 0)
    return std::gcd(value, granule);
  int64_t lowest = value & -value;
  return lowest == 0 || lowest > granule ? granule : lowest;
}

/// The quotient rounded up; divisors are mostly powers of two.
static int64_t divideCeil(int64_t value, int64_t divisor) {
  if ((divisor & (divisor - 1)) != 0)
    return (value + divisor - 1) / divisor;
  return (value + divisor - 1) >> llvm::countr_zero(uint64_t(divisor));
}

/// The steps of a tile, shortest first; those that run once are left out.
static llvm::SmallVector<Progression, 4>
listSteps(const OperandShape &operand, llvm::ArrayRef<int64_t> extents) {
  llvm::SmallVector<Progression, 4> steps;
  for (const OperandTerm &term : operand.terms)
    if (extents[term.dim] > 1)
      steps.push_back({term.strideBits, extents[term.dim]});
  return steps;
}

/// Elements of a tile: windows overlap, everything else multiplies.
static double countElements(int64_t elementBits,
                            llvm::ArrayRef<Progression> steps) {
  double elements = 1, reach = double(elementBits); // Of what is contiguous.
  for (Progression step : steps) {
    double stride = double(step.stride), more = double(step.count - 1);
    elements = stride < reach ? (more * stride + reach) / double(elementBits)
                              : elements * double(step.count);
    if (stride <= reach)
      reach += more * stride;
  }
  return elements;
}

/// What the beginnings of runs are multiples of, up to a granule, over all
/// tiles: the next tile of a run begins behind it, the next row a pitch away.
static int64_t findAlignment(const OperandShape &operand,
                             llvm::ArrayRef<int64_t> extents, const Runs &runs,
                             int64_t granuleBits) {
  int64_t alignment = granuleBits;
  for (const OperandTerm &term : operand.terms) {
    bool isRun =
        runs.steps.empty() || term.strideBits < runs.steps.front().stride;
    int64_t step = term.strideBits * (isRun ? extents[term.dim] : 1);
    alignment = std::min(alignment, divideCommon(step, granuleBits));
  }
  return alignment;
}

/// Granules of a run that begins anywhere a multiple of `common`, a divisor of
/// the granule.
static double countGranulesOfRun(int64_t runBits, int64_t common,
                                 int64_t granuleBits) {
  int64_t steps = divideCeil(runBits, common);
  return double(steps * common + granuleBits - common) / double(granuleBits);
}

/// Lines that a set has to hold where rows of `lines` fall into few sets, times
/// the sets.
static double spreadOverSets(double rowLines, const Runs &runs,
                             const LevelGrain &level) {
  double rows = runs.count(), lines = rows * rowLines;
  if (level.sets <= 1 || rows <= 1 || runs.steps.front().stride % 8 != 0)
    return lines;
  int64_t pitchLines = runs.steps.front().stride / level.lineBits;
  if (pitchLines == 0)
    return lines;
  int64_t apart = divideCommon(pitchLines, level.sets);
  int64_t whole = int64_t(rowLines), inRow = whole + (double(whole) < rowLines);
  int64_t fullest =
      divideCeil(int64_t(rows) * apart, level.sets) * divideCeil(inRow, apart);
  return std::max(lines, double(fullest) * double(level.sets));
}

/// Storage in tiles: one run of whole lines.
static Footprint computePackedFootprint(const OperandShape &operand,
                                        llvm::ArrayRef<int64_t> extents,
                                        const LevelGrain &level) {
  int64_t bits = operand.elementBits;
  for (const OperandTerm &term : operand.terms)
    bits *= extents[term.dim];
  Footprint footprint;
  footprint.bits = double(bits);
  footprint.sectors = std::max(1.0, footprint.bits / double(level.sectorBits));
  footprint.held = level.isExplicit ? footprint.bits
                                    : double(divideCeil(bits, level.lineBits));
  return footprint;
}

Footprint memwall::computeFootprint(const OperandShape &operand,
                                    llvm::ArrayRef<int64_t> extents,
                                    const LevelGrain &level) {
  if (operand.isPacked)
    return computePackedFootprint(operand, extents, level);
  llvm::SmallVector<Progression, 4> steps = listSteps(operand, extents);
  auto countInRun = [&](const Runs &runs, int64_t granuleBits) {
    return countGranulesOfRun(
        runs.length, findAlignment(operand, extents, runs, granuleBits),
        granuleBits);
  };
  Footprint footprint;
  Runs runs = splitRuns(operand.elementBits, steps, level.sectorBits);
  footprint.bits =
      countElements(operand.elementBits, steps) * double(operand.elementBits);
  footprint.sectors = runs.count() * countInRun(runs, level.sectorBits);
  if (level.isExplicit) {
    footprint.held = footprint.bits;
    return footprint;
  }
  runs = splitRuns(operand.elementBits, steps, level.lineBits);
  footprint.held =
      spreadOverSets(countInRun(runs, level.lineBits), runs, level);
  return footprint;
}

double memwall::getHeldCapacity(const Level &level) {
  return level.kind == LevelKind::Explicit ? double(level.capacityBytes) * 8
                                           : double(level.usableLines());
}

//===----------------------------------------------------------------------===//
// Traffic
//===----------------------------------------------------------------------===//

/// Whether a loop over `dim` can have what starts the accumulators inside.
bool LevelEstimate::startsFreshInside(unsigned dim) const {
  return llvm::all_of(op.operands, [&](const OperandShape &operand) {
    return !operand.startsFresh || operand.movesWith(dim);
  });
}

/// Footprints inside of one more loop, over dimension `changed`.
void LevelEstimate::addDepth(const Progress &progress, unsigned changed) {
  unsigned depth = footprints.size() / op.operands.size();
  for (auto [o, operand] : llvm::enumerate(op.operands)) {
    bool isSame = depth > 0 && !operand.movesWith(changed);
    footprints.push_back(
        isSame ? Footprint(at(o, depth - 1))
               : computeFootprint(operand, progress.extents, grain));
  }
  tiles.append(progress.tiles.begin(), progress.tiles.end());
  fullTiles.append(progress.fullTiles.begin(), progress.fullTiles.end());
}

/// False where the loop runs once. ceil over a nest of tile loops: exact where
/// inner tiles divide outer ones, else counted on the full tile.
bool LevelEstimate::addLoop(Progress &progress, SearchLoop loop) {
  int64_t &extent = progress.extents[loop.dim];
  if (loop.size >= extent)
    return false;
  // A remainder of the tile outside has fewer tiles.
  double &count = progress.tiles[loop.dim];
  double outer = count, exact = double(op.extents[loop.dim]);
  double trips = std::ceil(double(extent) / double(loop.size));
  double last = exact - (outer - 1) * double(extent);
  count = last > 0 ? (outer - 1) * trips + std::ceil(last / double(loop.size))
                   : outer * trips;
  progress.fullTiles[loop.dim] = exact / double(loop.size);
  extent = loop.size;
  loops.push_back(loop);
  addDepth(progress, loop.dim);
  return true;
}

LevelEstimate::LevelEstimate(const OpShape &op, const Level &level,
                             llvm::ArrayRef<SearchLoop> tileLoops)
    : op(op), level(level), grain(level), capacity(getHeldCapacity(level)) {
  inTiles.extents = op.extents;
  inTiles.tiles.assign(op.rank(), 1);
  inTiles.fullTiles.assign(op.rank(), 1);
  addDepth(inTiles, 0);
  bool isFresh = true;
  for (SearchLoop loop : tileLoops) {
    isFresh &= startsFreshInside(loop.dim);
    freshDepth += addLoop(inTiles, loop) && isFresh;
  }
}

double LevelEstimate::computeBytes(llvm::ArrayRef<unsigned> order) {
  unsigned tileLoops = loops.size();
  Progress progress = inTiles;
  for (unsigned dim : order)
    addLoop(progress, {dim, 1});
  double bytes = level.kind == LevelKind::Explicit ? holdBest() : keepRecent();
  loops.truncate(tileLoops);
  footprints.truncate((tileLoops + 1) * op.operands.size());
  tiles.truncate((tileLoops + 1) * op.rank());
  fullTiles.truncate((tileLoops + 1) * op.rank());
  return bytes;
}

/// Bytes of operand `o` when what is inside of `depth` loops is fetched once
/// and nothing is kept between.
double LevelEstimate::countTraffic(unsigned o, unsigned depth) const {
  const OperandShape &operand = op.operands[o];
  double visits = 1, sum = at(o, depth).sectors * double(level.sectorBytes);
  for (unsigned d = 0; d < op.rank(); ++d) {
    if (operand.movesWith(d))
      sum *= fullTiles[depth * op.rank() + d];
    else
      visits *= tiles[depth * op.rank() + d];
  }
  double bytes = 0;
  // What starts the accumulators stores them for all iterations of the loops
  // inside: they are fetched again where these do not fit.
  if (operand.startsFresh && depth > freshDepth)
    bytes += 2 * sum;
  if (operand.isRead)
    bytes += operand.startsFresh && operand.isWritten ? (visits - 1) * sum
                                                      : visits * sum;
  if (operand.isWritten) {
    bytes += visits * sum;
    // A store that misses fetches, unless the read before it did.
    bool fetches = level.kind == LevelKind::Cached &&
                   level.storePolicy == StorePolicy::Fetch &&
                   (!operand.isRead || operand.startsFresh);
    if (fetches)
      bytes += operand.isRead ? sum : visits * sum;
  }
  return bytes;
}

/// Whether consecutive iterations of loop `q` (inside of q loops) share
/// storage of operand `o`.
bool LevelEstimate::isReused(unsigned o, unsigned q) const {
  if (!op.operands[o].movesWith(loops[q].dim))
    return true;
  double trips = fullTiles[(q + 1) * op.rank() + loops[q].dim] /
                 fullTiles[q * op.rank() + loops[q].dim];
  return at(o, q).sectors < trips * at(o, q + 1).sectors * 0.999;
}

/// Lines from one touch of operand `o` to the next when the body inside of
/// `inner` loops is what comes between, and loops from `run` on leave `o` be.
double LevelEstimate::computeDistance(unsigned o, unsigned inner,
                                      unsigned run) const {
  double lines = at(o, inner).held;
  for (unsigned x = 0; x < op.operands.size(); ++x) {
    if (x == o)
      continue;
    lines += at(x, inner).held;
    bool stays = true;
    for (unsigned q = run; q < inner; ++q)
      stays &= !op.operands[x].movesWith(loops[q].dim);
    if (stays)
      continue;
    // Swept again within the body: the tail of one sweep and the head of the
    // next are in between.
    for (unsigned u = inner; u < loops.size(); ++u)
      if (!op.operands[x].movesWith(loops[u].dim)) {
        lines += at(x, u).held;
        break;
      }
  }
  return lines;
}

/// The outermost depth at which a cache still has what operand `o` needs again.
unsigned LevelEstimate::findKeptDepth(unsigned o) const {
  unsigned depth = loops.size();
  for (unsigned q = loops.size(); q-- > 0;) {
    if (isReused(o, q)) {
      unsigned inner = q + 1;
      if (!op.operands[o].movesWith(loops[q].dim))
        while (inner < loops.size() &&
               !op.operands[o].movesWith(loops[inner].dim))
          ++inner;
      if (computeDistance(o, inner, q) > capacity)
        return depth;
    }
    depth = q;
  }
  return depth;
}

double LevelEstimate::keepRecent() const {
  double bytes = 0;
  for (unsigned o = 0; o < op.operands.size(); ++o)
    bytes += countTraffic(o, findKeptDepth(o));
  return bytes;
}

/// The best depths for all operands together, as an explicit level has them.
double LevelEstimate::holdBest() const {
  unsigned operands = op.operands.size();
  // Depths at which more or less is held, outermost first.
  llvm::SmallVector<llvm::SmallVector<std::pair<double, double>, 8>, 4> options(
      operands);
  for (unsigned o = 0; o < operands; ++o)
    for (unsigned depth = 0; depth <= loops.size(); ++depth) {
      std::pair<double, double> option = {at(o, depth).held,
                                          countTraffic(o, depth)};
      if (!options[o].empty() && option.first == options[o].back().first)
        continue; // Held for the loop outside as well: nothing gained inside.
      options[o].push_back(option);
    }
  double best = std::numeric_limits<double>::infinity();
  llvm::SmallVector<double, 8> least(operands + 1, 0),
      leastBytes(operands + 1, 0);
  for (unsigned o = operands; o-- > 0;) {
    double held = options[o].back().first, bytes = options[o].front().second;
    for (const auto &option : options[o])
      bytes = std::min(bytes, option.second);
    least[o] = least[o + 1] + held;
    leastBytes[o] = leastBytes[o + 1] + bytes;
  }
  auto visit = [&](auto &&self, unsigned o, double held, double bytes) -> void {
    if (bytes + leastBytes[o] >= best || held + least[o] > capacity)
      return;
    if (o == operands) {
      best = bytes;
      return;
    }
    for (const auto &option : options[o])
      self(self, o + 1, held + option.first, bytes + option.second);
  };
  visit(visit, 0, 0, 0);
  return best;
}

int64_t memwall::countFromCold(const OpShape &op, const Level &level) {
  struct Bits {
    double read = 0, written = 0;
  };
  llvm::SmallMapVector<BufferId, Bits, 4> buffers;
  for (const OperandShape &operand : op.operands) {
    double bits = computeFootprint(operand, op.extents, level).bits;
    Bits &most = buffers[operand.buffer];
    if (operand.isRead && !operand.startsFresh)
      most.read = std::max(most.read, bits);
    if (operand.isWritten)
      most.written = std::max(most.written, bits);
  }
  bool storesFetch = level.kind == LevelKind::Cached &&
                     level.storePolicy == StorePolicy::Fetch;
  double bits = 0;
  for (const auto &[buffer, most] : buffers)
    bits += most.written +
            (storesFetch ? std::max(most.read, most.written) : most.read);
  return int64_t(bits / 8);
}

Target memwall::chooseTargetOfTile(const OpShape &tile, Target target) {
  // What the other members of the group touch has to fit as well.
  constexpr double kShare = 0.5;
  // One level alone has nothing further in to choose by: tiles of 256x171x152
  // were taken for 256x205x16 in an h100-sxm, and its L2 served 1.12 times as
  // many bytes.
  constexpr size_t kFewestLevels = 4;
  size_t levels = target.levels.size();
  if (levels < kFewestLevels)
    return target;
  Level &cache = target.levels[levels - 2];
  bool fits = double(countFromCold(tile, cache)) <=
              kShare * double(cache.capacityBytes);
  if (!fits || cache.kind != LevelKind::Cached || !cache.inclusive)
    return target;
  cache.kind = LevelKind::Memory;
  target.levels.pop_back();
  return target;
}
