//===- Page.h - A report as one HTML page -----------------------*- C++ -*-===//
//
// One file that opens anywhere: the figures of a Report as JSON, the texts of
// explain, the scripts that draw them (lib/Report/page, d3), and tables for
// whoever has no scripts. It depends on its input alone: no date, no network.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_PAGE_H
#define MEMWALL_REPORT_PAGE_H

#include "memwall/Report/Baseline.h"
#include "memwall/Report/Explain.h"
#include "memwall/Report/Report.h"

namespace memwall {

/// Why the first op of a row moves what it moves.
struct PageExplanation {
  size_t function = 0, target = 0; ///< Positions in the report.
  Explanation why;
};

/// See the head of this file.
struct Page {
  const Report &report;
  /// Of the file that the program was read from: "layer.mlir", also in the
  /// commands that the page offers.
  std::string program;
  llvm::ArrayRef<PageExplanation> explanations;
  const Comparison *changes = nullptr; ///< Absent without a baseline.
};

/// The part of the time from which on a row of a page is explained.
inline constexpr double kLeastShareExplained = 0.01;
/// Of so many rows of a function, the costliest, a page says what would help.
inline constexpr size_t kRowsWithSuggestions = 3;
/// All operands are in a page for so many rows, the costliest. 100 of them make
/// half a megabyte with two targets.
inline constexpr size_t kRowsWithOperands = 100;

/// Whether this build can write pages: Debian's node-d3 was there.
bool canRenderPage();

/// Needs `canRenderPage`. Targets are identified by a hash of their text.
void renderPage(const Page &page, llvm::raw_ostream &os);

/// The first sentence about a function on a target: what moves most, how often,
/// and what it could be. "97 % of 811 GB at hbm3 are weights, read 49.0 times
/// on average; memwall-optimize makes it 34.0 GB."
std::string describeAtAGlance(const FunctionFigures &function, size_t target);

} // namespace memwall

#endif // MEMWALL_REPORT_PAGE_H
