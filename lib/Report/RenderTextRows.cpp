//===- RenderTextRows.cpp - Rows of operations in text --------------------===//

#include "RenderTextRows.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// How many rows say why they take their time.
static constexpr size_t kExplained = 3;

namespace {
/// A column in front of the operation.
struct RowColumn {
  llvm::StringLiteral title;
  unsigned columns;
  std::string (*say)(const OpFigures &op, const TargetFigures &target,
                     const LevelFigures &level, const RenderOptions &options);
  unsigned from; ///< The narrowest report that has it.
  unsigned to = ~0u;
};
} // namespace

static constexpr RowColumn kColumns[] = {
    {"share", 7,
     [](auto &, auto &target, auto &, auto &options) {
       return formatShare(getShare(target, options));
     },
     0},
    {"time", 9,
     [](auto &, auto &target, auto &, auto &options) {
       return formatSeconds(getSeconds(target, options));
     },
     0},
    {"moved", 9,
     [](auto &, auto &, auto &level, auto &) {
       return formatBytes(level.scheduled.total());
     },
     0, 119},
    {"read", 9,
     [](auto &, auto &, auto &level, auto &) {
       return formatBytes(level.scheduled.read);
     },
     120},
    {"written", 9,
     [](auto &, auto &, auto &level, auto &) {
       return formatBytes(level.scheduled.written);
     },
     120},
    {"minimum", 9,
     [](auto &, auto &, auto &level, auto &) {
       return formatBytes(level.boundBytes);
     },
     0},
    {"FLOP", 10,
     [](auto &op, auto &, auto &, auto &) { return formatOperations(op); },
     100},
    {"FLOP/byte", 11,
     [](auto &, auto &, auto &level, auto &) {
       return formatRatio(level.flopsPerByte);
     },
     140},
};

/// A line of all columns, and the blanks between them and the operation.
static std::string
joinColumns(unsigned width,
            llvm::function_ref<std::string(const RowColumn &)> say) {
  std::string line;
  for (const RowColumn &column : kColumns) {
    if (width < column.from || column.to < width)
      continue;
    std::string cell = padLeft(say(column), column.columns);
    // "> 9.22 EB" is as wide as its column.
    if (!line.empty() && !cell.empty() && cell.front() != ' ')
      line += ' ';
    line += cell;
  }
  return line + "  ";
}

static std::string makeTitle(const TargetFigures &target,
                             const LevelFigures &level,
                             const RenderOptions &options) {
  return target.name + ": what takes the time " +
         (options.order == RowOrder::Minimum ? "at the operations' minima"
                                             : "as the program stands") +
         (target.levels.size() > 1 ? "; bytes at " + level.name : "");
}

void memwall::writeRows(TextColumns &text, llvm::ArrayRef<Row> rows,
                        unsigned target, unsigned level,
                        const RenderOptions &options) {
  SelectedRows selected = selectRows(rows, target, options);
  const TargetFigures &any = rows.front().figures.targets[target];
  text.writeLine();
  text.writeLine(makeTitle(any, any.levels[level], options), TextStyle::Bold);
  text.writeLine(
      joinColumns(text.width(),
                  [](const RowColumn &column) { return column.title.str(); }) +
      "operation");
  bool isDRAM = level + 1 == any.levels.size();
  std::string blanks = joinColumns(
      text.width(), [](const RowColumn &) { return std::string(); });
  RenderOptions costliest = options;
  costliest.maxRows = kExplained;
  auto explained = selectRows(rows, target, costliest).shown;
  for (const Row *row : selected.shown) {
    const OpFigures &op = row->figures;
    const TargetFigures &figures = op.targets[target];
    const LevelFigures &bytes = figures.levels[level];
    bool isTwice = isFarAboveBound(bytes) &&
                   bytes.scheduled.total() / 2 > bytes.boundBytes;
    text.writeParagraph(
        joinColumns(text.width(),
                    [&](const RowColumn &column) {
                      return column.say(op, figures, bytes, options);
                    }),
        row->label, isTwice ? TextStyle::Red : TextStyle::Plain);
    if (isDRAM && options.order == RowOrder::Cost &&
        llvm::is_contained(explained, row) && getShare(figures, options) > 0)
      text.writeParagraph(blanks + "  ", explainTime(*row, target));
  }
  if (!selected.folded.empty())
    text.writeParagraph("   and ",
                        describeFolded(selected.folded, target, options) +
                            " (rows=all shows them)");
}
