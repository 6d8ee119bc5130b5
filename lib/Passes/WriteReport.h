//===- WriteReport.h - A report to a file or standard output ----*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_WRITEREPORT_H
#define MEMWALL_LIB_PASSES_WRITEREPORT_H

#include "memwall/Passes/Passes.h"
#include "memwall/Report/Render.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

enum class ReportFormat { Text, JSON, CSV, Markdown };

/// Fails, with an error at the op or the function, when a figure of `report`
/// that is of no target does not fit 64 bits. Warns of levels whose bytes do
/// not: they are marked in a report.
mlir::LogicalResult checkFits(mlir::ModuleOp module, const Report &report);

/// Renders `report` into the file `path`, or standard output for "-". Fails,
/// with an error at `module`, when the file cannot be written.
mlir::LogicalResult writeReport(mlir::ModuleOp module, const Report &report,
                                ReportFormat format,
                                const RenderOptions &options,
                                llvm::StringRef path);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_WRITEREPORT_H
