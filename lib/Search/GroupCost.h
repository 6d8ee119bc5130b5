//===- GroupCost.h - Traffic of a group in closed form ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_GROUPCOST_H
#define MEMWALL_LIB_SEARCH_GROUPCOST_H

#include "GroupTiles.h"

namespace memwall {

/// The loops of a tile, or the outermost of them.
using LoopsOfTile = llvm::ArrayRef<std::pair<unsigned, int64_t>>;

/// Estimates the bytes of one group, in closed form: a buffer from outside
/// comes in once per iteration of every loop that moves it, and once more per
/// iteration of every other loop inside of which more is touched than the cache
/// holds, or a part of it where its sets hold less; what members make for each
/// other goes out and comes back only where a tile of all of it does not fit.
class GroupCost {
public:
  GroupCost(const IsolatedGroup &group, const GroupShape &shape);

  /// Bytes that a cache lets through of which the group has `share`; the
  /// outermost cache is the one that the tiles are for.
  double estimate(LoopsOfTile loops, const Level &cache, double share,
                  bool isOutermost) const;
  int64_t getExtent(unsigned rootDim) const {
    return rootDim == shape.getStreamDim() ? shape.stream->extent
                                           : extents.back()[rootDim];
  }
  /// What the group's loops touch of the outermost cache beyond half of it, as
  /// a part of a score. The rest of the cache is what an op finds there of the
  /// ops in front of the group, and what ops behind it find of its operands: a
  /// group is measured alone, from cold, and sees neither. A norm's result that
  /// three projections of 4096 columns read (h100-sxm, 2048 rows) comes in once
  /// with tiles of 512 columns and again with tiles of 1024, for 3 % at DRAM.
  double estimateCrowding(LoopsOfTile loops, const Target &target) const;
  /// How many units have work when every tile but those of a stream is for one.
  int64_t countBusyUnits(LoopsOfTile loops, const Target &target) const;
  /// The share of the tiles of the stream that masks leave to the tiles of the
  /// rows, on average; 1 without a stream.
  double estimateVisible(LoopsOfTile loops) const;
  /// Whether no loop repeats a member that it does not move: one that is inside
  /// of it for the sake of another.
  bool computesOnce(LoopsOfTile loops) const;

private:
  /// What one member touches of a buffer.
  struct Touched {
    unsigned member = 0;
    double bits = 0;                     ///< Of one iteration.
    llvm::SmallVector<unsigned, 4> dims; ///< Of the member that move it.
    /// Bits from one iteration to the next and dimension, shortest first.
    llvm::SmallVector<std::pair<int64_t, unsigned>, 4> steps;
  };

  /// A buffer and all accesses of the group to it.
  struct GroupBuffer {
    llvm::SmallVector<Touched, 4> touched;
    bool isLocal = false; ///< Made by a member for others, and for nobody else.
    unsigned reads = 0;
  };

  /// Lines of a buffer in each of the sets of a cache that they fall into.
  struct SetLoad {
    double lines = 0;
    double share = 1; ///< Of all sets.
  };

  double countTouched(const GroupBuffer &buffer, LoopsOfTile outer) const;
  double countTouchedInside(LoopsOfTile outer, LoopsOfTile loops) const;
  bool isMovedBy(const GroupBuffer &buffer, unsigned rootDim) const;
  int64_t countIterations(const Touched &touched, unsigned dim,
                          LoopsOfTile outer) const;
  SetLoad countSetLoad(const GroupBuffer &buffer, LoopsOfTile outer,
                       const Level &cache) const;
  double estimateDisplaced(LoopsOfTile loops, size_t outer, double inside,
                           const Level &cache) const;

  const GroupShape &shape;
  llvm::SmallVector<llvm::SmallVector<int64_t, 6>, 8> extents; ///< By member.
  llvm::SmallVector<GroupBuffer, 0> buffers;
};

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_GROUPCOST_H
