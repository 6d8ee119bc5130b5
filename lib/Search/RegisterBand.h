//===- RegisterBand.h - The innermost tile of vector code -------*- C++ -*-===//
//
// Room Lowering makes register tiles of products (docs/Lowering.md). On targets
// that state their vector registers the search knows them as the innermost
// band: it is in the loops that candidates are measured with, and tiles of
// caches leave it room. The band is not written into schedules, because the
// lowering makes it of whatever tile a schedule leaves.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_REGISTERBAND_H
#define MEMWALL_LIB_SEARCH_REGISTERBAND_H

#include "OpShape.h"
#include "memwall/Schedule/Schedule.h"
#include "memwall/Target/Target.h"

namespace memwall {

/// A dimension of a product and what register tiles ask of its tiles.
struct RegisterDim {
  unsigned dim = 0;
  int64_t step = 1;  ///< Tiles are multiples of it,
  int64_t least = 1; ///< and no shorter than this; or they are whole.
};

/// out[row, column] += left[row, depth] * right[depth, column].
struct RegisterBand {
  RegisterDim row, column, depth;

  /// What `dim` asks for; null where it is none of the three.
  const RegisterDim *find(unsigned dim) const;
  /// `schedule` with the loops that vector code runs inside of its tiles: those
  /// over register tiles, columns outside, and in them steps of the depth.
  Schedule addTo(Schedule schedule, const OpShape &op,
                 const Target &target) const;
  /// The time that the sums of a tile cost when they are read and written once
  /// per `depth` steps, as a part of the time of the steps: r v of them, one
  /// store in a cycle and two loads, next to r v / 2 cycles per step; counted
  /// as 4 / depth, for what they wait.
  double computeCost(const OpShape &op, llvm::ArrayRef<TileBand> bands) const;
};

/// The register band of an op; nullopt where the target states no registers or
/// has one level in front of memory, whose tiles then are the innermost ones,
/// and where the op is no product of two matrices, of more rows than the
/// lowering may run along the reduction for.
std::optional<RegisterBand> findRegisterBand(const OpShape &op,
                                             const Target &target);

/// The caches that vector code sees: it packs what it reads into panels without
/// gaps, which fill all sets alike.
Target ignoreSets(Target target);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_REGISTERBAND_H
