//===- WriteReport.h - A report to a file or standard output ----*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_WRITEREPORT_H
#define MEMWALL_LIB_PASSES_WRITEREPORT_H

#include "memwall/Passes/Passes.h"
#include "memwall/Report/Render.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

enum class ReportFormat { Text, JSON, CSV, Markdown, HTML };

/// Warns of figures of `report` that do not fit 64 bits and are marked in it.
void warnOfOverflow(mlir::ModuleOp module, const Report &report);

/// Sets the width of a text report that goes to `path` ("-" is standard output)
/// and whether it has colours: `columns`, or where that is 0 as wide as the
/// terminal. Colours are for terminals, and only where NO_COLOR is not set.
/// Fails, with an error at `module`, where `columns` are too few or too many.
mlir::LogicalResult fitTerminal(mlir::ModuleOp module, RenderOptions &options,
                                llvm::StringRef path, unsigned columns);

/// Writes what `print` prints into the file `path`, or to standard output for
/// "-". Fails, with an error at `module` about "the <what>", when the file
/// cannot be written.
mlir::LogicalResult
writeOutput(mlir::ModuleOp module, llvm::StringRef what, llvm::StringRef path,
            llvm::function_ref<void(llvm::raw_ostream &)> print);

/// Renders `report`, in any format but HTML (WritePage.h), into the file
/// `path`, or standard output for "-". Fails, with an error at `module`, when
/// the file cannot be written.
mlir::LogicalResult writeReport(mlir::ModuleOp module, const Report &report,
                                ReportFormat format,
                                const RenderOptions &options,
                                llvm::StringRef path);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_WRITEREPORT_H
