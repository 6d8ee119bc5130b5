//===- PrepareTiling.h - What applying a schedule needs ---------*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_PREPARETILING_H
#define MEMWALL_LIB_SCHEDULE_PREPARETILING_H

#include "PackedAccess.h"
#include "TiledBox.h"
#include "memwall/Schedule/Groups.h"
#include "memwall/Schedule/InitProducer.h"
#include "llvm/ADT/DenseMap.h"

namespace memwall {

/// A nest that gets tile loops.
struct Tiling {
  NodeId node = 0;
  const Schedule *schedule = nullptr;
  llvm::SmallVector<TileLoop, 8> loops; ///< Outermost first.
  std::optional<InitProducer> producer;
  unsigned producerDepth = 0; ///< Tile loops around the producer.
  bool isProducerPlaced = false;
  llvm::SmallVector<PackedAccess, 2> packs;
  llvm::SmallVector<TiledDim, 6> box; ///< While loops are being added.
  llvm::SmallVector<BufferId, 2> packedBuffers; ///< In the result, per pack.
  /// Of a member of a group: by dimension the sizes of the group's tiles,
  /// outermost first, and how often loops that do not move it repeat it.
  llvm::SmallVector<llvm::SmallVector<int64_t, 2>, 6> groupTiles;
  int64_t repeats = 1;
  /// Of a member that a stream cuts: the dimension, and iterations per tile.
  std::optional<TileLoop> stream;

  /// Iterations of dimension `dim` that one tile of the group has.
  int64_t getTileOf(unsigned dim, int64_t extent) const {
    for (int64_t size : groupTiles.empty() ? llvm::ArrayRef<int64_t>()
                                           : llvm::ArrayRef(groupTiles[dim]))
      extent = std::min(extent, size);
    return extent;
  }
};

/// The nests of every op, in program order. It is listed once per tree, so that
/// a search in the nodes of a tree does not make scheduling it quadratic.
using NestsOfOps = llvm::SmallVector<llvm::SmallVector<NodeId, 1>, 0>;
NestsOfOps listNestsOfOps(const LoopTree &tree);

/// The nests that access a buffer, in program order; likewise.
using NestsOfBuffers = llvm::DenseMap<BufferId, llvm::SmallVector<NodeId, 4>>;
NestsOfBuffers listNestsOfBuffers(const LoopTree &tree);

/// The one nest that the scheduled op is, or its second where the first copies
/// what it starts from. An error for an op that is more.
llvm::Expected<NodeId> findScheduledNest(const LoopTree &tree,
                                         const NestsOfOps &nestsOfOps,
                                         const OpSchedule &scheduled);

/// Checks a schedule against its op and collects what applying it needs. Of a
/// member of a group, `groupTiles` is set already.
llvm::Expected<Tiling> prepareTiling(const LoopTree &tree,
                                     const NestsOfOps &nestsOfOps,
                                     const OpSchedule &scheduled,
                                     Tiling tiling = {});

/// What `check` needs to know of the op. Ranks are those of row-major tensors,
/// where the accesses show them.
ScheduledOp describeNest(const LoopTree &tree, const Nest &nest);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_PREPARETILING_H
