//===- SearchOp.cpp - The best schedule of one op -------------------------===//

#include "SearchOp.h"
#include "Candidates.h"
#include "ExplainRejected.h"
#include "Packing.h"
#include "SearchBudgets.h"
#include "SplitOp.h"
#include "TileSizes.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/StringMap.h"

using namespace memwall;

namespace {

/// Candidates that the Traffic model looks at.
constexpr unsigned kEvaluated = 7, kEvaluatedDeep = 4;
/// And as many with each choice of packed operands.
constexpr unsigned kEvaluatedPacked = 6, kEvaluatedPackedDeep = 2;
/// Schedules whose traffic at DRAM is settled by longer walks.
constexpr unsigned kSettled = 3;
/// Steps to neighbours of the best.
constexpr unsigned kRefined = 3;
/// Those that are tried in a function where the best one moves more in it.
constexpr unsigned kTilesToFallBack = 3, kOrdersToFallBack = 1;
/// Of the best schedules, how many are tried on several units.
constexpr unsigned kDistributed = 2;
/// A schedule has to move this much less, at DRAM or at a level further in, to
/// be worth its loops.
constexpr double kLeastGain = 0.01;

/// A schedule and what the model says.
struct Evaluated {
  Schedule schedule;
  Schedule unpacked;                     ///< The same without packs,
  llvm::SmallVector<unsigned, 2> packed; ///< and the operands packed in it.
  Traffic traffic;
  double score = 0;
  std::optional<int64_t> settled; ///< Bytes at DRAM by a longer walk.

  int64_t countedDramBytes() const {
    return traffic.levels.back().total.total();
  }
  int64_t dramBytes() const { return settled.value_or(countedDramBytes()); }
};

Target seeTarget(const IsolatedOp &op, const Target &whole) {
  return op.isTile ? chooseTargetOfTile(op.shape, whole) : whole;
}

class OpSearch {
public:
  OpSearch(const IsolatedOp &isolated, const Target &whole,
           const SearchOptions &options)
      : isolated(isolated), options(options),
        band(findRegisterBand(isolated.shape, whole)),
        target(seeTarget(isolated, band ? ignoreSets(whole) : whole)),
        objective(findLevelWithoutBandwidth(whole) ? ObjectiveKind::Bytes
                                                   : options.objective,
                  target, isolated.tree.ops),
        bounds(target.levels.size(), 0) {
    for (const auto &op : computeBounds(isolated.tree, target))
      for (size_t level = 0; level < target.levels.size(); ++level)
        bounds[level] += op[level].bytes;
    for (size_t level = 1; level < target.levels.size(); ++level)
      bounds[level] =
          std::max(bounds[level],
                   countFromCold(isolated.shape, target.levels[level - 1]));
  }

  OpChoice run();
  llvm::SmallVector<Schedule, 2> findFallbacks();

private:
  std::optional<Traffic> count(const Schedule &schedule, const Target &machine,
                               const WalkBudget &budget) const;
  std::optional<Evaluated>
  evaluate(const Schedule &schedule,
           const WalkBudget &budget = kCandidateBudget) const;
  std::optional<Evaluated>
  evaluatePacked(const Schedule &unpacked,
                 llvm::ArrayRef<unsigned> packed) const;
  double computeScoreOf(const Schedule &schedule, const Traffic &traffic) const;
  llvm::SmallVector<Candidate, 0>
  listBest(const OpShape &shape, unsigned most,
           llvm::ArrayRef<unsigned> packed) const;
  std::optional<std::string> findNothingToGain() const;
  /// One level in front of memory.
  bool isSimple() const { return target.levels.size() == 2; }
  void tryCandidates();
  bool mayPay(llvm::ArrayRef<unsigned> packable) const;
  void tryPacked();
  void tryPlain();
  void refine();
  void settle();
  void settleAt(Evaluated &evaluated, int64_t bytes) const;
  std::optional<int64_t> countDramBytes(const Schedule &schedule) const;
  std::optional<Evaluated> tryResized(const Evaluated &from, unsigned dim,
                                      bool grows) const;
  bool isWorse(const Evaluated &tiled) const;
  bool isBetter(const Evaluated &a, const Evaluated &b) const;
  bool isWorthIt(const Evaluated &tiled) const;
  bool bringWorthItToFront();
  std::optional<Evaluated> distribute(const Evaluated &serial) const;
  void distributeBest();
  OpChoice choose();
  void addSplit(OpChoice &choice) const;
  std::string explain(const Evaluated &rejected, const Evaluated &taken) const {
    return explainRejected(isolated.tree, target, rejected.traffic,
                           taken.traffic);
  }

  const IsolatedOp &isolated;
  const SearchOptions &options;
  std::optional<RegisterBand> band; ///< Inside of every schedule.
  Target target;                    ///< As the op's code sees it.
  Objective objective;
  llvm::SmallVector<int64_t, 4> bounds; ///< By level, in bytes.
  Evaluated before;
  llvm::SmallVector<Evaluated, 0> tried; ///< Best first.
  /// What candidates move, by their loops: several levels may ask for the same
  /// ones. None where a schedule does not fit the op.
  mutable llvm::StringMap<std::optional<Traffic>> counted;
};

} // namespace

/// What the model predicts for each level, the level of the accesses left out.
/// By reuse distances, near a capacity, a schedule may move several times as
/// much, so a standard error of them counts as well.
static llvm::SmallVector<double, 4> getBytes(const Traffic &traffic) {
  llvm::SmallVector<double, 4> bytes;
  for (const LevelTraffic &level : llvm::drop_begin(traffic.levels)) {
    bytes.push_back(double(level.total.total()));
    const Provenance &from = level.provenance;
    if (from.method == TrafficMethod::Distances)
      bytes.back() +=
          from.errorOfRead.value_or(0) + from.errorOfWritten.value_or(0);
  }
  return bytes;
}

double OpSearch::computeScoreOf(const Schedule &schedule,
                                const Traffic &traffic) const {
  return objective.computeScore(getBytes(traffic)) +
         computeLoopCost(isolated.shape, target, schedule.bands,
                         /*isRanking=*/false) +
         (band ? band->computeCost(isolated.shape, schedule.bands) : 0);
}

std::optional<Traffic> OpSearch::count(const Schedule &schedule,
                                       const Target &machine,
                                       const WalkBudget &budget) const {
  llvm::Expected<LoopTree> tree = scheduleTree(
      isolated.tree,
      {{isolated.op, band && schedule.packs.empty()
                         ? band->addTo(schedule, isolated.shape, machine)
                         : schedule}});
  if (tree)
    return computeTraffic(*tree, machine, {Accuracy::Default, budget});
  llvm::consumeError(tree.takeError());
  return std::nullopt;
}

std::optional<Evaluated> OpSearch::evaluate(const Schedule &schedule,
                                            const WalkBudget &budget) const {
  auto [known, isNew] = counted.try_emplace(writeLoops(schedule));
  if (isNew || budget.work > kCandidateBudget.work)
    known->second = count(schedule, target, budget);
  if (!known->second)
    return std::nullopt;
  Evaluated result;
  result.schedule = result.unpacked = schedule;
  result.traffic = *known->second;
  result.score = computeScoreOf(schedule, result.traffic);
  return result;
}

std::optional<Evaluated>
OpSearch::evaluatePacked(const Schedule &unpacked,
                         llvm::ArrayRef<unsigned> packed) const {
  std::optional<Evaluated> result =
      evaluate(packOperands(isolated, unpacked, packed, options));
  if (result) {
    result->unpacked = unpacked;
    result->packed.assign(packed.begin(), packed.end());
  }
  return result;
}

/// Where every level moves what it must, no schedule moves less. Vector code
/// has square tiles of whole lines, and strips of them (docs/Lowering.md);
/// tiles around these only put every row into another page.
std::optional<std::string> OpSearch::findNothingToGain() const {
  if (target.vectorRegisters && !isolated.shape.hasInnerTiles() &&
      isolated.shape.reusesOnlyLines())
    return "vector code has tiles of whole lines of its own";
  for (size_t level = 1; level < target.levels.size(); ++level) {
    double moved = double(before.traffic.levels[level].total.total());
    if (moved > double(bounds[level]) * (1 + kLeastGain))
      return std::nullopt;
  }
  return "it moves no more than it must";
}

/// Whether a schedule moves too much at DRAM, whatever it saves further in.
bool OpSearch::isWorse(const Evaluated &tiled) const {
  return double(tiled.dramBytes()) >
         double(before.dramBytes()) * (1 + kMostMoreAtDram);
}

/// By score, whatever moves too much at DRAM last; ties go to fewer loops.
bool OpSearch::isBetter(const Evaluated &a, const Evaluated &b) const {
  if (isWorse(a) != isWorse(b))
    return isWorse(b);
  if (a.score != b.score)
    return a.score < b.score;
  return countLoops(a.schedule) < countLoops(b.schedule);
}

/// Whether the op is better off than as it is: by its score, or, far from DRAM
/// where a level hardly weighs in the score (5 % less two levels in are 0.0005
/// of it), because a level moves less and none moves more.
bool OpSearch::isWorthIt(const Evaluated &tiled) const {
  constexpr double kLessAtALevel = 0.05, kSame = 0.001;
  if (isWorse(tiled))
    return false;
  if (tiled.score <= before.score - kLeastGain / 10)
    return true;
  bool isLess = false;
  for (auto [now, then] :
       llvm::zip_equal(getBytes(tiled.traffic), getBytes(before.traffic))) {
    if (now > then * (1 + kSame))
      return false;
    isLess |= now < then * (1 - kLessAtALevel);
  }
  return isLess;
}

/// Candidates for `shape`, in which operands `packed` are packed.
llvm::SmallVector<Candidate, 0>
OpSearch::listBest(const OpShape &shape, unsigned most,
                   llvm::ArrayRef<unsigned> packed) const {
  return listCandidates(shape, target, objective, most,
                        [&](const Schedule &schedule)
                            -> std::optional<llvm::SmallVector<double, 4>> {
                          std::optional<Evaluated> evaluated =
                              evaluatePacked(schedule, packed);
                          if (!evaluated)
                            return std::nullopt;
                          return getBytes(evaluated->traffic);
                        });
}

void OpSearch::tryCandidates() {
  for (const Candidate &candidate :
       listBest(isolated.shape, isSimple() ? kEvaluated : kEvaluatedDeep, {}))
    if (std::optional<Evaluated> evaluated = evaluate(candidate.schedule))
      tried.push_back(std::move(*evaluated));
}

/// Whether packing could be worth what it reads and writes: where tiles as they
/// are come near the bound at DRAM, only packing ahead could.
bool OpSearch::mayPay(llvm::ArrayRef<unsigned> packable) const {
  constexpr double kNear = 1.05;
  bool isAhead =
      options.packWeightsAhead &&
      llvm::any_of(packable, [&](unsigned o) { return isolated.isWeight[o]; });
  return isAhead || llvm::none_of(tried, [&](const Evaluated &evaluated) {
           return double(evaluated.dramBytes()) <=
                  kNear * double(bounds.back());
         });
}

/// Tiles for operands that are packed, all of them or one.
void OpSearch::tryPacked() {
  llvm::SmallVector<unsigned, 2> packable = findPackable(isolated);
  bool hasCache = llvm::any_of(target.levels, [](const Level &level) {
    return level.kind == LevelKind::Cached;
  });
  if (packable.empty() || !hasCache || !mayPay(packable))
    return;
  llvm::SmallVector<llvm::SmallVector<unsigned, 2>, 3> choices = {packable};
  if (packable.size() > 1)
    for (unsigned o : packable)
      choices.push_back({o});
  // With one level the tiles of each choice; with several those for all.
  llvm::SmallVector<Candidate, 0> candidates;
  for (llvm::ArrayRef<unsigned> choice : choices) {
    if (isSimple() || candidates.empty()) {
      OpShape shape = isolated.shape;
      for (unsigned o : choice)
        shape.operands[o].isPacked = true;
      candidates = listBest(
          shape, isSimple() ? kEvaluatedPacked : kEvaluatedPackedDeep, choice);
    }
    for (const Candidate &candidate : candidates)
      if (std::optional<Evaluated> evaluated =
              evaluatePacked(candidate.schedule, choice))
        tried.push_back(std::move(*evaluated));
    if (!isSimple() && candidates.size() > 1)
      candidates.truncate(1);
  }
}

/// What closed forms do not see.
void OpSearch::tryPlain() {
  if (isolated.isTile)
    return;
  llvm::SmallVector<Evaluated, 0> plain;
  for (const Schedule &schedule : listPlainSchedules(isolated.shape, target))
    if (std::optional<Evaluated> evaluated = evaluate(schedule, kAsItIsBudget))
      plain.push_back(std::move(*evaluated));
  llvm::stable_sort(plain, [&](const Evaluated &a, const Evaluated &b) {
    return isBetter(a, b);
  });
  llvm::append_range(tried, plain);
}

/// `from` with the next larger or smaller tile of `dim` in its only band, by
/// lines where there are some.
std::optional<Evaluated> OpSearch::tryResized(const Evaluated &from,
                                              unsigned dim, bool grows) const {
  Schedule schedule = from.unpacked;
  int64_t &size = schedule.bands.front().sizes[dim];
  int64_t extent = isolated.shape.extents[dim];
  llvm::SmallVector<int64_t, 2> lines =
      countLineIterations(isolated.shape, dim, target.levels.front());
  llvm::SmallVector<int64_t, 0> sizes = listTileSizes(extent, lines);
  if (!lines.empty())
    llvm::erase_if(sizes, [&](int64_t s) {
      return s % lines.front() != 0 && s != extent;
    });
  auto next =
      grows ? llvm::upper_bound(sizes, size) : llvm::lower_bound(sizes, size);
  if (next == (grows ? sizes.end() : sizes.begin()))
    return std::nullopt;
  size = grows ? *next : next[-1];
  if (size == extent) {
    size = 0;
    llvm::erase(schedule.bands.front().order, dim);
  }
  if (schedule.bands.front().order.empty())
    return std::nullopt;
  return evaluatePacked(schedule, from.packed);
}

/// Steps from the best schedule to its neighbours while that helps: closed
/// forms err by a line or two near a capacity.
void OpSearch::refine() {
  for (unsigned step = 0; step < kRefined; ++step) {
    Evaluated &best = tried.front();
    if (!isSimple() || best.schedule.bands.size() != 1)
      return;
    std::optional<Evaluated> better;
    for (unsigned dim : best.schedule.bands.front().order)
      for (bool grows : {true, false}) {
        std::optional<Evaluated> next = tryResized(best, dim, grows);
        if (next && next->score < (better ? better->score : best.score))
          better = std::move(next);
      }
    if (!better)
      return;
    tried.insert(tried.begin(), std::move(*better));
  }
}

/// Lets an evaluation move `bytes` at DRAM.
void OpSearch::settleAt(Evaluated &evaluated, int64_t bytes) const {
  llvm::SmallVector<double, 4> all = getBytes(evaluated.traffic);
  all.back() = double(evaluated.dramBytes());
  evaluated.score -= objective.computeScore(all);
  all.back() = double(bytes);
  evaluated.score += objective.computeScore(all);
  evaluated.settled = bytes;
}

/// Bytes at DRAM alone, by a longer walk through the last cache.
std::optional<int64_t>
OpSearch::countDramBytes(const Schedule &schedule) const {
  std::optional<Traffic> traffic =
      count(schedule, keepLastCache(isolated.tree, target), kSettleBudget);
  if (!traffic)
    return std::nullopt;
  return traffic->levels.back().total.total();
}

/// Between the best few, longer walks have the last word on DRAM: those of
/// candidates are cut short. Of a product of 5504x1024x2048 on epyc-9654 they
/// say 139 MB of tiles that move the 121 MB that the op must.
void OpSearch::settle() {
  // A walk has to bring in more lines than the cache holds.
  const Level &last = target.levels[target.levels.size() - 2];
  if (last.sets() <= 1 || isolated.isTile)
    return;
  std::optional<int64_t> least;
  size_t chosen = 0;
  for (size_t i = 0; i < std::min<size_t>(kSettled, tried.size()); ++i) {
    std::optional<int64_t> bytes = countDramBytes(tried[i].schedule);
    if (bytes)
      settleAt(tried[i], *bytes);
    // The order stands where the difference is small.
    if (bytes && (!least || double(*bytes) < 0.99 * double(*least))) {
      least = bytes;
      chosen = i;
    }
  }
  if (least &&
      double(*least) > double(before.dramBytes()) * (1 + kMostMoreAtDram)) {
    tried.clear();
    return;
  }
  std::rotate(tried.begin(), tried.begin() + chosen,
              tried.begin() + chosen + 1);
}

/// The leading parallel loops of the outermost band, as many as do not move
/// more than they do on one unit: what private caches do not share, each has to
/// fetch. None where already the first does.
std::optional<Evaluated> OpSearch::distribute(const Evaluated &serial) const {
  Schedule schedule = serial.schedule;
  if (schedule.bands.empty())
    return std::nullopt;
  TileBand &band = schedule.bands.front();
  for (unsigned dim : band.order) {
    if (isolated.shape.isReduction[dim])
      break;
    band.parallel.push_back(dim);
  }
  schedule.units = target.units;
  for (; !band.parallel.empty(); band.parallel.pop_back()) {
    std::optional<Evaluated> parallel = evaluate(schedule);
    if (!parallel || parallel->countedDramBytes() > serial.countedDramBytes())
      continue;
    // It moves at DRAM what the serial one does.
    settleAt(*parallel, serial.dramBytes());
    if (parallel->score <= serial.score + kLeastGain / 10)
      return parallel;
  }
  return std::nullopt;
}

/// Lets loops of the best schedules run on all units: the best of those that
/// keep the most busy without moving more at DRAM than the best of all.
void OpSearch::distributeBest() {
  if (!options.parallel || target.units <= 1)
    return;
  std::optional<Evaluated> chosen;
  double leastCost = std::numeric_limits<double>::infinity();
  for (const Evaluated &serial :
       llvm::ArrayRef(tried).take_front(kDistributed)) {
    if (serial.dramBytes() > tried.front().dramBytes())
      continue;
    std::optional<Evaluated> parallel = distribute(serial);
    if (!parallel)
      continue;
    double idle = computeIdleCost(
        countBusyUnits(isolated.shape, parallel->schedule, target.units),
        target.units);
    double cost = parallel->score + idle;
    if (cost < leastCost) {
      leastCost = cost;
      chosen = std::move(parallel);
    }
    if (idle == 0)
      break; // The others move no less.
  }
  if (chosen)
    tried.insert(tried.begin(), std::move(*chosen));
}

/// Splits the reduction of what was chosen where units are idle otherwise.
/// Vector code makes loops of its own, and has its own units.
void OpSearch::addSplit(OpChoice &choice) const {
  if (!options.split || !options.parallel || !isolated.canSplit || band)
    return;
  auto measure =
      [&](const Schedule &schedule) -> std::optional<MeasuredSchedule> {
    std::optional<Evaluated> evaluated = evaluate(schedule);
    if (!evaluated || isWorse(*evaluated))
      return std::nullopt;
    return MeasuredSchedule{evaluated->score, evaluated->dramBytes()};
  };
  std::optional<FoundSplit> found = findSplit(
      isolated.shape, choice.schedule.value_or(Schedule()), target, measure);
  if (!found)
    return;
  choice.split = {std::move(choice.schedule), std::move(choice.reason),
                  found->busyBefore, found->busyAfter};
  choice.schedule = std::move(found->schedule);
  choice.reason.clear();
}

/// Serial schedules that move no more at DRAM than the op as it is, and less
/// further in: the best, of those without tile loops too, which leave what the
/// op starts from where it is.
llvm::SmallVector<Schedule, 2> OpSearch::findFallbacks() {
  choose();
  tryPlain();
  llvm::SmallVector<const Evaluated *, 0> suitable;
  for (const Evaluated &each : tried)
    if (each.schedule.units == 1 && isWorthIt(each) &&
        each.dramBytes() <= before.dramBytes())
      suitable.push_back(&each);
  llvm::stable_sort(suitable, [&](const Evaluated *a, const Evaluated *b) {
    return isBetter(*a, *b);
  });
  llvm::SmallVector<Schedule, 2> found;
  unsigned tiled = 0, ordered = 0;
  for (const Evaluated *each : suitable)
    if (each->schedule.bands.empty() ? ordered++ < kOrdersToFallBack
                                     : tiled++ < kTilesToFallBack)
      found.push_back(each->schedule);
  return found;
}

bool OpSearch::bringWorthItToFront() {
  auto *worthIt = llvm::find_if(
      tried, [&](const Evaluated &tiled) { return isWorthIt(tiled); });
  if (worthIt == tried.end())
    return false;
  std::rotate(tried.begin(), worthIt, worthIt + 1);
  return true;
}

OpChoice OpSearch::run() {
  OpChoice choice = choose();
  const Traffic &now = choice.schedule ? tried.front().traffic : before.traffic;
  choice.dramBytes = double(now.levels.back().total.total());
  choice.innerBytes = double(std::next(now.levels.rbegin())->total.total());
  addSplit(choice);
  return choice;
}

OpChoice OpSearch::choose() {
  OpChoice choice;
  // 1. As it is.
  before.traffic = *count(Schedule(), target,
                          isolated.isTile ? kCandidateBudget : kAsItIsBudget);
  before.score = computeScoreOf(Schedule(), before.traffic);
  if (std::optional<std::string> reason = findNothingToGain()) {
    choice.reason = *reason;
    return choice;
  }
  // 2. Candidates.
  tryCandidates();
  if (options.pack)
    tryPacked();
  llvm::sort(tried, [&](const Evaluated &a, const Evaluated &b) {
    return isBetter(a, b);
  });
  if (tried.empty()) {
    choice.reason = "no tile of it would reuse anything";
    return choice;
  }
  refine();
  settle();
  if (tried.empty()) {
    choice.reason = "no schedule of it alone moves less";
    return choice;
  }
  distributeBest();
  // 3. The decision.
  if (!bringWorthItToFront())
    tryPlain();
  if (!bringWorthItToFront()) {
    const Evaluated &best = tried.front();
    choice.reason = "no schedule of it alone moves less";
    choice.bestRejected = {best.schedule, best.dramBytes(),
                           explain(best, before)};
    return choice;
  }
  const Evaluated &best = tried.front();
  choice.schedule = best.schedule;
  // What differs in more than the order of the op's own loops says most.
  auto isOther = [&](const Evaluated &other) {
    return other.dramBytes() != best.dramBytes();
  };
  auto *rejected = llvm::find_if(llvm::drop_begin(tried), isOther);
  if (rejected == tried.end() && tried.size() > 1)
    rejected = std::next(tried.begin());
  if (rejected != tried.end())
    choice.bestRejected = {rejected->schedule, rejected->dramBytes(),
                           explain(*rejected, best)};
  return choice;
}

OpChoice memwall::searchOp(const IsolatedOp &isolated, const Target &target,
                           const SearchOptions &options) {
  return OpSearch(isolated, target, options).run();
}

llvm::SmallVector<Schedule, 2>
memwall::findFallbacks(const IsolatedOp &isolated, const Target &target,
                       const SearchOptions &options) {
  return OpSearch(isolated, target, options).findFallbacks();
}
