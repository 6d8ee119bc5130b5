//===- WritePage.h - A report as an HTML page -------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_WRITEPAGE_H
#define MEMWALL_LIB_PASSES_WRITEPAGE_H

#include "CompareBaseline.h"
#include "ModuleTrees.h"

namespace memwall {

/// Pages of up to so many ops say unasked what memwall-optimize makes of them:
/// a layer takes it seconds, a model of a thousand ops a minute.
inline constexpr size_t kMostOpsOptimizedUnasked = 64;

/// An error at `module` where `format` is HTML and this build cannot write it.
mlir::LogicalResult checkPage(mlir::ModuleOp module, ReportFormat format);

/// Writes the page of `report`, which was computed with causes from `trees`,
/// to `output`, with what changed where there is a baseline. Fails like
/// `compareWithBaseline`.
mlir::LogicalResult writePage(mlir::ModuleOp module, const ModuleTrees &trees,
                              const Report &report,
                              const BaselineOptions &baseline,
                              llvm::StringRef output);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_WRITEPAGE_H
