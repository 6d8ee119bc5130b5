//===- Leaf.h - One structured op on its way into the tree ------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_LEAF_H
#define MEMWALL_LIB_WORK_LEAF_H

#include "LoopTreeBuilder.h"

namespace memwall {

/// One structured op on its way into the tree.
struct LoopTreeBuilder::Leaf {
  mlir::Operation *op;
  StructuredOp described;
  OpId record = 0;
  llvm::SmallVector<View, 0> results;  ///< One per result; unused for scalars.
  llvm::SmallVector<View, 0> operands; ///< One per WorkNest::operands.
  /// Per operand: it is an init, so reads of it read the accumulator.
  llvm::SmallVector<bool> isInit;
  /// Per operand: the init was put there by a fill or a splat.
  llvm::SmallVector<bool> isFill;
  /// Per operand: it is an init that nothing has written.
  llvm::SmallVector<bool> isUndefined;
  /// Loops that the op's operands are at different places for.
  llvm::SmallVector<LoopId> loops;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORK_LEAF_H
