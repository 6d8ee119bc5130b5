//===- BodySlice.h - The live part of a scalar body -------------*- C++ -*-===//

#ifndef MEMWALL_WORK_BODYSLICE_H
#define MEMWALL_WORK_BODYSLICE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlir {
class Block;
class Operation;
} // namespace mlir

namespace memwall {

/// The operations of a body that decide what its terminator yields, each list
/// in program order.
struct BodySlice {
  /// Ops the yielded values are computed by; loads and what is only needed for
  /// their positions are not among them.
  llvm::SmallVector<mlir::Operation *> arithmetic;
  /// tensor.extract and memref.load, also those that only yield positions.
  llvm::SmallVector<mlir::Operation *> loads;
  /// One flag per block argument: a value or a position depends on it.
  llvm::SmallVector<bool> usesArgument;
};

/// Slices `body` backwards from its terminator. Absent when a live op has
/// regions, or a dead one has an effect that is not an assertion.
std::optional<BodySlice> sliceBody(mlir::Block &body);

} // namespace memwall

#endif // MEMWALL_WORK_BODYSLICE_H
