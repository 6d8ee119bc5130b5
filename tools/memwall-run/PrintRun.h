//===- PrintRun.h - Measurements for people and for programs ----*- C++ -*-===//

#ifndef MEMWALL_TOOLS_RUN_PRINTRUN_H
#define MEMWALL_TOOLS_RUN_PRINTRUN_H

#include "MeasureProgram.h"

namespace memwall {

/// One or two programs, and how their outputs differ.
struct RunReport {
  MeasureOptions options;
  Measurement program;
  std::optional<Measurement> other; ///< Of --compare.
  std::optional<Difference> difference;
};

/// Tables: predicted, the error that the model states, measured and the error
/// found, at every level, reads and writes.
void printText(const RunReport &report, llvm::raw_ostream &os);

/// One object of schema `memwall.run/1`.
void printJSON(const RunReport &report, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_PRINTRUN_H
