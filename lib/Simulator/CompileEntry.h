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

/// What LLVM's optimizer does to code.
enum class CodeEffort {
  None,    ///< Nothing: a short run is over before it would be done.
  Full,    ///< All that it can.
  Vectors, ///< The same, and it knows what the machine's vectors can do.
};

/// Compiles `module`, in the llvm dialect, for this machine; `entry` is a
/// function of it with a C interface. Fails, with a diagnostic, on a name that
/// no library defines.
mlir::FailureOr<CompiledEntry> compileEntry(mlir::ModuleOp module,
                                            llvm::StringRef entry,
                                            mlir::Location location,
                                            CodeEffort effort);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_COMPILEENTRY_H
