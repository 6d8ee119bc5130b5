//===- CheckSizes.h - Sizes that contradict each other ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_CHECKSIZES_H
#define MEMWALL_LIB_PASSES_CHECKSIZES_H

#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Fails, with an error at the first op whose operands and results cannot have
/// the sizes that they have once dimensions are bound: a cast from 1000 to 994
/// rows, a sum of 8 and of 9 elements. The error names both sizes.
mlir::LogicalResult checkSizes(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_CHECKSIZES_H
