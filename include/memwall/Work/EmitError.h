//===- EmitError.h - Errors at functions of whole models --------*- C++ -*-===//

#ifndef MEMWALL_WORK_EMITERROR_H
#define MEMWALL_WORK_EMITERROR_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/Twine.h"

namespace memwall {

/// Where to report `op`. Of a function only file and line: with a column its
/// source line would be printed, a signature of hundreds of arguments.
inline mlir::Location getReportLocation(mlir::Operation *op) {
  auto place = op->getLoc()->findInstanceOf<mlir::FileLineColLoc>();
  if (!place || !mlir::isa<mlir::FunctionOpInterface>(op))
    return op->getLoc();
  return mlir::FileLineColLoc::get(place.getFilename(), place.getLine(), 0);
}

/// The message of `op->emitOpError`, without its note that prints the op: a
/// function of a real model has thousands of lines.
inline mlir::InFlightDiagnostic emitErrorAt(mlir::Operation *op,
                                            const llvm::Twine &message = "") {
  return mlir::emitError(getReportLocation(op))
         << "'" << op->getName() << "' op " << message;
}

} // namespace memwall

#endif // MEMWALL_WORK_EMITERROR_H
