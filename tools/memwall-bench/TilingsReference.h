//===- TilingsReference.h - The best integer tiling -------------*- C++ -*-===//
//
// Exhaustive, and written apart from the search that it judges: one buffer
// that the program fills, any integer tile sizes, any order of the tile loops
// and of the loops inside, any retention per operand.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BENCH_TILINGSREFERENCE_H
#define MEMWALL_BENCH_TILINGSREFERENCE_H

#include "TilingsCell.h"

namespace memwall::tilings {

/// Fewest bytes that any tiling of one level moves, accumulators created in the
/// buffer and stored in their own width.
int64_t findBestTiling(const Shape &shape, const Widths &widths,
                       int64_t capacityBytes);

} // namespace memwall::tilings

#endif // MEMWALL_BENCH_TILINGSREFERENCE_H
