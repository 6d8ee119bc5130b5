//===- LevelTilings.h - Good tiles for one level ----------------*- C++ -*-===//
//
// One operand stays in the level (the stationary one) while dimensions that it
// does not move with are streamed past it. For each choice of the operand, and
// of how much is streamed at a time, the tile that moves least is found by
// enumeration of one group of dimensions, the other as large as fits.
// docs/Search.md, "Candidates".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_LEVELTILINGS_H
#define MEMWALL_LIB_SEARCH_LEVELTILINGS_H

#include "TileSizes.h"

namespace memwall {

/// A tile of one level and the order of the loops over tiles.
struct LevelTiling {
  TileExtents extents;                  ///< Of the tile.
  llvm::SmallVector<unsigned, 6> order; ///< Dimensions that are cut.
  unsigned stationary = 0;              ///< Operand.
  double share = 1; ///< Of the capacity that it was meant for.
  double bytes = 0; ///< Estimate per execution of the box, for ranking.
};

/// What to find tilings for.
struct LevelQuestion {
  const OpShape *op = nullptr;
  const Level *level = nullptr;
  TileExtents box; ///< Extents of the tile outside, or of the op.
  /// The level is the innermost one: the op's own loops can stream, so that a
  /// single iteration of the streamed dimensions is in the level at a time.
  bool isInnermost = false;
  /// Prefer tiles that divide `box`.
  bool prefersDivisors = false;
  /// The target has other levels too, which are coarser ground than this one:
  /// try fewer.
  bool isCoarse = false;
  /// What runs inside of the tiles; null where that is the op's own loops.
  const RegisterBand *band = nullptr;
};

/// Tiles for an op that reuses nothing but lines (LineTilings.cpp).
void findLineTilings(const LevelQuestion &question,
                     llvm::SmallVectorImpl<LevelTiling> &found);

/// The best tilings, in no order.
llvm::SmallVector<LevelTiling, 0> findTilings(const LevelQuestion &question);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_LEVELTILINGS_H
