//===- SplitStream.cpp - Parts of a stream for idle units -----------------===//

#include "SplitStream.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

/// Columns per tile are multiples of this, as long as parts have so many.
static constexpr int64_t kColumns = 32;

/// Lets the bands of a member cut what is inside of a tile of `size` iterations
/// of dimension `dim`.
static void cutToTile(Schedule &schedule, unsigned dim, int64_t size) {
  for (TileBand &band : schedule.bands)
    if (band.sizes[dim] >= size) {
      band.sizes[dim] = 0;
      llvm::erase(band.order, dim);
    }
  llvm::erase_if(schedule.bands,
                 [](const TileBand &band) { return band.order.empty(); });
}

/// `whole` in at most `most` parts; no parts where tiles are too few.
static StreamInParts makeParts(const GroupShape &shape,
                               llvm::ArrayRef<Schedule> whole, int64_t most,
                               int64_t units) {
  StreamInParts split;
  split.schedules.assign(whole.begin(), whole.end());
  StreamBand &band =
      split.schedules[shape.stream->member].stream.front();
  int64_t extent = shape.stream->extent;
  int64_t part = llvm::divideCeil(extent, most);
  int64_t size = std::min<int64_t>(
      band.size, llvm::alignTo(part, std::min(kColumns, band.size)));
  if (size < band.size)
    for (auto [schedule, dims] :
         llvm::zip_equal(split.schedules, shape.rootDims))
      for (auto [dim, rootDim] : llvm::enumerate(dims))
        if (rootDim == shape.getStreamDim())
          cutToTile(schedule, dim, size);
  band.size = size;
  band.parts = most;
  split.parts = llvm::divideCeil(extent, band.getPartSize(extent));
  band.parts = split.parts;
  Schedule &root = split.schedules.back();
  root.bands.front().parallel.clear();
  root.units = units;
  return split;
}

std::optional<StreamInParts>
memwall::splitStream(const GroupShape &shape, llvm::ArrayRef<Schedule> whole,
                     int64_t mostDramBytes, const Target &target,
                     MeasureGroup measure) {
  std::optional<StreamInParts> best;
  for (int64_t most = std::min(target.units, shape.stream->extent); most >= 2;
       most = llvm::bit_floor(uint64_t(most - 1))) {
    StreamInParts split = makeParts(shape, whole, most, target.units);
    if (split.parts < 2)
      break;
    if (best && split.parts == best->parts)
      continue; // So few tiles are in as many parts as before.
    std::optional<MeasuredSchedule> measured = measure(split.schedules);
    if (!measured)
      break;
    split.cost = measured->score + computeIdleCost(split.parts, target.units);
    if (measured->dramBytes > mostDramBytes)
      continue; // Fewer parts move less.
    if (best && split.cost >= best->cost)
      break;
    best = std::move(split);
  }
  return best;
}
