//===- RenderPlainTables.cpp - A page without scripts ---------------------===//

#include "RenderPage.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

static void writeCells(llvm::raw_ostream &os, llvm::StringRef element,
                       llvm::ArrayRef<std::string> cells) {
  os << "<tr>";
  for (const std::string &cell : cells) {
    os << "<" << element << ">";
    llvm::printHTMLEscaped(cell, os);
    os << "</" << element << ">";
  }
  os << "</tr>\n";
}

/// Floor, bound, as scheduled and optimised, targets side by side.
static void writeTotals(const FunctionFigures &function,
                        llvm::raw_ostream &os) {
  os << "<table>\n";
  writeCells(os, "th", {"target", "", "bytes at DRAM", "time"});
  for (const TargetFigures &target : function.targets) {
    writeCells(os, "td",
               {target.name, "minimum of the program",
                formatBytes(function.floor.total()),
                formatTime(target.secondsAtFloor, target.boundByAtFloor)});
    writeCells(os, "td",
               {"", "sum of the operations' minima",
                formatBytes(target.dram().boundBytes),
                formatTime(target.secondsAtBound, target.boundBy)});
    writeCells(
        os, "td",
        {"", "as the program stands",
         formatBytes(target.dram().scheduled.total()),
         formatTime(target.secondsAsScheduled, target.boundByAsScheduled)});
    if (target.optimized)
      writeCells(
          os, "td",
          {"", "after memwall-optimize",
           formatBytes(target.optimized->dram.total()),
           formatTime(target.optimized->seconds, target.optimized->boundBy)});
  }
  os << "</table>\n";
}

static void writeRows(const FunctionFigures &function, llvm::ArrayRef<Row> rows,
                      unsigned position, llvm::raw_ostream &os) {
  RenderOptions options;
  SelectedRows selected = selectRows(rows, position, options);
  os << "<table>\n";
  writeCells(os, "th",
             {"share", "time", "moved", "minimum", "operation", "why"});
  for (const Row *row : selected.shown) {
    const TargetFigures &target = row->figures.targets[position];
    writeCells(os, "td",
               {formatShare(target.shareAsScheduled),
                formatSeconds(target.secondsAsScheduled),
                formatBytes(target.dram().scheduled.total()),
                formatBytes(target.dram().boundBytes), row->label,
                explainTime(*row, position)});
  }
  os << "</table>\n";
  if (!selected.folded.empty())
    os << "<p>and " << describeFolded(selected.folded, position, options)
       << "</p>\n";
}

void memwall::renderPlainTables(const Page &page, llvm::raw_ostream &os) {
  os << "<h1>";
  llvm::printHTMLEscaped(page.program, os);
  os << "</h1>\n";
  for (const FunctionFigures &function : page.report.functions) {
    os << "<h2>@";
    llvm::printHTMLEscaped(function.name, os);
    os << "</h2>\n";
    for (const ReportWarning &warning : listWarnings(function)) {
      os << "<p>warning: ";
      llvm::printHTMLEscaped(warning.text, os);
      os << "</p>\n";
    }
    writeTotals(function, os);
    auto rows = collectRows(function, {});
    for (auto [position, target] : llvm::enumerate(function.targets)) {
      os << "<h3>" << target.name << "</h3>\n<p>";
      llvm::printHTMLEscaped(describeAtAGlance(function, position), os);
      os << "</p>\n";
      writeRows(function, rows, position, os);
    }
  }
  os << "<p>memwall " << MEMWALL_VERSION << "; 1 GB = 1e9 bytes; times at "
     << formatBandwidthChoice(page.report.options.bandwidth) << " bandwidth";
  for (const Target &target : page.report.targets)
    os << "; " << target.name << " " << hashTarget(target);
  os << "</p>\n";
}
