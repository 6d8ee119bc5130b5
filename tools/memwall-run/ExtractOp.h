//===- ExtractOp.h - One op as a program of its own -------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_EXTRACTOP_H
#define MEMWALL_TOOLS_RUN_EXTRACTOP_H

#include "memwall/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace memwall {

/// A module with one function, @op, that does what the op called `name` of
/// function `entry` does (FindOps.h says what names are): its operands are
/// arguments, but for what needs no data: fills, constants and empty tensors.
/// Of several such ops the one that takes longest on `target`. Fails, with a
/// diagnostic, where there is no such op, or where it stands in a loop.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
extractOp(mlir::ModuleOp module, llvm::StringRef entry, llvm::StringRef name,
          const Target &target);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_EXTRACTOP_H
