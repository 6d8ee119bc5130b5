//===- WalkSteps.cpp - What a step of a walk is ---------------------------===//

#include "WalkSteps.h"
#include "memwall/Traffic/WalkProgram.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>

using namespace memwall;

bool memwall::isInnermost(const ConstantTree &tree, const ConstantNode &node) {
  return !node.isAccess && llvm::all_of(node.children, [&](unsigned child) {
    return tree.nodes[child].isAccess;
  });
}

int64_t memwall::strideAt(const ConstantAccess &access, unsigned node) {
  for (const ConstantTerm &term : access.terms)
    if (term.node == node)
      return term.strideBits;
  return 0;
}

bool memwall::canStep(const ConstantTree &tree, const ConstantNode &node,
                      int64_t ways) {
  if (int64_t(node.children.size()) > ways)
    return false;
  llvm::SmallDenseMap<BufferId, bool, 8> stored;
  for (unsigned child : node.children) {
    const ConstantAccess &access = tree.accesses[tree.nodes[child].access];
    if (!access.gathers.empty() || (!access.isWrite && stored[access.buffer]))
      return false;
    stored[access.buffer] |= access.isWrite;
  }
  return true;
}

double memwall::countWalkSteps(const ConstantTree &tree, const Level &level) {
  double sectorBits = double(level.sectorBytes) * 8;
  // The same for all capacities, so that all are judged in the same way.
  int64_t ways = level.associativity ? level.associativity
                                     : std::numeric_limits<int64_t>::max();
  double total = 0;
  llvm::SmallVector<double, 0> executions(tree.nodes.size(), 1);
  for (unsigned n = 0; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    if (n > 0)
      executions[n] = executions[node.parent];
    executions[n] *= double(node.tripCount);
    if (node.isAccess)
      continue;
    // The fastest access decides how many iterations make a step; buffers may
    // die in the body of a loop of the program.
    bool steps = isInnermost(tree, node) && node.origin == ~0u &&
                 canStep(tree, node, ways);
    double perStep = steps ? double(node.tripCount) : 1, accesses = 0;
    for (unsigned child : node.children) {
      if (!tree.nodes[child].isAccess)
        continue;
      ++accesses;
      const ConstantAccess &access = tree.accesses[tree.nodes[child].access];
      if (int64_t stride = std::abs(strideAt(access, n)))
        perStep = std::min(perStep, std::max(1.0, sectorBits / double(stride)));
    }
    total += executions[n] / perStep * (accesses + 1);
  }
  return total;
}
