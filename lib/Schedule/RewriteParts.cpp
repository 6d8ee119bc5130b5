//===- RewriteParts.cpp - Streams in parts, in a loop tree ----------------===//
//
// Several units pass over a part of what a group reduces each. The group's
// loops are there twice:
//
//   for parallel tiles, parts:
//     rows start;  for tiles of the part:  as in one pass
//   for tiles:  for rows and sums, in program order:
//     row = ... of the combined rows before it
//     e = R(row of each part);  c = exp(R(row) - e)
//     sum starts;  sum += sum of each part * c
//
// What needs final rows, in a second loop over tiles, reads a tile again. So
// its parts are inside of the loops of the group, there twice, and combined by
// each part of the second loop for itself:
//
//   for tiles:
//     for parallel parts:  rows start;  for tiles of the part:  as in one pass
//     for parallel parts:  rows and sums as above;  for tiles of the part: ...
//
// Room Transforms makes the same of IR, nest by nest (StreamParts.cpp).
//
//===----------------------------------------------------------------------===//

#include "TreeRewriter.h"
#include "memwall/Schedule/NestAccesses.h"
#include "memwall/Work/Combiner.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// Storage for what every part makes of the row or sum of member `m`, whole.
void TreeRewriter::addPartialBuffer(GroupTiling &group, unsigned m,
                                    NodeId parent) {
  const Nest &nest = source.nodes[group.plan.members[m].node].nest;
  const Access &write = nest.accesses[getWrite(group, m)];
  TileBuffer tile;
  tile.elements = countPlaces(source, nest, write);
  tile.part = Term{0, tile.elements};
  Buffer buffer = source.buffers[write.buffer];
  buffer.name += ".partial";
  buffer.kind = BufferKind::Intermediate;
  buffer.elements = tile.elements * group.plan.stream->parts;
  buffer.liveOut = false;
  buffer.result.reset();
  buffer.storage.reset();
  result.buffers.push_back(std::move(buffer));
  BufferId id = result.buffers.size() - 1;
  group.partials[m] = id;
  tileBuffers[id] = std::move(tile);
  scopes[id] = parent;
}

/// A loop that deals out the parts; what is in it is a part of the stream.
NodeId TreeRewriter::addPartLoop(GroupTiling &group, NodeId parent) {
  const StreamLoop &stream = *group.plan.stream;
  NodeId node = addNode(parent, Node::Kind::Loop);
  Loop loop;
  loop.kind = LoopKind::Parallel;
  loop.extent = {AffineForm{stream.parts, {}}};
  loop.maxTripCount = stream.parts;
  LoopId id = result.nodes[node].loop = addLoop(std::move(loop));
  group.streamBox.cut(stream.partSize, id);
  group.loops.push_back(id);
  for (auto [m, partial] : group.partials)
    tileBuffers[partial].part->loop = id;
  return node;
}

/// Lets all members use the rows and sums of a part in the place of whole ones.
void TreeRewriter::readParts(const GroupTiling &group) {
  auto isSame = [](const Access &a, const Access &b) {
    return a.buffer == b.buffer && a.element.constant == b.element.constant &&
           llvm::equal(a.element.terms, b.element.terms,
                       [](const Term &x, const Term &y) {
                         return x.loop == y.loop && x.stride == y.stride;
                       });
  };
  llvm::DenseMap<BufferId, BufferId> partialOf;
  for (auto [m, partial] : group.partials) {
    const GroupMember &member = group.plan.members[m];
    const Nest &nest = source.nodes[member.node].nest;
    const Access &write = nest.accesses[getWrite(group, m)];
    if (!member.isSink)
      partialOf[bufferOf.lookup({member.node, getWrite(group, m)})] = partial;
    for (auto [number, access] : llvm::enumerate(nest.accesses))
      if (isSame(access, write))
        bufferOf[{member.node, number}] = partial;
  }
  for (auto &[access, buffer] : bufferOf)
    if (auto partial = partialOf.find(buffer); partial != partialOf.end())
      buffer = partial->second;
}

/// The loops of the group, as the plan has them or all parallel.
NodeId TreeRewriter::addGroupLoops(GroupTiling &group, bool areParallel,
                                   NodeId node) {
  for (TileLoop tile : group.plan.loops) {
    tile.isParallel |= areParallel;
    node = addTileLoop(tile, group.box[tile.dim], node);
    group.loops.push_back(result.nodes[node].loop);
  }
  return node;
}

/// The parts of all tiles of the group, side by side; of one tile, where a
/// second loop reads it again.
void TreeRewriter::addPartNest(GroupTiling &group, NodeId parent) {
  NodeId node = parent;
  if (!hasSecondLoop(group.plan))
    node = addGroupLoops(group, /*areParallel=*/true, node);
  node = addPartLoop(group, node);
  addRows(group, StreamPlace::Before, node);
  for (auto [m, member] : llvm::enumerate(group.plan.members)) {
    if (!isCarriedByStream(source, member))
      continue;
    // What whole sums start from comes behind the parts.
    group.tilings[m].isProducerPlaced = true;
    group.tilings[m].box = makeBox(group, m);
    Nest fill = beginRowNest(group, m);
    fill.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
    endRowNest(group, m, std::move(fill), {}, node);
  }
  addFirstLoop(group, node);
}

void TreeRewriter::addGroupInParts(GroupTiling &group, NodeId parent) {
  bool isReadAgain = hasSecondLoop(group.plan);
  beginStream(group);
  NodeId node = parent;
  if (isReadAgain)
    node = addGroupLoops(group, /*areParallel=*/false, node);
  for (auto [m, member] : llvm::enumerate(group.plan.members))
    if (isCarriedByStream(source, member))
      addPartialBuffer(group, m, node);
  // 1. The parts.
  auto buffers = bufferOf;
  auto box = group.box;
  auto loops = group.loops;
  TiledDim streamBox = group.streamBox;
  readParts(group);
  addPartNest(group, node);
  bufferOf = std::move(buffers);
  group.box = std::move(box);
  group.loops = std::move(loops);
  group.streamBox = std::move(streamBox);
  group.corrections.clear();
  group.corrected.clear();
  // 2. What combines them: parts of a second loop each for itself.
  node = isReadAgain ? addPartLoop(group, node)
                     : addGroupLoops(group, /*areParallel=*/false, node);
  for (auto [m, member] : llvm::enumerate(group.plan.members))
    if (isCarriedByStream(source, member))
      layOutRows(group, m, node);
  combineParts(group, node);
  finishStream(group, node);
  if (isReadAgain)
    addSecondLoop(group, node);
}

//===----------------------------------------------------------------------===//
// Combining
//===----------------------------------------------------------------------===//

/// Adds a loop over parts to a nest over a row, as loop `position` of it, which
/// walks what has a tile per part.
void TreeRewriter::addPartDim(const GroupTiling &group, Nest &nest,
                              unsigned position) {
  Loop loop;
  loop.extent = {AffineForm{group.plan.stream->parts, {}}};
  loop.maxTripCount = group.plan.stream->parts;
  LoopId id = addLoop(std::move(loop));
  nest.loops.insert(nest.loops.begin() + position, id);
  for (auto [m, partial] : group.partials)
    tileBuffers[partial].part->loop = id;
  for (auto [kernel, correction] : group.corrections)
    tileBuffers[correction].part->loop = id;
}

/// exp(R(row) - R(row of a part)) for every part, which is in storage of its
/// own.
BufferId TreeRewriter::addCorrectionOfParts(GroupTiling &group,
                                            const StreamKernel &kernel,
                                            NodeId parent) {
  auto known = group.corrections.find({kernel.op, kernel.node});
  if (known != group.corrections.end())
    return known->second;
  unsigned row = kernel.getMainRow();
  BufferId correction = addRowBuffer(group, row, ".exponent", parent);
  TileBuffer &tile = tileBuffers[correction];
  tile.part = Term{0, tile.elements};
  result.buffers[correction].elements *= group.plan.stream->parts;
  group.corrections[{kernel.op, kernel.node}] = correction;
  Arithmetic perRow = countExponent(group, kernel);
  // 1. The exponents of the parts.
  Nest nest = beginRowNest(group, row);
  addPartDim(group, nest, 0);
  readRows(group, kernel, /*isPartial=*/true, nest);
  nest.accesses.push_back(
      accessLikeRow(group, row, correction, /*isWrite=*/true));
  endRowNest(group, row, std::move(nest), perRow, parent);
  // 2. What changes them.
  nest = beginRowNest(group, row);
  addPartDim(group, nest, 0);
  readRows(group, kernel, /*isPartial=*/false, nest);
  for (bool isWrite : {false, true})
    nest.accesses.push_back(accessLikeRow(group, row, correction, isWrite));
  perRow.flops += 2; // A difference and an exponential.
  ++perRow.transcendentals;
  endRowNest(group, row, std::move(nest), perRow, parent);
  return correction;
}

/// sum (+)= sum of each part, corrected, over parts, which are one loop outside
/// of the last dimension of more than one position.
void TreeRewriter::combineSum(GroupTiling &group, unsigned m, NodeId parent) {
  const GroupMember &member = group.plan.members[m];
  llvm::SmallVector<BufferId, 2> corrections;
  for (const StreamKernel &kernel : member.role.kernels)
    corrections.push_back(addCorrectionOfParts(group, kernel, parent));
  startRows(group, m, parent);
  Nest nest = beginRowNest(group, m);
  unsigned place = nest.loops.size();
  while (place > 0 && result.loops[nest.loops[place - 1]].maxTripCount == 1)
    --place;
  place = place > 0 ? place - 1 : nest.loops.size();
  addPartDim(group, nest, place);
  result.loops[nest.loops[place]].isReduction = true;
  nest.accesses = {
      accessLikeRow(group, m, group.partials[m], /*isWrite=*/false)};
  // The references move like the rows that the kernels read.
  for (auto [kernel, correction] :
       llvm::zip_equal(member.role.kernels, corrections))
    nest.accesses.push_back(accessAlike(group, kernel.inputs.front().op,
                                        kernel.inputs.front().access, m,
                                        correction));
  nest.accesses.push_back(accessRow(group, m, /*isWrite=*/false));
  nest.accesses.back().readsFill = group.tilings[m].producer.has_value();
  nest.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
  // The plan has made sure that there is one.
  Arithmetic perTerm =
      llvm::cantFail(findCombiner(source.ops[member.op].operation)).perTerm;
  perTerm.flops += corrections.size();
  endRowNest(group, m, std::move(nest), perTerm, parent);
}

/// In program order, so that what a sum refers to is there when it is its turn.
void TreeRewriter::combineParts(GroupTiling &group, NodeId parent) {
  for (auto [m, member] : llvm::enumerate(group.plan.members)) {
    if (!isCarriedByStream(source, member))
      continue;
    if (!member.streamDim) {
      addMember(group, m, parent);
      if (member.role.isClamped)
        clampRow(group, m, parent);
      continue;
    }
    combineSum(group, m, parent);
  }
}
