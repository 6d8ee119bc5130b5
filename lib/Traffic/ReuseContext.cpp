//===- ReuseContext.cpp - What all parts of one analysis share ------------===//

#include "ReuseContext.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

/// Lines of all buffers that the function touches.
static double countAllLines(const LoopTree &source, const ConstantTree &tree,
                            int64_t lineBits) {
  llvm::SmallVector<bool, 0> used(source.buffers.size(), false);
  for (const ConstantAccess &access : tree.accesses)
    used[access.buffer] = true;
  double lines = 0;
  for (auto [buffer, isUsed] : llvm::zip(source.buffers, used))
    if (isUsed)
      lines += std::ceil(double(buffer.elements) * double(buffer.elementBits) /
                         double(lineBits));
  return lines;
}

ReuseContext::ReuseContext(const LoopTree &source, const ConstantTree &tree,
                           const ReuseConfig &config, ReuseConsumer consume)
    : source(source), tree(tree), config(config), consume(consume),
      nodes(tree.nodes.size()),
      allLines(countAllLines(source, tree, config.lineBits)),
      firstStore(source.buffers.size(), ~0u), nodeDepth(tree.nodes.size(), 0) {
  unsigned leaf = 0;
  for (size_t n = 1; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    nodeDepth[n] = nodeDepth[node.parent] + 1;
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = tree.accesses[node.access];
    if (access.isWrite)
      firstStore[access.buffer] = std::min(firstStore[access.buffer], leaf);
    ++leaf;
  }
}

bool ReuseContext::holdsStoredData(BufferId buffer, unsigned leaf, unsigned n,
                                   bool acrossIterations) const {
  if (firstStore[buffer] >= leaf)
    return false;
  // The loop of the source around or at node `n`.
  while (tree.nodes[n].origin == ~0u) {
    n = tree.nodes[n].parent;
    acrossIterations = false;
  }
  NodeId scope = source.buffers[buffer].scope, at = tree.nodes[n].origin;
  if (acrossIterations && at == scope)
    return false;
  while (at != scope && at != LoopTree::root)
    at = source.nodes[at].parent;
  return at == scope;
}

OpId ReuseContext::findLastOp(unsigned n, const Touch &touch) const {
  const Touch *last = &touch;
  while (!nodes[n].isAccess) {
    const Part &part = last->lasts.back();
    n = nodes[n].children[part.child];
    last = &nodes[n].touches[part.touch];
  }
  return last->firstOp;
}
