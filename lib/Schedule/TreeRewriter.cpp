//===- TreeRewriter.cpp - Copies a loop tree, with tile loops -------------===//

#include "TreeRewriter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

TreeRewriter::TreeRewriter(const LoopTree &source,
                           llvm::MutableArrayRef<Tiling> tilings,
                           llvm::MutableArrayRef<GroupTiling> groups)
    : source(source), isMoved(source.nodes.size(), false),
      newNode(source.nodes.size(), 0), newLoop(source.loops.size(), 0),
      tileOf(source.loops.size(), nullptr) {
  if (!groups.empty())
    nestsOfBuffers = listNestsOfBuffers(source);
  llvm::SmallVector<Tiling *, 0> all;
  for (Tiling &tiling : tilings)
    all.push_back(&tiling);
  for (GroupTiling &group : groups) {
    for (Tiling &tiling : group.tilings) {
      all.push_back(&tiling);
      isMoved[tiling.node] = true;
    }
    isMoved[group.plan.root().node] = false;
    groupOf[group.plan.root().node] = &group;
    for (NodeId node : group.plan.deferred)
      isMoved[node] = true;
  }
  moveProducers(all);
}

/// What starts the accumulators moves into the loops; it stays where it was as
/// well if others still read it.
void TreeRewriter::moveProducers(llvm::ArrayRef<Tiling *> tilings) {
  llvm::SmallVector<NodeId, 8> gone;
  for (Tiling *tiling : tilings) {
    tilingOf[tiling->node] = tiling;
    if (!tiling->producer)
      continue;
    gone.push_back(tiling->producer->copy.value_or(tiling->node));
    if (tiling->producer->copy)
      isMoved[*tiling->producer->copy] = true;
  }
  for (const Tiling *tiling : tilings) {
    if (!tiling->producer ||
        isReadByOthers(source, tiling->producer->node, gone))
      continue;
    isMoved[tiling->producer->node] = true;
    movedProducers.push_back(tiling->producer->node);
  }
}

LoopTree TreeRewriter::run() {
  result.function = source.function;
  result.buffers = source.buffers;
  result.ops = source.ops;
  result.unmodelled = source.unmodelled;
  for (NodeId id : movedProducers)
    result.ops[source.nodes[id].nest.op].executions = 0;
  const Node &root = source.nodes[LoopTree::root];
  addNode(0, Node::Kind::Loop);
  if (root.loop < source.loops.size())
    result.nodes[0].loop = addLoop(source.loops[root.loop]);
  for (NodeId child : root.children)
    copyNode(child, LoopTree::root);
  for (auto [id, buffer] : llvm::enumerate(result.buffers)) {
    auto scope = scopes.find(id);
    buffer.scope =
        scope == scopes.end() ? newNode[buffer.scope] : scope->second;
  }
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Nodes and loops
//===----------------------------------------------------------------------===//

NodeId TreeRewriter::addNode(NodeId parent, Node::Kind kind) {
  NodeId id = result.nodes.size();
  result.nodes.emplace_back();
  result.nodes[id].kind = kind;
  result.nodes[id].parent = parent;
  if (id != LoopTree::root)
    result.nodes[parent].children.push_back(id);
  return id;
}

LoopId TreeRewriter::addLoop(Loop loop) {
  for (AffineForm &form : loop.extent)
    llvm::sort(form.terms,
               [](const Term &a, const Term &b) { return a.loop < b.loop; });
  result.loops.push_back(std::move(loop));
  return result.loops.size() - 1;
}

/// Adds a term of the source: its loop, and the tile loops that move it.
void TreeRewriter::appendTerm(llvm::SmallVectorImpl<Term> &terms,
                              const Term &term) const {
  if (const TiledDim *dim = tileOf[term.loop])
    for (const Term &step : dim->offset)
      terms.push_back({step.loop, term.stride * step.stride});
  terms.push_back({newLoop[term.loop], term.stride});
}

AffineForm TreeRewriter::remap(const AffineForm &form) const {
  AffineForm mapped{form.constant, {}};
  for (const Term &term : form.terms)
    appendTerm(mapped.terms, term);
  llvm::sort(mapped.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  return mapped;
}

void TreeRewriter::copyNode(NodeId id, NodeId parent) {
  if (isMoved[id])
    return;
  if (GroupTiling *group = groupOf.lookup(id))
    return addGroup(*group, parent);
  if (Tiling *tiling = tilingOf.lookup(id))
    return addTiled(*tiling, parent);
  const Node &node = source.nodes[id];
  NodeId copy = addNode(parent, node.kind);
  newNode[id] = copy;
  if (node.kind == Node::Kind::Nest) {
    Nest nest = copyNest(id, DimOfLoop(node.nest.loops.size(), nullptr));
    result.nodes[copy].nest = std::move(nest);
    return;
  }
  Loop loop = source.loops[node.loop];
  for (AffineForm &form : loop.extent)
    form = remap(form);
  newLoop[node.loop] = addLoop(std::move(loop));
  result.nodes[copy].loop = newLoop[node.loop];
  for (NodeId child : node.children)
    copyNode(child, copy);
}

/// A loop of a nest; it covers what `dim` leaves of it.
LoopId TreeRewriter::copyLoop(LoopId id, const TiledDim *dim) {
  Loop loop = source.loops[id];
  for (AffineForm &form : loop.extent)
    form = remap(form);
  if (dim) {
    loop.extent.assign(dim->extent.begin(), dim->extent.end());
    loop.maxTripCount = std::min(loop.maxTripCount, dim->getMostIterations());
  }
  tileOf[id] = dim;
  return newLoop[id] = addLoop(std::move(loop));
}

/// An access of a nest whose loops have been copied.
Access TreeRewriter::remapAccess(NodeId node, unsigned number) const {
  const Access &from = source.nodes[node].nest.accesses[number];
  Access access = from;
  auto other = bufferOf.find({node, number});
  if (other != bufferOf.end())
    access.buffer = other->second;
  auto tile = tileBuffers.find(access.buffer);
  access.element = tile == tileBuffers.end() ? remap(from.element)
                                             : remapInTile(from, tile->second);
  for (auto [before, gather] : llvm::zip_equal(from.gathers, access.gathers)) {
    llvm::SmallVector<Term, 4> terms;
    for (LoopId loop : before.loops)
      appendTerm(terms, {loop, 1});
    gather.loops.clear();
    for (const Term &term : terms)
      gather.loops.push_back(term.loop);
  }
  return access;
}

/// A nest of the source; loop i covers what `dims[i]` leaves of it.
Nest TreeRewriter::copyNest(NodeId node, const DimOfLoop &dims) {
  const Nest &nest = source.nodes[node].nest;
  Nest copy = nest;
  for (auto [id, dim, loop] : llvm::zip_equal(nest.loops, dims, copy.loops))
    loop = copyLoop(id, dim);
  for (unsigned i = 0; i < nest.accesses.size(); ++i)
    copy.accesses[i] = remapAccess(node, i);
  for (LoopId id : nest.loops)
    tileOf[id] = nullptr;
  return copy;
}

//===----------------------------------------------------------------------===//
// Tile loops
//===----------------------------------------------------------------------===//

void TreeRewriter::addTiled(Tiling &tiling, NodeId parent) {
  // 1. The box of the op, whole.
  for (LoopId loop : source.nodes[tiling.node].nest.loops)
    tiling.box.push_back(describeWhole(loop));
  // 2. Packed operands, in front of the loops.
  for (const PackedAccess &pack : tiling.packs)
    tiling.packedBuffers.push_back(
        addPacking(tiling, pack, tiling.box, 1, parent));
  // 3. Loops, producer, op.
  addTileLoops(tiling, 0, parent);
  countExecutions(tiling);
}

/// A dimension that nothing has cut yet.
TiledDim TreeRewriter::describeWhole(LoopId loop) const {
  TiledDim dim;
  for (const AffineForm &form : source.loops[loop].extent)
    dim.extent.push_back(remap(form));
  return dim;
}

/// Adds a loop over the tiles of what is left of `dim`, and cuts that.
NodeId TreeRewriter::addTileLoop(const TileLoop &tile, TiledDim &dim,
                                 NodeId parent) {
  Loop loop;
  loop.kind = tile.isParallel ? LoopKind::Parallel : LoopKind::Serial;
  loop.extent.assign(dim.extent.begin(), dim.extent.end());
  loop.step = tile.size;
  loop.maxTripCount = llvm::divideCeil(dim.getMostIterations(), tile.size);
  NodeId node = addNode(parent, Node::Kind::Loop);
  LoopId id = addLoop(std::move(loop));
  result.nodes[node].loop = id;
  dim.cut(tile.size, id);
  return node;
}

void TreeRewriter::addTileLoops(Tiling &tiling, unsigned depth, NodeId parent) {
  if (tiling.producer && depth == tiling.producerDepth &&
      !tiling.isProducerPlaced)
    addProducer(tiling, parent);
  if (depth == tiling.loops.size())
    return addLeaf(tiling, parent);
  const TileLoop &tile = tiling.loops[depth];
  NodeId node = addTileLoop(tile, tiling.box[tile.dim], parent);
  addTileLoops(tiling, depth + 1, node);
}

void TreeRewriter::addLeaf(const Tiling &tiling, NodeId parent) {
  NodeId node = addNode(parent, Node::Kind::Nest);
  DimOfLoop dims;
  for (const TiledDim &dim : tiling.box)
    dims.push_back(&dim);
  Nest leaf = copyNest(tiling.node, dims);
  for (auto [pack, buffer] :
       llvm::zip_equal(tiling.packs, tiling.packedBuffers))
    packRead(tiling, pack, buffer, leaf);
  if (!tiling.schedule->leafOrder.empty()) {
    llvm::SmallVector<LoopId, 4> loops;
    for (unsigned dim : tiling.schedule->leafOrder)
      loops.push_back(leaf.loops[dim]);
    leaf.loops = std::move(loops);
  }
  if (streamed)
    leaveOut(*streamed, &tiling - streamed->tilings.data(), leaf);
  result.nodes[node].nest = std::move(leaf);
  newNode[tiling.node] = node;
}

void TreeRewriter::addProducer(const Tiling &tiling, NodeId parent) {
  NodeId node = addNode(parent, Node::Kind::Nest);
  newNode[tiling.producer->node] = node;
  DimOfLoop dims;
  for (std::optional<unsigned> dim : tiling.producer->dims)
    dims.push_back(dim ? &tiling.box[*dim] : nullptr);
  Nest nest = copyNest(tiling.producer->node, dims);
  // With storage of its own, the consumer starts there.
  if (tiling.producer->copy)
    for (Access &access : nest.accesses)
      if (access.isWrite)
        access.buffer =
            source.nodes[*tiling.producer->copy].nest.accesses[1].buffer;
  result.nodes[node].nest = std::move(nest);
}

/// How often what is inside of the loops of a group and of `loops` runs.
int64_t TreeRewriter::countTileLoops(const Tiling &tiling,
                                     llvm::ArrayRef<TileLoop> loops) const {
  int64_t times = tiling.repeats;
  for (auto [d, id] : llvm::enumerate(source.nodes[tiling.node].nest.loops)) {
    llvm::SmallVector<int64_t, 4> sizes;
    if (!tiling.groupTiles.empty())
      llvm::append_range(sizes, tiling.groupTiles[d]);
    for (const TileLoop &tile : loops)
      if (tile.dim == d)
        sizes.push_back(tile.size);
    times *= countTiles(source.loops[id].maxTripCount, sizes);
  }
  return times;
}

/// Executions of the op, and of its producer, now that loops are around them.
void TreeRewriter::countExecutions(const Tiling &tiling) {
  const Nest &nest = source.nodes[tiling.node].nest;
  result.ops[nest.op].executions *= countTileLoops(tiling, tiling.loops);
  result.ops[nest.op].total.flops *= tiling.repeats;
  result.ops[nest.op].total.transcendentals *= tiling.repeats;
  result.ops[nest.op].total.intOps *= tiling.repeats;
  if (!tiling.producer)
    return;
  OpId producer = source.nodes[tiling.producer->node].nest.op;
  result.ops[producer].executions +=
      source.ops[producer].executions *
      countTileLoops(
          tiling,
          llvm::ArrayRef(tiling.loops).take_front(tiling.producerDepth));
}

//===----------------------------------------------------------------------===//
// Packed operands
//===----------------------------------------------------------------------===//

/// The packed storage of an operand and, unless it is packed ahead, the op that
/// fills it `times` times; `box` is what is left of the op there.
BufferId TreeRewriter::addPacking(const Tiling &tiling,
                                  const PackedAccess &pack,
                                  llvm::ArrayRef<TiledDim> box, int64_t times,
                                  NodeId parent) {
  const Nest &nest = source.nodes[tiling.node].nest;
  Buffer packed = source.buffers[nest.accesses[pack.access].buffer];
  bool ahead = pack.pack->ahead;
  packed.name += ".packed";
  packed.elements = pack.elements;
  packed.kind = ahead ? BufferKind::Argument : BufferKind::Intermediate;
  packed.liveOut = false;
  packed.scope = ahead ? LoopTree::root : source.nodes[tiling.node].parent;
  result.buffers.push_back(packed);
  BufferId buffer = result.buffers.size() - 1;
  if (ahead)
    return buffer;
  if (!tiling.groupTiles.empty())
    scopes[buffer] = parent;
  OpRecord record;
  record.name = "linalg.pack";
  record.location = source.ops[nest.op].location;
  record.kind = OpKind::Copy;
  record.computeType = packed.elementType;
  record.executions = source.ops[nest.op].executions * times;
  result.ops.push_back(std::move(record));
  // One nest per combination of the pieces of all packed dimensions.
  llvm::SmallVector<PackingPieces, 4> combinations(1);
  for (int64_t d : pack.pack->innerDims) {
    llvm::SmallVector<PackingPieces, 4> longer;
    for (const PackingPieces &pieces : combinations)
      for (const PackingPiece &piece : cutIntoPieces(pack.dims[d])) {
        longer.push_back(pieces);
        longer.back()[d] = piece;
      }
    combinations = std::move(longer);
  }
  for (const PackingPieces &pieces : combinations) {
    NodeId node = addNode(parent, Node::Kind::Nest);
    Nest copy = makePackingNest(tiling, pack, pieces, box);
    result.nodes[node].nest = std::move(copy);
  }
  return buffer;
}

/// Full tiles, and the last one in two parts: what is copied, and padding.
llvm::SmallVector<TreeRewriter::PackingPiece, 3>
TreeRewriter::cutIntoPieces(const PackedDim &dim) {
  int64_t full = dim.extent / dim.tile, rest = dim.extent % dim.tile;
  llvm::SmallVector<PackingPiece, 3> pieces;
  if (full > 0)
    pieces.push_back({0, full, 0, dim.tile, false});
  if (rest > 0) {
    pieces.push_back({full, 1, 0, rest, false});
    pieces.push_back({full, 1, rest, dim.tile - rest, true});
  }
  return pieces;
}

/// From the plain tensor into the newest buffer: outer dimensions in their
/// order, then the inner tiles. Padding is written and nothing read.
Nest TreeRewriter::makePackingNest(const Tiling &tiling,
                                   const PackedAccess &pack,
                                   const PackingPieces &pieces,
                                   llvm::ArrayRef<TiledDim> box) {
  const Nest &nest = source.nodes[tiling.node].nest;
  Nest copy;
  copy.op = result.ops.size() - 1;
  Access read, write;
  read.buffer = nest.accesses[pack.access].buffer;
  // Where a slice begins, which loops around the op may move.
  const AffineForm &plain = nest.accesses[pack.access].element;
  read.element.constant = plain.constant;
  for (const Term &term : plain.terms)
    if (!llvm::is_contained(nest.loops, term.loop))
      appendTerm(read.element.terms, term);
  llvm::sort(read.element.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  write.buffer = result.buffers.size() - 1;
  write.isWrite = true;
  auto addSteps = [&](int64_t start, int64_t count, int64_t plainStride,
                      int64_t packedStride) {
    Loop loop;
    loop.extent = {AffineForm{count, {}}};
    loop.maxTripCount = count;
    LoopId id = addLoop(std::move(loop));
    copy.loops.push_back(id);
    read.element.terms.push_back({id, plainStride});
    write.element.terms.push_back({id, packedStride});
    read.element.constant += start * plainStride;
    write.element.constant += start * packedStride;
  };
  for (unsigned i = 0; i < pack.dims.size(); ++i) {
    const auto &permutation = pack.pack->outerPermutation;
    unsigned d = permutation.empty() ? i : permutation[i];
    const PackedDim &dim = pack.dims[d];
    auto piece = pieces.find(d);
    if (piece == pieces.end()) {
      addSteps(0, dim.extent, dim.plainStride, dim.outerStride);
      const TiledDim &tile = box[dim.dim];
      result.loops.back().extent.assign(tile.extent.begin(), tile.extent.end());
      for (const Term &step : tile.offset)
        read.element.terms.push_back(
            {step.loop, step.stride * dim.plainStride});
    } else
      addSteps(piece->second.outerStart, piece->second.outerCount,
               dim.plainStride * dim.tile, dim.outerStride);
  }
  bool isPadding = false;
  for (int64_t d : pack.pack->innerDims) {
    const PackingPiece &piece = pieces.find(d)->second;
    addSteps(piece.innerStart, piece.innerCount, pack.dims[d].plainStride,
             pack.dims[d].innerStride);
    isPadding |= piece.isPadding;
  }
  if (!isPadding)
    copy.accesses.push_back(std::move(read));
  copy.accesses.push_back(std::move(write));
  return copy;
}

/// Lets an access of the leaf read the packed storage.
void TreeRewriter::packRead(const Tiling &tiling, const PackedAccess &pack,
                            BufferId buffer, Nest &nest) {
  Access &access = nest.accesses[pack.access];
  access.buffer = buffer;
  access.element = {};
  auto isOutside = [&](LoopId loop) {
    return !tiling.groupTiles.empty() && llvm::is_contained(groupLoops, loop);
  };
  for (const PackedDim &dim : pack.dims) {
    for (const Term &step : tiling.box[dim.dim].offset)
      if (!isOutside(step.loop))
        access.element.terms.push_back({step.loop, dim.getStride(step.stride)});
    access.element.terms.push_back({nest.loops[dim.dim], dim.getStride(1)});
  }
  llvm::sort(access.element.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
}
