//===- RenderComparison.cpp - What changed since a baseline, for people ---===//

#include "Rows.h"
#include "TextColumns.h"
#include "memwall/Report/Baseline.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

/// "+59.9 GB", "-302 MB", "0 B".
static std::string formatDifference(int64_t before, int64_t after) {
  if (before == kTooManyBytes || after == kTooManyBytes)
    return before == after ? "unknown" : before > after ? "less" : "more";
  std::string text = formatBytes(std::abs(after - before));
  return after == before ? text : (after > before ? "+" : "-") + text;
}

/// "+1.2 %", "-50 %"; "new" where there was nothing, empty where nothing
/// changed.
static std::string formatGrowth(double before, double after) {
  if (before == after)
    return "";
  if (before <= 0)
    return "new";
  double percent = 100 * (after / before - 1);
  if (std::abs(percent) < 0.1)
    return percent > 0 ? "less than 0.1 % more" : "less than 0.1 % less";
  std::string text = formatRatio(std::abs(percent)) + " %";
  return (percent > 0 ? "+" : "-") + text;
}

/// "181 GB, was 742 MB (+24300 %)"; "181 GB, as before".
static std::string formatBytesChange(const LevelChange &level) {
  int64_t before = level.before.total(), after = level.after.total();
  if (before == after)
    return formatBytes(after) +
           (level.isChanged()
                ? ", as before, but read " +
                      formatDifference(level.before.read, level.after.read)
                : ", as before");
  return formatBytes(after) + ", was " + formatBytes(before) + " (" +
         formatGrowth((double)before, (double)after) + ")";
}

static std::string formatTimeChange(const TargetChange &target) {
  if (target.secondsBefore == target.secondsAfter)
    return formatSeconds(target.secondsAfter) + ", as before";
  return formatSeconds(target.secondsAfter) + ", was " +
         formatSeconds(target.secondsBefore) +
         (target.secondsBefore && target.secondsAfter
              ? " (" +
                    formatGrowth(*target.secondsBefore, *target.secondsAfter) +
                    ")"
              : "");
}

/// The name of a function, and what it was called.
static std::string formatName(const FunctionChange &function) {
  return "@" + function.name +
         (function.nameBefore.empty() || function.nameBefore == function.name
              ? ""
              : " (was @" + function.nameBefore + ")");
}

/// "added", "removed", or nothing.
static std::string formatKind(OpChange::Kind kind) {
  return kind == OpChange::Kind::Added     ? "added: "
         : kind == OpChange::Kind::Removed ? "removed: "
                                           : "";
}

/// "added: down_proj: matmul 512x4096x14336 (f.mlir:3:8), most of it %arg2".
static std::string formatChange(const OpChange &change) {
  return formatKind(change.kind) + change.label + " (" + change.location + ")" +
         (change.operand.empty() ? "" : ", most of it " + change.operand);
}

/// The ops of which something changed at the level, which is `depth` levels
/// above DRAM.
static llvm::SmallVector<const OpChange *>
selectChanges(const TargetChange &target, size_t level) {
  llvm::SmallVector<const OpChange *> changes;
  for (const OpChange &op : target.ops)
    if (op.levels[level].isChanged())
      changes.push_back(&op);
  return changes;
}

/// How many changes are listed at a level; 0 is all.
static size_t countListed(const RenderOptions &options, size_t changes) {
  constexpr size_t kMost = 20;
  size_t most = options.maxRows ? options.maxRows : kMost;
  return options.allRows || options.ungrouped ? changes
                                              : std::min(changes, most);
}

/// Whether a table of this level is asked for.
static bool isShown(const TargetChange &target, size_t level,
                    const RenderOptions &options) {
  return options.allLevels || level + 1 == target.levels.size();
}

static std::string formatWhole(const FunctionChange &function) {
  return formatName(function) + (function.kind == FunctionChange::Kind::Added
                                     ? " is not in the baseline"
                                     : " is only in the baseline");
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void writeChanges(TextColumns &text, const TargetChange &target,
                         size_t level, const RenderOptions &options) {
  llvm::SmallVector<const OpChange *> changes = selectChanges(target, level);
  if (changes.empty())
    return;
  text.writeLine();
  text.writeLine(target.name + ": what changed; bytes at " +
                     target.levels[level].name,
                 TextStyle::Bold);
  text.writeLine("     change      now      was  operation");
  size_t listed = countListed(options, changes.size());
  for (const OpChange *change : llvm::ArrayRef(changes).take_front(listed)) {
    const LevelChange &bytes = change->levels[level];
    int64_t before = bytes.before.total(), after = bytes.after.total();
    text.writeParagraph(padLeft(formatDifference(before, after), 11) +
                            padLeft(formatBytes(after), 9) +
                            padLeft(formatBytes(before), 9) + "  ",
                        formatKind(change->kind) + change->label + " (" +
                            change->location + ")",
                        after > before ? TextStyle::Red : TextStyle::Plain);
  }
  if (listed != changes.size())
    text.writeParagraph("   and ", std::to_string(changes.size() - listed) +
                                       " more that changed less (rows=all "
                                       "shows them)");
}

static void writeFunction(TextColumns &text, const FunctionChange &function,
                          const RenderOptions &options) {
  constexpr unsigned kNameColumns = 34;
  if (function.kind != FunctionChange::Kind::Compared) {
    text.writeParagraph("", formatWhole(function), TextStyle::Bold);
    return;
  }
  text.writeTitle(formatName(function));
  for (const TargetChange &target : function.targets) {
    text.writeLine(" " + target.name, TextStyle::Bold);
    if (!target.isChanged()) {
      text.writeLine("   no change");
      continue;
    }
    text.writeParagraph(padRight("   time as the program stands", kNameColumns),
                        formatTimeChange(target));
    for (const LevelChange &level : llvm::reverse(target.levels))
      text.writeParagraph(padRight("   bytes at " + level.name, kNameColumns),
                          formatBytesChange(level));
  }
  for (const TargetChange &target : function.targets)
    for (size_t level = target.levels.size(); level-- > 0;)
      if (isShown(target, level, options))
        writeChanges(text, target, level, options);
  text.writeLine();
}

void memwall::renderComparisonText(const Comparison &changes,
                                   llvm::raw_ostream &os,
                                   const RenderOptions &options) {
  TextColumns text(os, options.columns, options.color);
  text.writeParagraph("memwall: compared with ", changes.baseline);
  text.writeLine();
  if (!changes.isChanged()) {
    text.writeLine("no change");
    return;
  }
  for (const FunctionChange &function : changes.functions)
    writeFunction(text, function, options);
}

//===----------------------------------------------------------------------===//
// Markdown
//===----------------------------------------------------------------------===//

static void writeChanges(llvm::raw_ostream &os, const TargetChange &target,
                         size_t level, const RenderOptions &options) {
  llvm::SmallVector<const OpChange *> changes = selectChanges(target, level);
  if (changes.empty())
    return;
  os << "\n| bytes at " << target.levels[level].name << " of " << target.name
     << " | now | was | operation |\n|---:|---:|---:|---|\n";
  size_t listed = countListed(options, changes.size());
  for (const OpChange *change : llvm::ArrayRef(changes).take_front(listed)) {
    const LevelChange &bytes = change->levels[level];
    int64_t before = bytes.before.total(), after = bytes.after.total();
    os << "| " << formatDifference(before, after) << " | " << formatBytes(after)
       << " | " << formatBytes(before) << " | " << formatChange(*change)
       << " |\n";
  }
  if (listed != changes.size())
    os << "\nAnd " << changes.size() - listed << " more that changed less.\n";
}

static void writeFunction(llvm::raw_ostream &os, const FunctionChange &function,
                          const RenderOptions &options) {
  if (function.kind != FunctionChange::Kind::Compared) {
    os << "\n" << formatWhole(function) << ".\n";
    return;
  }
  os << "\n### " << formatName(function) << "\n\n| | time | bytes at DRAM |\n"
     << "|---|---|---|\n";
  for (const TargetChange &target : function.targets)
    os << "| " << target.name << " | " << formatTimeChange(target) << " | "
       << formatBytesChange(target.levels.back()) << " |\n";
  for (const TargetChange &target : function.targets)
    for (size_t level = target.levels.size(); level-- > 0;)
      if (isShown(target, level, options))
        writeChanges(os, target, level, options);
}

void memwall::renderComparisonMarkdown(const Comparison &changes,
                                       llvm::raw_ostream &os,
                                       const RenderOptions &options) {
  os << "## memwall: compared with `" << changes.baseline << "`\n";
  if (!changes.isChanged()) {
    os << "\nNo change.\n";
    return;
  }
  for (const FunctionChange &function : changes.functions)
    writeFunction(os, function, options);
}
