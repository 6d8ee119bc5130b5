//===- OperandConflicts.h - What two operands do to each other --*- C++ -*-===//
//
// What the ops alone say of a read and a write of shared storage, before
// anybody asks which values share it.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_OPERANDCONFLICTS_H
#define MEMWALL_LIB_WORK_OPERANDCONFLICTS_H

#include "mlir/IR/Operation.h"

namespace memwall {

/// Branches of one scf.if are never both executed.
bool areExclusive(mlir::Operation *lhs, mlir::Operation *rhs);

/// Both operands are touched at the same place in every iteration, read first.
bool isElementwise(mlir::OpOperand *read, mlir::OpOperand *write);

/// An insertion of `source` into a part of `destination`.
struct Insertion {
  mlir::Operation *op = nullptr;
  mlir::OpOperand *source = nullptr;
  mlir::OpOperand *destination = nullptr;
};

/// What `op` inserts; `Insertion::op` is null when it is no insertion.
Insertion getInsertion(mlir::Operation *op);

/// Whether an insertion at the end of scf.forall leaves nothing of the output.
bool insertsAll(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_OPERANDCONFLICTS_H
