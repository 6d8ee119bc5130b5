//===- InitProducer.cpp - Fills and broadcasts that go into loops ---------===//

#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/NestAccesses.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

static std::optional<int64_t> getConstantExtent(const Loop &loop) {
  if (loop.extent.size() != 1 || !loop.extent[0].terms.empty())
    return std::nullopt;
  return loop.extent[0].constant;
}

llvm::SmallVector<bool, 6> memwall::findWrittenDims(const Nest &nest) {
  llvm::SmallVector<bool, 6> written(nest.loops.size(), false);
  for (const Access &access : nest.accesses)
    if (access.isWrite)
      for (auto [d, loop] : llvm::enumerate(nest.loops))
        written[d] |= getStride(access.element, loop) != 0;
  return written;
}

/// The only write of a nest, or null.
static const Access *getOnlyWrite(const Nest &nest) {
  const Access *write = nullptr;
  for (const Access &access : nest.accesses) {
    if (access.isWrite && write)
      return nullptr;
    if (access.isWrite)
      write = &access;
  }
  return write;
}

static llvm::ArrayRef<NodeId> getSiblings(const LoopTree &tree, NodeId id) {
  return tree.nodes[tree.nodes[id].parent].children;
}

/// Whether both forms move alike with the loops around both nests.
static bool isSameOutside(const AffineForm &a, const Nest &nestA,
                          const AffineForm &b, const Nest &nestB) {
  auto outside = [](const AffineForm &form, const Nest &nest) {
    llvm::SmallVector<Term, 4> terms;
    for (const Term &term : form.terms)
      if (!llvm::is_contained(nest.loops, term.loop))
        terms.push_back(term);
    return terms;
  };
  auto left = outside(a, nestA), right = outside(b, nestB);
  return a.constant == b.constant && left.size() == right.size() &&
         llvm::all_of(left, [&](const Term &term) {
           return getStride(b, term.loop) == term.stride;
         });
}

/// Matches the loops of `producer` with dimensions of `consumer`, by the steps
/// that their writes take through the buffer.
static std::optional<InitProducer> matchLoops(const LoopTree &tree, NodeId id,
                                              const Nest &consumer,
                                              const Access &accumulated) {
  const Nest &producer = tree.nodes[id].nest;
  const Access *write = getOnlyWrite(producer);
  if (!write || write->buffer != accumulated.buffer ||
      !write->gathers.empty() ||
      !isSameOutside(write->element, producer, accumulated.element, consumer))
    return std::nullopt;
  InitProducer found;
  found.node = id;
  llvm::SmallVector<bool, 6> used(consumer.loops.size(), false);
  for (LoopId loop : producer.loops) {
    std::optional<int64_t> extent = getConstantExtent(tree.loops[loop]);
    std::optional<unsigned> match;
    for (unsigned d = 0; d < consumer.loops.size() && !match && extent; ++d)
      if (!used[d] && getStride(accumulated.element, consumer.loops[d]) != 0 &&
          getStride(accumulated.element, consumer.loops[d]) ==
              getStride(write->element, loop) &&
          getConstantExtent(tree.loops[consumer.loops[d]]) == extent)
        match = d;
    if (!match && extent != 1)
      return std::nullopt;
    if (match)
      used[*match] = true;
    found.dims.push_back(match);
  }
  for (auto [d, loop] : llvm::enumerate(consumer.loops))
    if (!used[d] && getStride(accumulated.element, loop) != 0 &&
        getConstantExtent(tree.loops[loop]) != 1)
      return std::nullopt;
  return found;
}

std::optional<NodeId> memwall::findInitCopy(const LoopTree &tree,
                                            NodeId consumer) {
  llvm::ArrayRef<NodeId> siblings = getSiblings(tree, consumer);
  const NodeId *here = llvm::find(siblings, consumer);
  if (here == siblings.begin())
    return std::nullopt;
  const Node &before = tree.nodes[here[-1]];
  const Nest &nest = tree.nodes[consumer].nest;
  const Access *write = getOnlyWrite(nest);
  if (before.kind != Node::Kind::Nest || before.nest.op != nest.op || !write ||
      before.nest.accesses.size() != 2 || before.nest.accesses[0].isWrite ||
      before.nest.accesses[1].buffer != write->buffer)
    return std::nullopt;
  return here[-1];
}

/// A copy moves every element to the same place.
static bool isPlainCopy(const Nest &copy) {
  const AffineForm &read = copy.accesses[0].element;
  const AffineForm &write = copy.accesses[1].element;
  return copy.accesses[0].gathers.empty() && read.constant == write.constant &&
         read.terms.size() == write.terms.size() &&
         llvm::all_of(read.terms, [&](const Term &term) {
           return getStride(write, term.loop) == term.stride;
         });
}

/// What a nest that may go into loops is: a fill, or a copy that writes more
/// than it reads.
static bool isFillOrBroadcast(const LoopTree &tree, const Nest &nest) {
  OpKind kind = tree.ops[nest.op].kind;
  return kind == OpKind::Fill ||
         (kind == OpKind::Copy && nest.accesses.size() == 2 &&
          nest.accesses[0].element.terms.size() <
              nest.accesses[1].element.terms.size());
}

std::optional<InitProducer> memwall::findInitProducer(const LoopTree &tree,
                                                      NodeId consumer) {
  const Node &node = tree.nodes[consumer];
  const Access *write = getOnlyWrite(node.nest);
  if (!write || !write->gathers.empty() ||
      !accesses(tree, consumer, write->buffer, /*isWrite=*/false))
    return std::nullopt;
  // 1. Where the initial value is.
  BufferId buffer = write->buffer;
  NodeId reader = consumer;
  std::optional<NodeId> copy = findInitCopy(tree, consumer);
  if (copy) {
    if (!isPlainCopy(tree.nodes[*copy].nest))
      return std::nullopt;
    buffer = tree.nodes[*copy].nest.accesses[0].buffer;
    reader = *copy;
  }
  // 2. Who put it there.
  llvm::ArrayRef<NodeId> before =
      getSiblings(tree, reader).take_until([&](NodeId id) {
        return id == reader;
      });
  for (NodeId id : llvm::reverse(before)) {
    if (!accesses(tree, id, buffer, /*isWrite=*/true))
      continue;
    const Node &other = tree.nodes[id];
    if (other.kind != Node::Kind::Nest || !isFillOrBroadcast(tree, other.nest))
      return std::nullopt;
    Access accumulated = *write;
    accumulated.buffer = buffer;
    std::optional<InitProducer> found =
        matchLoops(tree, id, node.nest, accumulated);
    if (found)
      found->copy = copy;
    return found;
  }
  return std::nullopt;
}

bool memwall::isReadByOthers(const LoopTree &tree, NodeId producer,
                             llvm::ArrayRef<NodeId> gone) {
  BufferId buffer = getOnlyWrite(tree.nodes[producer].nest)->buffer;
  bool isAfter = false;
  for (NodeId id : getSiblings(tree, producer)) {
    if (id == producer) {
      isAfter = true;
      continue;
    }
    if (!isAfter)
      continue;
    if (!llvm::is_contained(gone, id) &&
        accesses(tree, id, buffer, /*isWrite=*/false))
      return true;
    if (accesses(tree, id, buffer, /*isWrite=*/true))
      return false;
  }
  return tree.nodes[producer].parent != LoopTree::root ||
         tree.buffers[buffer].liveOut;
}
