//===- Rows.cpp - The rows of reports for people --------------------------===//

#include "Rows.h"
#include "Sums.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Which rows
//===----------------------------------------------------------------------===//

std::string memwall::formatLabel(const OpFigures &op) {
  llvm::StringRef name = op.name;
  name.consume_front("linalg.");
  // What a generic op does says more than that it is one.
  bool isGeneric = name == "generic" || name == "map" || name == "reduce";
  return (isGeneric && op.kind != OpKind::Other ? getKindName(op.kind) : name)
             .str() +
         " " + op.shape;
}

/// "gate_proj, up_proj: 2× " in front of what a row is of.
static std::string labelGroup(const FunctionFigures &function,
                              const OpGroup &group, const OpFigures &figures) {
  constexpr size_t kSteps = 3;
  llvm::SetVector<llvm::StringRef> steps;
  for (OpId op : group.ops)
    if (llvm::StringRef name = function.ops[op].givenName(); !name.empty())
      steps.insert(name);
  std::string label = llvm::join(steps.getArrayRef().take_front(kSteps), ", ");
  if (steps.size() > kSteps)
    label += " and " + std::to_string(steps.size() - kSteps) + " more";
  if (!label.empty())
    label += ": ";
  if (group.ops.size() > 1)
    label += std::to_string(group.ops.size()) + "× ";
  return label + formatLabel(figures);
}

llvm::SmallVector<Row, 0> memwall::collectRows(const FunctionFigures &function,
                                               const RenderOptions &options) {
  llvm::SmallVector<Row, 0> rows;
  if (options.ungrouped)
    for (const OpFigures &op : function.ops) {
      OpGroup alone;
      alone.ops.push_back(op.index);
      rows.push_back({"#" + std::to_string(op.index) + " " +
                          labelGroup(function, alone, op),
                      op,
                      {&op}});
    }
  else
    for (const OpGroup &group : function.groups) {
      OpFigures figures = computeGroupFigures(function, group);
      std::string label = labelGroup(function, group, figures);
      Row &row = rows.emplace_back();
      row.label = std::move(label);
      row.figures = std::move(figures);
      for (OpId op : group.ops)
        row.members.push_back(&function.ops[op]);
    }
  return rows;
}

double memwall::getShare(const TargetFigures &target,
                         const RenderOptions &options) {
  return options.order == RowOrder::Minimum ? target.share
                                            : target.shareAsScheduled;
}

std::optional<double> memwall::getSeconds(const TargetFigures &target,
                                          const RenderOptions &options) {
  return options.order == RowOrder::Minimum ? target.secondsAtBound
                                            : target.secondsAsScheduled;
}

/// Whether `a` costs more than `b`: time, or bytes where no time is known.
static bool costsMore(const TargetFigures &a, const TargetFigures &b,
                      const RenderOptions &options) {
  if (getShare(a, options) != getShare(b, options))
    return getShare(a, options) > getShare(b, options);
  return options.order == RowOrder::Minimum
             ? a.dram().boundBytes > b.dram().boundBytes
             : a.dram().scheduled.total() > b.dram().scheduled.total();
}

/// How many of `ordered`, those that cost most first, are worth a line. No
/// single one is left out: a line that says so would be no shorter.
static size_t countShown(llvm::ArrayRef<const Row *> ordered, unsigned target,
                         const RenderOptions &options) {
  constexpr size_t kAtLeast = 3;
  if (options.maxRows != 0)
    return std::min<size_t>(options.maxRows, ordered.size());
  if (options.allRows || options.ungrouped)
    return ordered.size();
  size_t shown = llvm::count_if(ordered, [&](const Row *row) {
    return getShare(row->figures.targets[target], options) >= 0.01;
  });
  shown = std::min(std::max(shown, kAtLeast), ordered.size());
  return ordered.size() - shown == 1 ? ordered.size() : shown;
}

SelectedRows memwall::selectRows(llvm::ArrayRef<Row> rows, unsigned target,
                                 const RenderOptions &options) {
  llvm::SmallVector<const Row *> ordered;
  for (const Row &row : rows)
    ordered.push_back(&row);
  llvm::stable_sort(ordered, [&](const Row *a, const Row *b) {
    return costsMore(a->figures.targets[target], b->figures.targets[target],
                     options);
  });
  size_t count = countShown(ordered, target, options);
  SelectedRows selected;
  selected.shown.append(ordered.begin(), ordered.begin() + count);
  selected.folded.append(ordered.begin() + count, ordered.end());
  if (options.order == RowOrder::Program)
    llvm::sort(selected.shown);
  return selected;
}

std::string memwall::describeFolded(llvm::ArrayRef<const Row *> folded,
                                    unsigned target,
                                    const RenderOptions &options) {
  std::string text = std::to_string(folded.size()) + " more";
  double most = 0, sum = 0;
  for (const Row *row : folded) {
    double share = getShare(row->figures.targets[target], options);
    most = std::max(most, share);
    sum += share;
  }
  if (most > 0 && most < 0.01)
    text += " of less than 1 % each";
  return sum > 0 ? text + ", " + formatShare(sum) + " together" : text;
}

llvm::SmallVector<std::string, 0>
memwall::describeUnits(const FunctionFigures &function, unsigned target,
                       unsigned level) {
  struct Equal {
    int64_t count = 0, together = 0, apart = 0;
  };
  using Names = std::pair<std::string, std::string>;
  llvm::MapVector<Names, Equal, std::map<Names, unsigned>> sums;
  auto nameOp = [&](OpId op) {
    const OpFigures &figures = function.ops[op];
    llvm::StringRef given = figures.givenName();
    return given.empty() ? formatLabel(figures) : given.str();
  };
  for (const UnitFigures &unit : function.units) {
    Equal &equal = sums[{nameOp(unit.first), nameOp(unit.second)}];
    ++equal.count;
    addSaturating(equal.together, unit.bounds[target][level].bytes);
    for (OpId op : {unit.first, unit.second})
      addSaturating(equal.apart,
                    function.ops[op].targets[target].levels[level].boundBytes);
  }
  llvm::SmallVector<std::string, 0> sentences;
  // Less than a hundredth of what all operations need is nobody's concern.
  constexpr double kLeastPart = 0.01;
  double least =
      kLeastPart * double(function.targets[target].levels[level].boundBytes);
  for (const auto &[names, equal] : sums) {
    if (!isUnitWorthSaying(equal.together, equal.apart) ||
        double(equal.apart - equal.together) < least)
      continue;
    std::string times =
        equal.count > 1 ? std::to_string(equal.count) + "× " : "";
    sentences.push_back(times + names.first + " and " + names.second +
                        ": minimum " + formatBytes(equal.together) +
                        " together, " + formatBytes(equal.apart) +
                        " one by one");
  }
  return sentences;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

bool memwall::isFarAboveBound(const LevelFigures &level) {
  return !level.hasTooManyScheduled() && !level.hasTooManyAtBound() &&
         (double)level.scheduled.total() > 1.1 * (double)level.boundBytes;
}

/// "; w_down is fetched 32.0 times" at a level, where operands are known.
static std::string blameOperands(const Row &row, unsigned target,
                                 llvm::StringRef levelName) {
  llvm::SmallVector<OpAtLevel, 1> ops;
  for (const OpFigures *op : row.members)
    for (const LevelFigures &level : op->targets[target].levels)
      if (level.name == levelName)
        ops.push_back({op, &level});
  std::string text = describeCostliestOperands(ops);
  return text.empty() ? text : "; " + text;
}

/// Of a level that takes the time as scheduled.
static std::string explainLevel(const Row &row, unsigned targetNumber,
                                const LevelFigures &level) {
  const OpFigures &op = row.figures;
  const TargetFigures &target = op.targets[targetNumber];
  std::string moved =
      level.name + " moves " + formatBytes(level.scheduled.total());
  if (level.scheduled.total() == 0)
    return "nothing moves";
  if (isFarAboveBound(level)) {
    if (level.boundBytes == 0)
      return moved + ", where nothing has to move" +
             blameOperands(row, targetNumber, level.name);
    double times = (double)level.scheduled.total() / (double)level.boundBytes;
    return moved + ", " + formatRatio(times) + " times the minimum (" +
           formatTime(target.secondsAtBound, target.boundBy) + ")" +
           blameOperands(row, targetNumber, level.name);
  }
  if (op.kind == OpKind::Unmodelled)
    return moved + ": operands and results once, as it is not modelled";
  moved += ", no more than the minimum";
  if (countOperations(op) == 0)
    return moved + ", and it computes nothing";
  // Of a group of ops, others may be bound by something else.
  if (level.ridge && level.flopsPerByte.value_or(0) > 0 &&
      *level.ridge > *level.flopsPerByte)
    moved += "; it takes " + formatRatio(*level.ridge / *level.flopsPerByte) +
             " times as long as the arithmetic";
  return moved;
}

std::string memwall::explainTime(const Row &row, unsigned targetNumber) {
  const TargetFigures &target = row.figures.targets[targetNumber];
  for (const LevelFigures &level : target.levels)
    if (level.name == target.boundByAsScheduled)
      return explainLevel(row, targetNumber, level);
  return target.boundByAsScheduled == "compute"
             ? "the arithmetic takes longer than any level of memory"
             : "no time is known";
}

std::string memwall::formatOperations(const OpFigures &op) {
  if (op.kind == OpKind::Unmodelled)
    return "?";
  int64_t operations = countOperations(op);
  return formatCount(operations, "") +
         (operations == op.arithmetic.flops ? "" : " int");
}

std::string memwall::formatBoundBy(llvm::StringRef boundBy) {
  return boundBy == "unknown" ? "no time known" : "bound by " + boundBy.str();
}

std::string memwall::formatTime(std::optional<double> seconds,
                                llvm::StringRef boundBy) {
  return formatSeconds(seconds) +
         (seconds ? ", bound by " + boundBy.str() : "");
}

std::string memwall::formatReadAndWritten(Bytes bytes) {
  return formatBytes(bytes.read) + " read + " + formatBytes(bytes.written) +
         " written";
}

std::string memwall::formatIntensity(const LevelFigures &dram) {
  std::string text = formatRatio(dram.flopsPerByteAtBound);
  if (dram.ridge)
    text += "; " + dram.name + "-bound below " + formatRatio(dram.ridge);
  return text;
}

std::string memwall::formatStandardErrors(const LevelFigures &level) {
  if (!level.provenance || level.hasTooManyScheduled())
    return "";
  const Provenance &from = *level.provenance;
  if (!from.errorOfRead || !from.errorOfWritten)
    return from.reason.empty() ? "not known"
                               : "not known (" + from.reason + ")";
  std::string read =
      formatStandardError(from.errorOfRead, double(level.scheduled.read));
  std::string written =
      formatStandardError(from.errorOfWritten, double(level.scheduled.written));
  return (read.empty() ? "" : read + " read") +
         (read.empty() || written.empty() ? "" : ", ") +
         (written.empty() ? "" : written + " written");
}

Bytes memwall::sumAboveFloor(const TargetFigures &target) {
  Bytes sum;
  for (const ExcessBytes &sort : target.aboveFloor)
    sum.add(sort.bytes);
  return sum;
}

std::string memwall::formatAboveFloor(const TargetFigures &target, Bytes floor,
                                      size_t place, size_t count) {
  auto kinds = llvm::ArrayRef(target.aboveFloor);
  double all = (double)sumAboveFloor(target).total();
  if (target.dram().hasTooManyScheduled() || all < 0.01 * (double)floor.total())
    return "";
  // Kinds of less than a hundredth share the last place, as do all for which
  // there is none of their own.
  size_t rest = kinds.size();
  while (rest > 1 && (double)kinds[rest - 1].bytes.total() < 0.01 * all)
    --rest;
  size_t lines = rest + (rest < kinds.size());
  if (lines > count)
    rest = count - 1;
  if (place > rest || place >= kinds.size())
    return "";
  bool isRest = place == rest;
  double bytes = 0;
  for (const ExcessBytes &kind :
       kinds.slice(place, isRest ? kinds.size() - place : 1))
    bytes += (double)kind.bytes.total();
  std::string share = formatShare(bytes / all) + " ";
  if (isRest && kinds.size() - place > 1)
    return share + std::to_string(kinds.size() - place) + " other kinds";
  return share + kinds[place].what;
}

bool memwall::isFarFromBound(const TargetFigures &target) {
  return target.secondsAsScheduled.value_or(0) >
         2 * target.secondsAtBound.value_or(0);
}

llvm::StringRef memwall::formatBandwidthChoice(BandwidthChoice use) {
  return use == BandwidthChoice::Peak ? "peak" : "achievable";
}

std::string memwall::formatTypesWithoutPeak(const TargetFigures &target) {
  if (target.typesWithoutPeak.empty())
    return "";
  return "arithmetic on " + llvm::join(target.typesWithoutPeak, ", ") +
         ", no peak known";
}

std::string memwall::countThings(size_t count, llvm::StringRef one,
                                 llvm::StringRef several) {
  return std::to_string(count) + " " + (count == 1 ? one : several).str();
}

std::string memwall::formatFirstPlace(const UnmodelledFigures &unmodelled) {
  if (unmodelled.places <= 1)
    return unmodelled.location;
  return unmodelled.location + " and " +
         countThings(unmodelled.places - 1, "more place", "more places");
}
