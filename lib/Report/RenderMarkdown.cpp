//===- RenderMarkdown.cpp - GitHub-flavoured markdown ---------------------===//

#include "RenderModel.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "memwall/Report/Render.h"
#include "llvm/ADT/StringExtras.h"

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

/// The line of a function's table for one figure, a column per target.
static void writeTotals(llvm::raw_ostream &os, const Report &report,
                        const FunctionFigures &function,
                        const RenderOptions &options) {
  llvm::SmallVector<std::string> names = {""}, rule = {"---"};
  llvm::SmallVector<std::string> atFloor = {"time at floor"};
  llvm::SmallVector<std::string> atBound = {"time at bound"};
  llvm::SmallVector<std::string> asScheduled = {"time as scheduled"};
  llvm::SmallVector<std::string> bound = {"bound"}, moved = {"scheduled"};
  llvm::SmallVector<std::string> leftOut = {"left out"};
  llvm::SmallVector<std::string> errors = {"standard error"};
  llvm::SmallVector<std::string> fits = {"fits"};
  for (auto [target, machine] :
       llvm::zip_equal(function.targets, report.targets)) {
    const LevelFigures &dram = target.dram();
    names.push_back(target.name);
    rule.push_back("---:");
    atFloor.push_back(formatSeconds(target.secondsAtFloor) + ", " +
                      formatBoundBy(target.boundByAtFloor));
    atBound.push_back(formatSeconds(target.secondsAtBound) + ", " +
                      formatBoundBy(target.boundBy));
    asScheduled.push_back(formatSeconds(target.secondsAsScheduled) + ", " +
                          formatBoundBy(target.boundByAsScheduled));
    bound.push_back(formatBytes(dram.boundBytes) + " at " + dram.name);
    moved.push_back(formatBytes(dram.scheduled.read) + " read + " +
                    formatBytes(dram.scheduled.written) + " written");
    leftOut.push_back(formatTypesWithoutPeak(target));
    errors.push_back(formatErrors(target, options));
    fits.push_back((target.fits ? "yes, in " : "no, in ") +
                   formatBytes(machine.dram().capacityBytes));
  }
  for (auto &row : {names, rule, atFloor, atBound, asScheduled, bound, moved})
    writeRow(os, row);
  for (auto &row : {leftOut, errors})
    if (llvm::any_of(llvm::drop_begin(row),
                     [](const std::string &text) { return !text.empty(); }))
      writeRow(os, row);
  writeRow(os, fits);
  for (llvm::StringRef name : getModelFigureNames(function)) {
    llvm::SmallVector<std::string> row = {name.str()};
    for (auto [model, machine] :
         llvm::zip_equal(function.model->targets, report.targets))
      row.push_back(formatModelFigure(name, model, machine));
    writeRow(os, row);
  }
}

static void writeOps(llvm::raw_ostream &os, const FunctionFigures &function,
                     const RenderOptions &options) {
  llvm::SmallVector<LevelColumn> columns = selectColumns(function, options);
  os << "| n | operation | FLOP | compulsory |";
  for (const LevelColumn &column : columns)
    os << cell(column.title + " bound")
       << " read | written | B/FLOP | FLOP/B | ridge | by | share |";
  os << "\n|---:|---|---:|---:|";
  for (size_t i = 0; i != columns.size(); ++i)
    os << "---:|---:|---:|---:|---:|---:|---|---:|";
  os << "\n";
  for (const Row &row : selectRows(function, options)) {
    os << "|" << cell(std::to_string(row.ops)) << cell(row.label)
       << cell(row.figures.kind == OpKind::Unmodelled
                   ? "?"
                   : formatCount(countOperations(row.figures), ""))
       << cell(formatBytes(row.figures.compulsory.total()));
    for (const LevelColumn &column : columns) {
      const TargetFigures &target = row.figures.targets[column.target];
      const LevelFigures &level = target.levels[column.level];
      os << cell(formatBytes(level.boundBytes))
         << cell(formatBytes(level.scheduled.read))
         << cell(formatBytes(level.scheduled.written))
         << cell(formatRatio(computeBytesPerFlop(row.figures, level)))
         << cell(formatRatio(level.flopsPerByteAtBound))
         << cell(formatRatio(level.ridge))
         << cell(formatBoundBy(target.boundBy))
         << cell(formatShare(target.share));
    }
    os << "\n";
  }
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
     << formatCount(function.arithmetic.flops, "FLOP") << ", floor "
     << formatBytes(function.floor.read) << " read + "
     << formatBytes(function.floor.written) << " written, resident "
     << formatBytes(function.residentBytes) << "\n\n";
  for (const ReportWarning &warning : listWarnings(function))
    os << "**Warning**: " << warning.text << "\n\n";
  if (function.model) {
    for (const ModelLine &line : formatModel(*function.model))
      os << "- " << line.name << ": " << line.text << "\n";
    os << "\n";
  }
  writeTotals(os, report, function, options);
  os << "\n";
  if (llvm::any_of(selectColumns(function, options), [&](LevelColumn column) {
        return doBoundsExceedScheduled(
            function.targets[column.target].levels[column.level]);
      }))
    os << "Here " << kBoundsExceedScheduled << ".\n\n";
  writeOps(os, function, options);
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
