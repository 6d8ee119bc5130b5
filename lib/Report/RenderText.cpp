//===- RenderText.cpp - For a terminal of 100 columns ---------------------===//
//
//   @prefill ──────────────────────────────
//     12.9 TFLOP, 291 operations           } writeHead
//                    h100-sxm   ddr5-2ch
//     time at bound  ...        ...        } writeTotals
//      n operation FLOP comp │ ... │ ...   } writeTable
//
// Targets stand side by side, two at a time.
//
//===----------------------------------------------------------------------===//

#include "RenderModel.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

static constexpr unsigned kColumns = 100;
static constexpr unsigned kSideBySide = 2;
static constexpr unsigned kFigureColumns = 21; ///< Names of figures in a head.
static constexpr unsigned kLevelColumns = 33;  ///< A level's part of a row.
static constexpr unsigned kFixedColumns = 12;  ///< FLOP, comp and the margins.

/// Writes without the blanks at the end.
static void writeLine(llvm::raw_ostream &os, llvm::StringRef line) {
  os << line.rtrim(' ') << "\n";
}

//===----------------------------------------------------------------------===//
// Head of a function
//===----------------------------------------------------------------------===//

/// Writes `text` in lines of 100 columns, the further ones indented.
static void writeWrapped(llvm::raw_ostream &os, llvm::StringRef text) {
  std::string line = " ";
  for (llvm::StringRef word : llvm::split(text, ' ')) {
    if (line.size() + 1 + word.size() > kColumns) {
      os << line << "\n";
      line = "   ";
    }
    line += " " + word.str();
  }
  os << line << "\n";
}

static void writeHead(llvm::raw_ostream &os, const FunctionFigures &function) {
  std::string title = "@" + function.name + " ";
  os << title;
  for (unsigned i = title.size(); i < kColumns; ++i)
    os << "─";
  os << "\n  " << formatCount(function.arithmetic.flops, "FLOP");
  const Arithmetic &arithmetic = function.arithmetic;
  if (arithmetic.transcendentals)
    os << " (" << formatCount(arithmetic.transcendentals, "")
       << " transcendental)";
  if (arithmetic.intOps)
    os << ", " << formatCount(arithmetic.intOps, "") << " on integers";
  os << "; " << countThings(function.ops.size(), "operation", "operations")
     << ", " << function.groups.size() << " distinct\n";
  os << "  floor " << formatBytes(function.floor.read) << " read + "
     << formatBytes(function.floor.written) << " written, resident "
     << formatBytes(function.residentBytes) << "\n";
  for (const ReportWarning &warning : listWarnings(function))
    writeWrapped(os, "warning: " + warning.text);
  if (!function.model)
    return;
  for (const ModelLine &line : formatModel(*function.model))
    os << "  " << padRight(line.name, kFigureColumns - 2) << line.text << "\n";
}

/// Writes a line with the targets [first, last) side by side; false, and
/// nothing, when none has a text.
static bool writeFigure(llvm::raw_ostream &os, llvm::StringRef name,
                        unsigned first, unsigned last,
                        llvm::function_ref<std::string(unsigned)> text) {
  std::string texts;
  unsigned width = (kColumns - kFigureColumns) / kSideBySide;
  for (unsigned target = first; target != last; ++target)
    texts += padRight(text(target), width - 1) + " ";
  if (llvm::StringRef(texts).trim().empty())
    return false;
  writeLine(os, "  " + padRight(name, kFigureColumns - 2) + texts);
  return true;
}

static std::string formatTime(std::optional<double> seconds,
                              llvm::StringRef boundBy) {
  return formatSeconds(seconds) +
         (seconds ? ", bound by " + boundBy.str() : "");
}

/// The level that is `depth` levels above DRAM, or null.
static const LevelFigures *findLevel(const TargetFigures &target,
                                     size_t depth) {
  size_t count = target.levels.size();
  return depth < count ? &target.levels[count - 1 - depth] : nullptr;
}

/// How many levels to show of the targets [first, last).
static size_t countDepths(const FunctionFigures &function, unsigned first,
                          unsigned last, const RenderOptions &options) {
  size_t depths = 1;
  if (options.allLevels)
    for (unsigned t = first; t != last; ++t)
      depths = std::max(depths, function.targets[t].levels.size());
  return depths;
}

/// One line per level, the innermost first, with what `text` says of it; none
/// where that is nothing for all targets.
static void
writeLevels(llvm::raw_ostream &os, llvm::StringRef name,
            const FunctionFigures &function, unsigned first, unsigned last,
            size_t depths,
            llvm::function_ref<std::string(const LevelFigures &)> text) {
  bool isNamed = false;
  for (size_t depth = depths; depth-- > 0;)
    isNamed |= writeFigure(
        os, isNamed ? "" : name, first, last, [&](unsigned t) -> std::string {
          const LevelFigures *level = findLevel(function.targets[t], depth);
          std::string said = level ? text(*level) : "";
          return said.empty() ? "" : level->name + " " + said;
        });
}

/// Whether some level that is shown of the targets [first, last) has less
/// scheduled than the bounds add up to.
static bool doShownBoundsExceed(const FunctionFigures &function, unsigned first,
                                unsigned last, size_t depths) {
  for (unsigned t = first; t != last; ++t)
    for (size_t depth = 0; depth != depths; ++depth)
      if (const LevelFigures *level = findLevel(function.targets[t], depth))
        if (doBoundsExceedScheduled(*level))
          return true;
  return false;
}

static void writeTotals(llvm::raw_ostream &os, const Report &report,
                        const FunctionFigures &function,
                        llvm::ArrayRef<Row> rows, unsigned first, unsigned last,
                        const RenderOptions &options) {
  auto target = [&](unsigned t) -> const TargetFigures & {
    return function.targets[t];
  };
  auto figure = [&](llvm::StringRef name,
                    llvm::function_ref<std::string(unsigned)> text) {
    writeFigure(os, name, first, last, text);
  };
  os << "\n";
  figure("", [&](unsigned t) { return target(t).name; });
  figure("time at floor", [&](unsigned t) {
    return formatTime(target(t).secondsAtFloor, target(t).boundByAtFloor);
  });
  figure("time at bound", [&](unsigned t) {
    return formatTime(target(t).secondsAtBound, target(t).boundBy);
  });
  figure("time as scheduled", [&](unsigned t) {
    return formatTime(target(t).secondsAsScheduled,
                      target(t).boundByAsScheduled);
  });
  size_t depths = countDepths(function, first, last, options);
  writeLevels(os, "scheduled", function, first, last, depths,
              [](const LevelFigures &level) {
                return formatBytes(level.scheduled.read) + " read + " +
                       formatBytes(level.scheduled.written) + " written";
              });
  writeLevels(os, "standard error", function, first, last, depths,
              formatStandardErrors);
  writeLevels(
      os, "bound", function, first, last, depths,
      [](const LevelFigures &level) { return formatBytes(level.boundBytes); });
  if (doShownBoundsExceed(function, first, last, depths))
    os << "                     (" << kBoundsExceedScheduled << ")\n";
  figure("left out",
         [&](unsigned t) { return formatTypesWithoutPeak(target(t)); });
  figure("intensity", [&](unsigned t) {
    const LevelFigures &dram = target(t).dram();
    return formatRatio(dram.flopsPerByteAtBound) + " FLOP/B at bound, ridge " +
           formatRatio(dram.ridge);
  });
  figure("fits", [&](unsigned t) {
    int64_t capacity = report.targets[t].dram().capacityBytes;
    return (target(t).fits ? "yes, in " : "no, only ") + formatBytes(capacity);
  });
  for (llvm::StringRef name : getModelFigureNames(function))
    figure(name, [&](unsigned t) {
      return formatModelFigure(name, function.model->targets[t],
                               report.targets[t]);
    });
  for (size_t place : llvm::seq<size_t>(0, 3))
    figure(place == 0 ? "costs most" : "", [&](unsigned t) -> std::string {
      auto costliest = selectCostliest(rows, t, 3);
      if (place >= costliest.size())
        return "";
      const Row &row = *costliest[place];
      return padLeft(formatShare(row.figures.targets[t].share), 5) + " " +
             (row.ops == 1 ? "" : std::to_string(row.ops) + "× ") + row.label;
    });
}

//===----------------------------------------------------------------------===//
// Table of operations
//===----------------------------------------------------------------------===//

/// The label in at most `width` columns; a long name loses its end before the
/// shape does.
static std::string fitLabel(llvm::StringRef label, unsigned width) {
  auto [name, shape] = label.rsplit(' ');
  if (label.size() <= width || shape.size() + 6 > width)
    return padRight(label, width);
  return padRight(padRight(name, width - shape.size() - 1) + " " + shape.str(),
                  width);
}

static std::string formatCell(const OpFigures &op, const LevelColumn &column) {
  const TargetFigures &target = op.targets[column.target];
  const LevelFigures &level = target.levels[column.level];
  std::optional<double> overRidge;
  if (level.ridge && level.flopsPerByteAtBound && *level.ridge > 0)
    overRidge = *level.flopsPerByteAtBound / *level.ridge;
  std::string share = formatShare(target.share);
  auto right = [](llvm::StringRef text) { return padLeft(text, 5); };
  return " │" + right(formatShortCount(level.boundBytes)) +
         right(formatShortCount(level.scheduled.read)) +
         right(formatShortCount(level.scheduled.written)) +
         right(formatShortRatio(computeBytesPerFlop(op, level))) +
         right(formatShortRatio(overRidge)) +
         (target.boundBy == "unknown" ? "  -"
          : target.isMemoryBound()    ? "  m"
                                      : "  c") +
         padLeft(llvm::StringRef(share).drop_back(2), 3);
}

/// Writes rows of a table: the count, the label, two figures, and the levels.
class TableWriter {
public:
  TableWriter(llvm::raw_ostream &os, llvm::ArrayRef<LevelColumn> columns,
              unsigned countColumns)
      : os(os), columns(columns), countColumns(countColumns),
        labelColumns(std::min<unsigned>(kColumns - kFixedColumns -
                                            countColumns -
                                            columns.size() * kLevelColumns,
                                        44)) {}

  void writeRow(llvm::StringRef count, llvm::StringRef label,
                llvm::StringRef flops, llvm::StringRef compulsory,
                llvm::function_ref<std::string(const LevelColumn &)> cell) {
    std::string line = " " + padLeft(count, countColumns) + " " +
                       fitLabel(label, labelColumns) + padLeft(flops, 5) +
                       padLeft(compulsory, 5);
    for (const LevelColumn &column : columns)
      line += cell(column);
    writeLine(os, line);
  }

  /// The line below the head: "────┼────".
  void writeRule() {
    writeDashes(kFixedColumns + countColumns + labelColumns + 1);
    for (size_t i = 0; i != columns.size(); ++i) {
      os << "┼";
      writeDashes(kLevelColumns - (i + 1 == columns.size() ? 2 : 1));
    }
    os << "\n";
  }

private:
  void writeDashes(unsigned count) {
    for (unsigned i = 0; i != count; ++i)
      os << "─";
  }

  llvm::raw_ostream &os;
  llvm::ArrayRef<LevelColumn> columns;
  unsigned countColumns;
  unsigned labelColumns;
};

static void writeTable(llvm::raw_ostream &os, llvm::ArrayRef<Row> rows,
                       llvm::ArrayRef<LevelColumn> columns, bool ungrouped) {
  auto getCount = [&](const Row &row) {
    return std::to_string(ungrouped ? row.figures.index : row.ops);
  };
  size_t countColumns = 1;
  for (const Row &row : rows)
    countColumns = std::max(countColumns, getCount(row).size());
  TableWriter table(os, columns, countColumns);
  os << "\n";
  table.writeRow("", "", "", "", [](const LevelColumn &column) {
    return " │ " + padRight(column.title, kLevelColumns - 3);
  });
  table.writeRow(ungrouped ? "#" : "n", "operation", "FLOP", "comp",
                 [](const LevelColumn &) {
                   return std::string(" │bound read writ  B/F  I/R by  %");
                 });
  table.writeRule();
  for (const Row &row : rows)
    table.writeRow(getCount(row), row.label,
                   row.figures.kind == OpKind::Unmodelled
                       ? "?"
                       : formatShortCount(countOperations(row.figures)),
                   formatShortCount(row.figures.compulsory.total()),
                   [&](const LevelColumn &column) {
                     return formatCell(row.figures, column);
                   });
}

/// A table per level, the innermost first, of the targets [first, last).
static void writeTables(llvm::raw_ostream &os, const FunctionFigures &function,
                        llvm::ArrayRef<Row> rows, unsigned first, unsigned last,
                        const RenderOptions &options) {
  if (rows.empty())
    return;
  for (size_t depth = countDepths(function, first, last, options);
       depth-- > 0;) {
    llvm::SmallVector<LevelColumn> columns;
    for (unsigned t = first; t != last; ++t)
      if (const LevelFigures *level = findLevel(function.targets[t], depth))
        columns.push_back(
            {function.targets[t].name + " " + level->name, t,
             unsigned(function.targets[t].levels.size() - 1 - depth)});
    writeTable(os, rows, columns, options.ungrouped);
  }
}

/// The ops of which something, or nothing, is counted.
static void writeUnmodelled(llvm::raw_ostream &os, llvm::StringRef title,
                            const FunctionFigures &function, bool isCounted) {
  bool hasTitle = false;
  for (const UnmodelledFigures &unmodelled : function.unmodelled) {
    if ((unmodelled.counted != CountedPart::Nothing) != isCounted)
      continue;
    if (!hasTitle)
      os << "\n  " << title << ":\n";
    hasTitle = true;
    os << "  " << padLeft(std::to_string(unmodelled.count), 6) << "× "
       << unmodelled.name << "  " << formatFirstPlace(unmodelled)
       << "\n          " << unmodelled.advice << "\n";
  }
}

static void writeFunction(llvm::raw_ostream &os, const Report &report,
                          const FunctionFigures &function,
                          const RenderOptions &options) {
  writeHead(os, function);
  RenderOptions allRows;
  allRows.ungrouped = options.ungrouped;
  llvm::SmallVector<Row, 0> rows = selectRows(function, allRows);
  llvm::SmallVector<Row, 0> shown = selectRows(function, options);
  unsigned count = function.targets.size();
  for (unsigned first = 0; first < count; first += kSideBySide)
    writeTotals(os, report, function, rows, first,
                std::min(first + kSideBySide, count), options);
  for (unsigned first = 0; first < count; first += kSideBySide)
    writeTables(os, function, shown, first,
                std::min(first + kSideBySide, count), options);
  if (shown.size() < rows.size())
    os << "     and "
       << countThings(rows.size() - shown.size(), "row that costs",
                      "rows that cost")
       << " less (ops=groups shows all)\n";
  writeUnmodelled(os, "not modelled, and in no figure above", function, false);
  writeUnmodelled(os, "not modelled, and in the figures above in part",
                  function, true);
  os << "\n";
}

/// Explains the FLOP column where it is not FLOPs.
static void writeOperationLegend(llvm::raw_ostream &os, const Report &report) {
  bool hasIntegers = false, hasUnknown = false;
  for (const FunctionFigures &function : report.functions)
    for (const OpFigures &op : function.ops) {
      hasIntegers |= countOperations(op) != op.arithmetic.flops;
      hasUnknown |= op.kind == OpKind::Unmodelled;
    }
  if (hasIntegers)
    os << "FLOP    of operations on integers: integer operations\n";
  if (hasUnknown)
    os << "?       not modelled: no arithmetic is counted, operands and "
          "results "
          "once\n";
}

/// Explains the marks of `formatStandardErrors` where there are any.
static void writeErrorLegend(llvm::raw_ostream &os, const Report &report,
                             const RenderOptions &options) {
  bool isUnstated = false;
  for (const FunctionFigures &function : report.functions)
    for (const LevelColumn &column : selectColumns(function, options))
      isUnstated |=
          llvm::StringRef(
              formatStandardErrors(
                  function.targets[column.target].levels[column.level]))
              .starts_with("~");
  if (isUnstated)
    os << "~       no error can be stated: bytes by reuse distances, or by a "
          "walk of parts of the loops\n";
}

void memwall::renderText(const Report &report, llvm::raw_ostream &os,
                         const RenderOptions &options) {
  os << "memwall: times at " << formatBandwidthChoice(report.options.bandwidth)
     << " bandwidth, 1 GB = 1e9 bytes\n\n";
  if (report.functions.empty())
    os << "no function with a body\n";
  for (const FunctionFigures &function : report.functions)
    writeFunction(os, report, function, options);
  if (report.functions.empty())
    return;
  os << "comp    distinct bytes (compulsory); bound, read, writ: bytes at the "
        "level, read and writ as\n"
        "        scheduled; B/F: bytes as scheduled per FLOP\n"
        "I/R     FLOP per byte at the bound over the ridge; below 1 the level "
        "takes longer than arithmetic\n"
        "by, %   bound by c compute or m memory; share of the operations' time "
        "at the bound\n";
  writeOperationLegend(os, report);
  writeErrorLegend(os, report, options);
}
