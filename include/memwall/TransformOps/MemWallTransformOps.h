//===- MemWallTransformOps.h - transform.memwall.* --------------*- C++ -*-===//

#ifndef MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_H
#define MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#define GET_OP_CLASSES
#include "memwall/TransformOps/MemWallTransformOps.h.inc"

namespace memwall {

/// Lets transform scripts use `transform.memwall.*`.
void registerMemWallTransformOps(mlir::DialectRegistry &registry);

} // namespace memwall

#endif // MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_H
