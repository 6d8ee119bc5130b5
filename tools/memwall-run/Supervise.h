//===- Supervise.h - Outliving the program that runs ------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_SUPERVISE_H
#define MEMWALL_TOOLS_RUN_SUPERVISE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

namespace memwall {

/// Does `work` in a child process and returns its exit status. A child that
/// dies of a signal becomes one error that says what it was doing; a signal
/// that stops this process stops both.
int supervise(llvm::function_ref<int()> work);

/// The child notes what it is doing: "running @f of 'f.mlir'".
void noteActivity(llvm::StringRef activity);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_SUPERVISE_H
