//===- ForeignDialects.h - IR of frontends ----------------------*- C++ -*-===//

#ifndef MEMWALL_PASSES_FOREIGNDIALECTS_H
#define MEMWALL_PASSES_FOREIGNDIALECTS_H

#include "mlir/IR/DialectRegistry.h"

namespace memwall {

/// Registers dialects of frontends (StableHLO, torch, ONNX, IREE) that memwall
/// does not read, so that a user who gives one to a tool is told what to do.
void registerForeignDialects(mlir::DialectRegistry &registry);

/// Makes the names of ops known that upstream has given another one or another
/// form since, so that the error says which.
void registerRenamedOps(mlir::DialectRegistry &registry);

} // namespace memwall

#endif // MEMWALL_PASSES_FOREIGNDIALECTS_H
