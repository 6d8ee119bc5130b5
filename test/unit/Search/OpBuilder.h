//===- OpBuilder.h - Ops for the tests of the search ------------*- C++ -*-===//

#ifndef MEMWALL_TEST_UNIT_SEARCH_OPBUILDER_H
#define MEMWALL_TEST_UNIT_SEARCH_OPBUILDER_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall::test {

/// Position along one dimension of a tensor: sum of coefficient * dimension.
using TensorIndex = llvm::SmallVector<std::pair<unsigned, int64_t>, 2>;

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

/// C[m, n] += A[m, k] B[k, n].
TestOp makeMatmul(int64_t m, int64_t n, int64_t k, int64_t bits = 32);

/// A memory behind one level, or several that grow by 16.
Target makeTarget(LevelKind kind, int64_t capacityBytes, int64_t lineBytes,
                  unsigned levels = 1, int64_t ways = 0);

/// Bytes at DRAM of the whole function.
int64_t countDramBytes(const LoopTree &tree, const Target &target);

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_SEARCH_OPBUILDER_H
