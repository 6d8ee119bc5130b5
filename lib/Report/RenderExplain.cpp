//===- RenderExplain.cpp - An explanation for a terminal ------------------===//

#include "Rows.h"
#include "TextColumns.h"
#include "memwall/Report/Explain.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

/// "31.0 times"; "once" up to a hundredth above.
static std::string formatTimes(double times) {
  constexpr double kNearlyOne = 1.01;
  if (times <= 0)
    return "never";
  return times >= 0.99 && times <= kNearlyOne ? "once"
                                              : formatRatio(times) + " times";
}

static std::string formatMoved(Bytes bytes) {
  return formatBytes(bytes.read) + " read + " + formatBytes(bytes.written) +
         " written";
}

namespace {
/// A cause of an operand in words.
struct Cause {
  int64_t bytes;
  std::string text;
};
} // namespace

/// The causes that move something to speak of, the largest first.
static llvm::SmallVector<Cause, 4> listCauses(const Explanation &why,
                                              const Causes &causes) {
  llvm::SmallVector<Cause, 4> list = {
      {causes.cold, "needed once"},
      {causes.capacity, "pushed out of " + why.cache},
      {causes.conflict.value_or(0), "set conflicts in " + why.cache},
      {causes.unused, "unused parts of lines"},
      {causes.fetchOnStore, "stores fetch lines that they overwrite"},
      {causes.partialRead, "partial results fetched again"},
      {causes.writtenOnce, "written once"},
      {causes.writtenAgain, "written again"}};
  constexpr int64_t kPart = 1000; // Less cannot be seen in three digits.
  int64_t sum = 0;
  for (const Cause &cause : list)
    sum = addCounts(sum, cause.bytes);
  llvm::erase_if(list, [&](const Cause &cause) {
    return cause.bytes == 0 || cause.bytes < sum / kPart;
  });
  llvm::stable_sort(
      list, [](const Cause &a, const Cause &b) { return a.bytes > b.bytes; });
  return list;
}

/// What is more than is needed once, over all operands: the largest cause, and
/// the operand, null where there is none.
static std::pair<Cause, const OperandExplanation *>
findMainCause(const Explanation &why) {
  const OperandExplanation *most = nullptr;
  Cause main{0, ""};
  for (const OperandExplanation &operand : why.operands) {
    if (operand.isAtMinimum)
      continue;
    auto causes = listCauses(why, operand.causes);
    if (operand.isFillToReadFrom)
      causes = {{operand.bytes.scheduled.read, "a fill that is read"}};
    for (const Cause &cause : causes)
      if (cause.text != "needed once" && cause.text != "written once" &&
          cause.bytes > main.bytes) {
        main = cause;
        most = &operand;
      }
  }
  return {main, most};
}

static std::string formatMainCause(const Explanation &why) {
  auto [main, most] = findMainCause(why);
  return most ? main.text + ", " + formatBytes(main.bytes) + " of " +
                    most->operand.name
              : "";
}

static std::string formatTitle(const Explanation &why) {
  const OpFigures &op = why.op;
  std::string title = op.givenName().str();
  title += title.empty() ? "" : ": ";
  return title + op.name + " " + op.shape + " at " + op.location + ", number " +
         std::to_string(op.index) + " of @" + why.function;
}

/// What the op takes its time for, and whether this level has to do with it.
static std::string formatTimeOf(const Explanation &why) {
  const TargetFigures &target = why.op.targets[0];
  std::string text =
      formatTime(target.secondsAsScheduled, target.boundByAsScheduled);
  if (!target.secondsAsScheduled)
    return text;
  if (target.boundByAsScheduled == "compute")
    return text + ": the arithmetic alone takes that long, fewer bytes at " +
           why.level + " make it no faster";
  for (const LevelFigures &level : target.levels)
    if (level.name == target.boundByAsScheduled && level.name != why.level)
      return text +
             (isFarAboveBound(level)
                  ? ", which level=" + level.name + " explains"
                  : ", which moves no more than its bound: fewer bytes at " +
                        why.level + " make it no faster");
  if (target.secondsAtBound &&
      *target.secondsAtBound < *target.secondsAsScheduled)
    text += "; with all levels at their bounds " +
            formatTime(target.secondsAtBound, target.boundBy);
  return text;
}

static std::string formatVerdict(const Explanation &why) {
  std::string place = why.target + ", " + why.level + ": ";
  if (why.isAtMinimum())
    return place + "at its minimum" +
           (why.suggestions.empty() ? ", " : " on its own, ") +
           formatMoved(why.scheduled);
  std::string text = place + formatMoved(why.scheduled);
  if (why.boundBytes > 0)
    text +=
        ", " +
        formatRatio(double(why.scheduled.total()) / double(why.boundBytes)) +
        " times the bound of " + formatBytes(why.boundBytes);
  else
    text += ", where nothing has to move";
  std::string cause = formatMainCause(why);
  return cause.empty() ? text : text + "; most of the rest: " + cause;
}

/// "once per iteration of d0 (m), which does not move it".
static std::string formatCarrier(const Explanation &why,
                                 const CarryingLoop &carrier,
                                 bool withLocation = true) {
  std::string text = "once per iteration of " + carrier.loop.name + " (" +
                     std::to_string(carrier.loop.tripCount) + " iterations";
  bool isNamedByPlace =
      llvm::StringRef(carrier.loop.name).contains(carrier.loop.location);
  if (withLocation && !isNamedByPlace && carrier.loop.location != "unknown")
    text += ", " + carrier.loop.location;
  text += "), which ";
  if (carrier.strideBytes == 0)
    text += "does not move it";
  else if (carrier.strideBytes < why.lineBytes)
    text += "moves it by " + formatBytes(carrier.strideBytes) +
            " in lines of " + formatBytes(why.lineBytes);
  else
    text += "moves it by " + formatBytes(carrier.strideBytes);
  return text;
}

static std::string formatRoom(const Explanation &why,
                              const CarryingLoop &carrier) {
  std::string text = "comes back after " +
                     formatBytes(int64_t(carrier.distanceBytes)) + ", " +
                     why.cache + " holds " + formatBytes(why.capacityBytes);
  double missing = carrier.distanceBytes - double(why.capacityBytes);
  if (missing > 0)
    text += ": " + formatBytes(int64_t(missing)) + " short";
  else
    text += ": room enough";
  return text;
}

static std::string formatPitch(const Explanation &why,
                               const CarryingLoop &carrier) {
  return "its steps of " + formatBytes(carrier.pitchBytes) + " meet " +
         std::to_string(carrier.setsMet) + " of the " +
         std::to_string(carrier.sets) + " sets of " + why.cache;
}

/// Whether what moves of an operand does not matter beside the rest of the op.
static bool isSmall(const Explanation &why, int64_t bytes) {
  return 100.0 * double(bytes) < double(why.scheduled.total());
}

/// What other ops left of it, or did not.
static void writeNeighbours(const Explanation &why,
                            const OperandExplanation &operand,
                            TextColumns &text) {
  for (const Neighbour &neighbour : operand.neighbours) {
    if (!isSmall(why, neighbour.foundBytes))
      text.writeParagraph("    ", "found " + formatBytes(neighbour.foundBytes) +
                                      " left in " + why.cache + " by " +
                                      neighbour.op);
    if (!isSmall(why, neighbour.lostBytes))
      text.writeParagraph("    ",
                          formatBytes(neighbour.lostBytes) + " of what " +
                              neighbour.op + " left were gone: " +
                              formatBytes(int64_t(neighbour.distanceBytes)) +
                              " came since");
  }
}

/// Which loop brings it back, and against which capacity.
static void writeCarrier(const Explanation &why,
                         const OperandExplanation &operand, TextColumns &text) {
  const CarryingLoop &carrier = *operand.carrier;
  text.writeParagraph("    ", formatCarrier(why, carrier));
  text.writeParagraph("    ", formatRoom(why, carrier));
  bool mayConflict = operand.causes.conflict.value_or(0) > 0 ||
                     operand.causes.fetchOnStore > 0;
  if (mayConflict && carrier.pitchBytes > 0 && carrier.setsMet < carrier.sets)
    text.writeParagraph("    ", formatPitch(why, carrier));
}

static void writeOperand(const Explanation &why,
                         const OperandExplanation &operand, TextColumns &text) {
  std::string name = operand.operand.name + ", " +
                     formatBytes(operand.operand.footprintBytes) + ": ";
  text.writeLine();
  if (operand.isFillToReadFrom) {
    text.writeParagraph(
        "  ", name + formatBytes(operand.bytes.scheduled.read) +
                  " read, of a fill that other operations start from, too: the "
                  "bound does not count it");
  } else if (operand.isAtMinimum) {
    text.writeParagraph("  ", name + "at its minimum");
  } else {
    text.writeParagraph(
        "  ", name + "fetched " +
                  formatTimes(operand.bytes.timesFetched.value_or(0)) + ", " +
                  formatMoved(operand.bytes.scheduled));
    // The rest would be about what does not matter.
    if (isSmall(why, operand.bytes.scheduled.total()))
      return;
    for (const Cause &cause : listCauses(why, operand.causes))
      text.writeParagraph("    " + padLeft(formatBytes(cause.bytes), 8) + "  ",
                          cause.text);
    if (!operand.causes.conflict)
      text.writeParagraph("    ", "set conflicts are not known: sets were not "
                                  "looked at");
  }
  if (operand.carrier)
    writeCarrier(why, operand, text);
  writeNeighbours(why, operand, text);
}

/// The theorem and the numbers that were put in.
static std::string formatBound(const Explanation &why) {
  if (why.boundBytes == 0)
    return "0 B, nothing of it has to move here";
  std::string text = formatBytes(why.boundBytes) + ", ";
  llvm::StringRef theorem = why.theorem;
  if (theorem == "compulsory")
    return text + "every byte of its operands once (docs/Model.md, B4)";
  std::string shape = llvm::StringRef(why.op.shape).str();
  return text + "by the theorem for a " + theorem.str() + " of " + shape +
         " with " + formatBytes(why.capacityBytes) + " of " + why.cache +
         " (docs/Model.md, Bounds)";
}

/// What of the way down to the bound nothing that was tried goes.
static std::string formatGap(const Explanation &why) {
  int64_t best = INT64_MAX;
  for (const Suggestion &suggestion : why.suggestions)
    if (suggestion.pastes.size() == 1)
      best = std::min(best, suggestion.after.total());
  if (best == INT64_MAX)
    return "none of the tiles, loop orders and packings that were tried comes "
           "closer";
  double above =
      double(best) / double(std::max<int64_t>(why.boundBytes, 1)) - 1;
  if (above <= 0.01)
    return "a schedule below reaches it";
  return "the best schedule below moves " + formatBytes(best) +
         "; of the last " + formatShare(above / (1 + above)) +
         " nobody has proven that they have to move";
}

static std::string formatMethod(const Provenance &provenance) {
  std::string text;
  switch (provenance.method) {
  case TrafficMethod::Accesses:
    text = "every access was counted";
    break;
  case TrafficMethod::Sets:
    text = provenance.sets == 1 ? "the cache was walked as a whole"
           : provenance.setsWalked == provenance.sets
               ? "all " + std::to_string(provenance.sets) + " sets were walked"
               : std::to_string(provenance.setsWalked) + " of " +
                     std::to_string(provenance.sets) + " sets were walked";
    if (provenance.sampledInTime)
      text += ", long loops in part";
    break;
  case TrafficMethod::Distances:
    text = "by reuse distances, which know no sets";
    break;
  case TrafficMethod::Retention:
    text = "by the best that a memory which the program fills can hold";
    break;
  }
  if (!provenance.reason.empty())
    text += " (" + provenance.reason + ")";
  return text;
}

static std::string formatErrors(const Explanation &why) {
  const Provenance &provenance = why.provenance;
  if (!provenance.errorOfRead || !provenance.errorOfWritten)
    return "no error can be stated";
  if (*provenance.errorOfRead == 0 && *provenance.errorOfWritten == 0)
    return "exact";
  auto format = [](double error, int64_t of) {
    return formatBytes(int64_t(error)) + " of " + formatBytes(of);
  };
  return "standard error of the whole function " +
         format(*provenance.errorOfRead, why.functionScheduled.read) +
         " read, " +
         format(*provenance.errorOfWritten, why.functionScheduled.written) +
         " written";
}

/// What the op need not move once it is fused with another.
static void writeUnits(const Explanation &why, TextColumns &text) {
  for (const UnitExplanation &unit : why.units)
    text.writeParagraph("  as a unit: ",
                        "with " + unit.name + " at least " +
                            formatBytes(unit.boundBytes) + " at " + why.level +
                            ", fused or not; one by one " +
                            formatBytes(unit.apartBytes) +
                            ", which has what the one hands to the other");
}

static void writeSuggestion(const Suggestion &suggestion, TextColumns &text) {
  std::string line = suggestion.text + ": " +
                     (suggestion.isApplied ? "" : "about ") +
                     formatBytes(suggestion.after.total());
  size_t together =
      std::max<size_t>(suggestion.together, suggestion.pastes.size());
  if (together > 1)
    line += " instead of " + formatBytes(suggestion.before.total()) +
            (together == 2 ? " for both" : " for all ") +
            (together == 2 ? "" : std::to_string(together)) + " together";
  if (suggestion.apart)
    line += "; each tiled for itself, about " +
            formatBytes(suggestion.apart->total());
  text.writeParagraph("    saves " +
                          padLeft(formatBytes(suggestion.savedBytes), 8) + "  ",
                      line);
  // What is to be pasted stays in one line.
  for (const PastedSchedule &paste : suggestion.pastes) {
    if (suggestion.isGroup())
      text.writeLine("      on " + paste.name + ":");
    text.writeLine((suggestion.isGroup() ? "        " : "      ") +
                   paste.attribute);
  }
}

static void writeSuggestions(const Explanation &why, TextColumns &text) {
  if (why.suggestions.empty())
    return;
  text.writeLine();
  text.writeLine("  what would change it, most saved first:");
  for (const Suggestion &suggestion : why.suggestions)
    writeSuggestion(suggestion, text);
}

std::string memwall::describeReturn(const Explanation &why) {
  const OperandExplanation *most = findMainCause(why).second;
  if (!most || !most->carrier || why.isAtMinimum())
    return "";
  return formatCarrier(why, *most->carrier, /*withLocation=*/false) + "; it " +
         formatRoom(why, *most->carrier);
}

void memwall::renderExplanation(const Explanation &why, llvm::raw_ostream &os,
                                unsigned columns) {
  TextColumns text(os, columns, /*color=*/false);
  text.writeParagraph("", formatTitle(why));
  text.writeParagraph("", formatVerdict(why));
  text.writeParagraph("time: ", formatTimeOf(why));
  if (why.isAtMinimum()) {
    writeUnits(why, text);
    return writeSuggestions(why, text);
  }
  for (const OperandExplanation &operand : why.operands)
    writeOperand(why, operand, text);
  text.writeLine();
  text.writeParagraph("  bound: ", formatBound(why) + "; " + formatGap(why));
  writeUnits(why, text);
  text.writeParagraph("  counted: ",
                      formatMethod(why.provenance) + "; " + formatErrors(why));
  writeSuggestions(why, text);
}
