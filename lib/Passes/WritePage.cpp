//===- WritePage.cpp - A report as an HTML page ---------------------------===//

#include "WritePage.h"
#include "ExplainCostliest.h"
#include "memwall/Work/EmitError.h"

using namespace mlir;
using namespace memwall;

LogicalResult memwall::checkPage(ModuleOp module, ReportFormat format) {
  if (format != ReportFormat::HTML || canRenderPage())
    return success();
  return emitError(module.getLoc(),
                   "this build writes no html: d3 was not there when it was "
                   "configured; install Debian's node-d3 (tools/setup.sh does) "
                   "and run cmake again");
}

/// "layer.mlir", or "program" where the module is from no file.
static std::string nameProgram(ModuleOp module) {
  auto place = module.getLoc()->findInstanceOf<FileLineColLoc>();
  return place ? place.getFilename().str() : "program";
}

LogicalResult memwall::writePage(ModuleOp module, const ModuleTrees &trees,
                                 const Report &report,
                                 const BaselineOptions &baseline,
                                 StringRef output) {
  std::optional<Compared> compared;
  if (!baseline.path.empty() || !baseline.maxGrowth.empty()) {
    FailureOr<Compared> found = compare(module, report, baseline);
    if (failed(found))
      return failure();
    compared = std::move(*found);
  }
  auto explanations =
      explainCostliest(report, trees, trees.copy ? *trees.copy : module);
  Page page{report, nameProgram(module), explanations,
            compared ? &compared->changes : nullptr};
  if (failed(writeOutput(module, "page", output,
                         [&](llvm::raw_ostream &os) { renderPage(page, os); })))
    return failure();
  return compared ? checkGrowth(module, *compared) : success();
}
