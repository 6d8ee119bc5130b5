//===- Suggestions.cpp - What would make an op move less ------------------===//
//
// Every candidate is counted in its function by the engine that counted the
// function, so that what is promised is what a report says afterwards. Tile
// sizes are chosen before that on the op alone, with less effort.
//
//===----------------------------------------------------------------------===//

#include "Suggestions.h"
#include "Causes.h"
#include "memwall/Report/Format.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/ScheduleTree.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;

/// `tree` with the nests of one op, and of what its accumulators start from,
/// and nothing else. Ids of ops, loops and buffers stay.
static LoopTree isolate(const LoopTree &tree, OpId op) {
  LoopTree alone = tree;
  llvm::SmallVector<bool, 0> isKept(tree.nodes.size(), false);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest || node.nest.op != op)
      continue;
    isKept[id] = true;
    if (std::optional<InitProducer> producer = findInitProducer(tree, id))
      isKept[producer->node] = true;
  }
  for (NodeId id = tree.nodes.size(); id-- > 1;)
    if (isKept[id])
      isKept[tree.nodes[id].parent] = true;
  isKept[LoopTree::root] = true;
  alone.nodes.clear();
  llvm::SmallVector<NodeId, 0> renumbered(tree.nodes.size(), LoopTree::root);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (!isKept[id])
      continue;
    renumbered[id] = alone.nodes.size();
    Node copy = node;
    copy.children.clear();
    copy.parent = renumbered[node.parent];
    alone.nodes.push_back(std::move(copy));
    if (id != LoopTree::root)
      alone.nodes[renumbered[node.parent]].children.push_back(renumbered[id]);
  }
  llvm::SmallVector<bool, 0> isWritten(tree.buffers.size(), false);
  for (const Node &node : alone.nodes)
    for (const Access &access : node.nest.accesses)
      isWritten[access.buffer] |= access.isWrite;
  for (auto [id, buffer] : llvm::enumerate(alone.buffers)) {
    buffer.scope = renumbered[buffer.scope];
    // What others made was there before, what is made goes to others.
    if (isWritten[id])
      buffer.liveOut = true;
    else if (buffer.kind == BufferKind::Intermediate)
      buffer.kind = BufferKind::Argument;
  }
  return alone;
}

namespace {

/// Bytes of an op with the packing that it asked for, and of the function.
struct Outcome {
  Bytes op, function;
};

/// Looks for what helps, see Suggestions.h.
class Advisor {
public:
  Advisor(const LoopTree &tree, const Target &target, ReportOptions options,
          const Explanation &why, const OpLoops &loops)
      : tree(tree), target(target), cut(cutToLevel(target, why.depth)),
        why(why), loops(loops), op(why.op.index) {
    exactly.accuracy = options.accuracy;
    exactly.recordsOperands = false;
    quickly = exactly;
    // A small part of the default: ranks tiles, the report's effort decides.
    constexpr int64_t kQuickSteps = int64_t(1) << 18;
    WalkBudget budget;
    budget.wholeSteps = kQuickSteps;
    budget.work = double(kQuickSteps);
    budget.walksResidues = false;
    quickly.budget = budget;
  }

  llvm::SmallVector<Suggestion, 4> run(llvm::ArrayRef<Reuse> reuses);

private:
  Outcome count(const LoopTree &program, const Target &machine,
                const TrafficOptions &options) const;
  std::optional<Outcome> countScheduled(const LoopTree &program,
                                        const Schedule &schedule,
                                        const TrafficOptions &options) const;
  void add(std::string text, Outcome after,
           std::optional<Schedule> schedule = std::nullopt);
  void addSchedule(std::string text, Schedule schedule);
  Schedule makeTiles(unsigned dim, int64_t size) const;
  std::optional<int64_t> findTile(unsigned dim, int64_t extent) const;
  void suggestTiles();
  void suggestOrder();
  void suggestSearched(bool packWeightsAhead);
  void suggestCapacity(llvm::ArrayRef<Reuse> reuses);
  void suggestNarrowerType();

  const LoopTree &tree;
  const Target &target;
  Target cut;
  const Explanation &why;
  const OpLoops &loops;
  OpId op;
  TrafficOptions exactly, quickly;
  LoopTree alone;
  llvm::SmallVector<Suggestion, 4> found;
};

} // namespace

Outcome Advisor::count(const LoopTree &program, const Target &machine,
                       const TrafficOptions &options) const {
  LevelTraffic level =
      std::move(computeTraffic(program, machine, options).levels.back());
  Outcome outcome{level.ops[op], level.total};
  // Packing ops stand behind all others.
  for (OpId packing = tree.ops.size(); packing < level.ops.size(); ++packing)
    outcome.op.add(level.ops[packing]);
  return outcome;
}

/// With the schedule on every call site of the operation.
std::optional<Outcome>
Advisor::countScheduled(const LoopTree &program, const Schedule &schedule,
                        const TrafficOptions &options) const {
  llvm::SmallVector<OpSchedule, 1> schedules;
  mlir::Operation *operation = tree.ops[op].operation;
  for (OpId other = 0; other < program.ops.size(); ++other)
    if (other == op || (&program == &tree && operation &&
                        program.ops[other].operation == operation))
      schedules.push_back({other, schedule});
  llvm::Expected<LoopTree> scheduled = scheduleTree(program, schedules);
  if (!scheduled) {
    llvm::consumeError(scheduled.takeError());
    return std::nullopt;
  }
  return count(*scheduled, cut, options);
}

/// What is stated to be off, of reads and writes together.
static double getError(const Provenance &provenance) {
  return provenance.errorOfRead.value_or(0) +
         provenance.errorOfWritten.value_or(0);
}

void Advisor::add(std::string text, Outcome after,
                  std::optional<Schedule> schedule) {
  constexpr double kLeastPart = 0.01;
  int64_t saved = why.scheduled.total() - after.op.total();
  double least = std::max(kLeastPart * double(why.scheduled.total()),
                          getError(why.provenance));
  if (double(saved) <= least ||
      double(why.functionScheduled.total() - after.function.total()) <= 0)
    return;
  std::string paste;
  if (schedule)
    paste = "memwall.schedule = #memwall.schedule" + toString(*schedule);
  bool isKnown = llvm::any_of(found, [&](const Suggestion &other) {
    return !paste.empty() && other.paste == paste;
  });
  if (isKnown)
    return;
  Suggestion &suggestion = found.emplace_back();
  suggestion.text = std::move(text);
  suggestion.opAfter = after.op;
  suggestion.functionAfter = after.function;
  suggestion.savedBytes = saved;
  suggestion.paste = std::move(paste);
  suggestion.schedule = std::move(schedule);
}

void Advisor::addSchedule(std::string text, Schedule schedule) {
  if (auto after = countScheduled(tree, schedule, exactly))
    add(std::move(text), *after, std::move(schedule));
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
std::optional<int64_t> Advisor::findTile(unsigned dim, int64_t extent) const {
  constexpr int64_t kLeast = 8, kStep = 4;
  constexpr double kAlike = 1.02;
  auto move = [&](int64_t size) {
    auto after = countScheduled(alone, makeTiles(dim, size), quickly);
    return after ? after->op.total() : kTooManyBytes;
  };
  std::optional<int64_t> best;
  int64_t least = kTooManyBytes;
  for (int64_t size = kLeast; size < extent; size *= kStep) {
    int64_t bytes = move(size);
    if (double(bytes) * kAlike < double(least)) {
      least = bytes;
      best = size;
    }
  }
  if (best && *best > kLeast &&
      double(move(*best / 2)) <= kAlike * double(least))
    best = *best / 2;
  return best;
}

void Advisor::suggestTiles() {
  for (auto [dim, loop] : llvm::enumerate(loops.getNest()->loops))
    if (auto size = findTile(dim, tree.loops[loop].maxTripCount))
      addSchedule("tile " + loops.getDimName(dim) + " by " +
                      std::to_string(*size),
                  makeTiles(dim, *size));
}

/// The best order of the op's own loops.
void Advisor::suggestOrder() {
  constexpr unsigned kMostLoops = 4;
  unsigned rank = loops.getNest()->loops.size();
  if (rank < 2 || rank > kMostLoops)
    return;
  llvm::SmallVector<unsigned, 6> order(rank), best;
  std::iota(order.begin(), order.end(), 0);
  int64_t least = why.scheduled.total();
  while (std::next_permutation(order.begin(), order.end())) {
    Schedule schedule;
    schedule.leafOrder = order;
    auto after = countScheduled(alone, schedule, quickly);
    if (!after || after->op.total() >= least)
      continue;
    least = after->op.total();
    best = order;
  }
  if (best.empty())
    return;
  std::string text = "run the loops in the order";
  for (unsigned dim : best)
    text += " " + loops.getDimName(dim);
  Schedule schedule;
  schedule.leafOrder = best;
  addSchedule(std::move(text), std::move(schedule));
}

/// What a search chooses for the op alone.
void Advisor::suggestSearched(bool packWeightsAhead) {
  SearchOptions options;
  options.packWeightsAhead = packWeightsAhead;
  options.parallel = options.fuse = false;
  ScheduleChoice choice = searchSchedules(alone, target, options).ops[op];
  bool packsAhead =
      choice.schedule &&
      llvm::any_of(choice.schedule->packs,
                   [](const PackedOperand &pack) { return pack.ahead; });
  if (!choice.schedule || packsAhead != packWeightsAhead)
    return;
  std::string text = choice.schedule->bands.empty()
                         ? "what a search finds"
                         : "tile several loops, as a search finds";
  if (packsAhead)
    text += ", with weights packed ahead of the program";
  else if (!choice.schedule->packs.empty())
    text += ", with operands packed";
  addSchedule(std::move(text), std::move(*choice.schedule));
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
  std::string bytes = formatBytes(cache.capacityBytes);
  add(why.cache + " of " + bytes + " instead of " +
          formatBytes(why.capacityBytes),
      count(tree, larger, exactly));
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
  add("elements of " + std::to_string(bits) + " bits instead of " +
          most->operand.elementType + " in " + most->operand.name,
      count(narrower, cut, exactly));
}

llvm::SmallVector<Suggestion, 4> Advisor::run(llvm::ArrayRef<Reuse> reuses) {
  mlir::Operation *operation = tree.ops[op].operation;
  bool isTileable = loops.getNest() && operation &&
                    !operation->hasAttr("memwall.tiled") &&
                    succeeded(describeScheduledOp(operation));
  if (isTileable) {
    alone = isolate(tree, op);
    suggestTiles();
    suggestOrder();
    suggestSearched(/*packWeightsAhead=*/false);
    // Where a schedule reaches the bound, packing ahead adds nothing.
    bool isReached = llvm::any_of(found, [&](const Suggestion &suggestion) {
      constexpr double kReached = 1.02;
      return double(suggestion.opAfter.total()) <=
             kReached * double(why.boundBytes);
    });
    if (!isReached)
      suggestSearched(/*packWeightsAhead=*/true);
  }
  suggestCapacity(reuses);
  suggestNarrowerType();
  llvm::stable_sort(found, [](const Suggestion &a, const Suggestion &b) {
    return a.savedBytes > b.savedBytes;
  });
  return std::move(found);
}

llvm::SmallVector<Suggestion, 4>
memwall::findSuggestions(const LoopTree &tree, const Target &target,
                         ReportOptions options, const Explanation &why,
                         llvm::ArrayRef<Reuse> reuses, const OpLoops &loops) {
  return Advisor(tree, target, options, why, loops).run(reuses);
}
