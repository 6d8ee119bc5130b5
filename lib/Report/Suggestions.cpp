//===- Suggestions.cpp - What would make an op move less ------------------===//
//
// Schedules are ranked by a quick count of the op alone. The best of them are
// applied, and the whole function is counted with the effort of the
// explanation, so that what is promised is what a report says afterwards. What
// no line of the program changes, the machine or the types, is counted with
// less effort before and after.
//
//===----------------------------------------------------------------------===//

#include "Suggestions.h"
#include "Causes.h"
#include "IsolateOps.h"
#include "SuggestGroup.h"
#include "memwall/Report/Format.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/SplitDims.h"
#include "memwall/Search/NontemporalResults.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;

namespace {

/// Bytes of ops with the packing that they ask for, and of the function.
struct Outcome {
  Bytes ops, function;
  double error = 0; ///< What is stated to be off of the function.
};

/// A schedule, and what it makes the op move when it is alone.
struct Candidate {
  std::string text;
  Schedule schedule;
  int64_t bytes = 0;
};

/// Looks for what helps, see Suggestions.h.
class Advisor {
public:
  Advisor(const ExplainedOp &explained, ApplyAndCount applyAndCount,
          FoldAndCount foldAndCount)
      : tree(explained.tree), target(explained.target),
        cut(cutToLevel(explained.tree, explained.target, explained.why.depth)),
        figures(explained.figures), why(explained.why), loops(explained.loops),
        op(why.op.index), applyAndCount(applyAndCount),
        foldAndCount(foldAndCount),
        exactly(limit(explained.options.accuracy, std::nullopt)),
        // A sixteenth of the default: what machines and types change.
        roughly(limit(explained.options.accuracy, int64_t(1) << 20)),
        // Ranks schedules of the op alone.
        quickly(limit(explained.options.accuracy, int64_t(1) << 18)) {}

  llvm::SmallVector<Suggestion, 4> run(llvm::ArrayRef<Reuse> reuses);

private:
  static TrafficOptions limit(Accuracy accuracy, std::optional<int64_t> steps);
  /// What a search spends on its ops together: what it finds is counted again.
  TrafficOptions searching() const {
    TrafficOptions options = roughly;
    options.recordsOperands = true;
    return options;
  }
  Outcome count(const LoopTree &program, const Target &machine,
                const TrafficOptions &options,
                llvm::ArrayRef<OpSchedule> of) const;
  std::optional<Outcome> countPlan(const LoopTree &program,
                                   llvm::ArrayRef<OpSchedule> schedules,
                                   const TrafficOptions &options) const;
  std::optional<int64_t> countAlone(const Schedule &schedule) const;
  Bytes getBefore(llvm::ArrayRef<OpSchedule> schedules) const;
  Suggestion *add(std::string text, Bytes before, const Outcome &after,
                  double error);
  Suggestion *addSchedules(std::string text,
                           llvm::ArrayRef<OpSchedule> schedules);
  void addSchedule(std::string text, const Schedule &schedule) {
    addSchedules(std::move(text), OpSchedule{op, schedule});
  }
  void addPlan(std::string text, const LoopTree &program,
               const Target &machine);
  Schedule makeTiles(unsigned dim, int64_t size) const;
  std::optional<Candidate> findTile(unsigned dim) const;
  std::optional<Candidate> findOrder() const;
  bool isWeight(BufferId buffer) const;
  bool losesToLayout() const;
  bool isBoundReached() const;
  void suggestSchedules();
  void suggestSearched(bool packWeightsAhead);
  void suggestCapacity(llvm::ArrayRef<Reuse> reuses);
  void suggestNarrowerType();
  void suggestGroup();
  void suggestFolding();
  void suggestNontemporal();

  const LoopTree &tree;
  const Target &target;
  Target cut; ///< The level, and the cache above it.
  const FunctionFigures &figures;
  const Explanation &why;
  const OpLoops &loops;
  OpId op;
  ApplyAndCount applyAndCount;
  FoldAndCount foldAndCount;
  TrafficOptions exactly, roughly, quickly;
  std::optional<Outcome> roughlyBefore; ///< Of the function as it is.
  LoopTree alone;
  llvm::SmallVector<Suggestion, 4> found;
};

} // namespace

/// The options of an accuracy with at most so many steps.
TrafficOptions Advisor::limit(Accuracy accuracy, std::optional<int64_t> steps) {
  TrafficOptions options;
  options.accuracy = accuracy;
  options.recordsOperands = false;
  if (!steps)
    return options;
  WalkBudget budget;
  budget.wholeSteps = *steps;
  budget.work = double(*steps);
  budget.walksResidues = false;
  options.budget = budget;
  return options;
}

/// What is stated to be off, of reads and writes together.
static double getError(const Provenance &provenance) {
  return provenance.errorOfRead.value_or(0) +
         provenance.errorOfWritten.value_or(0);
}

/// Of the ops that `of` schedules; their packing ops stand behind all others.
Outcome Advisor::count(const LoopTree &program, const Target &machine,
                       const TrafficOptions &options,
                       llvm::ArrayRef<OpSchedule> of) const {
  LevelTraffic level =
      std::move(computeTraffic(program, machine, options).levels.back());
  Outcome outcome{{}, level.total, getError(level.provenance)};
  for (const OpSchedule &each : of)
    outcome.ops.add(level.ops[each.op]);
  for (OpId packing = tree.ops.size(); packing < level.ops.size(); ++packing)
    outcome.ops.add(level.ops[packing]);
  return outcome;
}

/// With the schedules on every call site of their operations.
std::optional<Outcome> Advisor::countPlan(const LoopTree &program,
                                          llvm::ArrayRef<OpSchedule> schedules,
                                          const TrafficOptions &options) const {
  llvm::SmallVector<OpSchedule, 8> everywhere(schedules);
  for (const OpSchedule &each : schedules) {
    mlir::Operation *operation = tree.ops[each.op].operation;
    for (OpId other = 0; other < program.ops.size(); ++other)
      if (&program == &tree && operation && other != each.op &&
          program.ops[other].operation == operation)
        everywhere.push_back({other, each.schedule});
  }
  llvm::Expected<LoopTree> scheduled = scheduleTree(program, everywhere);
  if (!scheduled) {
    llvm::consumeError(scheduled.takeError());
    return std::nullopt;
  }
  return count(*scheduled, cut, options, schedules);
}

/// A quick count of the op with a schedule and without the others.
std::optional<int64_t> Advisor::countAlone(const Schedule &schedule) const {
  std::optional<Outcome> after =
      countPlan(alone, OpSchedule{op, schedule}, quickly);
  return after ? std::optional(after->ops.total()) : std::nullopt;
}

static bool packsAhead(llvm::ArrayRef<OpSchedule> schedules) {
  return llvm::any_of(schedules, [](const OpSchedule &each) {
    return llvm::any_of(each.schedule.packs,
                        [](const PackedOperand &pack) { return pack.ahead; });
  });
}

/// What the level moves of the ops as they are.
Bytes Advisor::getBefore(llvm::ArrayRef<OpSchedule> schedules) const {
  Bytes before;
  for (const OpSchedule &each : schedules)
    before.add(figures.ops[each.op].targets[0].levels[why.depth].scheduled);
  return before;
}

/// Adds what helps the ops that moved `before` by more than counts may be off,
/// `error` for the function; null where it does not.
Suggestion *Advisor::add(std::string text, Bytes before, const Outcome &after,
                         double error) {
  constexpr double kLeastPart = 0.01;
  int64_t saved = before.total() - after.ops.total();
  // The ops have that part of the function's error that they have of its bytes.
  double part = double(before.total()) /
                double(std::max<int64_t>(1, why.functionScheduled.total()));
  double least = std::max(kLeastPart * double(before.total()), part * error);
  if (double(saved) <= least ||
      after.function.total() >= why.functionScheduled.total())
    return nullptr;
  Suggestion &suggestion = found.emplace_back();
  suggestion.text = std::move(text);
  suggestion.before = before;
  suggestion.after = after.ops;
  suggestion.functionAfter = after.function;
  suggestion.savedBytes = saved;
  return &suggestion;
}

/// The attributes to write where, in the dimensions of the operations; none
/// where a schedule cannot be written down.
static llvm::SmallVector<PastedSchedule, 1>
listPastes(const LoopTree &tree, const FunctionFigures &figures,
           llvm::SmallVectorImpl<OpSchedule> &schedules) {
  llvm::SmallVector<PastedSchedule, 1> pastes;
  for (OpSchedule &each : schedules) {
    std::optional<Schedule> written = toOpDims(each.schedule, tree, each.op);
    if (!written)
      return {};
    each.schedule = std::move(*written);
    pastes.push_back(
        {each.op, figures.ops[each.op].fullName(),
         figures.ops[each.op].location,
         "memwall.schedule = #memwall.schedule" + toString(each.schedule)});
  }
  return pastes;
}

/// Null where nothing was added.
Suggestion *Advisor::addSchedules(std::string text,
                                  llvm::ArrayRef<OpSchedule> schedules) {
  llvm::SmallVector<OpSchedule, 8> written(schedules);
  auto pastes = listPastes(tree, figures, written);
  bool isKnown = llvm::any_of(found, [&](const Suggestion &other) {
    return other.pastes.size() == 1 && pastes.size() == 1 &&
           other.pastes[0].attribute == pastes[0].attribute;
  });
  if (pastes.empty() || isKnown)
    return nullptr;
  // Packing ahead costs the program nothing, and what it costs elsewhere is no
  // part of this function.
  bool isApplied = applyAndCount && !packsAhead(schedules);
  std::optional<AppliedBytes> applied;
  if (isApplied && !(applied = applyAndCount(written)))
    return nullptr;
  std::optional<Outcome> after;
  if (applied && applied->ops)
    after = Outcome{*applied->ops, applied->function};
  else if (!(after = countPlan(tree, schedules, exactly)))
    return nullptr;
  if (applied)
    after->function = applied->function;
  Suggestion *suggestion = add(std::move(text), getBefore(schedules), *after,
                               getError(why.provenance));
  if (suggestion) {
    suggestion->pastes = std::move(pastes);
    suggestion->isApplied = isApplied;
  }
  return suggestion;
}

/// `bytes`, times what a rough count has of them after a change to what it had
/// before.
static Bytes scale(Bytes bytes, Bytes before, Bytes after) {
  auto part = [](int64_t of, int64_t from, int64_t to) {
    return from == 0
               ? of
               : int64_t(std::llround(double(of) * double(to) / double(from)));
  };
  return {part(bytes.read, before.read, after.read),
          part(bytes.written, before.written, after.written)};
}

/// Adds what another program or machine would make of it.
void Advisor::addPlan(std::string text, const LoopTree &program,
                      const Target &machine) {
  if (!roughlyBefore)
    roughlyBefore = count(tree, cut, roughly, OpSchedule{op, {}});
  Outcome after = count(program, machine, roughly, OpSchedule{op, {}});
  double error = roughlyBefore->error + after.error;
  after.ops = scale(why.scheduled, roughlyBefore->ops, after.ops);
  after.function =
      scale(why.functionScheduled, roughlyBefore->function, after.function);
  add(std::move(text), why.scheduled, after, error);
}

Schedule Advisor::makeTiles(unsigned dim, int64_t size) const {
  TileBand band;
  band.level = why.cache;
  band.sizes.assign(loops.getNest()->loops.size(), 0);
  band.sizes[dim] = size;
  band.order = {dim};
  Schedule schedule;
  schedule.bands.push_back(std::move(band));
  return schedule;
}

/// The smallest tile of a dimension that moves as little as the best one: from
/// sizes that are four times apart, then half of the one that was chosen.
std::optional<Candidate> Advisor::findTile(unsigned dim) const {
  constexpr int64_t kLeast = 8, kStep = 4;
  constexpr double kAlike = 1.02;
  int64_t extent = tree.loops[loops.getNest()->loops[dim]].maxTripCount;
  auto move = [&](int64_t size) {
    return countAlone(makeTiles(dim, size)).value_or(kTooManyBytes);
  };
  int64_t best = 0, least = kTooManyBytes;
  for (int64_t size = kLeast; size < extent; size *= kStep) {
    int64_t bytes = move(size);
    if (double(bytes) * kAlike < double(least)) {
      least = bytes;
      best = size;
    }
  }
  if (best == 0)
    return std::nullopt;
  if (best > kLeast && double(move(best / 2)) <= kAlike * double(least))
    best /= 2;
  return Candidate{"tile " + loops.getDimName(dim) + " by " +
                       std::to_string(best),
                   makeTiles(dim, best), least};
}

/// The best order of the op's own loops, of at most four.
std::optional<Candidate> Advisor::findOrder() const {
  constexpr unsigned kMostLoops = 4;
  unsigned rank = loops.getNest()->loops.size();
  if (rank < 2 || rank > kMostLoops)
    return std::nullopt;
  llvm::SmallVector<unsigned, 6> order(rank);
  std::iota(order.begin(), order.end(), 0);
  Candidate best;
  best.bytes = kTooManyBytes;
  while (std::next_permutation(order.begin(), order.end())) {
    Schedule schedule;
    schedule.leafOrder = order;
    int64_t bytes = countAlone(schedule).value_or(kTooManyBytes);
    if (bytes >= best.bytes)
      continue;
    best.bytes = bytes;
    best.schedule = std::move(schedule);
  }
  best.text = "run the loops in the order";
  for (unsigned dim : best.schedule.leafOrder)
    best.text += " " + loops.getDimName(dim);
  return best;
}

/// Whether a buffer is there before the function, which only reads it.
bool Advisor::isWeight(BufferId buffer) const {
  return tree.buffers[buffer].isLiveIn() &&
         llvm::none_of(tree.nodes, [&](const Node &node) {
           return llvm::any_of(node.nest.accesses, [&](const Access &access) {
             return access.isWrite && access.buffer == buffer;
           });
         });
}

/// Whether lines or sets that another layout fills better cost more than a
/// twentieth of what is read: only then can it help to pack.
bool Advisor::losesToLayout() const {
  constexpr int64_t kPart = 20;
  int64_t lost = 0;
  for (const OperandExplanation &operand : why.operands)
    lost += operand.causes.unused + operand.causes.conflict.value_or(0);
  return lost > why.scheduled.read / kPart;
}

bool Advisor::isBoundReached() const {
  constexpr double kReached = 1.02;
  return llvm::any_of(found, [&](const Suggestion &suggestion) {
    return double(suggestion.after.total()) <=
           kReached * double(why.boundBytes);
  });
}

/// One loop tiled, or the loops in another order: the two that move least.
void Advisor::suggestSchedules() {
  constexpr size_t kMost = 2;
  constexpr double kHelps = 0.99;
  llvm::SmallVector<Candidate, 5> candidates;
  double before =
      kHelps *
      double(count(alone, cut, quickly, OpSchedule{op, {}}).ops.total());
  auto consider = [&](std::optional<Candidate> candidate) {
    if (candidate && double(candidate->bytes) < before)
      candidates.push_back(std::move(*candidate));
  };
  for (unsigned dim = 0; dim < loops.getNest()->loops.size(); ++dim)
    consider(findTile(dim));
  consider(findOrder());
  llvm::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.bytes < b.bytes;
  });
  for (const Candidate &candidate :
       llvm::ArrayRef(candidates).take_front(kMost))
    addSchedule(candidate.text, candidate.schedule);
}

/// What a search chooses for the op alone and the level alone.
void Advisor::suggestSearched(bool packWeightsAhead) {
  SearchOptions options;
  options.packWeightsAhead = packWeightsAhead;
  options.parallel = options.fuse = false;
  options.inContext = searching();
  ScheduleChoice choice = searchSchedules(alone, cut, options).ops[op];
  if (!choice.schedule ||
      packsAhead(OpSchedule{op, *choice.schedule}) != packWeightsAhead)
    return;
  // Alone, what other ops make looks like a weight.
  for (const PackedOperand &pack : choice.schedule->packs)
    if (pack.ahead && !isWeight(loops.getNest()->accesses[pack.operand].buffer))
      return;
  std::string text = choice.schedule->bands.empty()
                         ? "what a search finds"
                         : "tile several loops, as a search finds";
  if (packWeightsAhead)
    text += ", with weights packed ahead of the program";
  else if (!choice.schedule->packs.empty())
    text += ", with operands packed";
  addSchedule(std::move(text), *choice.schedule);
}

/// The capacity from which what is lost most stays.
void Advisor::suggestCapacity(llvm::ArrayRef<Reuse> reuses) {
  const Reuse *most = nullptr;
  for (const Reuse &reuse : reuses)
    if (!reuse.isFirst && reuse.isAcrossIterations && reuse.previous == op &&
        reuse.missedBytes > 0 &&
        (!most || reuse.missedBytes > most->missedBytes))
      most = &reuse;
  if (!most || !(most->distanceBytes < 0x1p50))
    return;
  Target larger = cut;
  Level &cache = larger.levels[0];
  int64_t unit = cache.lineBytes * std::max<int64_t>(1, cache.associativity);
  cache.capacityBytes =
      int64_t(llvm::divideCeil(uint64_t(most->distanceBytes), unit)) * unit;
  if (cache.capacityBytes <= why.capacityBytes)
    return;
  addPlan(why.cache + " of " + formatBytes(cache.capacityBytes) +
              " instead of " + formatBytes(why.capacityBytes),
          tree, larger);
}

/// Elements of half the bits in the operand that moves most.
void Advisor::suggestNarrowerType() {
  constexpr int64_t kLeastBits = 8;
  auto *most =
      llvm::max_element(why.operands, [](const auto &a, const auto &b) {
        return a.bytes.scheduled.total() < b.bytes.scheduled.total();
      });
  if (most == why.operands.end())
    return;
  LoopTree narrower = tree;
  int64_t &bits = narrower.buffers[most->operand.buffer].elementBits;
  if (bits < kLeastBits || bits % 2)
    return;
  bits /= 2;
  addPlan("elements of " + std::to_string(bits) + " bits instead of " +
              most->operand.elementType + " in " + most->operand.name,
          narrower, cut);
}

/// "scores, softmax and 3 more" of the ops but one.
static std::string listOthers(const FunctionFigures &figures,
                              llvm::ArrayRef<OpSchedule> schedules, OpId op) {
  constexpr size_t kNamed = 2;
  llvm::SmallVector<std::string, 8> names;
  for (const OpSchedule &each : schedules)
    if (each.op != op)
      names.push_back(figures.ops[each.op].fullName());
  size_t named = names.size() == kNamed + 1 ? names.size() : kNamed;
  size_t shown = std::min(named, names.size());
  std::string text = names[0];
  for (size_t i = 1; i < shown; ++i)
    text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  return shown == names.size()
             ? text
             : text + " and " + std::to_string(names.size() - shown) + " more";
}

/// Tile loops around the op and those that it exchanges results with, so that
/// each tile of a result is read while it is still there.
void Advisor::suggestGroup() {
  if (!handsOver(tree, why.op, why.op.targets[0].levels[why.depth]))
    return;
  std::optional<SuggestedGroup> group =
      searchGroupOf(tree, cut, op, searching());
  if (!group)
    return;
  Suggestion *suggestion = addSchedules(
      "share tile loops with " + listOthers(figures, group->shared, op),
      group->shared);
  if (!suggestion)
    return;
  if (auto apart = countPlan(tree, group->apart, roughly))
    suggestion->apart = apart->ops;
}

/// The op itself, where it copies, and those whose copies it reads.
static llvm::SmallVector<OpId, 2> listCopies(const LoopTree &tree, OpId op) {
  llvm::SmallVector<OpId, 2> copies;
  if (tree.ops[op].kind == OpKind::Copy)
    copies.push_back(op);
  for (const Node &mine : tree.nodes)
    for (const Access &read : mine.nest.accesses)
      for (const Node &node : tree.nodes)
        if (mine.nest.op == op && !read.isWrite && node.nest.op != op &&
            tree.ops[node.nest.op].kind == OpKind::Copy &&
            !llvm::is_contained(copies, node.nest.op) &&
            llvm::any_of(node.nest.accesses, [&](const Access &access) {
              return access.isWrite && access.buffer == read.buffer;
            }))
          copies.push_back(node.nest.op);
  return copies;
}

/// Reads what a transpose reads, in the place of what it makes.
void Advisor::suggestFolding() {
  if (!foldAndCount)
    return;
  for (OpId copy : listCopies(tree, op)) {
    std::optional<FoldedBytes> after = foldAndCount(copy, op);
    if (!after)
      continue;
    llvm::SmallVector<OpSchedule, 2> all = {{copy, {}}};
    for (OpId reader : after->readers)
      all.push_back({reader, {}});
    std::string readers =
        after->readers.size() == 1
            ? "its only consumer " +
                  figures.ops[after->readers.front()].fullName()
            : "its " + std::to_string(after->readers.size()) + " consumers";
    Suggestion *suggestion = add("fold " + figures.ops[copy].fullName() +
                                     " into the indexing map of " + readers +
                                     ", as memwall-normalize does",
                                 getBefore(all), {after->ops, after->function},
                                 getError(why.provenance));
    if (!suggestion)
      continue;
    suggestion->isApplied = true;
    suggestion->together = all.size();
  }
}

/// Stores what the op makes past the caches.
void Advisor::suggestNontemporal() {
  llvm::SmallVector<BufferId, 1> stored;
  for (const NontemporalResult &result : findNontemporalResults(tree, target))
    if (result.op == op)
      stored.push_back(result.buffer);
  if (stored.empty())
    return;
  LoopTree around = tree;
  for (Node &node : around.nodes)
    for (Access &access : node.nest.accesses)
      access.isNontemporal |=
          access.isWrite && llvm::is_contained(stored, access.buffer);
  addPlan("store its result past the caches with memwall.nontemporal, as "
          "memwall-optimize does",
          around, cut);
}

llvm::SmallVector<Suggestion, 4> Advisor::run(llvm::ArrayRef<Reuse> reuses) {
  suggestFolding();
  suggestGroup();
  suggestNontemporal();
  if (why.isAtMinimum())
    return std::move(found);
  mlir::Operation *operation = tree.ops[op].operation;
  bool isTileable = loops.getNest() && operation &&
                    !operation->hasAttr("memwall.tiled") &&
                    succeeded(describeScheduledOp(operation));
  if (isTileable) {
    alone = isolateOps(tree, op);
    suggestSchedules();
    // Where a simple schedule reaches the bound, a search adds nothing.
    if (!isBoundReached())
      suggestSearched(/*packWeightsAhead=*/false);
    if (!isBoundReached() && losesToLayout())
      suggestSearched(/*packWeightsAhead=*/true);
  }
  suggestCapacity(reuses);
  suggestNarrowerType();
  llvm::stable_sort(found, [](const Suggestion &a, const Suggestion &b) {
    return a.savedBytes > b.savedBytes;
  });
  return std::move(found);
}

llvm::SmallVector<Suggestion, 4> memwall::findSuggestions(
    const ExplainedOp &explained, llvm::ArrayRef<Reuse> reuses,
    ApplyAndCount applyAndCount, FoldAndCount foldAndCount) {
  return Advisor(explained, applyAndCount, foldAndCount).run(reuses);
}
