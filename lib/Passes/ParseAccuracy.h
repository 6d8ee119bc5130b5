//===- ParseAccuracy.h - The option `accuracy` of passes --------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_PARSEACCURACY_H
#define MEMWALL_LIB_PASSES_PARSEACCURACY_H

#include "memwall/Traffic/Traffic.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// The accuracy called `name`; an error at `module` names all of them.
mlir::FailureOr<Accuracy> parseAccuracy(mlir::ModuleOp module,
                                        llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_PARSEACCURACY_H
