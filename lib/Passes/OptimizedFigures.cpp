//===- OptimizedFigures.cpp - A report beside its optimum -----------------===//

#include "OptimizedFigures.h"
#include "ModuleTrees.h"
#include "OptimizeModule.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace memwall;

/// The report of a copy of `module` that is optimised for `target`.
static FailureOr<Report> reportOptimized(ModuleOp module, const Target &target,
                                         ReportOptions options) {
  // Of the optimum only sums are shown.
  options.recordsCauses = options.recordsCurves = false;
  SearchOptions search;
  search.inContext.accuracy = options.accuracy;
  OwningOpRef<ModuleOp> copy = module.clone();
  // The program as it stands has had its warnings.
  ScopedDiagnosticHandler handler(module.getContext(), [](Diagnostic &found) {
    return success(found.getSeverity() != DiagnosticSeverity::Error);
  });
  if (failed(optimizeModule(*copy, target, search, /*strict=*/false)))
    return failure();
  FailureOr<ModuleTrees> trees = buildModuleTrees(*copy);
  if (failed(trees))
    return failure();
  return computeReport(trees->trees, target, options);
}

LogicalResult memwall::addOptimized(Report &report, ModuleOp module) {
  for (auto [position, target] : llvm::enumerate(report.targets)) {
    FailureOr<Report> optimized =
        reportOptimized(module, target, report.options);
    if (failed(optimized))
      return failure();
    for (auto [function, after] :
         llvm::zip_equal(report.functions, optimized->functions)) {
      const TargetFigures &figures = after.targets.front();
      function.targets[position].optimized = {figures.secondsAsScheduled,
                                              figures.boundByAsScheduled,
                                              figures.dram().scheduled};
    }
  }
  return success();
}
