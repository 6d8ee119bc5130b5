//===- Render.h - One renderer per report format ----------------*- C++ -*-===//
//
// A renderer turns a Report into text and decides nothing about its content.
// Formats field by field: docs/Report.md.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_RENDER_H
#define MEMWALL_REPORT_RENDER_H

#include "memwall/Report/Report.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

/// Which rows come first.
enum class RowOrder {
  Cost,    ///< Those that take most time as scheduled.
  Minimum, ///< Those that take most time at their bounds.
  Program, ///< As the program has them.
};

/// What the text and markdown reports show.
struct RenderOptions {
  /// Every level of each target; else DRAM alone.
  bool allLevels = false;
  /// So many rows per table, those that cost most. 0 leaves out those that take
  /// less than a hundredth of the time on a target, and counts them.
  unsigned maxRows = 0;
  /// Leaves no row out.
  bool allRows = false;
  /// One row per op; else identical ops share a row.
  bool ungrouped = false;
  RowOrder order = RowOrder::Cost;
  /// Text only: no line is longer, unless one word is.
  unsigned columns = 100;
  /// Text only: headings in bold, and what moves twice its bound in red, by
  /// ANSI escapes.
  bool color = false;
};

/// The narrowest and the widest text report.
inline constexpr unsigned kMinColumns = 80, kMaxColumns = 160;

/// For a terminal of `options.columns`.
void renderText(const Report &report, llvm::raw_ostream &os,
                const RenderOptions &options = {});

/// GitHub-flavoured markdown tables.
void renderMarkdown(const Report &report, llvm::raw_ostream &os,
                    const RenderOptions &options = {});

/// The machine interface, schema "memwall.report/2". Always complete.
void renderJSON(const Report &report, llvm::raw_ostream &os);

/// One line per op, target and level, and below it one per operand, after a
/// header line. Always complete.
void renderCSV(const Report &report, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_REPORT_RENDER_H
