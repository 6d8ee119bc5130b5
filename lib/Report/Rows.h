//===- Rows.h - The rows and columns of reports for people ------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_ROWS_H
#define MEMWALL_LIB_REPORT_ROWS_H

#include "memwall/Report/Render.h"

namespace memwall {

/// One op, or several identical ones.
struct Row {
  size_t ops = 1;    ///< How many.
  std::string label; ///< "matmul 40x11008x4096".
  OpFigures figures; ///< Sums over the ops.
};

/// A level of a target that has columns of its own.
struct LevelColumn {
  std::string title; ///< "h100-sxm hbm3".
  unsigned target = 0;
  unsigned level = 0;
};

/// The rows that `options` ask for, in program order.
llvm::SmallVector<Row, 0> selectRows(const FunctionFigures &function,
                                     const RenderOptions &options);

/// The levels that `options` ask for, target by target, innermost first.
llvm::SmallVector<LevelColumn> selectColumns(const FunctionFigures &function,
                                             const RenderOptions &options);

/// At most `count` rows that take the largest shares of `target`'s time at the
/// bound, the largest first.
llvm::SmallVector<const Row *> selectCostliest(llvm::ArrayRef<Row> rows,
                                               unsigned target, size_t count);

/// What to call an op in a row: its name without "linalg.", or the kind of a
/// generic op, and its shape.
std::string formatLabel(const OpFigures &op);

/// Scheduled bytes over operations; absent without any.
std::optional<double> computeBytesPerFlop(const OpFigures &op,
                                          const LevelFigures &level);

/// "bound by hbm3", "bound by compute", "no time known".
std::string formatBoundBy(llvm::StringRef boundBy);

/// How far off the scheduled bytes of a function may be: "± 0.3 % read, ± 1.2 %
/// written", "± 0.3 % read" where the other is within 0.05 %; "~", with the
/// reason if there is one, where no error can be stated; else empty.
std::string formatStandardErrors(const LevelFigures &level);

/// "arithmetic on i4, i8, no peak known": what is in no time; else empty.
std::string formatTypesWithoutPeak(const TargetFigures &target);

/// Said where the bounds of a function add up to more than what is scheduled.
inline constexpr llvm::StringLiteral kBoundsExceedScheduled =
    "bounds are per op, each alone and cold: their sum exceeds what is "
    "scheduled";

/// "1 operation", "3 operations".
std::string countThings(size_t count, llvm::StringRef one,
                        llvm::StringRef several);

/// "m.mlir:3:1 and 2 more places".
std::string formatFirstPlace(const UnmodelledFigures &unmodelled);

/// "peak" or "achievable".
llvm::StringRef formatBandwidthChoice(BandwidthChoice use);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_ROWS_H
