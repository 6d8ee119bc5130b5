//===- ClosedForm.h - Traffic of tiled loops in closed form -----*- C++ -*-===//
//
// What one level fetches and writes back for a row of loops, outermost first,
// in a microsecond or two: the ranking of a search, whose last word has the
// Traffic model. Explicit levels by the best retention depths, caches by
// estimated reuse distances in lines and sets. docs/Search.md, "Closed forms".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_CLOSEDFORM_H
#define MEMWALL_LIB_SEARCH_CLOSEDFORM_H

#include "OpShape.h"
#include "memwall/Target/Target.h"

namespace memwall {

/// A loop over `dim` that goes in steps of `size` iterations of the op.
struct SearchLoop {
  unsigned dim = 0;
  int64_t size = 1;
};

/// Extents of a tile, by dimension.
using TileExtents = llvm::SmallVector<int64_t, 6>;

/// What a tile touches of an operand.
struct Footprint {
  double bits = 0;    ///< Elements.
  double sectors = 0; ///< Granules of transfer.
  /// Capacity that it takes: bits in an explicit level; lines in a cache, and
  /// as many more as the fullest set has more than its share.
  double held = 0;
};

/// What footprints depend on of a level, worked out once.
struct LevelGrain {
  LevelGrain(const Level &level)
      : sectorBits(level.sectorBytes * 8), lineBits(level.lineBytes * 8),
        sets(level.sets()), isExplicit(level.kind == LevelKind::Explicit) {}

  int64_t sectorBits, lineBits;
  int64_t sets; ///< 1: fully associative.
  bool isExplicit;
};

/// The footprint of `operand` over a tile of `extents` in a level.
Footprint computeFootprint(const OperandShape &operand,
                           llvm::ArrayRef<int64_t> extents,
                           const LevelGrain &level);

/// Capacity of `level` in the unit of Footprint::held.
double getHeldCapacity(const Level &level);

/// One level under a row of tile loops, for several orders of the op's own
/// loops inside of them.
class LevelEstimate {
public:
  LevelEstimate(const OpShape &op, const Level &level,
                llvm::ArrayRef<SearchLoop> tileLoops);

  /// Bytes that the level fetches and writes back when loops over the
  /// dimensions of `order` run inside of the tile loops. What is inside of all
  /// loops is taken to be one unit that fits.
  double computeBytes(llvm::ArrayRef<unsigned> order);

private:
  /// What loops have made of the box of the op.
  struct Progress {
    TileExtents extents;
    llvm::SmallVector<double, 6> tiles;     ///< By dimension,
    llvm::SmallVector<double, 6> fullTiles; ///< if all were of full size.
  };

  void addDepth(const Progress &progress, unsigned changed);
  bool addLoop(Progress &progress, SearchLoop loop);
  bool startsFreshInside(unsigned dim) const;
  double countTraffic(unsigned o, unsigned depth) const;
  unsigned findKeptDepth(unsigned o) const;
  double computeDistance(unsigned o, unsigned inner, unsigned run) const;
  bool isReused(unsigned o, unsigned q) const;
  double keepRecent() const;
  double holdBest() const;

  const Footprint &at(unsigned o, unsigned depth) const {
    return footprints[depth * op.operands.size() + o];
  }

  const OpShape &op;
  const Level &level;
  LevelGrain grain;
  double capacity;
  Progress inTiles;                        ///< Inside of all tile loops.
  llvm::SmallVector<SearchLoop, 16> loops; ///< Those that run more than once.
  unsigned freshDepth = 0; ///< Loops around what starts the accumulators.
  /// By depth; depth q is inside of q loops.
  llvm::SmallVector<Footprint, 64> footprints;
  /// By depth and dimension, how many tiles the loops outside make.
  llvm::SmallVector<double, 96> tiles;
  /// And how many of full size that would be.
  llvm::SmallVector<double, 96> fullTiles;
};

/// Bytes that any order of the op's iterations moves through a level from cold:
/// every element that it reads, but for accumulators that a fill starts, every
/// element that it writes, and where a store that misses fetches its sector,
/// what is written and not read once more.
int64_t countFromCold(const OpShape &op, const Level &level);

/// `target` as the tile of a group sees it: where the outermost cache has room
/// for all that it touches, that cache is its memory, and what moves at DRAM
/// does not depend on the tile's schedule.
Target chooseTargetOfTile(const OpShape &tile, Target target);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_CLOSEDFORM_H
