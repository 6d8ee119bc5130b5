//===- RankZero.h - Integers in tensors without dimensions ------*- C++ -*-===//
//
// Frontends keep loop counters in tensors of rank 0 and compute on them with
// linalg.generic: `tensor<i32>` is then what an i32 is elsewhere. Private to
// the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_RANKZERO_H
#define MEMWALL_LIB_WORK_RANKZERO_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace memwall {

/// Whether `type` is an integer, or a tensor of one.
bool isScalarInteger(mlir::Type type);

/// An integer as what computes it: `op` on `operands`, or, where `op` is null,
/// `value`, a region argument or whatever else.
struct ScalarSource {
  mlir::Value value;
  mlir::Operation *op = nullptr;
  llvm::SmallVector<mlir::Value, 2> operands;
};

/// Looks through loads, from_elements and linalg.generic on tensors of rank 0.
ScalarSource findScalarSource(mlir::Value value);

/// The value of a constant, scalar or tensor of rank 0.
std::optional<int64_t> findScalarConstant(mlir::Value value);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_RANKZERO_H
