//===- DecomposeGathers.h - Gathers as loop nests ---------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_DECOMPOSEGATHERS_H
#define MEMWALL_LIB_SIMULATOR_DECOMPOSEGATHERS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace memwall {

/// Replaces tensor.gather and tensor.scatter, which have no lowering upstream,
/// with loop nests over the slices, element by element:
///
///   %r = tensor.gather %table[%rows] gather_dims([0])
///       : (tensor<9x4xf32>, tensor<5x1xindex>) -> tensor<5x4xf32>
/// becomes
///   %r = linalg.generic outs(%empty : tensor<5x4xf32>) {
///     %row = tensor.extract %rows[%i, 0]
///     %x = tensor.extract %table[%row, %j]
///     linalg.yield %x
///   }
///
/// and a scatter loops of scf around tensor.extract and tensor.insert. Fails
/// with a diagnostic where slices have a dynamic shape.
mlir::LogicalResult decomposeGathers(mlir::func::FuncOp function);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_DECOMPOSEGATHERS_H
