//===- Overwrites.h - Where the storage of a value changes ------*- C++ -*-===//
//
// A value of a tensor never changes, but its storage does: an op that updates a
// tensor in place can do so only when nothing reads the old content later. A
// read that moves down past such an op would cost a copy of the whole tensor.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRANSFORMS_OVERWRITES_H
#define MEMWALL_LIB_TRANSFORMS_OVERWRITES_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

namespace memwall {

/// The ops that update tensors, by the tensor.
class Overwrites {
public:
  /// Collects them below `root`, in linear time.
  explicit Overwrites(mlir::Operation *root);

  /// Whether an op updates the storage of `value` after `from` and before `to`,
  /// or is `to`; `from` and `to` are in one block.
  bool happenBetween(mlir::Value value, mlir::Operation *from,
                     mlir::Operation *to) const;

  /// Has to be told of ops that come and of ops that go away.
  void add(mlir::Operation *op);
  void forget(mlir::Operation *op);

private:
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Operation *, 1>> writers;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_OVERWRITES_H
