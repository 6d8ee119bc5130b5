//===- RewriteStream.cpp - Streams in a loop tree -------------------------===//
//
// Inside of the loops of a group, a loop over tiles of what the group reduces:
//
//   rows start
//   for tiles:  e = R(row);  row = ...;  sum *= exp(R(row) - e);  sum += ...
//   sum *= what was left out in the loop
//   for tiles:  what needs final rows
//
// Room Transforms makes the same of IR, nest by nest (StreamGroup.cpp).
//
//===----------------------------------------------------------------------===//

#include "TreeRewriter.h"
#include "memwall/Work/BodyExpression.h"
#include "memwall/Work/CountIterations.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// What is not cut yet of the streamed dimension.
void TreeRewriter::beginStream(GroupTiling &group) {
  const GroupPlan &plan = group.plan;
  const GroupMember &carrier = plan.members[plan.stream->carrier];
  LoopId whole = source.nodes[carrier.node].nest.loops[*carrier.streamDim];
  group.streamBox = describeWhole(whole);
  // What the members in these loops do is counted nest by nest.
  for (const GroupMember &member : plan.members)
    if (member.depth == plan.loops.size()) {
      result.ops[member.op].executions = 0;
      result.ops[member.op].total = {};
    }
}

/// Adds the rows that run in front of the stream or behind it.
void TreeRewriter::addRows(GroupTiling &group, StreamPlace place,
                           NodeId parent) {
  for (auto [m, member] : llvm::enumerate(group.plan.members))
    if (member.depth == group.plan.loops.size() && !member.streamDim &&
        member.role.place == place)
      addMember(group, m, parent);
}

void TreeRewriter::addStream(GroupTiling &group, NodeId parent) {
  const GroupPlan &plan = group.plan;
  beginStream(group);
  // 1. Packs that no loop moves further in, and rows.
  for (auto [m, tiling] : llvm::enumerate(group.tilings)) {
    tiling.box = makeBox(group, m);
    if (tiling.stream)
      addRestOfPacks(tiling, parent);
  }
  addRows(group, StreamPlace::Before, parent);
  for (auto [m, member] : llvm::enumerate(plan.members))
    if (isCarriedByStream(source, member)) {
      layOutRows(group, m, parent);
      startRows(group, m, parent);
    }
  // 2. One pass.
  addFirstLoop(group, parent);
  // 3. What is deferred to the end of it.
  finishStream(group, parent);
  if (hasSecondLoop(plan))
    addSecondLoop(group, parent);
}

/// What is deferred to the end of the first loop.
void TreeRewriter::finishStream(GroupTiling &group, NodeId parent) {
  releaseRows(group, parent);
  for (auto [m, member] : llvm::enumerate(group.plan.members)) {
    for (const RowFactor &factor : member.role.factors)
      applyFactor(group, m, factor, parent);
    if (member.depth == group.plan.loops.size() && !member.streamDim &&
        member.role.place == StreamPlace::After)
      addMember(group, m, parent);
  }
}

/// Storage for a row or a sum that the loop carries.
void TreeRewriter::layOutRows(GroupTiling &group, unsigned m, NodeId parent) {
  group.tilings[m].box = makeBox(group, m);
  layOutTiles(group, m, parent);
}

/// What such a row or sum starts from.
void TreeRewriter::startRows(GroupTiling &group, unsigned m, NodeId parent) {
  Tiling &tiling = group.tilings[m];
  if (tiling.producer) {
    addProducer(tiling, parent);
    tiling.isProducerPlaced = true;
    countNest(newNode[tiling.producer->node], /*isExecution=*/true);
  } else if (!group.plan.members[m].streamDim) {
    Nest fill = beginRowNest(group, m);
    fill.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
    endRowNest(group, m, std::move(fill), {}, parent);
  }
}

/// A loop over the tiles of what is left of the streamed dimension.
NodeId TreeRewriter::addStreamLoop(GroupTiling &group, NodeId parent) {
  NodeId node =
      addTileLoop({0, group.plan.stream->size, false}, group.streamBox, parent);
  group.loops.push_back(result.nodes[node].loop);
  return node;
}

/// Adds `factor` * `form`.
static void addForm(AffineForm &sum, const AffineForm &form, int64_t factor) {
  sum.constant += factor * form.constant;
  for (const Term &term : form.terms) {
    auto *same = llvm::find_if(
        sum.terms, [&](const Term &other) { return other.loop == term.loop; });
    if (same == sum.terms.end())
      sum.terms.push_back({term.loop, factor * term.stride});
    else
      same->stride += factor * term.stride;
  }
  llvm::erase_if(sum.terms, [](const Term &term) { return term.stride == 0; });
}

/// The forms whose smallest is the largest value of `limit` in the tile of the
/// root that there is. The largest i of a tile is its begin and its extent,
/// less 1.
static llvm::SmallVector<AffineForm, 2>
expandLimit(const StreamLimit &limit, llvm::ArrayRef<TiledDim> box) {
  llvm::SmallVector<AffineForm, 2> sums = {AffineForm{limit.constant, {}}};
  for (auto [d, coefficient] : limit.terms) {
    AffineForm begin;
    begin.terms.append(box[d].offset.begin(), box[d].offset.end());
    llvm::SmallVector<AffineForm, 2> longer;
    for (const AffineForm &sum : sums) {
      AffineForm moved = sum;
      addForm(moved, begin, coefficient);
      if (coefficient < 0) {
        longer.push_back(std::move(moved));
        continue;
      }
      moved.constant -= coefficient;
      for (const AffineForm &extent : box[d].extent) {
        longer.push_back(moved);
        addForm(longer.back(), extent, coefficient);
      }
    }
    sums = std::move(longer);
  }
  return sums;
}

static void sortByLoop(AffineForm &form) {
  llvm::sort(form.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
}

/// Ends a loop of a stream where the rest of its tiles is hidden.
void TreeRewriter::endStreamLoop(const GroupTiling &group, LoopId id) {
  Loop &loop = result.loops[id];
  AffineForm begin; // Of the part.
  begin.terms.append(group.streamBox.offset.begin(),
                     group.streamBox.offset.end() - 1);
  for (const StreamLimit &limit : group.plan.stream->ends)
    for (AffineForm &form : expandLimit(limit, group.box)) {
      addForm(form, begin, -1);
      sortByLoop(form);
      if (form.terms.empty())
        loop.maxTripCount = std::min(
            loop.maxTripCount,
            (std::max<int64_t>(form.constant, 0) + loop.step - 1) / loop.step);
      loop.extent.push_back(std::move(form));
    }
}

/// Adds a loop that runs once for a tile that begins at t and ends behind the
/// begin b of what its rows see, for min(1, t + size - b) iterations; `parent`
/// where no begin is known.
NodeId TreeRewriter::addVisibleLoop(const GroupTiling &group, NodeId parent) {
  const StreamLoop &stream = *group.plan.stream;
  if (stream.begins.empty())
    return parent;
  Loop loop;
  loop.extent.push_back({1, {}});
  AffineForm end;
  end.constant = stream.size;
  end.terms.append(group.streamBox.offset.begin(),
                   group.streamBox.offset.end());
  for (const StreamLimit &limit : stream.begins)
    for (AffineForm &form : expandLimit(limit.negate(), group.box)) {
      addForm(form, end, 1);
      sortByLoop(form);
      loop.extent.push_back(std::move(form));
    }
  loop.maxTripCount = 1;
  NodeId node = addNode(parent, Node::Kind::Loop);
  LoopId id = addLoop(std::move(loop));
  result.nodes[node].loop = id;
  return node;
}

void TreeRewriter::addFirstLoop(GroupTiling &group, NodeId parent) {
  NodeId loop = addStreamLoop(group, parent);
  endStreamLoop(group, group.loops.back());
  loop = addVisibleLoop(group, loop);
  streamed = &group;
  for (auto [m, member] : llvm::enumerate(group.plan.members))
    if (member.role.place == StreamPlace::Inside)
      addStreamed(group, m, loop);
  streamed = nullptr;
  group.loops.pop_back();
}

void TreeRewriter::addStreamed(GroupTiling &group, unsigned m, NodeId parent) {
  const StreamRole &role = group.plan.members[m].role;
  if (role.isReference)
    keepExponents(group, m, parent);
  for (const StreamKernel &kernel : role.kernels)
    correctSum(group, m, kernel, parent);
  if (!role.forwarded)
    addMember(group, m, parent);
  if (role.isClamped)
    clampRow(group, m, parent);
}

/// Takes the bound off rows that the loop held above minus infinity.
void TreeRewriter::releaseRows(GroupTiling &group, NodeId parent) {
  group.corrections.clear();
  group.corrected.clear();
  auto getRole = [&](unsigned m) -> const StreamRole & {
    return group.plan.members[m].role;
  };
  for (auto [m, member] : llvm::enumerate(group.plan.members)) {
    if (member.role.isClamped || member.role.keepsInfinity)
      keepExponents(group, m, parent);
    if (member.role.isClamped)
      addMember(group, m, parent);
    for (const StreamKernel &kernel : member.role.kernels)
      if (auto released = releaseKernel(getRole, kernel))
        correctSum(group, m, *released, parent);
  }
}

/// What is computed again has storage of its own.
void TreeRewriter::addSecondLoop(GroupTiling &group, NodeId parent) {
  const StreamLoop &stream = *group.plan.stream;
  const GroupMember &carrier = group.plan.members[stream.carrier];
  if (stream.parts == 1) // Else it is that of a part.
    group.streamBox = describeWhole(
        source.nodes[carrier.node].nest.loops[*carrier.streamDim]);
  NodeId loop = addStreamLoop(group, parent);
  llvm::DenseMap<BufferId, BufferId> again;
  for (auto [m, member] : llvm::enumerate(group.plan.members)) {
    if (!member.role.isInSecondLoop)
      continue;
    const Nest &nest = source.nodes[member.node].nest;
    bool isAgain = member.role.place == StreamPlace::Inside;
    for (auto [i, access] : llvm::enumerate(nest.accesses)) {
      auto found = bufferOf.find({member.node, i});
      if (found == bufferOf.end())
        continue;
      BufferId old = found->second;
      if (isAgain && access.isWrite && !again.count(old)) {
        Buffer copy = result.buffers[old];
        result.buffers.push_back(std::move(copy));
        again[old] = result.buffers.size() - 1;
      }
      if (again.count(old))
        found->second = again[old];
    }
    addMember(group, m, loop);
  }
  group.loops.pop_back();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// The number of the access by which member `m` writes its one result.
unsigned TreeRewriter::getWrite(const GroupTiling &group, unsigned m) const {
  const Nest &nest = source.nodes[group.plan.members[m].node].nest;
  const Access *write = llvm::find_if(
      nest.accesses, [](const Access &access) { return access.isWrite; });
  return write - nest.accesses.begin();
}

/// An empty nest over the result of member `m`: over the dimensions that its
/// write moves with.
Nest TreeRewriter::beginRowNest(const GroupTiling &group, unsigned m) {
  const Nest &nest = source.nodes[group.plan.members[m].node].nest;
  Nest row;
  row.op = nest.op;
  llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
  for (auto [d, loop] : llvm::enumerate(nest.loops))
    if (written[d])
      row.loops.push_back(copyLoop(loop, &group.tilings[m].box[d]));
  return row;
}

/// Adds the nest, with `perRow` operations in each iteration.
void TreeRewriter::endRowNest(const GroupTiling &group, unsigned m, Nest nest,
                              Arithmetic perRow, NodeId parent) {
  for (LoopId loop : source.nodes[group.plan.members[m].node].nest.loops)
    tileOf[loop] = nullptr;
  nest.perIteration = perRow;
  NodeId node = addNode(parent, Node::Kind::Nest);
  result.nodes[node].nest = std::move(nest);
  countNest(node, /*isExecution=*/false);
}

/// Counts what a nest of the result does for its op: operations and, unless it
/// belongs to another nest of the op, how often the op is executed.
void TreeRewriter::countNest(NodeId node, bool isExecution) {
  llvm::SmallVector<LoopId, 12> loops;
  for (NodeId id = result.nodes[node].parent; id != LoopTree::root;
       id = result.nodes[id].parent)
    loops.push_back(result.nodes[id].loop);
  std::reverse(loops.begin(), loops.end());
  const Nest &nest = result.nodes[node].nest;
  OpRecord &op = result.ops[nest.op];
  // As in trees of IR, 0 is not known.
  if (isExecution)
    op.executions += countIterations(result.loops, loops).value_or(0);
  llvm::append_range(loops, nest.loops);
  int64_t times = countIterations(result.loops, loops).value_or(0);
  op.total.flops += times * nest.perIteration.flops;
  op.total.transcendentals += times * nest.perIteration.transcendentals;
  op.total.intOps += times * nest.perIteration.intOps;
}

/// The result of member `m` in a nest over it.
Access TreeRewriter::accessRow(const GroupTiling &group, unsigned m,
                               bool isWrite) const {
  Access access = remapAccess(group.plan.members[m].node, getWrite(group, m));
  access.isWrite = isWrite;
  return access;
}

/// `buffer`, which has a tile like that of the result of member `m`, in a nest
/// over it.
Access TreeRewriter::accessLikeRow(const GroupTiling &group, unsigned m,
                                   BufferId buffer, bool isWrite) const {
  Access access = source.nodes[group.plan.members[m].node]
                      .nest.accesses[getWrite(group, m)];
  access.buffer = buffer;
  access.isWrite = isWrite;
  access.element = remapInTile(access, tileBuffers.find(buffer)->second);
  return access;
}

/// What member `from` reads by access `number`, in a nest over the result of
/// member `to`; or likewise `other`, which has a tile like that.
Access TreeRewriter::accessAlike(const GroupTiling &group, unsigned from,
                                 unsigned number, unsigned to,
                                 std::optional<BufferId> other) const {
  const GroupMember &reader = group.plan.members[from];
  const GroupMember &writer = group.plan.members[to];
  const Nest &read = source.nodes[reader.node].nest;
  const Nest &written = source.nodes[writer.node].nest;
  Access access = read.accesses[number];
  llvm::SmallVector<Term, 2> terms;
  for (const Term &term : access.element.terms) {
    const LoopId *loop = llvm::find(read.loops, term.loop);
    if (loop == read.loops.end()) {
      terms.push_back(term);
      continue;
    }
    const unsigned *dim = llvm::find(
        writer.dimClasses, reader.dimClasses[loop - read.loops.begin()]);
    if (dim != writer.dimClasses.end()) // Else it runs once.
      terms.push_back(
          {written.loops[dim - writer.dimClasses.begin()], term.stride});
  }
  access.element.terms = std::move(terms);
  auto buffer = bufferOf.find({reader.node, number});
  if (buffer != bufferOf.end())
    access.buffer = buffer->second;
  if (other)
    access.buffer = *other;
  auto tile = tileBuffers.find(access.buffer);
  access.element = tile == tileBuffers.end()
                       ? remap(access.element)
                       : remapInTile(access, tile->second);
  return access;
}

/// Storage like that of the row that member `m` makes.
BufferId TreeRewriter::addRowBuffer(const GroupTiling &group, unsigned m,
                                    llvm::StringRef suffix, NodeId scope) {
  BufferId row = accessRow(group, m, /*isWrite=*/true).buffer;
  TileBuffer tile = layOutTile(group, m,
                               source.nodes[group.plan.members[m].node]
                                   .nest.accesses[getWrite(group, m)]);
  Buffer buffer = result.buffers[row];
  buffer.name += suffix;
  buffer.elements = tile.elements;
  // Exponents are not rounded to narrow types.
  buffer.elementBits = std::max<int64_t>(buffer.elementBits, 32);
  result.buffers.push_back(std::move(buffer));
  BufferId id = result.buffers.size() - 1;
  tileBuffers[id] = std::move(tile);
  scopes[id] = scope;
  return id;
}

/// What the exponent of a kernel reads, in a nest over its main row; with
/// `isPartial` the rows of the parts.
void TreeRewriter::readRows(const GroupTiling &group,
                            const StreamKernel &kernel, bool isPartial,
                            Nest &nest) const {
  unsigned main = kernel.getMainRow();
  for (const KernelInput &input : kernel.inputs) {
    std::optional<BufferId> partial;
    if (isPartial && input.row)
      partial = group.partials.lookup(*input.row);
    if (input.row != main)
      nest.accesses.push_back(
          accessAlike(group, input.op, input.access, main, partial));
    else if (partial)
      nest.accesses.push_back(
          accessLikeRow(group, main, *partial, /*isWrite=*/false));
    else
      nest.accesses.push_back(accessRow(group, main, /*isWrite=*/false));
  }
}

/// Exponents that refer to the row of member `m`, before it changes.
void TreeRewriter::keepExponents(GroupTiling &group, unsigned m,
                                 NodeId parent) {
  for (const GroupMember &sum : group.plan.members)
    for (const StreamKernel &kernel : sum.role.kernels) {
      if (!kernel.reads(m) || group.corrections.count({kernel.op, kernel.node}))
        continue;
      unsigned main = kernel.getMainRow();
      BufferId exponent = addRowBuffer(group, main, ".exponent", parent);
      group.corrections[{kernel.op, kernel.node}] = exponent;
      Nest nest = beginRowNest(group, main);
      readRows(group, kernel, /*isPartial=*/false, nest);
      nest.accesses.push_back(
          accessLikeRow(group, main, exponent, /*isWrite=*/true));
      endRowNest(group, main, std::move(nest), countExponent(group, kernel),
                 parent);
    }
}

/// Operations of the part of an exponent that rows make.
Arithmetic TreeRewriter::countExponent(const GroupTiling &group,
                                       const StreamKernel &kernel) const {
  return countExponentOfRows(
      [&](unsigned op) -> const BodyExpression & {
        return *source.ops[group.plan.members[op].op].body;
      },
      kernel);
}

/// row = max(row, lowest).
void TreeRewriter::clampRow(const GroupTiling &group, unsigned m,
                            NodeId parent) {
  Nest clamp = beginRowNest(group, m);
  clamp.accesses.push_back(accessRow(group, m, /*isWrite=*/false));
  clamp.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
  endRowNest(group, m, std::move(clamp), {1, 0, 0}, parent);
}

/// exp(R(row) - R(old row)), in the place of the latter.
void TreeRewriter::addCorrection(GroupTiling &group, const StreamKernel &kernel,
                                 NodeId parent) {
  if (!group.corrected.insert({kernel.op, kernel.node}).second)
    return;
  unsigned main = kernel.getMainRow();
  Nest nest = beginRowNest(group, main);
  BufferId exponent = group.corrections[{kernel.op, kernel.node}];
  readRows(group, kernel, /*isPartial=*/false, nest);
  for (bool isWrite : {false, true})
    nest.accesses.push_back(accessLikeRow(group, main, exponent, isWrite));
  Arithmetic perRow = countExponent(group, kernel);
  perRow.flops += 2; // A difference and an exponential.
  ++perRow.transcendentals;
  endRowNest(group, main, std::move(nest), perRow, parent);
}

void TreeRewriter::correctSum(GroupTiling &group, unsigned m,
                              const StreamKernel &kernel, NodeId parent) {
  addCorrection(group, kernel, parent);
  group.tilings[m].box = makeBox(group, m);
  Nest nest = beginRowNest(group, m);
  // The reference moves like the row that the kernel reads.
  const KernelInput &main = kernel.inputs.front();
  Access by = accessAlike(group, main.op, main.access, m,
                          group.corrections[{kernel.op, kernel.node}]);
  nest.accesses.assign({by, accessRow(group, m, /*isWrite=*/false),
                        accessRow(group, m, /*isWrite=*/true)});
  endRowNest(group, m, std::move(nest), {1, 0, 0}, parent);
}

void TreeRewriter::applyFactor(const GroupTiling &group, unsigned m,
                               const RowFactor &factor, NodeId parent) {
  const GroupMember &reader = group.plan.members[factor.term.op];
  const BodyExpression &body = *source.ops[reader.op].body;
  Nest nest = beginRowNest(group, m);
  for (unsigned access : findInputs(body, factor.term.node))
    nest.accesses.push_back(accessAlike(group, factor.term.op, access, m));
  nest.accesses.push_back(accessRow(group, m, /*isWrite=*/false));
  nest.accesses.push_back(accessRow(group, m, /*isWrite=*/true));
  Arithmetic perRow = countOperations(body, factor.term.node);
  perRow.flops += !factor.isCondition;
  endRowNest(group, m, std::move(nest), perRow, parent);
}

/// Takes the factors out of the nest that a member has become, and what nothing
/// else in its body reads.
void TreeRewriter::leaveOut(const GroupTiling &group, unsigned m, Nest &leaf) {
  const GroupMember &member = group.plan.members[m];
  // What is corrected is not what a fill put there.
  if (!member.role.kernels.empty())
    for (Access &access : leaf.accesses)
      access.readsFill = false;
  // Rows that may be infinite are held.
  leaf.perIteration.flops += member.role.heldAccesses.size();
  if (member.role.dropped.empty())
    return;
  const BodyExpression &body = *source.ops[member.op].body;
  for (const RowFactor &factor : member.role.dropped) {
    Arithmetic gone = countOperations(body, factor.term.node);
    gone.flops += !factor.isCondition;
    leaf.perIteration.flops -= gone.flops;
    leaf.perIteration.transcendentals -= gone.transcendentals;
  }
  llvm::SmallVector<unsigned, 4> left =
      findInputsWithout(body, body.results.front().value, member.role.dropped);
  unsigned number = 0;
  llvm::erase_if(leaf.accesses, [&](const Access &access) {
    unsigned mine = number++;
    bool isInput =
        llvm::is_contained(findInputs(body, body.results.front().value), mine);
    return isInput && !llvm::is_contained(left, mine);
  });
}
