//===- TreeBuilder.h - Loop trees of random programs ------------*- C++ -*-===//
//
// Builds the loop trees that tests draw at random, op by op; those that a
// person can write down are text (ParseTree.h).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_LIB_TREEBUILDER_H
#define MEMWALL_TEST_LIB_TREEBUILDER_H

#include "memwall/Work/LoopTree.h"

namespace memwall::test {

/// Position along one dimension of a tensor: sum of coefficient * dimension.
using TensorIndex = llvm::SmallVector<std::pair<unsigned, int64_t>, 2>;

/// Extents of a tensor that `indices` walk while every dimension of an op goes
/// through its `sizes`.
llvm::SmallVector<int64_t, 4> getShape(llvm::ArrayRef<int64_t> sizes,
                                       llvm::ArrayRef<TensorIndex> indices);

/// A tensor in a buffer and what a nest does with its element.
struct NestTensor {
  BufferId buffer = 0;
  llvm::SmallVector<TensorIndex, 4> indices;
  bool isRead = true, isWritten = false, readsFill = false;
};

/// The dimensions of an op, and what the tile loops around leave of them.
struct TiledDims {
  explicit TiledDims(llvm::ArrayRef<int64_t> sizes,
                     llvm::ArrayRef<bool> isReduction = {});

  llvm::SmallVector<int64_t, 8> sizes;
  llvm::SmallVector<bool, 8> isReduction;
  /// Where the tile begins, and how large it is: the minimum of forms.
  llvm::SmallVector<llvm::SmallVector<Term, 2>, 8> origin;
  llvm::SmallVector<llvm::SmallVector<AffineForm, 1>, 8> extent;
};

struct TreeBuilder {
  TreeBuilder();

  BufferId addBuffer(BufferKind kind, int64_t elements, int64_t bits,
                     bool liveOut = false);
  OpId addOp(OpKind kind = OpKind::Other);
  NodeId addLoop(NodeId parent, int64_t tripCount);
  /// A loop over tiles of `size` of a dimension.
  NodeId addTileLoop(NodeId parent, TiledDims &dims, unsigned dim, int64_t size,
                     LoopKind kind = LoopKind::Serial);
  /// A nest without accesses over dimensions of constant sizes.
  Nest &addNest(NodeId parent, OpId op, llvm::ArrayRef<int64_t> sizes);
  /// A nest over what is left of the dimensions in `order`, outermost first;
  /// all tensors are read, then written. Tensors are row-major; a dimension
  /// that is not in `order` stays where the tile begins.
  Nest &addNest(NodeId parent, OpId op, const TiledDims &dims,
                llvm::ArrayRef<unsigned> order,
                llvm::ArrayRef<NestTensor> tensors);

  LoopTree tree;

private:
  NodeId addNode(NodeId parent, Node::Kind kind);
  LoopId addLoop(llvm::ArrayRef<AffineForm> extent, int64_t step,
                 LoopKind kind);
};

struct TestOperand {
  int64_t bits = 32;
  llvm::SmallVector<TensorIndex, 4> indices;
};

/// O[...] (+)= f(inputs...): the last operand is the result.
struct TestOp {
  OpKind kind = OpKind::Contraction;
  llvm::SmallVector<int64_t, 6> extents;
  llvm::SmallVector<bool, 6> isReduction;
  llvm::SmallVector<TestOperand, 4> operands;

  bool accumulates() const;
};

/// The op in a function, after a fill where it accumulates and `fills`; its
/// inputs are arguments.
LoopTree buildTree(const TestOp &op, bool fills);

/// C[m, n] += A[m, k] B[k, n]; with a batch dimension in front of all of them
/// where `batch` is above 1.
TestOp makeMatmul(int64_t m, int64_t n, int64_t k, int64_t bits = 32,
                  int64_t batch = 1);

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TREEBUILDER_H
