//===- SelectTargets.h - From options to targets ----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_SELECTTARGETS_H
#define MEMWALL_LIB_PASSES_SELECTTARGETS_H

#include "memwall/Target/Registry.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// All targets that `module` can name: shipped ones, those of `file` unless it
/// is empty, and those on the module. Emits what is wrong.
/// The names on the module are appended to `moduleNames`.
mlir::FailureOr<Registry>
createModuleRegistry(mlir::ModuleOp module, llvm::StringRef file,
                     llvm::SmallVectorImpl<std::string> &moduleNames);

/// The targets called `names`; when there are none, those on the module; when
/// it has none either, those called `defaults`. Emits what is wrong.
mlir::FailureOr<llvm::SmallVector<Target, 2>>
selectTargets(mlir::ModuleOp module, llvm::ArrayRef<std::string> names,
              llvm::StringRef file, llvm::ArrayRef<llvm::StringRef> defaults);

/// What the options `target` and `targets` name together: either may be given,
/// with commas between several.
llvm::SmallVector<std::string>
joinTargetNames(llvm::StringRef target, llvm::ArrayRef<std::string> targets);

/// The one target of `names`; when there are none, the first on the module;
/// when it has none, h100-sxm. Emits what is wrong.
mlir::FailureOr<Target> selectTarget(mlir::ModuleOp module,
                                     llvm::ArrayRef<std::string> names,
                                     llvm::StringRef file);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_SELECTTARGETS_H
