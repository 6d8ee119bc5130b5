//===- RewriteGroups.cpp - Groups in a loop tree --------------------------===//
//
// The loops of the root go around all members, in program order; what members
// make for each other gets the strides of a tile and lives inside of the loops.
//
//===----------------------------------------------------------------------===//

#include "TreeRewriter.h"
#include "memwall/Schedule/NestAccesses.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

void TreeRewriter::addGroup(GroupTiling &group, NodeId parent) {
  for (LoopId loop : source.nodes[group.plan.root().node].nest.loops)
    group.box.push_back(describeWhole(loop));
  chooseBuffers(group);
  if (group.plan.stream && group.plan.stream->parts > 1)
    addGroupInParts(group, parent);
  else
    addGroupLoops(group, parent);
  for (NodeId node : group.plan.deferred) {
    isMoved[node] = false;
    copyNode(node, parent);
  }
}

/// Adds the members and packs that belong inside of the loops that there are,
/// then the next loop.
void TreeRewriter::addGroupLoops(GroupTiling &group, NodeId parent) {
  unsigned depth = group.loops.size();
  if (depth == group.plan.loops.size() && group.plan.stream)
    return addStream(group, parent);
  for (unsigned m = 0; m < group.plan.members.size(); ++m)
    if (group.plan.members[m].depth == depth)
      addMember(group, m, parent);
  if (depth == group.plan.loops.size())
    return;
  addPacks(group, parent);
  const TileLoop &tile = group.plan.loops[depth];
  NodeId node = addTileLoop(tile, group.box[tile.dim], parent);
  LoopId id = result.nodes[node].loop;
  group.loops.push_back(id);
  groupLoops.push_back(id);
  addGroupLoops(group, node);
}

/// What the loops that there are leave of a member.
llvm::SmallVector<TiledDim, 6> TreeRewriter::makeBox(const GroupTiling &group,
                                                     unsigned m) const {
  const GroupMember &member = group.plan.members[m];
  llvm::SmallVector<TiledDim, 6> box;
  for (auto [loop, dim, factor] :
       llvm::zip_equal(source.nodes[member.node].nest.loops, member.rootDims,
                       member.rootFactors))
    box.push_back(dim ? group.box[*dim].scale(factor) : describeWhole(loop));
  if (member.streamDim)
    box[*member.streamDim] = group.streamBox;
  return box;
}

/// Adds the packs of a member that are not further out.
void TreeRewriter::addRestOfPacks(Tiling &tiling, NodeId parent) {
  for (auto [i, pack] : llvm::enumerate(tiling.packs))
    if (i >= tiling.packedBuffers.size())
      tiling.packedBuffers.push_back(
          addPacking(tiling, pack, tiling.box, tiling.repeats, parent));
}

void TreeRewriter::addMember(GroupTiling &group, unsigned m, NodeId parent) {
  Tiling &tiling = group.tilings[m];
  bool addsProducer = tiling.producer && !tiling.isProducerPlaced;
  tiling.box = makeBox(group, m);
  layOutTiles(group, m, parent);
  // A fill stands where it was: in front of what packs for the op.
  if (tiling.producer && tiling.producerDepth == 0 &&
      !tiling.isProducerPlaced) {
    addProducer(tiling, parent);
    tiling.isProducerPlaced = true;
  }
  addRestOfPacks(tiling, parent);
  addTileLoops(tiling, 0, parent);
  bool isInStream = group.plan.stream &&
                    group.plan.members[m].depth == group.plan.loops.size();
  if (!isInStream)
    return countExecutions(tiling);
  countNest(newNode[tiling.node], /*isExecution=*/true);
  if (addsProducer)
    countNest(newNode[tiling.producer->node], /*isExecution=*/true);
}

/// Packs what the next loop and those inside of it do not move.
void TreeRewriter::addPacks(GroupTiling &group, NodeId parent) {
  for (unsigned m = 0; m < group.plan.members.size(); ++m) {
    const GroupMember &member = group.plan.members[m];
    Tiling &tiling = group.tilings[m];
    if (member.depth <= group.loops.size())
      continue;
    // Packs are numbered as they are added: one that waits holds up the rest.
    while (tiling.packedBuffers.size() < tiling.packs.size()) {
      const PackedAccess &pack = tiling.packs[tiling.packedBuffers.size()];
      auto moves = [&](const TileLoop &loop) {
        return llvm::any_of(pack.dims, [&](const PackedDim &dim) {
          return member.rootDims[dim.dim] == loop.dim;
        });
      };
      auto inner =
          llvm::ArrayRef(group.plan.loops)
              .slice(group.loops.size(), member.depth - group.loops.size());
      if (llvm::any_of(inner, moves))
        break;
      int64_t times = 1;
      for (LoopId loop : group.loops)
        times *= result.loops[loop].maxTripCount;
      tiling.packedBuffers.push_back(
          addPacking(tiling, pack, makeBox(group, m), times, parent));
    }
  }
}

/// The storage of the tiles of a buffer: the buffer itself where only members
/// that make tiles use it, else a new one.
BufferId TreeRewriter::addTileBuffer(const GroupTiling &group, BufferId buffer,
                                     bool isShared) {
  llvm::SmallVector<NodeId, 8> mine;
  for (auto [member, tiling] :
       llvm::zip_equal(group.plan.members, group.tilings)) {
    if (member.isSink && llvm::any_of(source.nodes[member.node].nest.accesses,
                                      [&](const Access &access) {
                                        return access.isWrite &&
                                               access.buffer == buffer;
                                      }))
      continue;
    mine.push_back(member.node);
    if (tiling.producer)
      mine.push_back(tiling.producer->node);
  }
  isShared |= llvm::any_of(nestsOfBuffers.lookup(buffer), [&](NodeId node) {
    return !llvm::is_contained(mine, node);
  });
  if (!isShared)
    return buffer;
  Buffer tile = source.buffers[buffer];
  tile.kind = BufferKind::Intermediate;
  tile.liveOut = false;
  tile.result.reset();
  tile.storage.reset();
  result.buffers.push_back(std::move(tile));
  return result.buffers.size() - 1;
}

/// Which accesses of the group are to storage of the size of a tile: what a
/// member writes for others, and what they read of it.
void TreeRewriter::chooseBuffers(const GroupTiling &group) {
  llvm::DenseMap<BufferId, BufferId> tiles, current;
  llvm::DenseSet<BufferId> taken; ///< Of the source: has tiles.
  for (auto [member, tiling] :
       llvm::zip_equal(group.plan.members, group.tilings)) {
    const Nest &nest = source.nodes[member.node].nest;
    llvm::DenseMap<BufferId, BufferId> own;
    for (const Access &access : nest.accesses) {
      if (!access.isWrite)
        continue;
      BufferId buffer = access.buffer;
      if (!member.isSink) {
        // What a stream carries takes storage of nothing else.
        bool isCarried = isCarriedByStream(source, member);
        auto known = tiles.find(buffer);
        if (!isCarried && known != tiles.end()) {
          buffer = known->second;
        } else {
          bool isFirst = taken.insert(buffer).second;
          buffer = addTileBuffer(group, buffer, /*isShared=*/!isFirst);
          if (!isCarried)
            tiles[access.buffer] = buffer;
        }
      }
      own[access.buffer] = buffer;
    }
    for (auto [i, access] : llvm::enumerate(nest.accesses)) {
      bool isOwn = own.count(access.buffer) &&
                   (access.isWrite || tiling.producer.has_value());
      const auto &from = isOwn ? own : current;
      if (from.count(access.buffer))
        bufferOf[{member.node, i}] = from.lookup(access.buffer);
    }
    if (tiling.producer)
      for (auto [i, access] :
           llvm::enumerate(source.nodes[tiling.producer->node].nest.accesses))
        if (access.isWrite && own.count(access.buffer))
          bufferOf[{tiling.producer->node, i}] = own.lookup(access.buffer);
    for (auto [buffer, to] : own)
      current[buffer] = to;
    // Readers of what a stream forwards read what it is.
    if (member.role.forwarded) {
      unsigned number = *member.role.forwarded;
      auto from = bufferOf.find({member.node, number});
      for (auto &each : own)
        current[each.first] = from == bufferOf.end()
                                  ? nest.accesses[number].buffer
                                  : from->second;
    }
  }
}

/// What a member makes for others of the group is row-major like the whole.
void TreeRewriter::layOutTiles(const GroupTiling &group, unsigned m,
                               NodeId parent) {
  if (group.plan.members[m].isSink)
    return;
  const Tiling &tiling = group.tilings[m];
  const Nest &nest = source.nodes[tiling.node].nest;
  for (auto [number, access] : llvm::enumerate(nest.accesses)) {
    BufferId buffer = bufferOf.lookup({tiling.node, number});
    if (!access.isWrite || tileBuffers.count(buffer))
      continue;
    TileBuffer tile = layOutTile(group, m, access);
    result.buffers[buffer].elements = tile.elements;
    scopes[buffer] = parent;
    tileBuffers[buffer] = std::move(tile);
  }
}

/// The layout of the tile that a member makes by `access`.
TileBuffer TreeRewriter::layOutTile(const GroupTiling &group, unsigned m,
                                    const Access &access) const {
  const Tiling &tiling = group.tilings[m];
  llvm::SmallVector<std::pair<int64_t, unsigned>, 4> dims;
  for (auto [d, loop] : llvm::enumerate(source.nodes[tiling.node].nest.loops))
    if (getStride(access.element, loop) > 0 &&
        tiling.box[d].getMostIterations() < source.loops[loop].maxTripCount)
      dims.push_back({getStride(access.element, loop), d});
  llvm::sort(dims);
  TileBuffer tile;
  tile.loops = group.loops;
  for (auto [stride, d] : dims) {
    LoopId loop = source.nodes[tiling.node].nest.loops[d];
    int64_t length = tile.place(stride) * tiling.box[d].getMostIterations();
    tile.lengths[stride * source.loops[loop].maxTripCount] = length;
  }
  tile.elements = tile.place(source.buffers[access.buffer].elements);
  return tile;
}

int64_t TileBuffer::place(int64_t whole) const {
  if (whole < 0)
    return -place(-whole);
  auto above = lengths.upper_bound(whole);
  if (above == lengths.begin())
    return whole;
  auto [period, length] = *std::prev(above);
  return whole / period * length + place(whole % period);
}

/// The place of an access in storage that is as large as a tile: the loops
/// around the storage do not move it.
AffineForm TreeRewriter::remapInTile(const Access &access,
                                     const TileBuffer &tile) const {
  AffineForm form{tile.part ? 0 : tile.place(access.element.constant), {}};
  if (tile.part)
    form.terms.push_back(*tile.part);
  for (const Term &term : access.element.terms) {
    if (!tileOf[term.loop])
      continue; // A loop around the group, or one that runs once.
    int64_t place = tile.place(term.stride);
    if (const TiledDim *dim = tileOf[term.loop])
      for (const Term &step : dim->offset)
        if (!llvm::is_contained(tile.loops, step.loop))
          form.terms.push_back({step.loop, place * step.stride});
    form.terms.push_back({newLoop[term.loop], place});
  }
  llvm::sort(form.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  return form;
}
