//===- EmitError.h - Errors at functions of whole models --------*- C++ -*-===//

#ifndef MEMWALL_WORK_EMITERROR_H
#define MEMWALL_WORK_EMITERROR_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/Twine.h"

namespace memwall {

/// The message of `op->emitOpError`, without its note that prints the op: a
/// function of a real model has thousands of lines.
inline mlir::InFlightDiagnostic emitErrorAt(mlir::Operation *op,
                                            const llvm::Twine &message = "") {
  return mlir::emitError(op->getLoc())
         << "'" << op->getName() << "' op " << message;
}

} // namespace memwall

#endif // MEMWALL_WORK_EMITERROR_H
