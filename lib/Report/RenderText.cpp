//===- RenderText.cpp - For a terminal ------------------------------------===//
//
//   @prefill ──────────────────────────────
//     12.9 TFLOP, 291 operations           } writeHead
//                     h100-sxm   ddr5-2ch
//     time                                 } writeTotals
//       minimum of... 133 us     4.96 ms
//    h100-sxm: what takes the time
//     share  time  moved  operation        } writeRows
//
// Totals of targets stand side by side where there is room; every target has
// its own rows, as they come in its own order.
//
//===----------------------------------------------------------------------===//

#include "RenderModel.h"
#include "RenderTextRows.h"
#include "Rows.h"
#include "TextColumns.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace memwall;

/// The names of totals: the longest is "   sum of the operations' minima".
static constexpr unsigned kNameColumns = 34;

/// How many targets have room side by side: "445 MB read + 234 kB written".
static unsigned countSideBySide(unsigned columns) {
  constexpr unsigned kTargetColumns = 33;
  return std::max(1u, (columns - kNameColumns) / kTargetColumns);
}

//===----------------------------------------------------------------------===//
// Head of a function
//===----------------------------------------------------------------------===//

static void writeHead(TextColumns &text, const FunctionFigures &function) {
  text.writeTitle("@" + function.name);
  const Arithmetic &arithmetic = function.arithmetic;
  std::string work = formatCount(arithmetic.flops, "FLOP");
  if (arithmetic.transcendentals)
    work +=
        " (" + formatCount(arithmetic.transcendentals, "") + " transcendental)";
  if (arithmetic.intOps)
    work += ", " + formatCount(arithmetic.intOps, "") + " on integers";
  text.writeParagraph(
      " ", work + "; " +
               countThings(function.ops.size(), "operation", "operations") +
               ", " + std::to_string(function.groups.size()) + " distinct");
  text.writeParagraph(" ", formatBytes(function.residentBytes) +
                               " have to fit in memory");
  for (const ReportWarning &warning : listWarnings(function))
    text.writeParagraph(" warning: ", warning.text, TextStyle::Red);
  if (!function.model)
    return;
  for (const ModelLine &line : formatModel(*function.model))
    text.writeParagraph(padRight(" " + line.name.str(), kNameColumns),
                        line.text);
}

//===----------------------------------------------------------------------===//
// Totals
//===----------------------------------------------------------------------===//

namespace {
/// Writes lines of totals for the targets [first, last).
class TotalsWriter {
public:
  TotalsWriter(TextColumns &text, const Report &report,
               const FunctionFigures &function, unsigned first, unsigned last)
      : text(text), report(report), function(function), first(first),
        last(last) {}

  void writeTimes();
  /// A block for the level that is `depth` levels above DRAM.
  void writeBytes(size_t depth);
  void writeAboveFloor();
  void writeRest();

  bool write(llvm::StringRef name,
             llvm::function_ref<std::string(const TargetFigures &)> say);

private:
  using SayOfLevel = llvm::function_ref<std::string(const LevelFigures &)>;
  /// The same for the level of the current block.
  void writeOfLevel(llvm::StringRef name, size_t depth, SayOfLevel say);

  TextColumns &text;
  const Report &report;
  const FunctionFigures &function;
  unsigned first, last;
};
} // namespace

/// The level that is `depth` levels above DRAM, or null.
static const LevelFigures *findLevel(const TargetFigures &target,
                                     size_t depth) {
  size_t count = target.levels.size();
  return depth < count ? &target.levels[count - 1 - depth] : nullptr;
}

/// How many levels to show of `targets`.
static size_t countDepths(llvm::ArrayRef<TargetFigures> targets,
                          const RenderOptions &options) {
  size_t depths = 1;
  if (options.allLevels)
    for (const TargetFigures &target : targets)
      depths = std::max(depths, target.levels.size());
  return depths;
}

bool TotalsWriter::write(
    llvm::StringRef name,
    llvm::function_ref<std::string(const TargetFigures &)> say) {
  llvm::SmallVector<std::string> texts;
  for (const TargetFigures &target :
       llvm::ArrayRef(function.targets).slice(first, last - first))
    texts.push_back(say(target));
  return text.writeSideBySide(name, kNameColumns, texts,
                              countSideBySide(text.width()));
}

void TotalsWriter::writeOfLevel(llvm::StringRef name, size_t depth,
                                SayOfLevel say) {
  write(name, [&](const TargetFigures &target) -> std::string {
    const LevelFigures *level = findLevel(target, depth);
    return level ? say(*level) : "";
  });
}

void TotalsWriter::writeTimes() {
  text.writeLine(" time");
  write("   as the program stands", [](const TargetFigures &target) {
    return formatTime(target.secondsAsScheduled, target.boundByAsScheduled);
  });
  write("   after memwall-optimize",
        [](const TargetFigures &target) -> std::string {
          if (!target.optimized)
            return "";
          return formatTime(target.optimized->seconds,
                            target.optimized->boundBy);
        });
  write("   sum of the operations' minima", [](const TargetFigures &target) {
    return formatTime(target.secondsAtBound, target.boundBy);
  });
  write("   minimum of the program", [](const TargetFigures &target) {
    return formatTime(target.secondsAtFloor, target.boundByAtFloor);
  });
}

void TotalsWriter::writeBytes(size_t depth) {
  writeOfLevel(" bytes at", depth,
               [](const LevelFigures &level) { return level.name; });
  writeOfLevel("   as the program stands", depth,
               [](const LevelFigures &level) {
                 return formatReadAndWritten(level.scheduled);
               });
  writeOfLevel("   standard error", depth, formatStandardErrors);
  if (depth == 0)
    write("   after memwall-optimize",
          [](const TargetFigures &target) -> std::string {
            return target.optimized
                       ? formatReadAndWritten(target.optimized->dram)
                       : "";
          });
  writeOfLevel(
      "   sum of the operations' minima", depth, [](const LevelFigures &level) {
        return formatBytes(level.boundBytes) +
               (doBoundsExceedScheduled(level) ? " (more than moves)" : "");
      });
  if (depth == 0)
    write("   minimum of the program", [&](const TargetFigures &) {
      return formatReadAndWritten(function.floor);
    });
}

void TotalsWriter::writeAboveFloor() {
  constexpr size_t kPlaces = 4;
  auto isWorthIt = [&](const TargetFigures &target) {
    return !formatAboveFloor(target, function.floor, 0, kPlaces).empty();
  };
  write(" beyond that minimum move",
        [&](const TargetFigures &target) -> std::string {
          return isWorthIt(target)
                     ? formatReadAndWritten(sumAboveFloor(target)) + ":"
                     : "";
        });
  for (size_t place : llvm::seq(kPlaces))
    write("", [&](const TargetFigures &target) {
      return formatAboveFloor(target, function.floor, place, kPlaces);
    });
}

void TotalsWriter::writeRest() {
  write(" left out of the times", formatTypesWithoutPeak);
  write(" FLOP per byte at the minima", [](const TargetFigures &target) {
    return formatIntensity(target.dram());
  });
  unsigned position = first;
  write(" fits in memory", [&](const TargetFigures &target) {
    int64_t capacity = report.targets[position++].dram().capacityBytes;
    return (target.fits ? "yes, in " : "no, only ") + formatBytes(capacity);
  });
  for (llvm::StringRef name : getModelFigureNames(function)) {
    position = first;
    write(" " + name.str(), [&](const TargetFigures &) {
      unsigned t = position++;
      return formatModelFigure(name, function.model->targets[t],
                               report.targets[t]);
    });
  }
}

static void writeTotals(TextColumns &text, const Report &report,
                        const FunctionFigures &function, unsigned first,
                        unsigned last, const RenderOptions &options) {
  auto targets = llvm::ArrayRef(function.targets).slice(first, last - first);
  TotalsWriter totals(text, report, function, first, last);
  text.writeLine();
  totals.write("", [](const TargetFigures &target) { return target.name; });
  totals.writeTimes();
  for (size_t depth = countDepths(targets, options); depth-- > 0;)
    totals.writeBytes(depth);
  totals.writeAboveFloor();
  totals.writeRest();
  bool exceeds = llvm::any_of(targets, [&](const TargetFigures &target) {
    return llvm::any_of(target.levels, [&](const LevelFigures &level) {
      return (options.allLevels || &level == &target.dram()) &&
             doBoundsExceedScheduled(level);
    });
  });
  if (exceeds)
    text.writeParagraph(
        " ", "(more than moves: " + kBoundsExceedScheduled.str() + ")");
  if (llvm::any_of(targets, [](const TargetFigures &target) {
        return isFarFromBound(target) && !target.optimized;
      }))
    text.writeParagraph(" ", kNotTiled);
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

/// The ops of which something, or nothing, is counted.
static void writeUnmodelled(TextColumns &text, llvm::StringRef title,
                            const FunctionFigures &function, bool isCounted) {
  bool hasTitle = false;
  for (const UnmodelledFigures &unmodelled : function.unmodelled) {
    if ((unmodelled.counted != CountedPart::Nothing) != isCounted)
      continue;
    if (!hasTitle) {
      text.writeLine();
      text.writeLine(" " + title.str() + ":", TextStyle::Bold);
    }
    hasTitle = true;
    text.writeParagraph(padLeft(std::to_string(unmodelled.count), 6) + "× ",
                        unmodelled.name + "  " + formatFirstPlace(unmodelled));
    text.writeParagraph("        ", unmodelled.advice);
  }
}

static void writeUnits(TextColumns &text,
                       llvm::ArrayRef<std::string> sentences) {
  if (!sentences.empty())
    text.writeParagraph("   ", kUnitsTitle.str() + ":");
  for (const std::string &sentence : sentences)
    text.writeParagraph("     ", sentence);
}

static void writeFunction(TextColumns &text, const Report &report,
                          const FunctionFigures &function,
                          const RenderOptions &options) {
  writeHead(text, function);
  unsigned count = function.targets.size();
  unsigned together = countSideBySide(options.columns);
  for (unsigned first = 0; first < count; first += together)
    writeTotals(text, report, function, first,
                std::min(first + together, count), options);
  llvm::SmallVector<Row, 0> rows = collectRows(function, options);
  for (unsigned target : llvm::seq(count))
    for (size_t depth = countDepths(function.targets[target], options);
         depth-- > 0 && !rows.empty();) {
      size_t level = function.targets[target].levels.size() - 1 - depth;
      writeRows(text, rows, target, level, options);
      writeUnits(text, describeUnits(function, target, level));
    }
  writeUnmodelled(text, "not modelled, and in no figure above", function,
                  false);
  writeUnmodelled(text, "not modelled, and in the figures above in part",
                  function, true);
  text.writeLine();
}

void memwall::renderText(const Report &report, llvm::raw_ostream &os,
                         const RenderOptions &options) {
  TextColumns text(os, options.columns, options.color);
  text.writeLine("memwall: times at " +
                 formatBandwidthChoice(report.options.bandwidth).str() +
                 " bandwidth, 1 GB = 1e9 bytes");
  text.writeLine();
  if (report.functions.empty())
    text.writeLine("no function with a body");
  for (const FunctionFigures &function : report.functions)
    writeFunction(text, report, function, options);
}
