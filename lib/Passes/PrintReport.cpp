//===- PrintReport.cpp - memwall-report -----------------------------------===//

#include "CompareBaseline.h"
#include "ForeignFunctions.h"
#include "ModuleTrees.h"
#include "OptimizedFigures.h"
#include "ParseChoice.h"
#include "ParseOptions.h"
#include "Remarks.h"
#include "SelectTargets.h"
#include "WarnUnmodelled.h"
#include "WritePage.h"
#include "WriteReport.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"

namespace memwall {
#define GEN_PASS_DEF_PRINTREPORT
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct PrintReportPass
    : public memwall::impl::PrintReportBase<PrintReportPass> {
  using PrintReportBase::PrintReportBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    PrintReportBase::getDependentDialects(registry);
    // For `optimize`.
    registerMemWallDialect(registry);
    registerTilingDialects(registry);
  }

  void runOnOperation() override {
    RaisedFunctions raised(getOperation());
    if (failed(writeReportOf(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult writeReportOf(ModuleOp module) {
    FailureOr<RenderOptions> render = parseRender(module);
    FailureOr<ReportFormat> chosenFormat =
        parseChoice<ReportFormat>(module, "format", format,
                                  {{"text", ReportFormat::Text},
                                   {"json", ReportFormat::JSON},
                                   {"csv", ReportFormat::CSV},
                                   {"md", ReportFormat::Markdown},
                                   {"html", ReportFormat::HTML}});
    FailureOr<BandwidthChoice> choice = parseChoice<BandwidthChoice>(
        module, "bandwidth", bandwidth,
        {{"peak", BandwidthChoice::Peak},
         {"achievable", BandwidthChoice::Achievable}});
    if (failed(render) || failed(chosenFormat) || failed(choice) ||
        failed(checkPage(module, *chosenFormat)))
      return failure();
    FailureOr<SmallVector<Target, 2>> selected =
        selectTargets(module, joinTargetNames(target, targets), targetFile,
                      {"h100-sxm", "ddr5-2ch"});
    FailureOr<Accuracy> parsed = parseAccuracy(module, accuracy);
    if (failed(selected) || failed(parsed))
      return failure();
    FailureOr<ModuleTrees> trees = buildModuleTrees(module, dims);
    if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
      return failure();
    ReportOptions options(*choice, *parsed);
    bool isPage = *chosenFormat == ReportFormat::HTML;
    options.recordsCauses = causes || isPage;
    options.recordsCurves = curves || isPage;
    Report report = computeReport(trees->trees, *selected, options,
                                  readFacts(module, trees->trees));
    warnOfOverflow(module, report);
    if (wantsOptimized(report, isPage) &&
        failed(addOptimized(report, trees->copy ? *trees->copy : module)))
      return failure();
    emitRemarks(report, module.getContext());
    if (isPage)
      return writePage(module, *trees, report, {baseline, maxGrowth}, output);
    if (!baseline.empty() || !maxGrowth.empty())
      return compareWithBaseline(module, report, {baseline, maxGrowth},
                                 *chosenFormat, *render, output);
    return writeReport(module, report, *chosenFormat, *render, output);
  }

  /// Pages show the optimum unasked where that takes seconds.
  bool wantsOptimized(const Report &report, bool isPage) {
    if (optimize.hasValue() || !isPage)
      return optimize;
    size_t ops = 0;
    for (const FunctionFigures &function : report.functions)
      ops += function.ops.size();
    return ops <= kMostOpsOptimizedUnasked;
  }

  /// What the attributes of the functions say of models.
  static SmallVector<std::optional<ModelFacts>, 1>
  readFacts(ModuleOp module, ArrayRef<LoopTree> trees) {
    SmallVector<std::optional<ModelFacts>, 1> facts;
    for (const LoopTree &tree : trees)
      facts.push_back(readModelFacts(findFunction(module, tree.function)));
    return facts;
  }

  /// Reads the options that say which rows are shown, and how wide.
  FailureOr<RenderOptions> parseRender(ModuleOp module) {
    RenderOptions render;
    FailureOr<bool> allLevels = parseChoice<bool>(
        module, "levels", levels, {{"dram", false}, {"all", true}});
    FailureOr<bool> allRows = parseChoice<bool>(
        module, "rows", rows, {{"costly", false}, {"all", true}});
    FailureOr<RowOrder> chosenOrder =
        parseChoice<RowOrder>(module, "order", order,
                              {{"cost", RowOrder::Cost},
                               {"minimum", RowOrder::Minimum},
                               {"program", RowOrder::Program}});
    if (failed(allLevels) || failed(allRows) || failed(chosenOrder))
      return failure();
    render.allLevels = *allLevels;
    render.allRows = *allRows;
    render.order = *chosenOrder;
    if (failed(fitTerminal(module, render, output, columns)))
      return failure();
    render.ungrouped = ops == "all";
    if (ops == "all" || ops == "groups")
      return render;
    if (StringRef(ops).getAsInteger(10, render.maxRows) || render.maxRows == 0)
      return emitError(module.getLoc(),
                       "expected ops=groups, ops=all or a positive "
                       "number, found '")
             << ops << "'";
    return render;
  }
};
} // namespace
