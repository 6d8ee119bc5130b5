//===- Search.cpp - Schedules for the ops of a function -------------------===//

#include "memwall/Search/Search.h"
#include "SearchGroups.h"
#include "SearchOp.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace memwall;

namespace {

/// Searches every op on its own, then groups of them, then holds the choices
/// against the function.
class FunctionSearch {
public:
  FunctionSearch(const LoopTree &tree, const Target &target,
                 SearchOptions options)
      : tree(tree), target(target), options(std::move(options)) {}

  FunctionChoice run(Traffic now);

private:
  void searchOps();
  OpChoice searchNest(NodeId node);
  OpChoice searchIsolated(const IsolatedOp &isolated, const SearchOptions &how);
  void takeGroups();
  llvm::SmallVector<OpSchedule, 0> listSchedules() const;
  bool unsplit(ScheduleChoice &choice);
  double countRise(const ScheduleChoice &choice) const;
  bool serialize(ScheduleChoice &choice);
  bool takeFallback(ScheduleChoice &choice);
  bool dropOffenders(double excess);
  void takeBack(ScheduleChoice &choice);
  void dropAll();
  void drop(ScheduleChoice &choice, std::string reason);
  void dropGroup(unsigned group, const std::string &reason);
  void holdAgainstFunction();
  void setBefore();
  Bytes getBytes(const Traffic &traffic, OpId op, size_t level) const;
  int64_t countDram(const ScheduleChoice &choice, bool isAfter) const;
  OpId countPacks(const ScheduleChoice &choice) const;
  void setAfter(const Traffic &after);
  void setGroupBytes();

  const LoopTree &tree;
  const Target &target;
  SearchOptions options;
  llvm::SmallVector<ScheduleChoice, 0> choices;
  llvm::SmallVector<GroupChoice, 0> groups;
  AloneBytes aloneBytes;
  llvm::SmallVector<NodeId, 0> nestOf; ///< By op that was searched.
  llvm::StringMap<OpChoice> searched;  ///< By search key.
  /// By op that moved more in the function: what has not been tried in it.
  llvm::DenseMap<OpId, llvm::SmallVector<Schedule, 2>> fallbacks;
  /// What `findFallbacks` found, by search key.
  llvm::StringMap<llvm::SmallVector<Schedule, 2>> fallbacksByKey;
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
  return searchIsolated(*isolated, options);
}

/// Equal ops are searched once.
OpChoice FunctionSearch::searchIsolated(const IsolatedOp &isolated,
                                        const SearchOptions &how) {
  std::string key = makeSearchKey(isolated) + (how.pack ? "p" : "") +
                    (how.parallel ? "u" : "") + (how.split ? "s" : "") +
                    (isolated.isTile ? "t" : "");
  auto [known, isNew] = searched.try_emplace(key);
  if (isNew)
    known->second = searchOp(isolated, target, how);
  return known->second;
}

/// Lets the groups that move less have their members.
void FunctionSearch::takeGroups() {
  if (!options.fuse)
    return;
  auto searchOne = [&](const IsolatedOp &isolated, const SearchOptions &how) {
    return searchIsolated(isolated, how);
  };
  for (FoundGroup &found : searchGroups(tree, target, options, choices,
                                        aloneBytes, before, searchOne)) {
    GroupChoice &group = groups.emplace_back();
    group.name = "g" + std::to_string(groups.size() - 1);
    group.bestRejected = std::move(found.outcome.bestRejected);
    group.streamed = std::move(found.outcome.streamed);
    group.streamRefusal = std::move(found.outcome.streamRefusal);
    group.split = found.outcome.split;
    for (auto [node, schedule] :
         llvm::zip_equal(found.nests, found.outcome.schedules)) {
      OpId op = tree.nodes[node].nest.op;
      group.alone.push_back(std::move(choices[op].schedule));
      choices[op].schedule = schedule;
      choices[op].schedule->group = group.name;
      choices[op].group = groups.size() - 1;
      choices[op].reason.clear();
      group.members.push_back(op);
    }
  }
}

void FunctionSearch::searchOps() {
  llvm::SmallVector<llvm::SmallVector<NodeId, 1>, 0> nests(tree.ops.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nests[node.nest.op].push_back(id);
  aloneBytes.inner.assign(tree.ops.size(), 0);
  nestOf.assign(tree.ops.size(), 0);
  for (auto [op, mine] : llvm::enumerate(nests)) {
    ScheduleChoice choice;
    choice.op = op;
    // An op that copies its init first is its second nest.
    bool hasCopy = mine.size() == 2 && findInitCopy(tree, mine[1]) == mine[0];
    // tensor.from_elements of nothing has a nest without accesses.
    bool isEmpty =
        mine.empty() || tree.nodes[mine.back()].nest.accesses.empty();
    if (options.isFixed && options.isFixed(tree.ops[op])) {
      choice.reason = "stays as it is";
    } else if (isEmpty || (mine.size() != 1 && !hasCopy)) {
      choice.reason =
          isEmpty ? "runs nothing" : "is several nests; decompose it first";
    } else {
      OpChoice found = searchNest(mine.back());
      choice.schedule = std::move(found.schedule);
      choice.bestRejected = std::move(found.bestRejected);
      choice.reason = std::move(found.reason);
      choice.split = std::move(found.split);
      nestOf[op] = mine.back();
      aloneBytes.inner[op] = found.innerBytes;
      aloneBytes.dram += found.dramBytes;
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

/// How many packing ops the schedule of an op makes; those of a group count for
/// its root, where its loops are.
OpId FunctionSearch::countPacks(const ScheduleChoice &choice) const {
  auto count = [](const std::optional<Schedule> &schedule) -> OpId {
    return schedule ? llvm::count_if(
                          schedule->packs,
                          [](const PackedOperand &pack) { return !pack.ahead; })
                    : 0;
  };
  if (!choice.group)
    return count(choice.schedule);
  OpId sum = 0;
  if (groups[*choice.group].members.back() == choice.op)
    for (OpId op : groups[*choice.group].members)
      sum += count(choices[op].schedule);
  return sum;
}

/// Bytes of every op once scheduled, with what its split and its packs add:
/// these ops come behind all others, in program order, those of splits first.
void FunctionSearch::setAfter(const Traffic &after) {
  constexpr OpId kOpsOfSplit = 2; // The fill and the combining op.
  OpId split = tree.ops.size();
  OpId packing = split;
  for (const ScheduleChoice &choice : choices)
    packing += choice.isSplit() ? kOpsOfSplit : 0;
  auto add = [&](ScheduleChoice &choice, OpId first, OpId count) {
    for (auto [level, bytes] : llvm::enumerate(choice.after))
      for (OpId op = first; op < first + count; ++op)
        bytes.add(getBytes(after, op, level));
    return first + count;
  };
  for (ScheduleChoice &choice : choices) {
    for (auto [level, bytes] : llvm::enumerate(choice.after))
      bytes = getBytes(after, choice.op, level);
    split = add(choice, split, choice.isSplit() ? kOpsOfSplit : 0);
    packing = add(choice, packing, countPacks(choice));
  }
}

void FunctionSearch::drop(ScheduleChoice &choice, std::string reason) {
  if (choice.group)
    return dropGroup(*choice.group, reason);
  RejectedSchedule rejected{std::move(*choice.schedule),
                            choice.after.back().total(), reason};
  choice.schedule.reset();
  choice.split.reset();
  choice.bestRejected = std::move(rejected);
  choice.reason = std::move(reason);
  choice.after = choice.before;
}

/// The members of a group do again what each did on its own.
void FunctionSearch::dropGroup(unsigned group, const std::string &reason) {
  groups[group].reason = reason;
  for (auto [op, schedule] :
       llvm::zip_equal(groups[group].members, groups[group].alone)) {
    choices[op].group.reset();
    choices[op].schedule = schedule;
    choices[op].after = choices[op].before;
    if (!choices[op].schedule)
      choices[op].reason = "in a group " + reason;
  }
}

/// Takes parallel loops and parts of streams back: what one instance of a cache
/// made, another one has to fetch. False when there are none.
bool FunctionSearch::serialize(ScheduleChoice &choice) {
  bool isParallel = choice.schedule->units > 1;
  choice.schedule->units = 1;
  if (choice.group) {
    groups[*choice.group].split.reset();
    for (OpId op : groups[*choice.group].members)
      for (StreamBand &band : choices[op].schedule->stream)
        band.parts.reset();
  }
  for (TileBand &band : choice.schedule->bands)
    band.parallel.clear();
  return isParallel;
}

/// Takes a split back: false when there is none.
bool FunctionSearch::unsplit(ScheduleChoice &choice) {
  if (!choice.isSplit())
    return false;
  choice.schedule = std::move(choice.split->without);
  choice.reason = std::move(choice.split->reason);
  choice.split.reset();
  choice.after = choice.before;
  return true;
}

/// Takes the next best schedule of an op: false when there is none.
bool FunctionSearch::takeFallback(ScheduleChoice &choice) {
  if (choice.group)
    return false;
  auto [known, isNew] = fallbacks.try_emplace(choice.op);
  if (isNew) {
    if (llvm::Expected<IsolatedOp> isolated =
            isolateOp(tree, nestOf[choice.op])) {
      auto [found, isUnlike] =
          fallbacksByKey.try_emplace(makeSearchKey(*isolated));
      if (isUnlike)
        found->second = findFallbacks(*isolated, target, options);
      known->second = found->second;
    } else {
      llvm::consumeError(isolated.takeError());
    }
  }
  while (!known->second.empty()) {
    Schedule next = std::move(known->second.front());
    known->second.erase(known->second.begin());
    if (toString(next) == toString(*choice.schedule))
      continue;
    choice.bestRejected = {std::move(*choice.schedule),
                           choice.after.back().total(),
                           "in this function it would move more"};
    choice.schedule = std::move(next);
    choice.after = choice.before;
    return true;
  }
  return false;
}

/// Bytes at DRAM of an op, or of the group that it is the root of.
int64_t FunctionSearch::countDram(const ScheduleChoice &choice,
                                  bool isAfter) const {
  auto count = [&](const ScheduleChoice &each) {
    return (isAfter ? each.after : each.before).back().total();
  };
  if (!choice.group)
    return count(choice);
  int64_t sum = 0;
  for (OpId op : groups[*choice.group].members)
    sum = addCounts(sum, count(choices[op]));
  return sum;
}

/// By how many bytes more an op or a group moves at DRAM than before. A split
/// may move a little more: it is bought with idle units.
double FunctionSearch::countRise(const ScheduleChoice &choice) const {
  double most = double(countDram(choice, /*isAfter=*/false));
  return double(countDram(choice, /*isAfter=*/true)) -
         most * (choice.isSplit() ? 1 + kMostMoreAtDram : 1);
}

/// Takes back what makes the function move `excess` bytes too many at DRAM: of
/// the ops and groups that move more in it than before, those that rise most,
/// until what they rise by is the excess. What rises by less stays for the sake
/// of the levels further in. False when nothing rises.
bool FunctionSearch::dropOffenders(double excess) {
  llvm::SmallVector<std::pair<double, ScheduleChoice *>, 0> rises;
  for (ScheduleChoice &choice : choices) {
    bool isMember =
        choice.group && groups[*choice.group].members.back() != choice.op;
    if (!choice.schedule || isMember)
      continue;
    if (double rise = countRise(choice); rise > 0)
      rises.push_back({rise, &choice});
  }
  llvm::stable_sort(
      rises, [](const auto &a, const auto &b) { return a.first > b.first; });
  llvm::DenseSet<mlir::Operation *> changed;
  for (auto [rise, choice] : rises) {
    if (excess <= 0)
      break;
    excess -= rise;
    mlir::Operation *operation = tree.ops[choice->op].operation;
    if (!operation || changed.insert(operation).second)
      takeBack(*choice);
  }
  return !rises.empty();
}

/// Takes back the split of an op, makes its loops or those of its group serial,
/// takes its next best schedule, or drops it. Call sites of one operation go
/// together.
void FunctionSearch::takeBack(ScheduleChoice &choice) {
  mlir::Operation *operation = tree.ops[choice.op].operation;
  auto forOtherCalls = [&](auto change) {
    for (ScheduleChoice &other : choices)
      if (operation && other.schedule && other.op != choice.op &&
          tree.ops[other.op].operation == operation)
        change(other);
  };
  if (unsplit(choice)) {
    forOtherCalls([&](ScheduleChoice &other) { unsplit(other); });
    return;
  }
  if (serialize(choice)) {
    forOtherCalls([&](ScheduleChoice &other) { serialize(other); });
    return;
  }
  if (takeFallback(choice)) {
    forOtherCalls([&](ScheduleChoice &other) { takeFallback(other); });
    return;
  }
  drop(choice, "in this function it would move more at " + target.dram().name);
  forOtherCalls([&](ScheduleChoice &other) {
    drop(other, "another call of the same op would move more");
  });
}

/// As a last resort: no splits, all schedules serial, no groups, the next best
/// ones, or none at all.
void FunctionSearch::dropAll() {
  bool changed = false;
  for (ScheduleChoice &choice : choices)
    changed |= unsplit(choice);
  if (changed)
    return;
  for (ScheduleChoice &choice : choices)
    if (choice.schedule)
      changed |= serialize(choice);
  for (unsigned group = 0; group < groups.size() && !changed; ++group)
    if (groups[group].reason.empty())
      dropGroup(group, "it would move more in this function");
  if (changed)
    return;
  for (ScheduleChoice &choice : choices)
    changed |= choice.schedule && takeFallback(choice);
  for (ScheduleChoice &choice : choices)
    if (choice.schedule && !changed)
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

/// The score of what a function moves, at all levels but that of the accesses.
static double computeScoreOf(const Traffic &traffic,
                             const Objective &objective) {
  llvm::SmallVector<double, 4> bytes;
  for (const LevelTraffic &level : llvm::drop_begin(traffic.levels))
    bytes.push_back(double(level.total.total()));
  return objective.computeScore(bytes);
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
/// its score may not be worse, nor may it move over a hundredth more at DRAM,
/// or more than the counts may be off.
void FunctionSearch::holdAgainstFunction() {
  Objective objective(options.objective, target, tree.ops);
  // Every round makes a schedule serial, takes the next best or drops one.
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
    Traffic after = computeTraffic(*scheduled, target, options.inContext);
    setAfter(after);
    double was = double(before.levels.back().total.total());
    double is = double(after.levels.back().total.total());
    double slack = estimateSlack(before) + estimateSlack(after);
    // What is split may score worse: it is bought with idle units.
    bool splits = llvm::any_of(
        choices, [](const ScheduleChoice &each) { return each.isSplit(); });
    double most = was + slack;
    if (splits ||
        computeScoreOf(after, objective) <= computeScoreOf(before, objective))
      most = was + std::max(slack, kMostMoreAtDram * was);
    if (is <= most)
      return;
    if (!dropOffenders(is - most))
      dropAll();
  }
}

void FunctionSearch::setGroupBytes() {
  for (GroupChoice &group : groups) {
    group.before.assign(target.levels.size(), Bytes());
    group.after = group.before;
    for (OpId op : group.members)
      for (size_t level = 0; level < target.levels.size(); ++level) {
        group.before[level].add(choices[op].before[level]);
        group.after[level].add(choices[op].after[level]);
      }
  }
}

FunctionChoice FunctionSearch::run(Traffic now) {
  before = std::move(now);
  searchOps();
  setBefore();
  takeGroups();
  holdAgainstFunction();
  setGroupBytes();
  auto bounds = computeBounds(tree, target);
  for (ScheduleChoice &choice : choices)
    choice.dramBound = bounds[choice.op].back().bytes;
  return {std::move(choices), std::move(groups)};
}

FunctionChoice memwall::searchSchedules(const LoopTree &tree,
                                        const Target &target,
                                        SearchOptions options,
                                        const Traffic *before) {
  Target machine = target;
  if (!options.forVectorCode)
    machine.vectorRegisters.reset();
  Traffic now =
      before ? *before : computeTraffic(tree, target, options.inContext);
  return FunctionSearch(tree, machine, std::move(options)).run(std::move(now));
}
