//===- ClosedForm.cpp - Traffic of tiled loops in closed form -------------===//

#include "ClosedForm.h"
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

namespace {

/// A strided box as runs of contiguous bits, which outer steps repeat.
struct Runs {
  int64_t runBits = 0;
  int64_t rows = 1;
  int64_t pitchBits = 0; ///< The smallest step between rows.
  int64_t alignment = 0; ///< Runs begin at multiples of this.
  double elements = 1;
};

} // namespace

/// Merges steps whose gaps are below a granule into the run.
static Runs findRuns(const OperandShape &operand,
                     llvm::ArrayRef<int64_t> extents, int64_t granuleBits) {
  Runs runs;
  runs.runBits = operand.elementBits;
  runs.alignment = granuleBits;
  double reach = double(operand.elementBits); // Of what is contiguous.
  for (const OperandTerm &term : operand.terms) {
    int64_t count = extents[term.dim];
    // The next tile of the run begins behind it, the next row a pitch away.
    bool isRun = runs.rows == 1 && term.strideBits - runs.runBits < granuleBits;
    int64_t step = isRun ? term.strideBits * count : term.strideBits;
    runs.alignment = std::min(runs.alignment, divideCommon(step, granuleBits));
    if (count <= 1)
      continue;
    double stride = double(term.strideBits);
    // Windows overlap; everything else multiplies.
    runs.elements = stride < reach ? (double(count - 1) * stride + reach) /
                                         operand.elementBits
                                   : runs.elements * double(count);
    if (stride <= reach)
      reach += double(count - 1) * stride;
    if (isRun) {
      runs.runBits += (count - 1) * term.strideBits;
      continue;
    }
    if (runs.rows == 1)
      runs.pitchBits = term.strideBits;
    runs.rows *= count;
  }
  return runs;
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
  double lines = double(runs.rows) * rowLines;
  if (level.sets <= 1 || runs.rows <= 1 || runs.pitchBits % 8 != 0)
    return lines;
  int64_t pitchLines = runs.pitchBits / level.lineBits;
  if (pitchLines == 0)
    return lines;
  int64_t apart = divideCommon(pitchLines, level.sets);
  int64_t whole = int64_t(rowLines), inRow = whole + (double(whole) < rowLines);
  int64_t fullest =
      divideCeil(runs.rows * apart, level.sets) * divideCeil(inRow, apart);
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
  Footprint footprint;
  Runs runs = findRuns(operand, extents, level.sectorBits);
  footprint.bits = runs.elements * double(operand.elementBits);
  footprint.sectors =
      double(runs.rows) *
      countGranulesOfRun(runs.runBits, runs.alignment, level.sectorBits);
  if (level.isExplicit) {
    footprint.held = footprint.bits;
    return footprint;
  }
  if (level.lineBits != level.sectorBits)
    runs = findRuns(operand, extents, level.lineBits);
  footprint.held = spreadOverSets(
      countGranulesOfRun(runs.runBits, runs.alignment, level.lineBits), runs,
      level);
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
