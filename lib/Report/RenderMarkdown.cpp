//===- RenderMarkdown.cpp - GitHub-flavoured markdown ---------------------===//

#include "RenderModel.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "memwall/Report/Render.h"
#include "llvm/ADT/StringExtras.h"
#include <functional>

using namespace memwall;

/// A cell: pipes would end it.
static std::string cell(llvm::StringRef text) {
  std::string escaped;
  for (char c : text)
    escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return " " + escaped + " |";
}

static void writeRow(llvm::raw_ostream &os, llvm::ArrayRef<std::string> cells) {
  os << "|";
  for (const std::string &text : cells)
    os << cell(text);
  os << "\n";
}

/// "l2 ± 0.3 % read; hbm3 ~": the levels that are shown and may be off.
static std::string formatErrors(const TargetFigures &target,
                                const RenderOptions &options) {
  llvm::SmallVector<std::string> errors;
  for (const LevelFigures &level : target.levels)
    if (options.allLevels || &level == &target.dram())
      if (std::string error = formatStandardErrors(level); !error.empty())
        errors.push_back(level.name + " " + error);
  return llvm::join(errors, "; ");
}

namespace {
/// A line of the totals: what is said of every target.
struct Total {
  std::string name;
  std::function<std::string(unsigned target)> say;
};
} // namespace

static llvm::SmallVector<Total, 0> listTotals(const Report &report,
                                              const FunctionFigures &function,
                                              const RenderOptions &options) {
  auto target = [&function](unsigned t) -> const TargetFigures & {
    return function.targets[t];
  };
  auto atDRAM = [](const TargetFigures &target, std::string bytes) {
    return bytes + " at " + target.dram().name;
  };
  llvm::SmallVector<Total, 0> totals = {
      {"time as the program stands",
       [=](unsigned t) {
         return formatTime(target(t).secondsAsScheduled,
                           target(t).boundByAsScheduled);
       }},
      {"time after memwall-optimize",
       [=](unsigned t) -> std::string {
         const auto &optimized = target(t).optimized;
         return optimized ? formatTime(optimized->seconds, optimized->boundBy)
                          : "";
       }},
      {"time at the sum of the operations' minima",
       [=](unsigned t) {
         return formatTime(target(t).secondsAtBound, target(t).boundBy);
       }},
      {"time at the minimum of the program",
       [=](unsigned t) {
         return formatTime(target(t).secondsAtFloor, target(t).boundByAtFloor);
       }},
      {"bytes as the program stands",
       [=](unsigned t) {
         return atDRAM(target(t),
                       formatReadAndWritten(target(t).dram().scheduled));
       }},
      {"standard error",
       [=](unsigned t) { return formatErrors(target(t), options); }},
      {"bytes after memwall-optimize",
       [=](unsigned t) -> std::string {
         const auto &optimized = target(t).optimized;
         return optimized ? formatReadAndWritten(optimized->dram) : "";
       }},
      {"sum of the operations' minima",
       [=](unsigned t) {
         return atDRAM(target(t), formatBytes(target(t).dram().boundBytes));
       }},
      {"minimum of the program",
       [&](unsigned) { return formatReadAndWritten(function.floor); }}};
  constexpr size_t kPlaces = 4;
  for (size_t place = 0; place != kPlaces; ++place)
    totals.push_back({place == 0 ? "beyond that minimum move" : "",
                      [=, &function](unsigned t) {
                        return formatAboveFloor(target(t), function.floor,
                                                place, kPlaces);
                      }});
  totals.push_back({"left out of the times", [=](unsigned t) {
                      return formatTypesWithoutPeak(target(t));
                    }});
  totals.push_back({"FLOP per byte at the minima", [=](unsigned t) {
                      return formatIntensity(target(t).dram());
                    }});
  totals.push_back({"fits in memory", [=, &report](unsigned t) {
                      return (target(t).fits ? "yes, in " : "no, only ") +
                             formatBytes(
                                 report.targets[t].dram().capacityBytes);
                    }});
  for (llvm::StringRef name : getModelFigureNames(function))
    totals.push_back({name.str(), [=, &report, &function](unsigned t) {
                        return formatModelFigure(name,
                                                 function.model->targets[t],
                                                 report.targets[t]);
                      }});
  return totals;
}

/// A column per target, and no line of which all say nothing.
static void writeTotals(llvm::raw_ostream &os, const Report &report,
                        const FunctionFigures &function,
                        const RenderOptions &options) {
  unsigned count = function.targets.size();
  llvm::SmallVector<std::string> names = {""}, rule = {"---"};
  for (const TargetFigures &target : function.targets) {
    names.push_back(target.name);
    rule.push_back("---:");
  }
  writeRow(os, names);
  writeRow(os, rule);
  for (const Total &total : listTotals(report, function, options)) {
    llvm::SmallVector<std::string> row = {total.name};
    for (unsigned t = 0; t != count; ++t)
      row.push_back(total.say(t));
    if (llvm::any_of(llvm::drop_begin(row),
                     [](const std::string &text) { return !text.empty(); }))
      writeRow(os, row);
  }
}

/// The rows of one target at one level, and what was left out.
static void writeOps(llvm::raw_ostream &os, llvm::ArrayRef<Row> rows,
                     const TargetFigures &function, unsigned target,
                     unsigned level, const RenderOptions &options) {
  SelectedRows selected = selectRows(rows, target, options);
  os << "\n**" << function.name << "**, bytes at "
     << function.levels[level].name << ":\n\n"
     << "| share | time | operation | why | read | written | minimum | FLOP | "
        "FLOP/byte |\n|---:|---:|---|---|---:|---:|---:|---:|---:|\n";
  for (const Row *row : selected.shown) {
    const TargetFigures &figures = row->figures.targets[target];
    const LevelFigures &bytes = figures.levels[level];
    writeRow(os, {formatShare(getShare(figures, options)),
                  formatSeconds(getSeconds(figures, options)), row->label,
                  explainTime(*row, target), formatBytes(bytes.scheduled.read),
                  formatBytes(bytes.scheduled.written),
                  formatBytes(bytes.boundBytes), formatOperations(row->figures),
                  formatRatio(bytes.flopsPerByte)});
  }
  if (!selected.folded.empty())
    os << "\nAnd " << describeFolded(selected.folded, target, options) << ".\n";
}

static void writeUnits(llvm::raw_ostream &os,
                       llvm::ArrayRef<std::string> sentences) {
  if (!sentences.empty())
    os << "\nWhere " << kUnitsTitle << ":\n\n";
  for (const std::string &sentence : sentences)
    os << "- " << sentence << "\n";
}

/// What is not modelled, a list item for each op.
static void writeUnmodelled(llvm::raw_ostream &os,
                            const FunctionFigures &function) {
  if (!function.unmodelled.empty())
    os << "\nNot modelled:\n\n";
  for (const UnmodelledFigures &unmodelled : function.unmodelled)
    os << "- " << unmodelled.count << " × `" << unmodelled.name << "` at "
       << formatFirstPlace(unmodelled) << ": " << unmodelled.advice << "\n";
}

static void writeFunction(llvm::raw_ostream &os, const Report &report,
                          const FunctionFigures &function,
                          const RenderOptions &options) {
  os << "## @" << function.name << "\n\n"
     << formatCount(function.arithmetic.flops, "FLOP") << ", "
     << formatBytes(function.residentBytes) << " have to fit in memory\n\n";
  for (const ReportWarning &warning : listWarnings(function))
    os << "**Warning**: " << warning.text << "\n\n";
  if (function.model) {
    for (const ModelLine &line : formatModel(*function.model))
      os << "- " << line.name << ": " << line.text << "\n";
    os << "\n";
  }
  writeTotals(os, report, function, options);
  if (llvm::any_of(function.targets, [](const TargetFigures &target) {
        return doBoundsExceedScheduled(target.dram());
      }))
    os << "\nNote: " << kBoundsExceedScheduled << ".\n";
  if (llvm::any_of(function.targets, [](const TargetFigures &target) {
        return isFarFromBound(target) && !target.optimized;
      }))
    os << "\n" << kNotTiled << "\n";
  llvm::SmallVector<Row, 0> rows = collectRows(function, options);
  for (auto [t, target] : llvm::enumerate(function.targets))
    for (size_t level = 0; level != target.levels.size(); ++level)
      if (!rows.empty() &&
          (options.allLevels || level + 1 == target.levels.size())) {
        writeOps(os, rows, target, t, level, options);
        writeUnits(os, describeUnits(function, t, level));
      }
  writeUnmodelled(os, function);
  os << "\n";
}

void memwall::renderMarkdown(const Report &report, llvm::raw_ostream &os,
                             const RenderOptions &options) {
  os << "# memwall report\n\nTimes use "
     << formatBandwidthChoice(report.options.bandwidth)
     << " bandwidth. 1 GB = 1e9 bytes.\n\n";
  for (const FunctionFigures &function : report.functions)
    writeFunction(os, report, function, options);
}
