//===- PlainSchedules.cpp - Schedules of one change -----------------------===//

#include "Candidates.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

llvm::SmallVector<Schedule, 0>
memwall::listPlainSchedules(const OpShape &op, const Target &target) {
  constexpr unsigned kMostOrdered = 3;
  // Some twenty walks, which all are short.
  constexpr double kMostIterations = 1 << 22;
  constexpr int64_t kLeastTile = 16, kMostTile = 256, kStep = 4;
  llvm::SmallVector<unsigned, 6> once, dims;
  double iterations = 1;
  for (unsigned d = 0; d < op.rank(); ++d) {
    (op.extents[d] > 1 ? dims : once).push_back(d);
    iterations *= double(op.extents[d]);
  }
  llvm::SmallVector<Schedule, 0> schedules;
  if (iterations > kMostIterations || dims.size() > kMostOrdered ||
      op.hasInnerTiles() || op.partDims != 0)
    return schedules;
  llvm::SmallVector<unsigned, 6> permuted(dims);
  while (std::next_permutation(permuted.begin(), permuted.end())) {
    Schedule &schedule = schedules.emplace_back();
    schedule.leafOrder.assign(once.begin(), once.end());
    schedule.leafOrder.append(permuted.begin(), permuted.end());
  }
  for (unsigned d : dims)
    for (int64_t size = kLeastTile;
         op.canCut(d) && size <= kMostTile && size < op.extents[d];
         size *= kStep) {
      TileBand band;
      band.level = target.levels.front().name;
      band.sizes.assign(op.tiledRank, 0);
      band.sizes[d] = size;
      band.order = {d};
      schedules.emplace_back().bands.push_back(std::move(band));
    }
  return schedules;
}
