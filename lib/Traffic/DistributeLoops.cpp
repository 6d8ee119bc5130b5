//===- DistributeLoops.cpp - What one of many caches sees -----------------===//

#include "memwall/Traffic/ConstantTree.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// Makes loop `n` run the iterations of the first `unitsPerInstance` units: in
/// every round of `units` iterations it takes that many turns. Turns of one
/// round are neighbours; they are taken as evenly spaced over the rounds, which
/// is exact for a cache of one unit and for a single round.
static void distribute(ConstantTree &tree, unsigned n, int64_t units,
                       int64_t unitsPerInstance) {
  ConstantNode &loop = tree.nodes[n];
  int64_t trips = loop.tripCount;
  int64_t turns = std::min(unitsPerInstance, trips);
  int64_t rounds = std::max<int64_t>(1, trips / units);
  loop.tripCount = rounds * turns;
  loop.copies = double(trips) / double(loop.tripCount);
  if (rounds == 1)
    return;
  int64_t apart = units / turns;
  for (ConstantAccess &access : tree.accesses)
    for (ConstantTerm &term : access.terms)
      if (term.node == n)
        term.strideBits *= apart;
}

ConstantTree memwall::distributeLoops(ConstantTree tree, int64_t units,
                                      int64_t unitsPerInstance) {
  if (units <= unitsPerInstance)
    return tree;
  llvm::SmallVector<bool, 0> inside(tree.nodes.size(), false);
  for (unsigned n = 1; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    inside[n] = inside[node.parent];
    if (!node.isParallel || inside[n])
      continue;
    inside[n] = true;
    distribute(tree, n, units, unitsPerInstance);
  }
  return tree;
}
