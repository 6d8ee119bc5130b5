//===- SplitStream.cpp - Parts of a stream for idle units -----------------===//

#include "SplitStream.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

/// Columns per tile are multiples of this, as long as parts have so many.
static constexpr int64_t kColumns = 32;

using GroupSchedules = llvm::SmallVector<Schedule, 8>;

/// Lets the bands of members cut what is inside of a tile of `size` iterations
/// of dimension `rootDim`.
static void cutToTile(const GroupShape &shape, GroupSchedules &schedules,
                      unsigned rootDim, int64_t size) {
  for (auto [schedule, dims] : llvm::zip_equal(schedules, shape.rootDims))
    for (auto [dim, mine] : llvm::enumerate(dims))
      if (mine == rootDim)
        cutToPart(schedule, dim, size);
}

/// Without packs, and in single iterations of the loops of the group where that
/// moves no more: tiles that share nothing are for units of their own.
static GroupSchedules refineTiles(const GroupShape &shape,
                                  llvm::ArrayRef<Schedule> whole,
                                  MeasureGroup measure) {
  GroupSchedules best(whole);
  for (Schedule &schedule : best)
    schedule.packs.clear();
  std::optional<MeasuredSchedule> now = measure(best);
  TileBand loops = best.back().bands.front();
  for (unsigned dim : shape.cutDims) {
    if (loops.sizes[dim] == 1 || !now)
      continue;
    TileBand finer = loops;
    if (finer.sizes[dim] == 0)
      finer.order.push_back(dim);
    finer.sizes[dim] = 1;
    GroupSchedules schedules = best;
    schedules.back().bands.erase(schedules.back().bands.begin());
    cutToTile(shape, schedules, dim, 1);
    schedules.back().bands.insert(schedules.back().bands.begin(), finer);
    std::optional<MeasuredSchedule> then = measure(schedules);
    if (!then || then->dramBytes > now->dramBytes || then->score > now->score)
      continue;
    best = std::move(schedules);
    loops = std::move(finer);
    now = then;
  }
  return best;
}

/// `whole` in at most `most` parts; one where tiles are too few.
static StreamInParts makeParts(const GroupShape &shape,
                               const GroupSchedules &whole, int64_t most,
                               int64_t units) {
  StreamInParts split;
  split.schedules = whole;
  StreamBand &band = split.schedules[shape.stream->member].stream.front();
  int64_t extent = shape.stream->extent;
  int64_t part = llvm::divideCeil(extent, most);
  int64_t size = std::min<int64_t>(
      band.size, llvm::alignTo(part, std::min(kColumns, band.size)));
  if (size < band.size)
    cutToTile(shape, split.schedules, shape.getStreamDim(), size);
  band.size = size;
  band.parts = most;
  split.parts = llvm::divideCeil(extent, band.getPartSize(extent));
  band.parts = split.parts;
  Schedule &root = split.schedules.back();
  root.units = units;
  TileBand &loops = root.bands.front();
  loops.parallel.clear();
  if (!shape.stream->isReadAgain)
    loops.parallel.assign(loops.order.begin(), loops.order.end());
  return split;
}

std::optional<StreamInParts>
memwall::splitStream(const IsolatedGroup &group, const GroupShape &shape,
                     llvm::ArrayRef<Schedule> whole, int64_t mostDramBytes,
                     const Target &target, MeasureGroup measure) {
  GroupSchedules refined = refineTiles(shape, whole, measure);
  const TileBand &loops = refined.back().bands.front();
  double tiles = 1;
  const Nest &root = group.tree.nodes[group.nodes.back()].nest;
  for (unsigned dim : loops.order)
    if (!shape.stream->isReadAgain)
      tiles *= double(llvm::divideCeil(
          group.tree.loops[root.loops[dim]].maxTripCount, loops.sizes[dim]));
  if (2 * tiles > double(target.units))
    return std::nullopt;
  std::optional<StreamInParts> best;
  for (int64_t most =
           std::min(target.units / int64_t(tiles), shape.stream->extent);
       most >= 2; most = llvm::bit_floor(uint64_t(most - 1))) {
    StreamInParts split = makeParts(shape, refined, most, target.units);
    if (split.parts < 2)
      break;
    if (best && split.parts == best->parts)
      continue; // So few tiles are in as many parts as before.
    std::optional<MeasuredSchedule> measured = measure(split.schedules);
    if (!measured)
      break;
    split.busy = std::min(split.parts * int64_t(tiles), target.units);
    split.cost = measured->score + computeIdleCost(split.busy, target.units);
    if (measured->dramBytes > mostDramBytes)
      continue; // Fewer parts move less.
    if (best && split.cost >= best->cost)
      break;
    best = std::move(split);
  }
  return best;
}
