//===- LoadProgram.h - From a file to a module of linalg --------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_LOADPROGRAM_H
#define MEMWALL_TOOLS_RUN_LOADPROGRAM_H

#include "memwall/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace memwall {

/// Parses a file into `sources`, binds its dynamic dimensions (the elements of
/// `--memwall-bind-dims`), and lowers TOSA to linalg if there is any. Null,
/// with a diagnostic, when something is wrong.
mlir::OwningOpRef<mlir::ModuleOp>
loadProgram(llvm::StringRef path, llvm::SourceMgr &sources,
            llvm::ArrayRef<std::string> bindings, mlir::MLIRContext *context);

/// `entry`, or, when that is empty, the one function that nothing calls; with
/// several, fails with a diagnostic that lists them.
mlir::FailureOr<std::string> chooseEntry(mlir::ModuleOp module,
                                         llvm::StringRef entry);

/// The target called `name`: one on the module, one of the files that the
/// command line adds, or a shipped one. Emits what is wrong.
mlir::FailureOr<Target> findTarget(mlir::ModuleOp module, llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_LOADPROGRAM_H
