//===- DeadScalars.h - Scalar code whose results nobody uses ----*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_DEADSCALARS_H
#define MEMWALL_LIB_WORK_DEADSCALARS_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseSet.h"

namespace memwall {

/// Loads and arithmetic on numbers and vectors that only compute what nobody
/// uses. No compiler executes them, unlike ops on whole tensors and stores.
class DeadScalars {
public:
  bool contains(mlir::Operation *op) const { return ops.contains(op); }
  /// Looks at all that is in `function`, once.
  void add(mlir::Operation *function);

private:
  llvm::DenseSet<mlir::Operation *> functions, ops;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORK_DEADSCALARS_H
