//===- ChooseSchedules.cpp - What Search says, per operation --------------===//

#include "ChooseSchedules.h"
#include "Remarks.h"
#include "memwall/Bounds/Units.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Report/Format.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/SplitDims.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace memwall;

static void addBytes(SmallVectorImpl<Bytes> &sums, ArrayRef<Bytes> bytes) {
  for (auto [sum, each] : llvm::zip(sums, bytes))
    sum.add(each);
}

/// Why `schedule` cannot be applied to `op`; "" when it can.
static std::string explainUnfit(Operation *op, const Schedule &schedule) {
  // Tiling tensor.pad makes branches that nobody can count.
  if (!isa<linalg::LinalgOp, linalg::PackOp, linalg::UnPackOp>(op))
    return "it is no structured linalg op";
  if (isa<linalg::UnPackOp>(op))
    return "tiles of it would cut inner tiles";
  FailureOr<ScheduledOp> described = describeScheduledOp(op);
  if (failed(described))
    return "it has no TilingInterface";
  return llvm::toString(check(schedule, *described));
}

/// Adds what another call does to the choice for the operation.
static void mergeChoice(OperationChoice &known, ScheduleChoice other) {
  addBytes(known.choice.before, other.before);
  addBytes(known.choice.after, other.after);
  known.choice.dramBound = addCounts(known.choice.dramBound, other.dramBound);
  if (!known.choice.schedule && other.schedule && !other.group) {
    known.choice.schedule = std::move(other.schedule);
    known.choice.split = std::move(other.split);
  }
}

void memwall::dissolve(ModuleChoices &choices, size_t group,
                       std::string reason) {
  OperationGroup &taken = choices.groups[group];
  taken.choice.reason = std::move(reason);
  for (auto [member, schedule] :
       llvm::zip_equal(taken.members, taken.choice.alone)) {
    ScheduleChoice &choice = choices.ops[member].choice;
    choice.group.reset();
    choice.schedule = schedule;
    choice.after = choice.before;
    if (!schedule)
      choice.reason = "on its own nothing is gained";
  }
}

/// Function and name of the group that an op is written into.
static std::optional<std::pair<Operation *, StringRef>>
findWrittenGroup(Operation *op) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
  if (!schedule || schedule.getGroup().empty())
    return std::nullopt;
  return std::pair(op->getParentOfType<FunctionOpInterface>().getOperation(),
                   schedule.getGroup());
}

void memwall::writeSchedules(
    ModuleOp module, ArrayRef<std::pair<Operation *, Schedule>> schedules) {
  llvm::DenseSet<std::pair<Operation *, StringRef>> replaced;
  auto addGroup = [&](Operation *op) {
    if (auto group = findWrittenGroup(op))
      replaced.insert(*group);
  };
  llvm::DenseSet<Operation *> hasNew;
  for (const auto &[op, schedule] : schedules) {
    addGroup(op);
    op->setAttr(kScheduleAttrName, toAttribute(schedule, op->getContext()));
    addGroup(op);
    hasNew.insert(op);
  }
  module->walk([&](Operation *op) {
    auto group = findWrittenGroup(op);
    if (group && replaced.contains(*group) && !hasNew.contains(op))
      op->removeAttr(kScheduleAttrName);
  });
}

/// Ops that nobody asks about again, and those that belong to nobody.
static bool isFixed(const OpRecord &record) {
  return !record.operation || record.kind == OpKind::Unmodelled ||
         record.operation->hasAttr(kTiledAttrName) ||
         record.operation->hasAttr(kNontemporalAttrName) ||
         record.operation->hasAttr(kPackedAheadAttrName);
}

namespace {
/// Collects the choices for the trees of a module.
class ChoiceCollector {
public:
  void add(const LoopTree &tree, const Target &target, FunctionChoice found);
  ModuleChoices take();

private:
  llvm::DenseMap<Operation *, size_t> numbers;
  ModuleChoices result;
};
} // namespace

/// What the contractions of a group must move as a unit at DRAM.
static void setUnitBounds(llvm::MutableArrayRef<OperationGroup> groups,
                          const LoopTree &tree, const Target &target) {
  if (groups.empty())
    return;
  llvm::SmallVector<Unit, 0> units = findUnits(tree);
  for (auto [unit, bounds] :
       llvm::zip_equal(units, computeUnitBounds(units, target)))
    for (OperationGroup &group : groups)
      if (llvm::is_contained(group.choice.members, unit.first) &&
          llvm::is_contained(group.choice.members, unit.second))
        group.unitBoundBytes =
            std::max(group.unitBoundBytes, bounds.back().bytes);
}

void ChoiceCollector::add(const LoopTree &tree, const Target &target,
                          FunctionChoice found) {
  size_t firstGroup = result.groups.size();
  for (GroupChoice &group : found.groups)
    result.groups.push_back({std::move(group), tree.function, {}, 0});
  setUnitBounds(llvm::MutableArrayRef(result.groups).drop_front(firstGroup),
                tree, target);
  for (ScheduleChoice &choice : found.ops) {
    // Packing ops of the searched tree come behind those of the program.
    if (choice.op >= tree.ops.size())
      continue;
    const OpRecord &record = tree.ops[choice.op];
    if (isFixed(record))
      continue;
    if (choice.schedule)
      choice.schedule = toOpDims(*choice.schedule, tree, choice.op);
    if (choice.bestRejected)
      if (auto rejected =
              toOpDims(choice.bestRejected->schedule, tree, choice.op))
        choice.bestRejected->schedule = std::move(*rejected);
    auto [place, isNew] = numbers.insert({record.operation, result.ops.size()});
    if (choice.split && choice.split->without)
      choice.split->without = toOpDims(*choice.split->without, tree, choice.op);
    if (!isNew) {
      mergeChoice(result.ops[place->second], std::move(choice));
      continue;
    }
    if (choice.group)
      choice.group = *choice.group + firstGroup;
    result.ops.push_back(
        {record.operation, record.name, tree.function, std::move(choice)});
  }
  for (size_t g = firstGroup; g < result.groups.size(); ++g) {
    OperationGroup &group = result.groups[g];
    for (OpId op : group.choice.members)
      group.members.push_back(numbers.lookup(tree.ops[op].operation));
    // A group of ops that are known from another call is that call's.
    bool isOwn = llvm::all_of(group.members, [&](size_t member) {
      return result.ops[member].choice.group == g;
    });
    if (!isOwn && group.choice.reason.empty())
      group.choice.reason = "another call of its ops decides";
  }
}

ModuleChoices ChoiceCollector::take() {
  for (OperationChoice &op : result.ops) {
    std::optional<Schedule> &schedule = op.choice.schedule;
    if (schedule && schedule->empty())
      schedule.reset();
    std::string unfit = schedule ? explainUnfit(op.operation, *schedule) : "";
    if (unfit.empty())
      continue;
    if (op.choice.group) {
      dissolve(result, *op.choice.group, op.name + ": " + unfit);
      continue;
    }
    schedule.reset();
    op.choice.reason = unfit;
    op.choice.after = op.choice.before;
  }
  return std::move(result);
}

ModuleChoices memwall::chooseSchedules(ArrayRef<LoopTree> trees,
                                       ArrayRef<Traffic> traffic,
                                       const Target &target,
                                       SearchOptions options) {
  options.isFixed = isFixed;
  options.isFusable = [](const OpRecord &record) {
    return isa_and_nonnull<linalg::LinalgOp>(record.operation);
  };
  ChoiceCollector collector;
  for (auto [number, tree] : llvm::enumerate(trees))
    collector.add(
        tree, target,
        searchSchedules(tree, target, options,
                        traffic.empty() ? nullptr : &traffic[number]));
  return collector.take();
}

/// "ddr5 moves 1.20 MB before, 405 kB after, 402 kB at the bound from cold".
/// When DRAM stays the same, the first level in from it that does not is said
/// as well.
static std::string describeBytes(const ScheduleChoice &choice,
                                 const Target &target) {
  std::string text = target.dram().name + " moves " +
                     formatBytes(choice.before.back().total());
  if (choice.schedule)
    text += " before, " + formatBytes(choice.after.back().total()) + " after";
  text += ", " + formatBytes(choice.dramBound) + " at the bound from cold";
  for (auto [level, before, after] :
       llvm::reverse(llvm::zip(target.levels, choice.before, choice.after)))
    if (choice.schedule && before.total() != after.total()) {
      if (&level != &target.dram())
        text += "; " + level.name + " " + formatBytes(before.total()) +
                " before, " + formatBytes(after.total()) + " after";
      break;
    }
  return text;
}

void memwall::emitChoiceRemark(const OperationChoice &op,
                               const Target &target) {
  const ScheduleChoice &choice = op.choice;
  if (choice.before.empty())
    return;
  std::string text = op.name;
  if (choice.schedule)
    text += " is tiled for " + target.name + " by " +
            toString(*choice.schedule) + ": ";
  else
    text += " stays as it is for " + target.name + ": " + choice.reason + "; ";
  text += describeBytes(choice, target);
  if (choice.isSplit())
    text += "; in " + std::to_string(choice.schedule->split->parts) +
            " parts " + std::to_string(choice.split->busyAfter) + " of " +
            std::to_string(target.units) + " units have work instead of " +
            std::to_string(choice.split->busyBefore);
  // What looks better than what was kept was not: its bytes are a guess that
  // the reason does away with, and would contradict it.
  const std::optional<RejectedSchedule> &rejected = choice.bestRejected;
  bool isWorse =
      rejected &&
      rejected->dramBytes >=
          (choice.schedule ? choice.after : choice.before).back().total();
  if (isWorse)
    text += (choice.schedule ? "; next best " : "; best tried ") +
            toString(rejected->schedule) + " with " +
            formatBytes(rejected->dramBytes) + ", " + rejected->reason;
  Location location = op.operation->getLoc();
  // An op may move more so that its function moves less.
  bool isBetter = choice.after.back().total() <= choice.before.back().total();
  if (choice.schedule)
    emitRemark(isBetter ? RemarkKind::Passed : RemarkKind::Analysis, location,
               "tiled", op.function,
               isBetter ? text
                        : text + "; it moves more itself, its function less");
  else
    emitRemark(RemarkKind::Missed, location, "not-tiled", op.function, text);
}

/// "ddr5 7.91 GB before, 84.0 MB after; l3 9.24 GB before, 3.31 GB after": DRAM
/// and one level further in.
static std::string describeGroupBytes(const GroupChoice &group,
                                      const Target &target) {
  std::string text;
  size_t levels = target.levels.size();
  for (size_t i = levels; i-- > std::max<size_t>(levels, 3) - 2;)
    text += (text.empty() ? "" : "; ") + target.levels[i].name + " " +
            formatBytes(group.before[i].total()) + " before, " +
            formatBytes(group.after[i].total()) + " after";
  return text;
}

/// "in 128 parts: 128 of 132 units have work instead of 8, for 0 B more at hbm3
/// and 2.10 MB at l2".
static std::string describeParts(const StreamSplitChoice &split,
                                 const Target &target) {
  auto describe = [](double bytes) {
    return (bytes < 0 ? "-" : "") + formatBytes(int64_t(std::abs(bytes)));
  };
  std::string text =
      "in " + std::to_string(split.parts) +
      " parts: " + std::to_string(split.busyAfter) + " of " +
      std::to_string(target.units) + " units have work instead of " +
      std::to_string(split.busyBefore) + ", for " + describe(split.moreAtDram) +
      " more at " + target.dram().name;
  if (target.levels.size() > 2)
    text += " and " + describe(split.moreInside) + " at " +
            target.levels[target.levels.size() - 2].name;
  return text;
}

void memwall::emitGroupRemark(const ModuleChoices &choices,
                              const OperationGroup &group,
                              const Target &target) {
  if (group.members.empty())
    return;
  std::string text = group.choice.name + " of ";
  for (auto [number, member] : llvm::enumerate(group.members))
    text += (number == 0 ? "" : ", ") + choices.ops[member].name;
  bool stands = group.choice.reason.empty();
  if (stands)
    text += " share loops for " + target.name + ": " +
            describeGroupBytes(group.choice, target) +
            (group.unitBoundBytes > 0 ? "; its contractions must move " +
                                            formatBytes(group.unitBoundBytes)
                                      : "");
  else
    text += " does not stand for " + target.name + ": " + group.choice.reason;
  if (stands && !group.choice.streamed.empty())
    text += "; streamed " + group.choice.streamed;
  if (stands && group.choice.split)
    text += ", " + describeParts(*group.choice.split, target);
  if (stands && !group.choice.bestRejected.empty())
    text += "; next best: " + group.choice.bestRejected;
  Location location = choices.ops[group.members.back()].operation->getLoc();
  if (stands)
    emitRemark(RemarkKind::Passed, location, "fused", group.function, text);
  else
    emitRemark(RemarkKind::Missed, location, "not-fused", group.function, text);
  if (stands && !group.choice.streamRefusal.empty())
    emitRemark(RemarkKind::Missed, location, "not-streamed", group.function,
               group.choice.streamRefusal);
}
