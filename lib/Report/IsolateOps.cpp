//===- IsolateOps.cpp - A few ops of a tree -------------------------------===//

#include "IsolateOps.h"
#include "memwall/Schedule/InitProducer.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// The nests of `ops` and of their fills, and the loops around them.
static llvm::SmallVector<bool, 0> findKept(const LoopTree &tree,
                                           llvm::ArrayRef<OpId> ops) {
  llvm::SmallVector<bool, 0> isKept(tree.nodes.size(), false);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest || !llvm::is_contained(ops, node.nest.op))
      continue;
    isKept[id] = true;
    if (std::optional<InitProducer> producer = findInitProducer(tree, id))
      isKept[producer->node] = true;
  }
  for (NodeId id = tree.nodes.size(); id-- > 1;)
    if (isKept[id])
      isKept[tree.nodes[id].parent] = true;
  isKept[LoopTree::root] = true;
  return isKept;
}

LoopTree memwall::isolateOps(const LoopTree &tree, llvm::ArrayRef<OpId> ops) {
  LoopTree alone = tree;
  llvm::SmallVector<bool, 0> isKept = findKept(tree, ops);
  alone.nodes.clear();
  llvm::SmallVector<NodeId, 0> renumbered(tree.nodes.size(), LoopTree::root);
  llvm::SmallVector<bool, 0> isWritten(tree.buffers.size(), false);
  llvm::SmallVector<bool, 0> isTouchedByOthers(tree.buffers.size(), false);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    for (const Access &access : node.nest.accesses) {
      isWritten[access.buffer] |= isKept[id] && access.isWrite;
      isTouchedByOthers[access.buffer] |= !isKept[id];
    }
    if (!isKept[id])
      continue;
    renumbered[id] = alone.nodes.size();
    Node copy = node;
    copy.children.clear();
    copy.parent = renumbered[node.parent];
    alone.nodes.push_back(std::move(copy));
    if (id != LoopTree::root)
      alone.nodes[renumbered[node.parent]].children.push_back(renumbered[id]);
  }
  for (auto [id, buffer] : llvm::enumerate(alone.buffers)) {
    buffer.scope = renumbered[buffer.scope];
    if (!isWritten[id] && buffer.kind == BufferKind::Intermediate)
      buffer.kind = BufferKind::Argument;
    if (isWritten[id] && (isTouchedByOthers[id] || ops.size() == 1))
      buffer.liveOut = true;
  }
  return alone;
}
