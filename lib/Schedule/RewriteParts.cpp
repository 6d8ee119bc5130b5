//===- RewriteParts.cpp - Streams in parts, in a loop tree ----------------===//
//
// Several units pass over a part of what a group reduces each:
//
//   for parts:  rows start;  for tiles of the part:  as in one pass
//   for rows and sums, in program order:
//     row = ... of the combined rows before it
//     e = R(row of each part);  c = exp(R(row) - e);  sum of each part *= c
//     sum starts;  sum += sum of each part
//
// Room Transforms makes the same of IR, nest by nest (StreamParts.cpp).
//
//===----------------------------------------------------------------------===//

#include "TreeRewriter.h"
#include "memwall/Work/Combiner.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// Storage for what every part makes of the row or sum of member `m`.
void TreeRewriter::addPartialBuffer(GroupTiling &group, unsigned m,
                                    NodeId parent) {
  int64_t parts = group.plan.stream->parts;
  const Access &write = source.nodes[group.plan.members[m].node]
                            .nest.accesses[getWrite(group, m)];
  TileBuffer tile = layOutTile(group, m, write);
  tile.part = Term{0, tile.elements};
  Buffer buffer = source.buffers[write.buffer];
  buffer.name += ".partial";
  buffer.kind = BufferKind::Intermediate;
  buffer.elements = tile.elements * parts;
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

void TreeRewriter::addParts(GroupTiling &group, NodeId parent) {
  auto isCarried = [&](unsigned m) {
    return isCarriedByStream(source, group.plan.members[m]);
  };
  unsigned count = group.plan.members.size();
  for (unsigned m = 0; m < count; ++m)
    if (isCarried(m))
      addPartialBuffer(group, m, parent);
  auto whole = bufferOf;
  TiledDim streamBox = group.streamBox;
  // 1. The parts. What whole sums start from comes behind them.
  readParts(group);
  NodeId part = addPartLoop(group, parent);
  for (unsigned m = 0; m < count; ++m) {
    group.tilings[m].isProducerPlaced |= isCarried(m);
    if (!isCarried(m))
      continue;
    Nest fill = beginRowNest(group, m);
    fill.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
    endRowNest(group, m, std::move(fill), {}, part);
  }
  addFirstLoop(group, part);
  group.loops.pop_back();
  group.streamBox = std::move(streamBox);
  bufferOf = std::move(whole);
  // 2. What combines them.
  group.corrections.clear();
  combineParts(group, parent);
}

//===----------------------------------------------------------------------===//
// Combining
//===----------------------------------------------------------------------===//

/// Adds a loop over parts to a nest over a row, as loop `position` of it.
LoopId TreeRewriter::addPartDim(const GroupTiling &group, Nest &nest,
                                unsigned position) {
  Loop loop;
  loop.extent = {AffineForm{group.plan.stream->parts, {}}};
  loop.maxTripCount = group.plan.stream->parts;
  LoopId id = addLoop(std::move(loop));
  nest.loops.insert(nest.loops.begin() + position, id);
  return id;
}

/// What the parts made of member `m`, in a nest over it in which `part` is the
/// loop over parts.
Access TreeRewriter::accessPart(const GroupTiling &group, unsigned m,
                                LoopId part, bool isWrite) const {
  Access access = source.nodes[group.plan.members[m].node]
                      .nest.accesses[getWrite(group, m)];
  access.buffer = group.partials.lookup(m);
  access.isWrite = isWrite;
  TileBuffer tile = tileBuffers.lookup(access.buffer);
  tile.part->loop = part;
  access.element = remapInTile(access, tile);
  return access;
}

/// exp(R(row) - R(row of a part)) for every part, which is in storage of its
/// own.
BufferId TreeRewriter::addCorrectionOfParts(GroupTiling &group,
                                            const StreamKernel &kernel,
                                            NodeId parent) {
  auto [known, isNew] =
      group.corrections.try_emplace({kernel.op, kernel.node}, 0);
  if (!isNew)
    return known->second;
  BufferId partial = group.partials.lookup(kernel.row);
  Buffer copy = result.buffers[partial];
  copy.name += ".exponent";
  result.buffers.push_back(std::move(copy));
  BufferId correction = known->second = result.buffers.size() - 1;
  scopes[correction] = parent;
  Arithmetic perRow = countExponent(group, kernel);
  // 1. The exponents of the parts.
  Nest nest = beginRowNest(group, kernel.row);
  LoopId part = addPartDim(group, nest, 0);
  Access write = accessPart(group, kernel.row, part, /*isWrite=*/true);
  write.buffer = correction;
  nest.accesses.assign(
      {accessPart(group, kernel.row, part, /*isWrite=*/false), write});
  endRowNest(group, kernel.row, std::move(nest), perRow, parent);
  // 2. What changes them.
  nest = beginRowNest(group, kernel.row);
  part = addPartDim(group, nest, 0);
  write = accessPart(group, kernel.row, part, /*isWrite=*/true);
  write.buffer = correction;
  Access old = write;
  old.isWrite = false;
  nest.accesses.assign(
      {accessRow(group, kernel.row, /*isWrite=*/false), old, write});
  perRow.flops += 2; // A difference and an exponential.
  ++perRow.transcendentals;
  endRowNest(group, kernel.row, std::move(nest), perRow, parent);
  return correction;
}

/// Multiplies the sums of the parts by what makes them refer to the same row.
void TreeRewriter::correctParts(GroupTiling &group, unsigned m,
                                const StreamKernel &kernel, NodeId parent) {
  BufferId correction = addCorrectionOfParts(group, kernel, parent);
  Nest nest = beginRowNest(group, m);
  LoopId part = addPartDim(group, nest, 0);
  // The reference moves like the row that the kernel reads.
  Access by = accessAlike(group, kernel.op, kernel.access, m);
  by.buffer = correction;
  by.element.terms.push_back(
      {part, tileBuffers[group.partials[kernel.row]].elements});
  llvm::sort(by.element.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  nest.accesses.assign({by, accessPart(group, m, part, /*isWrite=*/false),
                        accessPart(group, m, part, /*isWrite=*/true)});
  endRowNest(group, m, std::move(nest), {1, 0, 0}, parent);
}

/// sum (+)= sum of each part, over parts, which are one loop outside of the
/// last dimension of more than one position.
void TreeRewriter::combineSum(GroupTiling &group, unsigned m, NodeId parent) {
  Nest nest = beginRowNest(group, m);
  unsigned place = nest.loops.size();
  while (place > 0 && result.loops[nest.loops[place - 1]].maxTripCount == 1)
    --place;
  LoopId part =
      addPartDim(group, nest, place > 0 ? place - 1 : nest.loops.size());
  result.loops[part].isReduction = true;
  Access start = accessRow(group, m, /*isWrite=*/false);
  start.readsFill = group.tilings[m].producer.has_value();
  nest.accesses.assign({accessPart(group, m, part, /*isWrite=*/false), start,
                        accessRow(group, m, /*isWrite=*/true)});
  // The plan has made sure that there is one.
  Arithmetic perTerm =
      llvm::cantFail(
          findCombiner(source.ops[group.plan.members[m].op].operation))
          .perTerm;
  endRowNest(group, m, std::move(nest), perTerm, parent);
}

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
    for (const StreamKernel &kernel : member.role.kernels)
      correctParts(group, m, kernel, parent);
    startRows(group, m, parent);
    combineSum(group, m, parent);
  }
}
