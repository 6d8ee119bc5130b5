//===- ChooseSchedules.cpp - What Search says, per operation --------------===//

#include "ChooseSchedules.h"
#include "Remarks.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Report/Format.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/SplitDims.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/MapVector.h"

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
  if (!known.choice.schedule && other.schedule)
    known.choice.schedule = std::move(other.schedule);
}

SmallVector<OperationChoice, 0>
memwall::chooseSchedules(ArrayRef<LoopTree> trees, const Target &target,
                         SearchOptions options) {
  llvm::MapVector<Operation *, OperationChoice> choices;
  for (const LoopTree &tree : trees)
    for (ScheduleChoice &choice : searchSchedules(tree, target, options)) {
      // Packing ops of the searched tree come behind those of the program.
      if (choice.op >= tree.ops.size())
        continue;
      const OpRecord &record = tree.ops[choice.op];
      if (!record.operation || record.kind == OpKind::Unmodelled ||
          record.operation->hasAttr(kTiledAttrName) ||
          record.operation->hasAttr(kPackedAheadAttrName))
        continue;
      if (choice.schedule)
        choice.schedule = toOpDims(*choice.schedule, tree, choice.op);
      if (choice.bestRejected)
        if (auto rejected =
                toOpDims(choice.bestRejected->schedule, tree, choice.op))
          choice.bestRejected->schedule = std::move(*rejected);
      auto [place, isNew] = choices.insert({record.operation, {}});
      if (isNew)
        place->second = {record.operation, record.name, tree.function,
                         std::move(choice)};
      else
        mergeChoice(place->second, std::move(choice));
    }
  SmallVector<OperationChoice, 0> result;
  for (auto &[operation, choice] : choices) {
    std::optional<Schedule> &schedule = choice.choice.schedule;
    if (schedule && schedule->empty())
      schedule.reset();
    std::string unfit = schedule ? explainUnfit(operation, *schedule) : "";
    if (!unfit.empty()) {
      schedule.reset();
      choice.choice.reason = unfit;
      choice.choice.after = choice.choice.before;
    }
    result.push_back(std::move(choice));
  }
  return result;
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
