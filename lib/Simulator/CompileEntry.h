//===- CompileEntry.h - A lowered function as machine code ------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_COMPILEENTRY_H
#define MEMWALL_LIB_SIMULATOR_COMPILEENTRY_H

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace memwall {

/// An entry function as machine code.
struct CompiledEntry {
  std::unique_ptr<mlir::ExecutionEngine> engine; ///< Owns the code.
  void (*function)(void **) = nullptr;
};

/// Compiles `module`, in the llvm dialect, for this machine; `entry` is a
/// function of it with a C interface. With `forVectors` LLVM's optimizer knows
/// what the machine's vectors can do. Fails, with a diagnostic, on a name that
/// no library defines.
mlir::FailureOr<CompiledEntry> compileEntry(mlir::ModuleOp module,
                                            llvm::StringRef entry,
                                            mlir::Location location,
                                            bool forVectors);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_COMPILEENTRY_H
