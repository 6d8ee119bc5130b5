//===- CompareBaseline.h - A report against an earlier one ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_COMPAREBASELINE_H
#define MEMWALL_LIB_PASSES_COMPAREBASELINE_H

#include "WriteReport.h"
#include "memwall/Report/Baseline.h"

namespace memwall {

/// The options `baseline` and `max-growth` as a user writes them.
struct BaselineOptions {
  std::string path;
  std::string maxGrowth; ///< "2%"; empty allows any growth.
};

/// What changed, and by how much it may have grown: 0.02 for 2 %.
struct Compared {
  Comparison changes;
  double allowed = 0;
};

/// Compares with the report in the file of `options`. Fails, with an error at
/// `module`, when that cannot be read or compared.
mlir::FailureOr<Compared> compare(mlir::ModuleOp module, const Report &report,
                                  const BaselineOptions &options);

/// An error about the largest growth when that is more than is allowed.
mlir::LogicalResult checkGrowth(mlir::ModuleOp module,
                                const Compared &compared);

/// Writes to `output` what changed since the report in the file of `options`.
/// Fails, with an error at `module`, when that cannot be read or compared, or
/// the format has no words for it; and, once it is written, with one error that
/// names the function and the target of the largest growth, when that is more
/// than is allowed.
mlir::LogicalResult
compareWithBaseline(mlir::ModuleOp module, const Report &report,
                    const BaselineOptions &options, ReportFormat format,
                    const RenderOptions &render, llvm::StringRef output);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_COMPAREBASELINE_H
