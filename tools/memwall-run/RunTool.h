//===- RunTool.h - memwall-run behind its command line ----------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_RUNTOOL_H
#define MEMWALL_TOOLS_RUN_RUNTOOL_H

#include "mlir/IR/MLIRContext.h"

namespace memwall {

/// Leaves the hundreds of flags that LLVM's libraries bring out of --help. They
/// still work.
void hideOtherFlags();

/// Does what the command line, already parsed, asks for; returns the exit code:
/// 0, or 1 after a diagnostic or when compared outputs differ.
int runTool(mlir::MLIRContext &context);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_RUNTOOL_H
