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

/// What the text and markdown reports show.
struct RenderOptions {
  /// Every level of each target; else DRAM alone.
  bool allLevels = false;
  /// At most so many rows per function, those that cost most; 0 is all.
  unsigned maxRows = 0;
  /// One row per op; else identical ops share a row.
  bool ungrouped = false;
};

/// For a terminal of 100 columns.
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
