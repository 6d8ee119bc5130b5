//===- Baseline.h - An earlier report, and what changed since ---*- C++ -*-===//
//
// A baseline is a report in JSON (docs/Report.md) of the same program before a
// change. Its operations are matched with those of a report, by what the
// program calls them and by where they stand, and every difference is listed.
//
// Usage:
//   Expected<Baseline> before = parseBaseline(text);
//   Expected<Comparison> changes =
//       compareReports(makeBaseline(report), *before, "before.json");
//   renderComparisonText(*changes, llvm::outs());
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_BASELINE_H
#define MEMWALL_REPORT_BASELINE_H

#include "memwall/Report/Render.h"
#include "llvm/Support/Error.h"

namespace memwall {

/// What one op, or a whole function, moves at one level.
struct LevelOfBaseline {
  std::string name;
  Bytes scheduled; ///< `kTooManyBytes` where the report had null.
  /// By position in `OpOfBaseline::operands`.
  llvm::SmallVector<Bytes, 0> operands;
};

/// One target, of one op or a whole function.
struct TargetOfBaseline {
  std::string name;
  llvm::SmallVector<LevelOfBaseline, 4> levels; ///< DRAM last.
  std::optional<double> secondsAsScheduled;
};

struct OpOfBaseline {
  std::string name, location, kind;
  /// Empty in reports that do not have them. The step is its label where it has
  /// one.
  std::string step, shape;
  int64_t flops = 0;
  Bytes compulsory;
  llvm::SmallVector<std::string, 0> operands; ///< Their names.
  llvm::SmallVector<TargetOfBaseline, 2> targets;
};

struct FunctionOfBaseline {
  std::string name;
  llvm::SmallVector<OpOfBaseline, 0> ops;
  llvm::SmallVector<TargetOfBaseline, 2> targets;
};

/// A report as it was written to a file.
struct Baseline {
  std::string bandwidth, accuracy; ///< Its options.
  llvm::SmallVector<FunctionOfBaseline, 1> functions;
};

/// Reads a report in JSON, of version 1 or later. Fails on text that is none.
llvm::Expected<Baseline> parseBaseline(llvm::StringRef text);

/// What `report` is as a baseline.
Baseline makeBaseline(const Report &report);

/// By op of `ops`: the position in `before` of what it was; nullopt for one
/// that is new. Every op of `before` is taken at most once. Matched are, in
/// turn, ops that agree in
///   step, location, name and work,
///   step, name and work;  step and name;  step and work;  step and kind; of
///   those with a step,
///   location and name;  location;
///   name and work;  name,
/// the first with the first. Work is FLOPs and compulsory bytes; a location is
/// line and column, as files are renamed.
llvm::SmallVector<std::optional<size_t>, 0>
matchOps(llvm::ArrayRef<OpOfBaseline> ops, llvm::ArrayRef<OpOfBaseline> before);

/// Read plus written at a level, then and now.
struct LevelChange {
  std::string name;
  Bytes before, after;
  bool isChanged() const {
    return before.read != after.read || before.written != after.written;
  }
};

/// What came of an op.
struct OpChange {
  enum class Kind { Changed, Added, Removed } kind = Kind::Changed;
  std::string label; ///< "down_proj: matmul 512x4096x14336".
  std::string location;
  llvm::SmallVector<LevelChange, 4> levels; ///< Innermost first, DRAM last.
  /// Whose bytes at DRAM changed most, in the direction of the op's; empty
  /// where that is not known.
  std::string operand;
};

/// One function on one target.
struct TargetChange {
  std::string name;
  llvm::SmallVector<LevelChange, 4> levels;
  std::optional<double> secondsBefore, secondsAfter;
  /// Ops whose bytes differ at some level, the largest difference at DRAM
  /// first, then at the next level in.
  llvm::SmallVector<OpChange, 0> ops;

  bool isChanged() const;
  /// By how much DRAM bytes or time grew, whichever grew more: 0.02 for 2 %.
  /// Infinite where there was nothing before. Never negative.
  double growth() const;
};

struct FunctionChange {
  enum class Kind { Compared, Added, Removed } kind = Kind::Compared;
  std::string name, nameBefore;
  size_t matched = 0; ///< Ops that were found again.
  llvm::SmallVector<TargetChange, 2> targets;
};

struct Comparison {
  std::string baseline; ///< Name of the file.
  llvm::SmallVector<FunctionChange, 1> functions;

  bool isChanged() const;
};

/// Compares function by function, by name; the only one with the only one,
/// whatever their names are. Fails when a target of `after` is not in `before`,
/// or has other levels there.
llvm::Expected<Comparison> compareReports(const Baseline &after,
                                          const Baseline &before,
                                          llvm::StringRef baselineName);

/// What changed, for a terminal.
void renderComparisonText(const Comparison &changes, llvm::raw_ostream &os,
                          const RenderOptions &options = {});

/// The same as GitHub-flavoured markdown, for a pull request.
void renderComparisonMarkdown(const Comparison &changes, llvm::raw_ostream &os,
                              const RenderOptions &options = {});

} // namespace memwall

#endif // MEMWALL_REPORT_BASELINE_H
