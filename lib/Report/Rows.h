//===- Rows.h - The rows of reports for people ------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_ROWS_H
#define MEMWALL_LIB_REPORT_ROWS_H

#include "memwall/Report/Render.h"

namespace memwall {

/// One op, or several identical ones.
struct Row {
  std::string label; ///< "gate_proj, up_proj: 2× matmul 14336x4096".
  OpFigures figures; ///< Sums over the ops, but for operands.
  llvm::SmallVector<const OpFigures *, 1> members; ///< Of the function.
};

/// A row per op or per group of identical ones, in program order.
llvm::SmallVector<Row, 0> collectRows(const FunctionFigures &function,
                                      const RenderOptions &options);

/// Contractions in a row at one level of a target, a sentence for equal ones:
/// "32× matmul 64x64x32 and matmul 64x32x64: minimum 67.1 MB together, 4.29 GB
/// one by one". Only those that need not move what is between them.
llvm::SmallVector<std::string, 0>
describeUnits(const FunctionFigures &function, unsigned target, unsigned level);

/// What stands above these sentences.
/// Whether two contractions together need so much less than one by one. Weights
/// of products with few rows move however the two are fused.
inline bool isUnitWorthSaying(int64_t together, int64_t apart) {
  return double(together) <= 0.99 * double(apart);
}

inline constexpr llvm::StringLiteral kUnitsTitle =
    "fused, two in a row need not move what is between them";

/// Rows for one target, in the order that they are shown in, and those that
/// cost too little.
struct SelectedRows {
  llvm::SmallVector<const Row *> shown, folded;
};
SelectedRows selectRows(llvm::ArrayRef<Row> rows, unsigned target,
                        const RenderOptions &options);

/// The part of the time that the order of the rows is about, 0 to 1: at the
/// bound where they are ordered by that, else as scheduled.
double getShare(const TargetFigures &target, const RenderOptions &options);

/// The time of which that is a part.
std::optional<double> getSeconds(const TargetFigures &target,
                                 const RenderOptions &options);

/// "22 more of less than 1 % each, 3 % together"; "22 more" where no time is
/// known.
std::string describeFolded(llvm::ArrayRef<const Row *> folded, unsigned target,
                           const RenderOptions &options);

/// What to call an op: its name without "linalg.", or the kind of a generic op,
/// and its shape.
std::string formatLabel(const OpFigures &op);

/// Why a row takes its time on a target, in one sentence without a full stop:
/// "hbm3 moves 120 GB, 398 times the minimum (205 us, bound by hbm3)".
std::string explainTime(const Row &row, unsigned target);

/// Whether a level moves so much more than the bound that it is worth a word.
bool isFarAboveBound(const LevelFigures &level);

/// "397 M", "12.9 k int" of integer operations, "?" of what is not modelled.
std::string formatOperations(const OpFigures &op);

/// "bound by hbm3", "bound by compute", "no time known".
std::string formatBoundBy(llvm::StringRef boundBy);

/// "54.0 ms, bound by hbm3"; "unknown".
std::string formatTime(std::optional<double> seconds, llvm::StringRef boundBy);

/// "181 GB read + 242 MB written".
std::string formatReadAndWritten(Bytes bytes);

/// "226; hbm3-bound below 295": FLOP per byte at the bound of DRAM, and
/// the ridge.
std::string formatIntensity(const LevelFigures &dram);

/// How far off the scheduled bytes of a function may be: "± 0.3 % read, ± 1.2 %
/// written", "± 0.3 % read" where the other is within 0.05 %; "not known", with
/// the reason if there is one, where no error can be stated; else empty.
std::string formatStandardErrors(const LevelFigures &level);

/// "arithmetic on i4, i8, no peak known": what is in no time; else empty.
std::string formatTypesWithoutPeak(const TargetFigures &target);

/// The bytes of `target` above the floor, all sorts together.
Bytes sumAboveFloor(const TargetFigures &target);

/// The kind of excess at `place`, with its part of all of it: "67 % weights
/// moved again", "12 % results of scores". What is less than a hundredth, and
/// what finds no room in `count` places, shares the last one. Empty behind it,
/// and where there is less than a hundredth of the floor.
std::string formatAboveFloor(const TargetFigures &target, Bytes floor,
                             size_t place, size_t count);

/// Whether tiling would change the picture: the loops as they stand take at
/// least twice as long as the ops' bounds.
bool isFarFromBound(const TargetFigures &target);

/// Said where the bounds of a function add up to more than what is scheduled.
inline constexpr llvm::StringLiteral kBoundsExceedScheduled =
    "each operation's minimum is for itself alone, with cold caches: together "
    "they are more than what moves";

/// Said where `isFarFromBound`, and nobody looked what can be done about it.
inline constexpr llvm::StringLiteral kNotTiled =
    "The loops are far from the minima of their operations. optimize=true says "
    "what memwall-optimize makes of them.";

/// "1 operation", "3 operations".
std::string countThings(size_t count, llvm::StringRef one,
                        llvm::StringRef several);

/// "m.mlir:3:1 and 2 more places".
std::string formatFirstPlace(const UnmodelledFigures &unmodelled);

/// "peak" or "achievable".
llvm::StringRef formatBandwidthChoice(BandwidthChoice use);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_ROWS_H
