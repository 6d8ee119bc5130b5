//===- ConstantTree.h - A loop tree without partial tiles -------*- C++ -*-===//
//
// The traffic model works on loops with constant trip counts. This rewrites a
// LoopTree so that every loop has one: a loop whose body has partial tiles is
// split into groups of iterations with equal extents (full tiles, then the
// remainder), so sums over partial tiles are exact. Triangular loops are cut
// into at most so many groups, each with the extents of its middle.
// docs/Model.md, "Splitting partial tiles".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_CONSTANTTREE_H
#define MEMWALL_LIB_TRAFFIC_CONSTANTTREE_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// Bits per iteration of a loop of the constant tree. `node` is the loop.
struct ConstantTerm {
  unsigned node = 0;
  int64_t strideBits = 0;
};

/// A data-dependent index: distinct rows for distinct iterations of `nodes`,
/// at most `extent` of them, `strideBits` apart.
struct ConstantGather {
  llvm::SmallVector<unsigned, 2> nodes;
  int64_t strideBits = 0;
  int64_t extent = 1;
};

/// One scalar access.
struct ConstantAccess {
  OpId op = 0;
  BufferId buffer = 0;
  bool isWrite = false;
  int64_t elementBits = 32;
  int64_t offsetBits = 0;
  llvm::SmallVector<ConstantTerm, 4> terms; ///< Outermost first.
  llvm::SmallVector<ConstantGather, 0> gathers;
};

/// A loop with a constant trip count around children, or a scalar access.
struct ConstantNode {
  int64_t tripCount = 1;
  bool isParallel = false;
  /// Caches that run a share of the iterations each; traffic multiplies.
  double copies = 1;
  bool isAccess = false;
  unsigned access = 0; ///< Into ConstantTree::accesses.
  unsigned parent = 0;
  /// The LoopTree node this loop is (a group of iterations of), or ~0u for the
  /// dimension loops of a nest. Buffers name their scope by it.
  NodeId origin = ~0u;
  LoopId loop = 0; ///< The loop whose iterations, or some of them, these are.
  llvm::SmallVector<unsigned, 4> children;
};

/// Node 0 is the root, a loop that runs once. Loops that run once are dropped,
/// loops that never run too.
struct ConstantTree {
  /// False when a group of iterations stands for unequal extents.
  bool exact = true;
  llvm::SmallVector<ConstantNode, 0> nodes;
  llvm::SmallVector<ConstantAccess, 0> accesses;
};

/// Builds the constant tree of `tree`; a triangular loop is cut into at most
/// `maxGroups` groups.
ConstantTree buildConstantTree(const LoopTree &tree, int64_t maxGroups = 64);

/// Whether some loop is dealt out to units.
bool hasParallelLoops(const ConstantTree &tree);

/// The tree as one cache sees it that `unitsPerInstance` of `units` share: an
/// outermost parallel loop runs only the iterations of these units (iteration i
/// is on unit i mod units), and `copies` caches do the like.
ConstantTree distributeLoops(ConstantTree tree, int64_t units,
                             int64_t unitsPerInstance);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_CONSTANTTREE_H
