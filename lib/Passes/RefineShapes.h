//===- RefineShapes.h - Static sizes spread through a body ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_REFINESHAPES_H
#define MEMWALL_LIB_PASSES_REFINESHAPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
class OpBuilder;
} // namespace mlir

namespace memwall {

/// Builds a tensor.cast or memref.cast of `value` to `type`; `value` itself
/// when it has that type.
mlir::Value buildShapeCast(mlir::OpBuilder &builder, mlir::Value value,
                           mlir::Type type);

/// What `value` was before a cast that forgot static sizes; else `value`.
mlir::Value lookThroughShapeCast(mlir::Value value);

/// Moves casts that forget static sizes down through all bodies of `module`,
/// so that ops get the most static types: upstream's foldings of casts and
/// sizes, and elementwise ops, which upstream leaves dynamic. Fails, with an
/// error at the loop, when a loop gets a step of 0 or less.
mlir::LogicalResult refineShapes(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_REFINESHAPES_H
