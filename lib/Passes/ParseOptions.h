//===- ParseOptions.h - Options of passes that are names --------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_PARSEOPTIONS_H
#define MEMWALL_LIB_PASSES_PARSEOPTIONS_H

#include "memwall/Search/Objective.h"
#include "memwall/Traffic/Traffic.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// The accuracy called `name`; an error at `module` names all of them.
mlir::FailureOr<Accuracy> parseAccuracy(mlir::ModuleOp module,
                                        llvm::StringRef name);

/// The objective called `name`, and an error at `module` as above; another one
/// where it is time and `target` does not state what that takes.
mlir::FailureOr<ObjectiveKind> parseObjective(mlir::ModuleOp module,
                                              llvm::StringRef name,
                                              const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_PARSEOPTIONS_H
