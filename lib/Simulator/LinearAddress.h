//===- LinearAddress.h - Addresses that grow with a loop --------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_LINEARADDRESS_H
#define MEMWALL_LIB_SIMULATOR_LINEARADDRESS_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace memwall {

/// Whether an integer computed in the body of `loop` is, for all one can see,
/// a + b * iv with a and b that do not change in the loop.
bool isLinear(mlir::Value value, mlir::scf::ForOp loop);

/// Computes a linear value outside of the loop, for `iv` in place of its
/// induction variable.
mlir::Value buildAt(mlir::OpBuilder &builder, mlir::Value value,
                    mlir::scf::ForOp loop, mlir::Value iv);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_LINEARADDRESS_H
