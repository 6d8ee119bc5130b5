//===- InitProducer.cpp - Fills and broadcasts that go into loops ---------===//

#include "memwall/Schedule/InitProducer.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

static int64_t getStride(const AffineForm &form, LoopId loop) {
  int64_t stride = 0;
  for (const Term &term : form.terms)
    if (term.loop == loop)
      stride += term.stride;
  return stride;
}

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

static bool touches(const LoopTree &tree, NodeId id, BufferId buffer) {
  const Node &node = tree.nodes[id];
  return llvm::any_of(node.nest.accesses,
                      [&](const Access &a) { return a.buffer == buffer; }) ||
         llvm::any_of(node.children, [&](NodeId child) {
           return touches(tree, child, buffer);
         });
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
  InitProducer found{id, {}};
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

std::optional<InitProducer> memwall::findInitProducer(const LoopTree &tree,
                                                      NodeId consumer) {
  const Node &node = tree.nodes[consumer];
  const Access *write = getOnlyWrite(node.nest);
  bool isRead = write && llvm::any_of(node.nest.accesses, [&](const Access &a) {
                  return !a.isWrite && a.buffer == write->buffer;
                });
  if (!isRead || !write->gathers.empty())
    return std::nullopt;
  llvm::ArrayRef<NodeId> siblings = tree.nodes[node.parent].children;
  llvm::ArrayRef<NodeId> before =
      siblings.take_until([&](NodeId id) { return id == consumer; });
  for (NodeId id : llvm::reverse(before)) {
    if (!touches(tree, id, write->buffer))
      continue;
    const Node &other = tree.nodes[id];
    if (other.kind != Node::Kind::Nest)
      return std::nullopt;
    OpKind kind = tree.ops[other.nest.op].kind;
    // A copy that reads as much as it writes is no broadcast.
    bool isBroadcast = kind == OpKind::Copy &&
                       other.nest.accesses.size() == 2 &&
                       other.nest.accesses[0].element.terms.size() <
                           other.nest.accesses[1].element.terms.size();
    if (kind != OpKind::Fill && !isBroadcast)
      return std::nullopt;
    return matchLoops(tree, id, node.nest, *write);
  }
  return std::nullopt;
}
