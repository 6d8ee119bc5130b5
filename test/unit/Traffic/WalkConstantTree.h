//===- WalkConstantTree.h - Lists accesses of constant trees ----*- C++ -*-===//
//
// An oracle for what is computed on constant trees: every access, in order.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_UNIT_TRAFFIC_WALKCONSTANTTREE_H
#define MEMWALL_TEST_UNIT_TRAFFIC_WALKCONSTANTTREE_H

#include "ConstantTree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall::test {

/// Deals the iterations of an outermost parallel loop out to units, those of a
/// parallel loop that is all of its body numbered together with it, and calls
/// `visit` with every access, its first bit and its unit. No gathers.
class ConstantWalk {
public:
  using Visit = llvm::function_ref<void(const ConstantAccess &, int64_t bits,
                                        int64_t unit)>;
  ConstantWalk(const ConstantTree &tree, int64_t units, Visit visit)
      : tree(tree), units(units), visit(visit),
        iterations(tree.nodes.size(), 0) {
    walk(0, -1, true);
  }

private:
  /// `number` counts the iterations of the parallel loops around; -1: none.
  /// `joins`: a parallel loop here would be outermost, or another dimension.
  void walk(unsigned n, int64_t number, bool joins) {
    const ConstantNode &node = tree.nodes[n];
    if (node.isAccess) {
      const ConstantAccess &access = tree.accesses[node.access];
      int64_t bits = access.offsetBits;
      for (const ConstantTerm &term : access.terms)
        bits += term.strideBits * iterations[term.node];
      visit(access, bits, std::max<int64_t>(number, 0) % units);
      return;
    }
    bool isDealt = node.isParallel && joins;
    int64_t before = std::max<int64_t>(number, 0) * node.tripCount;
    for (int64_t i = 0; i < node.tripCount; ++i) {
      iterations[n] = i;
      int64_t own = isDealt ? before + i : number;
      for (unsigned child : node.children)
        walk(child, own, isDealt ? node.children.size() == 1 : own < 0);
    }
  }

  const ConstantTree &tree;
  int64_t units;
  Visit visit;
  llvm::SmallVector<int64_t, 0> iterations;
};

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_TRAFFIC_WALKCONSTANTTREE_H
