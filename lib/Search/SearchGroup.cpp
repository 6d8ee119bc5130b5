//===- SearchGroup.cpp - The best loops around several ops ----------------===//

#include "SearchGroup.h"
#include "FindGroupShape.h"
#include "GroupPacks.h"
#include "GroupTiles.h"
#include "SearchBudgets.h"
#include "SplitStream.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

namespace {

/// Tiles that the Traffic model looks at.
constexpr unsigned kEvaluatedTiles = 3;
/// Steps from the best of them to a neighbour that moves less at DRAM by the
/// closed form, where its sets lose something.
constexpr unsigned kRefinedTiles = 3;
/// A group has to have a score that is this much better.
constexpr double kLeastGroupGain = 0.01;

/// At no level more than so many times the bytes are worth a pack that others
/// are better without: of values of 8192 rows that are walked down columns, an
/// L2 would serve 136 times as many.
constexpr double kMostMoreWithoutPacks = 8;

/// The part of the closed form's bytes at DRAM that groups move at least. By
/// whole walks, the best tiles of 40 random groups move 1.00 of it and more
/// (GroupTilesTest); by the short walks of this search, those of 41 groups of
/// 35 runs 0.98, and in a prefill layer of Llama-2-7B one 0.85. Single
/// tiles go down to 0.46.
constexpr double kLeastOfEstimate = 0.6;

/// A way to run the group and what the model says.
struct Candidate {
  llvm::SmallVector<Schedule, 8> schedules;
  llvm::SmallVector<double, 4> bytes; ///< By level but that of the accesses.
  double score = 0;
  GroupTile tile;
};

class GroupSearch {
public:
  GroupSearch(const LoopTree &tree, const GroupNests &nests,
              const Target &target, const SearchOptions &options,
              SearchOneOp searchOne)
      : tree(tree), nests(nests), target(target), options(options),
        searchOne(searchOne) {}

  bool findShape() {
    found = findGroupShape(tree, nests, target, options);
    return found.has_value();
  }
  std::string makeKey() const;
  GroupPromise promise(double innerAlone) const;
  GroupOutcome run(llvm::ArrayRef<Schedule> alone);
  llvm::ArrayRef<NodeId> getDeferred() const { return found->deferred; }

private:
  const Level &getLastCache() const {
    return target.levels[target.levels.size() - 2];
  }
  llvm::SmallVector<GroupTile, 0>
  listTiles(unsigned most = kEvaluatedTiles) const {
    return rankTiles(found->group, found->shape, target, options, most);
  }
  llvm::SmallVector<Schedule, 8> makeSchedules(const GroupTile &tile) const;
  std::optional<LoopTree> apply(llvm::ArrayRef<Schedule> schedules) const;
  void searchInside(llvm::MutableArrayRef<Schedule> schedules);
  std::optional<Candidate> evaluate(llvm::ArrayRef<Schedule> schedules,
                                    const WalkBudget &budget = kGroupBudget);
  Candidate count(const LoopTree &scheduled, const WalkBudget &budget) const;
  std::optional<double> countDram(llvm::ArrayRef<Schedule> schedules) const;
  double computeLeastScore() const;
  llvm::SmallVector<Schedule, 8> makeInside(const GroupTile &tile);
  void tryTile(const GroupTile &tile);
  void sortTried();
  void refine();
  bool dropPacks(llvm::SmallVector<Schedule, 8> schedules, Candidate &best);
  void settlePacks();
  int64_t countBusyUnits(unsigned member, const Schedule &schedule) const;
  double computeIdleCostOf(unsigned member, const Schedule &schedule) const;
  double computeIdleCostAlone(llvm::ArrayRef<Schedule> alone) const;
  void distribute();
  std::optional<StreamSplitChoice> splitStream();
  std::string describeLoops(const Candidate &candidate) const;

  const LoopTree &tree;
  const GroupNests &nests;
  const Target &target;
  const SearchOptions &options;
  SearchOneOp searchOne;
  std::optional<FoundShape> found;
  Candidate before;
  llvm::SmallVector<Candidate, 0> tried;
  /// The least score by closed forms of a stream that was measured.
  double leastStreamed = std::numeric_limits<double>::infinity();
  /// What was counted within `kGroupBudget`, by schedules.
  llvm::StringMap<std::optional<Candidate>> counted;
};

} // namespace

/// Equal for groups whose trees are, and which can be streamed alike.
std::string GroupSearch::makeKey() const {
  std::string key = makeSearchKey(found->group.tree);
  if (found->shape.stream)
    key += llvm::formatv("s{0}.{1}", found->shape.stream->member,
                         found->shape.stream->dim);
  return key;
}

llvm::SmallVector<Schedule, 8>
GroupSearch::makeSchedules(const GroupTile &tile) const {
  llvm::SmallVector<Schedule, 8> schedules(nests.size());
  for (Schedule &schedule : schedules)
    schedule.group = kGroupName.str();
  TileBand band;
  // The outermost cache holds the tile.
  band.level = target.levels[target.levels.size() - 2].name;
  band.sizes.assign(found->shape.rootDims.back().size(), 0);
  for (auto [dim, size] : tile.loops) {
    if (dim == found->shape.getStreamDim()) {
      // The next cache further in holds what one step of the stream needs.
      size_t level = target.levels.size() > 2 ? target.levels.size() - 3 : 0;
      schedules[found->shape.stream->member].stream.push_back(
          {target.levels[level].name, found->shape.stream->dim, size,
           std::nullopt});
      continue;
    }
    band.sizes[dim] = size;
    band.order.push_back(dim);
  }
  schedules.back().bands.push_back(std::move(band));
  return schedules;
}

std::optional<LoopTree>
GroupSearch::apply(llvm::ArrayRef<Schedule> schedules) const {
  llvm::SmallVector<OpSchedule, 8> all;
  for (auto [op, schedule] : llvm::zip_equal(found->group.ops, schedules))
    if (!schedule.empty())
      all.push_back({op, schedule});
  llvm::Expected<LoopTree> scheduled = scheduleTree(found->group.tree, all);
  if (!scheduled) {
    llvm::consumeError(scheduled.takeError());
    return std::nullopt;
  }
  return std::move(*scheduled);
}

std::optional<Candidate>
GroupSearch::evaluate(llvm::ArrayRef<Schedule> schedules,
                      const WalkBudget &budget) {
  bool isCareful = budget.work > kGroupBudget.work;
  std::string key;
  for (const Schedule &schedule : schedules)
    key += toString(schedule) + ";";
  if (auto known = counted.find(key); known != counted.end() && !isCareful)
    return known->second;
  std::optional<Candidate> candidate;
  if (std::optional<LoopTree> scheduled = apply(schedules)) {
    candidate = count(*scheduled, budget);
    candidate->schedules.assign(schedules.begin(), schedules.end());
  }
  if (!isCareful)
    counted[key] = candidate;
  return candidate;
}

Candidate GroupSearch::count(const LoopTree &scheduled,
                             const WalkBudget &budget) const {
  Candidate candidate;
  Traffic traffic =
      computeTraffic(scheduled, target, {Accuracy::Default, budget, false});
  for (const LevelTraffic &level : llvm::drop_begin(traffic.levels))
    candidate.bytes.push_back(double(level.total.total()));
  // Of few sets a walk may say less than what has to come in and go out.
  candidate.bytes.back() = std::max(candidate.bytes.back(),
                                    countMinimum(found->group, getLastCache()));
  Objective objective(options.objective, target, scheduled.ops);
  candidate.score = objective.computeScore(candidate.bytes);
  if (found->shape.arithmeticWeight > 0 && !objective.isTime()) {
    double operations = 1;
    for (const OpRecord &op : scheduled.ops)
      operations += double(op.total.flops);
    candidate.score += found->shape.arithmeticWeight * std::log(operations);
  }
  return candidate;
}

/// No tile has a better score: every level serves what comes from outside of
/// the group and takes what leaves it, once. A cache that takes victims need
/// not.
double GroupSearch::computeLeastScore() const {
  // A stream may compute less: what masks hide, and factors of rows.
  Objective objective(options.objective, target,
                      found->shape.stream
                          ? llvm::ArrayRef<OpRecord>()
                          : llvm::ArrayRef(found->group.tree.ops));
  if (found->shape.arithmeticWeight > 0 && !objective.isTime())
    return -std::numeric_limits<double>::infinity();
  llvm::SmallVector<double, 4> bytes;
  for (auto [inner, level] :
       llvm::zip(target.levels, llvm::drop_begin(target.levels)))
    bytes.push_back(level.inclusive ? countMinimum(found->group, inner) : 0);
  return objective.computeScore(bytes);
}

/// Bytes at DRAM alone.
std::optional<double>
GroupSearch::countDram(llvm::ArrayRef<Schedule> schedules) const {
  std::optional<LoopTree> scheduled = apply(schedules);
  if (!scheduled)
    return std::nullopt;
  Traffic traffic =
      computeTraffic(*scheduled, keepLastCache(*scheduled, target),
                     {Accuracy::Default, kGroupBudget, false});
  return std::max(double(traffic.levels.back().total.total()),
                  countMinimum(found->group, getLastCache()));
}

/// Searches every member inside of its tile.
void GroupSearch::searchInside(llvm::MutableArrayRef<Schedule> schedules) {
  std::optional<LoopTree> scheduled = apply(schedules);
  if (!scheduled)
    return;
  SearchOptions inside = options;
  inside.pack = inside.packWeightsAhead = inside.parallel = false;
  for (unsigned m = 0; m < schedules.size(); ++m) {
    if (found->group.tree.ops[found->group.ops[m]].kind != OpKind::Contraction)
      continue;
    // A stream has nests of few loops for the op as well.
    size_t loops =
        found->group.tree.nodes[found->group.nodes[m]].nest.loops.size();
    auto node = llvm::find_if(scheduled->nodes, [&](const Node &each) {
      return each.kind == Node::Kind::Nest &&
             each.nest.op == found->group.ops[m] &&
             each.nest.loops.size() == loops;
    });
    llvm::Expected<IsolatedOp> isolated =
        isolateOp(*scheduled, node - scheduled->nodes.begin());
    if (!isolated) {
      llvm::consumeError(isolated.takeError());
      continue;
    }
    isolated->isTile = true;
    OpChoice choice = searchOne(*isolated, inside);
    if (!choice.schedule)
      continue;
    // The loops of the group hold the tile in its level already.
    for (TileBand &band : choice.schedule->bands)
      if (schedules[m].bands.empty() ||
          schedules[m].bands.front().level != band.level)
        schedules[m].bands.push_back(std::move(band));
    schedules[m].leafOrder = choice.schedule->leafOrder;
  }
}

/// The schedules of a tile, with what is best inside of it.
llvm::SmallVector<Schedule, 8> GroupSearch::makeInside(const GroupTile &tile) {
  llvm::SmallVector<Schedule, 8> schedules = makeSchedules(tile);
  if (options.pack)
    packOutside(*found, schedules);
  searchInside(schedules);
  return schedules;
}

void GroupSearch::tryTile(const GroupTile &tile) {
  // Twice as much by closed forms: tiles without a stream where one with it has
  // been measured.
  constexpr double kTwice = 0.7;
  if (!found->shape.isStreamed(tile) && tile.score > leastStreamed + kTwice)
    return;
  std::optional<Candidate> candidate = evaluate(makeInside(tile));
  if (!candidate)
    return;
  candidate->tile = tile;
  tried.push_back(std::move(*candidate));
  if (found->shape.isStreamed(tile))
    leastStreamed = std::min(leastStreamed, tile.score);
}

void GroupSearch::sortTried() {
  llvm::stable_sort(tried, [](const Candidate &a, const Candidate &b) {
    return a.score + a.tile.besides < b.score + b.tile.besides;
  });
}

/// Steps from the best tile to the next smaller one in one of its dimensions,
/// as long as that moves less at DRAM by the closed form and is better by the
/// model. Where only sets are to blame, tiles of half the size lose much less
/// and are not among the best of a closed form that knows little of the caches
/// further in.
void GroupSearch::refine() {
  if (tried.empty() || found->shape.isStreamed(tried.front().tile))
    return;
  // Without what sets lose, smaller tiles move no less.
  constexpr double kLess = 0.995;
  const llvm::SmallVector<GroupTile, 0> all =
      listTiles(std::numeric_limits<unsigned>::max());
  for (unsigned step = 0; step < kRefinedTiles; ++step) {
    const GroupTile from = tried.front().tile;
    for (const GroupTile &tile : all)
      if (tile.dramBytes < kLess * from.dramBytes &&
          isNextSmaller(found->group, tile, from) &&
          llvm::none_of(
              tried,
              [&](const Candidate &other) {
                return other.tile.loops == tile.loops;
              }))
        tryTile(tile);
    sortTried();
    if (tried.front().tile.loops == from.loops)
      return;
  }
}

static bool isPacked(const Candidate &candidate) {
  return llvm::any_of(candidate.schedules, [](const Schedule &schedule) {
    return !schedule.packs.empty();
  });
}

/// Leaves out the packs of one member of `schedules` after the other, as long
/// as that is better than `best`; whether it was. Packs that a cache needs,
/// because two operands at a pitch overflow the sets that they fall into, are
/// bytes for the caches further in.
bool GroupSearch::dropPacks(llvm::SmallVector<Schedule, 8> schedules,
                            Candidate &best) {
  bool wasBetter = false;
  while (true) {
    bool isBetter = false;
    for (unsigned m = 0; m < schedules.size(); ++m) {
      if (schedules[m].packs.empty())
        continue;
      llvm::SmallVector<Schedule, 8> fewer = schedules;
      fewer[m].packs.clear();
      std::optional<Candidate> without = evaluate(fewer, kPackBudget);
      if (!without || without->score >= best.score ||
          llvm::any_of(llvm::zip_equal(without->bytes, best.bytes),
                       [](auto levels) {
                         auto [more, now] = levels;
                         return more > kMostMoreWithoutPacks * now;
                       }))
        continue;
      best = std::move(*without);
      isBetter = true;
    }
    if (!isBetter)
      return wasBetter;
    wasBetter = true;
    schedules = best.schedules;
  }
}

/// Puts in front of what was tried the best of it without some of its packs,
/// maybe with half the columns of its stream at a time, whose rows fit into
/// fewer sets. All are measured in more sets, as few say nothing about these.
void GroupSearch::settlePacks() {
  if (tried.empty() || !isPacked(tried.front()))
    return;
  std::optional<Candidate> best =
      evaluate(tried.front().schedules, kPackBudget);
  GroupTile tile = tried.front().tile;
  bool isBetter = dropPacks(tried.front().schedules, *best);
  tile.loops.back().second /= 2;
  if (found->shape.isStreamed(tile) &&
      tile.loops.back().second >= getLeastStreamed(target))
    isBetter |= dropPacks(makeInside(tile), *best);
  if (!isBetter)
    return;
  // What follows compares with the others.
  best = evaluate(best->schedules);
  best->tile = tried.front().tile;
  tried.insert(tried.begin(), std::move(*best));
}

/// Lets the outermost loops run on all units, as many as move no more.
void GroupSearch::distribute() {
  if (!options.parallel || target.units <= 1 || tried.empty())
    return;
  Candidate best = tried.front();
  TileBand &band = best.schedules.back().bands.front();
  best.schedules.back().units = target.units;
  llvm::SmallVector<bool, 6> written =
      findWrittenDims(tree.nodes[nests.back()].nest);
  for (unsigned dim : band.order) {
    if (!written[dim])
      break;
    band.parallel.push_back(dim);
  }
  for (; !band.parallel.empty(); band.parallel.pop_back()) {
    if (std::optional<double> dram = countDram(best.schedules);
        !dram || *dram > tried.front().bytes.back())
      continue;
    std::optional<Candidate> parallel = evaluate(best.schedules);
    if (parallel && parallel->bytes.back() <= tried.front().bytes.back() &&
        parallel->score <= tried.front().score + kLeastGroupGain / 10) {
      tried.insert(tried.begin(), std::move(*parallel));
      return;
    }
  }
}

/// Units that have work when `member` runs by `schedule`, which has bands.
int64_t GroupSearch::countBusyUnits(unsigned member,
                                    const Schedule &schedule) const {
  double busy = schedule.split ? double(schedule.split->parts) : 1;
  const TileBand &band = schedule.bands.front();
  const Nest &nest = found->group.tree.nodes[found->group.nodes[member]].nest;
  for (unsigned dim : band.parallel)
    busy *= double(
        llvm::divideCeil(found->group.tree.loops[nest.loops[dim]].maxTripCount,
                         band.sizes[dim]));
  return int64_t(std::min(busy, double(target.units)));
}

/// What units without work cost then. A member that is left as it is has no
/// units to leave idle.
double GroupSearch::computeIdleCostOf(unsigned member,
                                      const Schedule &schedule) const {
  if (!options.parallel || schedule.bands.empty())
    return 0;
  return computeIdleCost(countBusyUnits(member, schedule), target.units);
}

/// Deals the best stream out in parts, where the best of what was tried leaves
/// units without work and parts are worth more than they cost.
std::optional<StreamSplitChoice> GroupSearch::splitStream() {
  if (!options.split || !options.parallel || !found->shape.stream)
    return std::nullopt;
  const Candidate &now = tried.front();
  int64_t busy = countBusyUnits(nests.size() - 1, now.schedules.back());
  auto isStreamed = [&](const Candidate &candidate) {
    return !candidate.schedules[found->shape.stream->member].stream.empty();
  };
  auto whole = llvm::find_if(tried, isStreamed);
  if (busy == target.units || whole == tried.end())
    return std::nullopt;
  double leastDram = std::min(now.bytes.back(), whole->bytes.back());
  std::optional<StreamInParts> split = memwall::splitStream(
      found->group, found->shape, whole->schedules,
      int64_t(leastDram * (1 + kMostMoreAtDram)), target,
      [&](llvm::ArrayRef<Schedule> schedules) {
        std::optional<MeasuredSchedule> result;
        if (std::optional<Candidate> candidate = evaluate(schedules))
          result = {candidate->score, int64_t(candidate->bytes.back())};
        return result;
      });
  double cost = now.score + computeIdleCost(busy, target.units);
  // Units wait for each other behind parts, which nothing counts: it takes
  // units without work to buy them.
  if (!split || split->busy <= busy ||
      split->cost > cost - kLeastGroupGain / 10)
    return std::nullopt;
  std::optional<Candidate> parts = evaluate(split->schedules);
  StreamSplitChoice choice = {split->parts, busy, split->busy, 0, 0};
  choice.moreAtDram = parts->bytes.back() - now.bytes.back();
  if (size_t levels = now.bytes.size(); levels > 1)
    choice.moreInside = parts->bytes[levels - 2] - now.bytes[levels - 2];
  tried.insert(tried.begin(), std::move(*parts));
  return choice;
}

/// Of the members on their own, by what each touches.
double GroupSearch::computeIdleCostAlone(llvm::ArrayRef<Schedule> alone) const {
  double cost = 0, all = 0;
  for (auto [m, schedule] : llvm::enumerate(alone)) {
    double touched = 0;
    for (const Access &access :
         found->group.tree.nodes[found->group.nodes[m]].nest.accesses)
      touched += double(found->group.tree.buffers[access.buffer].bytes());
    cost += touched * computeIdleCostOf(m, schedule);
    all += touched;
  }
  return all == 0 ? 0 : cost / all;
}

std::string GroupSearch::describeLoops(const Candidate &candidate) const {
  const TileBand &band = candidate.schedules.back().bands.front();
  std::string text = "tiles of";
  for (unsigned dim : band.order)
    text += llvm::formatv(" {0} along dimension {1}", band.sizes[dim], dim);
  for (const Schedule &schedule : candidate.schedules)
    for (const StreamBand &band : schedule.stream)
      text += llvm::formatv(", streamed by {0}", band.size);
  return text + (isPacked(candidate) ? ", packed" : "");
}

GroupOutcome GroupSearch::run(llvm::ArrayRef<Schedule> alone) {
  GroupOutcome outcome;
  std::optional<Candidate> separate = evaluate(alone);
  if (!separate)
    separate = evaluate(llvm::SmallVector<Schedule, 8>(nests.size()));
  before = std::move(*separate);
  if (computeLeastScore() > before.score - kLeastGroupGain)
    return outcome;
  llvm::SmallVector<GroupTile, 0> tiles = listTiles();
  llvm::stable_sort(tiles, [](const GroupTile &a, const GroupTile &b) {
    return a.score < b.score;
  });
  for (const GroupTile &tile : tiles)
    tryTile(tile);
  sortTried();
  refine();
  settlePacks();
  if (tried.empty() ||
      tried.front().bytes.back() >
          before.bytes.back() * (1 + kMostMoreAtDram) ||
      tried.front().score > before.score - kLeastGroupGain)
    return outcome;
  if (tried.size() > 1)
    outcome.bestRejected =
        describeLoops(tried[1]) +
        llvm::formatv(" move {0:P1} of that",
                      tried[1].bytes.back() / tried[0].bytes.back())
            .str();
  distribute();
  std::optional<StreamSplitChoice> split = splitStream();
  const Candidate &best = tried.front();
  // Units that the loops of the group leave without work count as everywhere.
  double idle =
      split ? computeIdleCost(split->busyAfter, target.units)
            : computeIdleCostOf(nests.size() - 1, best.schedules.back());
  if (best.score + idle >
      before.score + computeIdleCostAlone(alone) - kLeastGroupGain)
    return outcome;
  outcome.schedules = best.schedules;
  outcome.streamRefusal = found->refusal;
  outcome.split = split;
  for (auto [op, schedule] : llvm::zip_equal(found->group.ops, best.schedules))
    for (const StreamBand &band : schedule.stream)
      outcome.streamed =
          llvm::formatv("in tiles of {0} along dimension {1} of {2}", band.size,
                        band.dim, found->group.tree.ops[op].name);
  outcome.dramBytes = best.bytes.back();
  outcome.dramGain = countMinimumAlone(found->group) - outcome.dramBytes;
  if (best.bytes.size() > 1)
    outcome.innerGain =
        before.bytes[best.bytes.size() - 2] - best.bytes[best.bytes.size() - 2];
  return outcome;
}

/// The best of the tiles moves a part of what the closed form says at least.
GroupPromise GroupSearch::promise(double innerAlone) const {
  GroupPromise result;
  std::optional<double> least;
  for (const GroupTile &tile : listTiles())
    least = std::min(least.value_or(tile.dramBytes), tile.dramBytes);
  double fetched = countFetchedByStores(found->group, getLastCache());
  double minimum = countMinimum(found->group, getLastCache());
  result.dramBytes =
      std::max(minimum, kLeastOfEstimate * (least.value_or(minimum) + fetched));
  result.dramGain = countMinimumAlone(found->group) - result.dramBytes;
  result.innerGain = std::max(0.0, innerAlone - minimum);
  return result;
}

std::optional<GroupPromise>
memwall::promiseGroup(const LoopTree &tree, const GroupNests &nests,
                      double innerAlone, const Target &target,
                      const SearchOptions &options,
                      llvm::StringMap<GroupPromise> &known) {
  GroupSearch search(tree, nests, target, options, nullptr);
  if (!search.findShape())
    return std::nullopt;
  auto [entry, isNew] = known.try_emplace(search.makeKey());
  if (isNew)
    entry->second = search.promise(innerAlone);
  GroupPromise mine = entry->second;
  mine.key = entry->first().str();
  mine.deferred.insert_range(search.getDeferred());
  return mine;
}

GroupOutcome memwall::searchGroup(const LoopTree &tree, const GroupNests &nests,
                                  llvm::ArrayRef<Schedule> alone,
                                  const Target &target,
                                  const SearchOptions &options,
                                  SearchOneOp searchOne) {
  GroupSearch search(tree, nests, target, options, searchOne);
  if (!search.findShape())
    return {};
  return search.run(alone);
}
