//===- TreeRewriter.h - Copies a loop tree, with tile loops -----*- C++ -*-===//
//
// Copies a tree node by node, with new numbers for nodes and loops in program
// order, and puts tile loops around the nests that have a schedule.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SCHEDULE_TREEREWRITER_H
#define MEMWALL_LIB_SCHEDULE_TREEREWRITER_H

#include "PrepareTiling.h"
#include "memwall/Schedule/Groups.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <map>

namespace memwall {

/// A member of a group and the loops that it has inside of the group's.
struct GroupTiling {
  GroupPlan plan;
  llvm::SmallVector<Tiling, 0> tilings; ///< Of the members.
  llvm::SmallVector<TiledDim, 6> box;   ///< Of the root, as loops are added.
  llvm::SmallVector<LoopId, 4> loops;   ///< Of the result, outermost first.
  // Of a streamed group:
  TiledDim streamBox; ///< What the stream leaves of its dimension.
  /// By (member, node) of an exponential its exponent at the old row, which
  /// becomes what corrects sums of it.
  llvm::DenseMap<std::pair<unsigned, unsigned>, BufferId> corrections;
  /// Those that are corrections by now.
  llvm::DenseSet<std::pair<unsigned, unsigned>> corrected;
  /// Of a stream in parts, by member: what the parts make of a row or a sum.
  llvm::DenseMap<unsigned, BufferId> partials;
};

/// Storage that is as large as a tile of its group and lives in its loops.
struct TileBuffer {
  llvm::SmallVector<LoopId, 4> loops; ///< Of the result, around it.
  /// Of every so many elements of the whole storage, a multiple of those in
  /// front, how many the tile has.
  std::map<int64_t, int64_t> lengths;
  int64_t elements = 1;
  /// There is such a tile per part of a stream: the loop over parts, and the
  /// elements of one.
  std::optional<Term> part;

  /// The place in the tile of an element of the whole, where the tile is the
  /// first; of a step through the whole, the step through the tile.
  int64_t place(int64_t whole) const;
};

/// See the head of this file. `tilings` and `groups` are of different nests.
class TreeRewriter {
public:
  TreeRewriter(const LoopTree &source, llvm::MutableArrayRef<Tiling> tilings,
               llvm::MutableArrayRef<GroupTiling> groups);
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

  void moveProducers(llvm::ArrayRef<Tiling *> tilings);
  NodeId addNode(NodeId parent, Node::Kind kind);
  LoopId addLoop(Loop loop);
  void copyNode(NodeId id, NodeId parent);
  void addTiled(Tiling &tiling, NodeId parent);
  NodeId addTileLoop(const TileLoop &tile, TiledDim &dim, NodeId parent);
  void addTileLoops(Tiling &tiling, unsigned depth, NodeId parent);
  void addLeaf(const Tiling &tiling, NodeId parent);
  void addProducer(const Tiling &tiling, NodeId parent);
  Nest copyNest(NodeId node, const DimOfLoop &dims);
  LoopId copyLoop(LoopId id, const TiledDim *dim);
  Access remapAccess(NodeId node, unsigned number) const;
  BufferId addPacking(const Tiling &tiling, const PackedAccess &pack,
                      llvm::ArrayRef<TiledDim> box, int64_t times,
                      NodeId parent);
  static llvm::SmallVector<PackingPiece, 3> cutIntoPieces(const PackedDim &dim);
  Nest makePackingNest(const Tiling &tiling, const PackedAccess &pack,
                       const PackingPieces &pieces,
                       llvm::ArrayRef<TiledDim> box);
  void packRead(const Tiling &tiling, const PackedAccess &pack, BufferId buffer,
                Nest &nest);
  int64_t countTileLoops(const Tiling &tiling,
                         llvm::ArrayRef<TileLoop> loops) const;
  void countExecutions(const Tiling &tiling);

  // Groups: RewriteGroups.cpp.
  void addGroup(GroupTiling &group, NodeId parent);
  void addGroupLoops(GroupTiling &group, NodeId parent);
  void addMember(GroupTiling &group, unsigned member, NodeId parent);
  llvm::SmallVector<TiledDim, 6> makeBox(const GroupTiling &group,
                                         unsigned member) const;
  void addPacks(GroupTiling &group, NodeId parent);
  void addRestOfPacks(Tiling &tiling, NodeId parent);
  void chooseBuffers(const GroupTiling &group);
  BufferId addTileBuffer(const GroupTiling &group, BufferId buffer,
                         bool isShared);
  void layOutTiles(const GroupTiling &group, unsigned member, NodeId parent);
  TileBuffer layOutTile(const GroupTiling &group, unsigned member,
                        const Access &access) const;
  AffineForm remapInTile(const Access &access, const TileBuffer &tile) const;
  TiledDim describeWhole(LoopId loop) const;

  // Streams: RewriteStream.cpp.
  void addStream(GroupTiling &group, NodeId parent);
  void beginStream(GroupTiling &group);
  void addRows(GroupTiling &group, StreamPlace place, NodeId parent);
  void finishStream(GroupTiling &group, NodeId parent);
  void layOutRows(GroupTiling &group, unsigned member, NodeId parent);
  void startRows(GroupTiling &group, unsigned member, NodeId parent);
  void addFirstLoop(GroupTiling &group, NodeId parent);
  void addStreamed(GroupTiling &group, unsigned member, NodeId parent);
  void releaseRows(GroupTiling &group, NodeId parent);
  void addSecondLoop(GroupTiling &group, NodeId parent);
  NodeId addStreamLoop(GroupTiling &group, NodeId parent);
  void endStreamLoop(const GroupTiling &group, LoopId loop);
  NodeId addVisibleLoop(const GroupTiling &group, NodeId parent);
  void countNest(NodeId node, bool isExecution);
  BufferId addRowBuffer(const GroupTiling &group, unsigned member,
                        llvm::StringRef suffix, NodeId scope);
  void keepExponents(GroupTiling &group, unsigned member, NodeId parent);
  Arithmetic countExponent(const GroupTiling &group,
                           const StreamKernel &kernel) const;
  void readRows(const GroupTiling &group, const StreamKernel &kernel,
                bool isPartial, Nest &nest) const;
  void clampRow(const GroupTiling &group, unsigned member, NodeId parent);
  void addCorrection(GroupTiling &group, const StreamKernel &kernel,
                     NodeId parent);
  void correctSum(GroupTiling &group, unsigned member,
                  const StreamKernel &kernel, NodeId parent);
  void applyFactor(const GroupTiling &group, unsigned member,
                   const RowFactor &factor, NodeId parent);
  void leaveOut(const GroupTiling &group, unsigned member, Nest &leaf);
  Nest beginRowNest(const GroupTiling &group, unsigned member);
  void endRowNest(const GroupTiling &group, unsigned member, Nest nest,
                  Arithmetic perRow, NodeId parent);
  Access accessRow(const GroupTiling &group, unsigned member,
                   bool isWrite) const;
  Access accessLikeRow(const GroupTiling &group, unsigned member,
                       BufferId buffer, bool isWrite) const;
  Access accessAlike(const GroupTiling &group, unsigned from, unsigned number,
                     unsigned to, std::optional<BufferId> other = {}) const;
  unsigned getWrite(const GroupTiling &group, unsigned member) const;

  // Streams in parts: RewriteParts.cpp.
  void addGroupInParts(GroupTiling &group, NodeId parent);
  NodeId addGroupLoops(GroupTiling &group, bool areParallel, NodeId node);
  void addPartNest(GroupTiling &group, NodeId parent);
  void addPartialBuffer(GroupTiling &group, unsigned member, NodeId parent);
  NodeId addPartLoop(GroupTiling &group, NodeId parent);
  void readParts(const GroupTiling &group);
  void combineParts(GroupTiling &group, NodeId parent);
  void combineSum(GroupTiling &group, unsigned member, NodeId parent);
  BufferId addCorrectionOfParts(GroupTiling &group, const StreamKernel &kernel,
                                NodeId parent);
  void addPartDim(const GroupTiling &group, Nest &nest, unsigned position);

  void appendTerm(llvm::SmallVectorImpl<Term> &terms, const Term &term) const;
  AffineForm remap(const AffineForm &form) const;

  const LoopTree &source;
  LoopTree result;
  llvm::DenseMap<NodeId, Tiling *> tilingOf;        ///< By node of `source`.
  llvm::DenseMap<NodeId, GroupTiling *> groupOf;    ///< By node of the root.
  llvm::DenseMap<BufferId, TileBuffer> tileBuffers; ///< Of the result.
  /// By node and number of an access of a group: its buffer in the result,
  /// where it is another.
  llvm::DenseMap<std::pair<NodeId, unsigned>, BufferId> bufferOf;
  /// Where buffers of the result live that live in loops of a group.
  llvm::DenseMap<BufferId, NodeId> scopes;
  /// In the first loop of a stream, where factors of bodies are left out.
  const GroupTiling *streamed = nullptr;
  /// Producers, members of groups and what waits for a group, by node of
  /// `source`: they are not copied where they are.
  llvm::SmallVector<bool, 0> isMoved;
  llvm::SmallVector<NodeId, 0> movedProducers;
  llvm::SmallVector<LoopId, 8> groupLoops; ///< Of all groups, in `result`.
  NestsOfBuffers nestsOfBuffers; ///< Of `source`, where there are groups.
  llvm::SmallVector<NodeId, 0> newNode;
  /// By loop of `source`: its loop in `result`, and the dimension of the tile
  /// that it walks, if any.
  llvm::SmallVector<LoopId, 0> newLoop;
  llvm::SmallVector<const TiledDim *, 0> tileOf;
};

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_TREEREWRITER_H
