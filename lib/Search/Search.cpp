//===- Search.cpp - Schedules for the ops of a function -------------------===//

#include "memwall/Search/Search.h"
#include "SearchOp.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace memwall;

namespace {

/// Searches every op on its own, then holds the choices against the function.
class FunctionSearch {
public:
  FunctionSearch(const LoopTree &tree, const Target &target,
                 SearchOptions options)
      : tree(tree), target(target), options(options) {}

  llvm::SmallVector<ScheduleChoice, 0> run();

private:
  void searchOps();
  OpChoice searchNest(NodeId node);
  llvm::SmallVector<OpSchedule, 0> listSchedules() const;
  bool serialize(ScheduleChoice &choice);
  bool dropOffenders();
  void dropAll();
  void drop(ScheduleChoice &choice, std::string reason);
  void holdAgainstFunction();
  void setBefore();
  Bytes getBytes(const Traffic &traffic, OpId op, size_t level) const;
  void setAfter(const Traffic &after);

  const LoopTree &tree;
  const Target &target;
  SearchOptions options;
  llvm::SmallVector<ScheduleChoice, 0> choices;
  llvm::StringMap<OpChoice> searched; ///< By search key.
  Traffic before;
};

} // namespace

OpChoice FunctionSearch::searchNest(NodeId node) {
  llvm::Expected<IsolatedOp> isolated = isolateOp(tree, node);
  if (!isolated) {
    OpChoice choice;
    choice.reason = toString(isolated.takeError());
    return choice;
  }
  auto [known, isNew] = searched.try_emplace(makeSearchKey(*isolated));
  if (isNew)
    known->second = searchOp(*isolated, target, options);
  return known->second;
}

void FunctionSearch::searchOps() {
  llvm::SmallVector<llvm::SmallVector<NodeId, 1>, 0> nests(tree.ops.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nests[node.nest.op].push_back(id);
  for (auto [op, mine] : llvm::enumerate(nests)) {
    ScheduleChoice choice;
    choice.op = op;
    // An op that copies its init first is its second nest.
    bool hasCopy = mine.size() == 2 && findInitCopy(tree, mine[1]) == mine[0];
    // tensor.from_elements of nothing has a nest without accesses.
    bool isEmpty =
        mine.empty() || tree.nodes[mine.back()].nest.accesses.empty();
    if (isEmpty || (mine.size() != 1 && !hasCopy)) {
      choice.reason =
          isEmpty ? "runs nothing" : "is several nests; decompose it first";
    } else {
      OpChoice found = searchNest(mine.back());
      choice.schedule = std::move(found.schedule);
      choice.bestRejected = std::move(found.bestRejected);
      choice.reason = std::move(found.reason);
    }
    choices.push_back(std::move(choice));
  }
}

llvm::SmallVector<OpSchedule, 0> FunctionSearch::listSchedules() const {
  llvm::SmallVector<OpSchedule, 0> schedules;
  for (const ScheduleChoice &choice : choices)
    if (choice.schedule)
      schedules.push_back({choice.op, *choice.schedule});
  return schedules;
}

Bytes FunctionSearch::getBytes(const Traffic &traffic, OpId op,
                               size_t level) const {
  const auto &ops = traffic.levels[level].ops;
  return op < ops.size() ? ops[op] : Bytes();
}

/// Bytes of every op once scheduled, its packing included: packing ops come
/// behind all others, in program order.
void FunctionSearch::setAfter(const Traffic &after) {
  OpId packing = tree.ops.size();
  for (ScheduleChoice &choice : choices) {
    OpId first = packing;
    if (choice.schedule)
      for (const PackedOperand &pack : choice.schedule->packs)
        packing += !pack.ahead;
    for (size_t level = 0; level < target.levels.size(); ++level) {
      Bytes &bytes = choice.after[level];
      bytes = getBytes(after, choice.op, level);
      for (OpId op = first; op < packing; ++op) {
        bytes.read += getBytes(after, op, level).read;
        bytes.written += getBytes(after, op, level).written;
      }
    }
  }
}

void FunctionSearch::drop(ScheduleChoice &choice, std::string reason) {
  RejectedSchedule rejected{std::move(*choice.schedule),
                            choice.after.back().total(), reason};
  choice.schedule.reset();
  choice.bestRejected = std::move(rejected);
  choice.reason = std::move(reason);
  choice.after = choice.before;
}

/// Takes parallel loops back: what one instance of a cache made, another one
/// has to fetch. False when there are none.
bool FunctionSearch::serialize(ScheduleChoice &choice) {
  bool isParallel = choice.schedule->units > 1;
  choice.schedule->units = 1;
  for (TileBand &band : choice.schedule->bands)
    band.parallel.clear();
  return isParallel;
}

/// Drops the schedules of ops that move more in this function than before, or
/// makes them serial; false when there is none. Call sites of one operation go
/// together.
bool FunctionSearch::dropOffenders() {
  bool changed = false;
  for (ScheduleChoice &choice : choices) {
    if (!choice.schedule)
      continue;
    int64_t was = choice.before.back().total();
    int64_t is = choice.after.back().total();
    if (is <= was)
      continue;
    changed = true;
    mlir::Operation *operation = tree.ops[choice.op].operation;
    auto forOtherCalls = [&](auto change) {
      for (ScheduleChoice &other : choices)
        if (operation && other.schedule &&
            tree.ops[other.op].operation == operation)
          change(other);
    };
    if (serialize(choice)) {
      forOtherCalls([&](ScheduleChoice &other) { serialize(other); });
      continue;
    }
    drop(choice,
         "in this function it would move more at " + target.dram().name);
    forOtherCalls([&](ScheduleChoice &other) {
      drop(other, "another call of the same op would move more");
    });
  }
  return changed;
}

/// As a last resort: all schedules serial, or none at all.
void FunctionSearch::dropAll() {
  bool changed = false;
  for (ScheduleChoice &choice : choices)
    if (choice.schedule)
      changed |= serialize(choice);
  if (changed)
    return;
  for (ScheduleChoice &choice : choices)
    if (choice.schedule)
      drop(choice, "the function would move more");
}

void FunctionSearch::setBefore() {
  for (ScheduleChoice &choice : choices) {
    choice.before.clear();
    for (size_t level = 0; level < target.levels.size(); ++level)
      choice.before.push_back(getBytes(before, choice.op, level));
    choice.after = choice.before;
  }
}

/// How far off the bytes at DRAM may be: what is stated, at most a hundredth.
static double estimateSlack(const Traffic &traffic) {
  constexpr double kMost = 0.01;
  const LevelTraffic &dram = traffic.levels.back();
  double most = kMost * double(dram.total.total());
  const Provenance &from = dram.provenance;
  return std::min(most, from.errorOfRead.value_or(most) +
                            from.errorOfWritten.value_or(most));
}

/// Counts the function as it is and as it was chosen with what a report spends,
/// so that a remark shows the report's figures, and drops what does not help:
/// it may not move more at DRAM, by more than the counts may be off.
void FunctionSearch::holdAgainstFunction() {
  before = computeTraffic(tree, target);
  setBefore();
  // Every round makes a schedule serial or drops one.
  for (;;) {
    for (ScheduleChoice &choice : choices)
      choice.after = choice.before;
    llvm::SmallVector<OpSchedule, 0> schedules = listSchedules();
    if (schedules.empty())
      return;
    llvm::Expected<LoopTree> scheduled = scheduleTree(tree, schedules);
    if (!scheduled) {
      llvm::consumeError(scheduled.takeError());
      for (ScheduleChoice &choice : choices)
        if (choice.schedule)
          drop(choice, "does not fit the function");
      continue;
    }
    Traffic after = computeTraffic(*scheduled, target);
    setAfter(after);
    double was = double(before.levels.back().total.total());
    double is = double(after.levels.back().total.total());
    if (is <= was + estimateSlack(before) + estimateSlack(after))
      return;
    if (!dropOffenders())
      dropAll();
  }
}

llvm::SmallVector<ScheduleChoice, 0> FunctionSearch::run() {
  searchOps();
  holdAgainstFunction();
  auto bounds = computeBounds(tree, target);
  for (ScheduleChoice &choice : choices)
    choice.dramBound = bounds[choice.op].back().bytes;
  return std::move(choices);
}

llvm::SmallVector<ScheduleChoice, 0>
memwall::searchSchedules(const LoopTree &tree, const Target &target,
                         SearchOptions options) {
  return FunctionSearch(tree, target, options).run();
}
