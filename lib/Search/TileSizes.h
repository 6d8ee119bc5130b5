//===- TileSizes.h - Tile sizes that can matter -----------------*- C++ -*-===//
//
// Traffic changes only where the number of tiles does, so a dimension of n
// iterations has about 2 sqrt(n) tile sizes. Dimensions that the same operands
// move with are one group: a tile of it fills the innermost of them first.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_TILESIZES_H
#define MEMWALL_LIB_SEARCH_TILESIZES_H

#include "ClosedForm.h"
#include "RegisterBand.h"

namespace memwall {

/// ceil(extent / n) for n = 1, 2, ...: ascending, without repetition; of small
/// extents all sizes, of extents above 2^24 a geometric part, some thousand.
/// Also the next multiples of each of `multiples`, so that tiles fill lines.
llvm::SmallVector<int64_t, 0>
listTileSizes(int64_t extent, llvm::ArrayRef<int64_t> multiples = {});

/// Iterations of dimension `dim` that fill a line of `level`, for every operand
/// that has its lines along it: the least and the most.
llvm::SmallVector<int64_t, 2>
countLineIterations(const OpShape &op, unsigned dim, const Level &level);

/// Dimensions that exactly the same operands move with.
struct DimGroup {
  llvm::SmallVector<unsigned, 4> dims; ///< Innermost in storage first.
  uint32_t operands = 0;               ///< Bit o: operand o moves with it.

  bool moves(unsigned operand) const { return operands >> operand & 1; }
};

/// Groups of all dimensions of more than one iteration in `extents`, in the
/// order of their first dimension; of those alone that can be cut, or of all
/// but inner tiles.
llvm::SmallVector<DimGroup, 4> findGroups(const OpShape &op,
                                          llvm::ArrayRef<int64_t> extents,
                                          bool cutOnly = true);

/// The tiles of a group by increasing volume: dimension `dim` of the group is
/// cut to `size`, those before it are whole, those behind it 1.
struct GroupTile {
  unsigned dim = 0;
  int64_t size = 1;
  double volume = 1; ///< Iterations.
};

/// See the head of this file.
class GroupTiles {
public:
  /// With a `band`, tiles of its dimensions are as long as it asks for.
  GroupTiles(const OpShape &op, const DimGroup &group,
             llvm::ArrayRef<int64_t> extents, const Level &level,
             const RegisterBand *band = nullptr);

  unsigned count() const { return tiles.size(); }
  /// Sets the extents of the group's dimensions to those of tile `index`.
  void apply(unsigned index, TileExtents &extents) const;
  /// About `most` indices, evenly over the logarithm of the volume, the first
  /// and the last included.
  llvm::SmallVector<unsigned, 0> thin(unsigned most) const;
  /// The largest tile of at most `volume` iterations.
  unsigned findVolume(double volume) const;

  /// Iterations in tile `index`.
  double getVolume(unsigned index) const { return tiles[index].volume; }

private:
  const DimGroup &group;
  TileExtents whole;
  llvm::SmallVector<GroupTile, 0> tiles;
};

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_TILESIZES_H
