//===- WriteOrKeep.h - Files that are written whole or not at all -*- C++ -*-=//

#ifndef MEMWALL_TOOLS_WRITEORKEEP_H
#define MEMWALL_TOOLS_WRITEORKEEP_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall {

/// Writes the file `path` ("-": standard output) by way of a temporary file
/// beside it. Where `write` fails, the disk is full, or the process is
/// interrupted, the file stays as it was; it may be the input of `write`.
/// Returns the exit status, after an error on standard error if `path` cannot
/// be written.
int writeOrKeep(
    llvm::StringRef path,
    llvm::function_ref<mlir::LogicalResult(llvm::raw_ostream &)> write);

} // namespace memwall

#endif // MEMWALL_TOOLS_WRITEORKEEP_H
