//===- WriteReport.cpp - A report to a file or standard output ------------===//

#include "WriteReport.h"
#include "ModuleTrees.h"
#include "memwall/Work/EmitError.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/ToolOutputFile.h"
#include <algorithm>
#include <atomic>
#include <cstdlib>

using namespace mlir;
using namespace memwall;

/// The one piece of state of this library: what tools ask for once passes have
/// run, to keep their IR out of a report.
static std::atomic<bool> hasReportInPlaceOfIR{false};

bool memwall::wroteReport() { return hasReportInPlaceOfIR; }

static void render(const Report &report, ReportFormat format,
                   const RenderOptions &options, raw_ostream &os) {
  switch (format) {
  case ReportFormat::Text:
    return renderText(report, os, options);
  case ReportFormat::JSON:
    return renderJSON(report, os);
  case ReportFormat::CSV:
    return renderCSV(report, os);
  case ReportFormat::Markdown:
    return renderMarkdown(report, os, options);
  case ReportFormat::HTML:
    llvm_unreachable("a page needs more than a report");
  }
}

LogicalResult memwall::fitTerminal(ModuleOp module, RenderOptions &options,
                                   StringRef path, unsigned columns) {
  if (columns != 0 && (columns < kMinColumns || columns > kMaxColumns))
    return emitError(module.getLoc(), "expected columns=")
           << kMinColumns << " to " << kMaxColumns << ", found " << columns;
  bool isTerminal = path == "-" && llvm::sys::Process::StandardOutIsDisplayed();
  options.color = isTerminal && llvm::sys::Process::StandardOutHasColors() &&
                  !std::getenv("NO_COLOR");
  if (columns != 0)
    options.columns = columns;
  else if (unsigned width = llvm::sys::Process::StandardOutColumns();
           isTerminal && width != 0)
    options.columns = std::clamp(width, kMinColumns, kMaxColumns);
  return success();
}

void memwall::warnOfOverflow(ModuleOp module, const Report &report) {
  for (const FunctionFigures &figures : report.functions)
    if (std::string text = describeOverflow(figures); !text.empty()) {
      Operation *function = findFunction(module, figures.name);
      emitWarning(getReportLocation(function ? function : module))
          << "@" << figures.name << ": " << text
          << "; they are left out of the report";
    }
}

LogicalResult
memwall::writeOutput(ModuleOp module, StringRef what, StringRef path,
                     llvm::function_ref<void(raw_ostream &)> print) {
  if (path == "-") {
    print(llvm::outs());
    llvm::outs().flush();
    hasReportInPlaceOfIR = true;
    return success();
  }
  std::error_code error;
  llvm::ToolOutputFile file(path, error, llvm::sys::fs::OF_Text);
  if (!error) {
    print(file.os());
    file.os().close();
    error = file.os().error();
    file.os().clear_error();
  }
  if (error)
    return emitError(module.getLoc(), "cannot write the ")
           << what << " to '" << path << "': " << error.message();
  file.keep();
  hasReportInPlaceOfIR = true;
  return success();
}

LogicalResult memwall::writeReport(ModuleOp module, const Report &report,
                                   ReportFormat format,
                                   const RenderOptions &options,
                                   StringRef path) {
  return writeOutput(module, "report", path, [&](raw_ostream &os) {
    render(report, format, options, os);
  });
}
