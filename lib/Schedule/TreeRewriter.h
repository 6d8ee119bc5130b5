//===- TreeRewriter.h - Copies a loop tree, with tile loops -----*- C++ -*-===//
//
// Copies a tree node by node, with new numbers for nodes and loops in program
// order, and puts tile loops around the nests that have a schedule.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SCHEDULE_TREEREWRITER_H
#define MEMWALL_LIB_SCHEDULE_TREEREWRITER_H

#include "PackedAccess.h"
#include "TiledBox.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/ScheduleTree.h"
#include "llvm/ADT/DenseMap.h"
#include <map>

namespace memwall {

/// A tile loop of the bands, which are all in one row.
struct TileLoop {
  unsigned dim = 0;
  int64_t size = 1;
  bool isParallel = false;
};

/// A nest that gets tile loops.
struct Tiling {
  NodeId node = 0;
  const Schedule *schedule = nullptr;
  llvm::SmallVector<TileLoop, 8> loops; ///< Outermost first.
  std::optional<InitProducer> producer;
  unsigned producerDepth = 0; ///< Tile loops around the producer.
  llvm::SmallVector<PackedAccess, 2> packs;
  llvm::SmallVector<TiledDim, 6> box; ///< While loops are being added.
  llvm::SmallVector<BufferId, 2> packedBuffers; ///< In the result, per pack.
};

/// Checks a schedule against its op and collects what applying it needs.
llvm::Expected<Tiling> prepareTiling(const LoopTree &tree,
                                     const OpSchedule &scheduled);

/// See the head of this file. `tilings` are of different nests.
class TreeRewriter {
public:
  TreeRewriter(const LoopTree &source, llvm::MutableArrayRef<Tiling> tilings);
  LoopTree run();

private:
  /// Which tile dimension a loop of a nest covers; none where nothing changes.
  using DimOfLoop = llvm::SmallVector<const TiledDim *, 6>;
  /// Part of a dimension that is packed: a box of (outer, inner).
  struct PackingPiece {
    int64_t outerStart, outerCount, innerStart, innerCount;
    bool isPadding;
  };
  using PackingPieces = std::map<int64_t, PackingPiece>; ///< By dimension.

  bool isCopyOfOp(NodeId id) const;
  NodeId addNode(NodeId parent, Node::Kind kind);
  LoopId addLoop(Loop loop);
  void copyNode(NodeId id, NodeId parent);
  void addTiled(Tiling &tiling, NodeId parent);
  void addTileLoops(Tiling &tiling, unsigned depth, NodeId parent);
  void addLeaf(const Tiling &tiling, NodeId parent);
  void addProducer(const Tiling &tiling, NodeId parent);
  Nest copyNest(const Nest &nest, const DimOfLoop &dims);
  void addPacking(const Tiling &tiling, const PackedAccess &pack,
                  NodeId parent);
  static llvm::SmallVector<PackingPiece, 3> cutIntoPieces(const PackedDim &dim);
  Nest makePackingNest(const Tiling &tiling, const PackedAccess &pack,
                       const PackingPieces &pieces);
  void packRead(const Tiling &tiling, const PackedAccess &pack, BufferId buffer,
                Nest &nest);
  void countExecutions(const Tiling &tiling);

  void appendTerm(llvm::SmallVectorImpl<Term> &terms, const Term &term) const;
  AffineForm remap(const AffineForm &form) const;

  const LoopTree &source;
  LoopTree result;
  llvm::DenseMap<NodeId, Tiling *> tilingOf; ///< By node of `source`.
  llvm::SmallVector<bool, 0> isMoved; ///< Producers, by node of `source`.
  llvm::SmallVector<NodeId, 0> newNode;
  /// By loop of `source`: its loop in `result`, and the dimension of the tile
  /// that it walks, if any.
  llvm::SmallVector<LoopId, 0> newLoop;
  llvm::SmallVector<const TiledDim *, 0> tileOf;
};

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_TREEREWRITER_H
