//===- SetWalk.cpp - One set of a cache, from start to end ----------------===//

#include "SetWalk.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace memwall;

/// No iteration.
static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
/// Any period of the sets.
static constexpr int64_t kAnyPeriod = kNever;

SetWalk::SetWalk(const SetProgram &program, int64_t set, int64_t instance,
                 Effort effort)
    : program(program), geometry(program.geometry), set(set),
      instance(instance), effort(effort),
      lineShift(llvm::Log2_64(geometry.lineBits)),
      sectorShift(llvm::Log2_64(geometry.sectorBits)),
      state(geometry.isWhole ? geometry.sets : 1, geometry.ways,
            geometry.storePolicy == StorePolicy::Allocate,
            program.countStorageLines(),
            /*apart=*/geometry.isWhole ? 1 : geometry.sets),
      counts(program.accesses.size()), iteration(program.nodes.size(), 0),
      moveOf(program.bufferBegin.size(), 0),
      slotOf(program.accesses.size(), SetState::none),
      openSector(program.bufferBegin.size(), -1) {
  address.reserve(program.accesses.size());
  for (const SetAccess &access : program.accesses)
    address.push_back(access.address);
}

//===----------------------------------------------------------------------===//
// The next iteration that touches the set
//===----------------------------------------------------------------------===//

/// Of numbers that are not negative. Most divisors are powers of two, and
/// divisions take most of the time.
static int64_t divide(int64_t value, int64_t divisor) {
  return llvm::isPowerOf2_64(divisor)
             ? value >> llvm::countr_zero(uint64_t(divisor))
             : value / divisor;
}

/// The least x >= 0 with low <= a x mod m <= high, or -1: Euclid's algorithm on
/// the places that a x takes modulo m. 0 <= a < m, 0 <= low <= high < m.
static int64_t findFirstWithin(int64_t a, int64_t m, int64_t low,
                               int64_t high) {
  if (low == 0)
    return 0;
  if (a == 0)
    return -1;
  int64_t first = divide(low + a - 1, a);
  if (a * first <= high)
    return first;
  if (llvm::isPowerOf2_64(a) && (m & (a - 1)) == 0)
    return -1;
  // Both lie between the multiples `first` - 1 and `first` of a.
  int64_t y = findFirstWithin(m % a, a, a * first - high, a * first - low);
  return y < 0 ? -1 : (low + m * y + a - 1) / a;
}

static int64_t floorMod(int64_t value, int64_t modulus) {
  if (llvm::isPowerOf2_64(modulus))
    return value & (modulus - 1);
  int64_t rest = value % modulus;
  return rest < 0 ? rest + modulus : rest;
}

/// The first iteration from `v` on in which the access may touch the set: one
/// that passes all filters.
int64_t SetWalk::findNext(const SetNode &loop, unsigned access, int64_t v) {
  const AccessTerm &term = program.term(loop, access);
  int64_t at = address[access] + term.leastInside + term.strideBits * v;
  int64_t begin = set << lineShift;
  bool isChanged = true;
  while (isChanged) {
    isChanged = false;
    for (uint32_t f = term.firstFilter; f != term.endFilter; ++f) {
      const SetFilter &filter = program.filters[f];
      // A line of the set begins `low` behind the first address, modulo the
      // filter's modulus, less what the inner loops reach.
      int64_t low = floorMod(begin - filter.reach - at, filter.modulus);
      int64_t high = low + filter.reach + geometry.lineBits - 1;
      if (low == 0 || high >= filter.modulus)
        continue;
      steps += 1;
      int64_t skip = findFirstWithin(filter.step, filter.modulus, low, high);
      if (skip < 0 || skip >= loop.tripCount - v)
        return kNever;
      v += skip;
      at += term.strideBits * skip;
      isChanged = term.endFilter - term.firstFilter > 1;
    }
  }
  return v;
}

int64_t SetWalk::numberOf(const SetNode &loop, int64_t v) const {
  return (loop.beginsNumbers ? 0 : numberBase) + loop.firstNumber +
         v * loop.numbersPerIteration;
}

/// The first iteration from `v` on that a unit of this instance runs.
int64_t SetWalk::nextOwn(const SetNode &loop, int64_t v) const {
  if (!loop.deals)
    return v;
  int64_t unit = numberOf(loop, v) % program.units;
  if (unit / program.unitsPerInstance == instance)
    return v;
  int64_t first = instance * program.unitsPerInstance;
  return v + floorMod(first - unit, program.units);
}

/// Brings `next` to iterations from `from` on; returns the first one.
int64_t SetWalk::settle(const SetNode &loop, Active active, NextTouches &next,
                        int64_t from, int64_t end) {
  for (;;) {
    int64_t first = kNever;
    for (auto [i, access] : llvm::enumerate(active)) {
      if (next[i] < from)
        next[i] = findNext(loop, access, from);
      first = std::min(first, next[i]);
    }
    if (first >= end)
      return first;
    from = nextOwn(loop, first);
    if (from == first)
      return first;
    if (from >= end)
      return kNever;
  }
}

//===----------------------------------------------------------------------===//
// Stretches that may repeat
//===----------------------------------------------------------------------===//

/// Iterations from `v` on, itself included, in which everything that the access
/// touches inside of the loop stays in its sectors.
int64_t SetWalk::countConstant(const SetNode &loop, unsigned access,
                               int64_t v) const {
  const AccessTerm &term = program.term(loop, access);
  if (term.isUnknown)
    return 1;
  int64_t stride = term.strideBits, block = term.blockBits;
  if (stride == 0)
    return kNever;
  int64_t first = floorMod(address[access] + stride * v, block);
  int64_t last = floorMod(first + program.accesses[access].bits - 1, block);
  if (stride > 0)
    return divide(block - std::max(first, last) + stride - 1, stride);
  return divide(std::min(first, last), -stride) + 1;
}

bool SetWalk::addMove(Stretch &stretch, BufferId buffer, int64_t lines) const {
  for (const auto &[other, move] : stretch.moves)
    if (other == buffer)
      return move == lines;
  stretch.moves.push_back({buffer, lines});
  return true;
}

/// The least common multiple; most periods are powers of two.
static int64_t combinePeriods(int64_t a, int64_t b) {
  return llvm::isPowerOf2_64(a) && llvm::isPowerOf2_64(b) ? std::max(a, b)
                                                          : std::lcm(a, b);
}

/// In a loop that is dealt out, chunks have to begin at the same unit.
bool SetWalk::limitToUnits(const SetNode &loop, int64_t v,
                           int64_t longestPeriod, Stretch &stretch) const {
  if (!loop.isNumbered)
    return true;
  int64_t period =
      program.units / std::gcd(program.units, loop.numbersPerIteration);
  if (period <= longestPeriod) {
    stretch.period = combinePeriods(stretch.period, period);
    return true;
  }
  int64_t unit = numberOf(loop, v) % program.units;
  int64_t own =
      loop.deals ? (instance + 1) * program.unitsPerInstance - unit : 1;
  stretch.end = std::min(stretch.end, v + own);
  return true;
}

/// Looks for a stretch from iteration `v` on. Accesses that are back at their
/// place of the sets after at most `longestPeriod` iterations decide the length
/// of a chunk; the others must stay as they are until its end. False when too
/// few chunks would fit to make it worth a look.
bool SetWalk::findStretch(const SetNode &loop, Active active,
                          const NextTouches &next, int64_t v, int64_t end,
                          int64_t longestPeriod, Stretch &stretch) const {
  constexpr int64_t kLeastChunks = SetProgram::kLeastChunks;
  stretch.period = 1;
  stretch.end = end;
  stretch.moves.clear();
  stretch.filled.clear();
  limitToUnits(loop, v, longestPeriod, stretch);
  auto isPeriodic = [&](const AccessTerm &term) {
    return !term.isUnknown && term.period <= longestPeriod;
  };
  for (auto [i, access] : llvm::enumerate(active)) {
    if (next[i] >= end)
      continue;
    const AccessTerm &term = program.term(loop, access);
    if (isPeriodic(term)) {
      stretch.period = combinePeriods(stretch.period, term.period);
      if (stretch.period > (end - v) / kLeastChunks && stretch.period > 1)
        return false;
    } else {
      int64_t constant =
          next[i] > v ? next[i] - v : countConstant(loop, access, v);
      if (constant < stretch.end - v)
        stretch.end = v + constant;
      const SetAccess &of = program.accesses[access];
      if (of.isWrite && term.strideBits != 0 && next[i] <= v)
        stretch.filled.push_back(of.storage);
    }
  }
  if (stretch.period > 1 && stretch.end - v < kLeastChunks * stretch.period)
    return false;
  if (stretch.period == 1 && !loop.movesByRounds)
    return true;
  for (auto [i, access] : llvm::enumerate(active)) {
    const AccessTerm &term = program.term(loop, access);
    bool moves = isPeriodic(term);
    if (next[i] >= end || (!moves && next[i] > v))
      continue;
    int64_t lines = moves ? (term.strideBits * stretch.period) >> lineShift : 0;
    if (addMove(stretch, program.accesses[access].storage, lines))
      continue;
    // A buffer that moves at two speeds: one iteration at a time.
    if (longestPeriod > 1)
      return false;
    stretch.end = v + 1;
  }
  return true;
}

/// An empty history for the innermost repeat.
SetWalk::History &SetWalk::beginHistory() {
  while (histories.size() < repeatsAround)
    histories.push_back(std::make_unique<History>());
  History &history = *histories[repeatsAround - 1];
  history.snapshots.clear();
  history.counts.clear();
  history.lastWork = 0;
  return history;
}

/// If the set holds what it held at the beginning of an earlier chunk, but for
/// the way that the buffers have moved since, skips as many rounds between the
/// two as there is room for, and returns the chunks skipped; 0 otherwise.
int64_t SetWalk::recur(History &history, const Stretch &stretch, Active active,
                       int64_t chunk, int64_t chunks) {
  constexpr size_t kMostSnapshots = 300;
  double cost = countLookSteps();
  if (!history.snapshots.empty() && steps - history.lastWork < cost)
    return 0;
  steps += cost;
  history.lastWork = steps;
  for (auto [buffer, lines] : stretch.moves)
    moveOf[buffer] = lines;
  uint64_t hash = state.hash(moveOf, chunk, stretch.filled);
  int64_t skipped = 0;
  size_t width = active.size();
  for (size_t i = history.snapshots.size(); i-- > 0;) {
    const Snapshot &before = history.snapshots[i];
    if (before.hash != hash)
      continue;
    int64_t length = chunk - before.chunk;
    int64_t rounds = (chunks - chunk) / length;
    for (auto [j, access] : llvm::enumerate(active)) {
      const MovedSectors &then = history.counts[i * width + j];
      MovedSectors &now = counts[access];
      now.read += double(rounds) * (now.read - then.read);
      now.written += double(rounds) * (now.written - then.written);
    }
    skipped = rounds * length;
    if (stretch.isMoving())
      state.move(moveOf, skipped);
    break;
  }
  for (auto [buffer, lines] : stretch.moves)
    moveOf[buffer] = 0;
  if (skipped != 0)
    return skipped;
  // The oldest may show the set before it was full, which does not come back.
  if (history.snapshots.size() == kMostSnapshots) {
    constexpr size_t kDropped = kMostSnapshots / 2;
    history.snapshots.erase(history.snapshots.begin(),
                            history.snapshots.begin() + kDropped);
    history.counts.erase(history.counts.begin(),
                         history.counts.begin() + kDropped * width);
  }
  history.snapshots.push_back({hash, chunk});
  for (unsigned access : active)
    history.counts.push_back(counts[access]);
  return 0;
}

/// Walks the chunks of a stretch that begins at `v` until it recurs, skips, and
/// walks the rest. Returns where it ends; before the end of the stretch when
/// the budget is spent and nothing recurs.
int64_t SetWalk::repeat(unsigned loop, Active active, int64_t v,
                        const Stretch &stretch, int64_t longestPeriod,
                        double budget) {
  int64_t chunks = divide(stretch.end - v, stretch.period);
  // Which sector a store went around the cache to is not in the set.
  bool isLooking = chunks > 2 && geometry.storePolicy != StorePolicy::Bypass;
  double start = steps;
  int64_t samplingsBefore = samplings;
  History *history = nullptr;
  ++repeatsAround;
  auto leave = llvm::make_scope_exit([&] { --repeatsAround; });
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    // The first chunk tells whether skipping the others is worth the looks.
    double each = chunk == 0 ? 0 : (steps - start) / double(chunk);
    if (isLooking && each * double(chunks - chunk) > 2 * countLookSteps()) {
      if (!history)
        history = &beginHistory();
      if (int64_t skipped = recur(*history, stretch, active, chunk, chunks)) {
        chunk += skipped - 1;
        isLooking = false;
        continue;
      }
    }
    // What was sampled in time never recurs.
    bool isHopeless = chunk >= 1 && samplings != samplingsBefore;
    if (((chunk >= 2 && isLooking) || isHopeless) && steps - start > budget)
      return v + chunk * stretch.period;
    int64_t first = v + chunk * stretch.period;
    if (stretch.period == 1)
      iterate(loop, first, active, budget);
    else
      walkRange(loop, active, first, first + stretch.period, longestPeriod,
                budget);
    // Nothing is counted any more, and there may be 2^40 chunks to go.
    if (isGivenUp())
      return stretch.end;
  }
  return v + chunks * stretch.period;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Iterations [begin, end) of a loop. Stretches with a period above
/// `longestPeriod` are being walked already. Where it may not be sampled, loops
/// inside of it may.
void SetWalk::walkRange(unsigned loop, Active active, int64_t begin,
                        int64_t end, int64_t longestPeriod, double budget,
                        bool maySample) {
  // Loops of fewer iterations, or with less to do, are not sampled in time: the
  // ways back to fill the set cost as much. An innermost loop costs as much to
  // look through.
  constexpr int64_t kLeastIterations = 3;
  constexpr double kLeastWork = 256, kLeastWorkInnermost = 4096;
  const SetNode &node = program.nodes[loop];
  if (isGivenUp())
    return;
  NextTouches next(active.size(), -1);
  double start = steps;
  steps += double(active.size());
  int64_t v = settle(node, active, next, begin, end);
  Stretch stretch;
  // 1. A period for everything that touches the set at all.
  if (node.mayRepeat && longestPeriod == kAnyPeriod && v < end &&
      findStretch(node, active, next, v, end, kAnyPeriod, stretch) &&
      stretch.period > 1) {
    v = repeat(loop, active, v, stretch, SetProgram::kShortPeriod, budget);
    v = settle(node, active, next, v, end);
  }
  while (v < end && !isGivenUp()) {
    int64_t done;
    // 2. A short period while the others stay, or 3. single iterations.
    if (longestPeriod > 1 && (node.hasShortPeriod || node.deals) &&
        findStretch(node, active, next, v, end, SetProgram::kShortPeriod,
                    stretch) &&
        stretch.period > 1)
      done = repeat(loop, active, v, stretch, 1, budget);
    else
      done = walkStretch(loop, active, next, v, end, budget);
    v = settle(node, active, next, done, end);
    // 4. The rest in part, where it would take more than the budget.
    double spent = steps - start;
    if (maySample && v < end && end - v > kLeastIterations &&
        spent > std::max(node.isInnermost ? kLeastWorkInnermost : kLeastWork,
                         budget / 2) &&
        spent / double(done - begin) * double(end - begin) > budget)
      return sampleRest(loop, active, {begin, v, end},
                        spent / double(done - begin), budget);
  }
}

/// Lines that an access touches at most, wherever it begins.
static int64_t countLines(const SetAccess &access, unsigned lineShift) {
  return ((access.bits - 1) >> lineShift) + 2;
}

/// Iterations from `v` on in which the accesses that touch the set stay in
/// their sectors, or move by whole rounds of the sets each time.
int64_t SetWalk::walkStretch(unsigned loop, Active active,
                             const NextTouches &next, int64_t v, int64_t end,
                             double budget) {
  const SetNode &node = program.nodes[loop];
  if (geometry.isWhole && node.isInnermost && node.mayRun && !node.deals) {
    walkAllSets(node, active, v, end);
    return end;
  }
  Stretch stretch;
  findStretch(node, active, next, v, end, 1, stretch);
  llvm::SmallVector<unsigned, 8> touching;
  int64_t lines = 0;
  for (auto [i, access] : llvm::enumerate(active))
    if (next[i] <= v) {
      touching.push_back(access);
      lines += countLines(program.accesses[access], lineShift);
    }
  // The first iteration brings in what all of them need.
  if (node.isInnermost && node.mayRun && !stretch.isMoving() &&
      (stretch.end == v + 1 || lines <= geometry.ways)) {
    for (unsigned access : touching) {
      int64_t stride = program.term(node, access).strideBits;
      touch(access, address[access] + stride * v, stride, stretch.end - v);
    }
    return stretch.end;
  }
  // A loop inside gets at most half of the budget each time, so that this one
  // is cut short before its iterations are: blocks of iterations that were
  // walked in part leave lines out that the next iterations find. With a 16th,
  // products of an optimised Llama read 2.3 times what they read.
  constexpr double kLeastInside = 64;
  constexpr int64_t kMostShares = 2;
  double inside =
      std::max(kLeastInside, budget / double(std::min(end - v, kMostShares)));
  if (stretch.end == v + 1) {
    iterate(loop, v, touching, inside);
    return stretch.end;
  }
  return repeat(loop, touching, v, stretch, 1, inside);
}

/// Iterations [v, end) of an innermost loop in a walk of all sets, where every
/// access touches some set each time: as many at once as all accesses stay
/// within their sectors.
void SetWalk::walkAllSets(const SetNode &loop, Active active, int64_t v,
                          int64_t end) {
  llvm::SmallVector<int64_t, 8> until(active.size(), v);
  llvm::SmallVector<int64_t, 8> lines;
  while (v < end) {
    lines.clear();
    for (unsigned access : active) {
      int64_t first =
          address[access] + program.term(loop, access).strideBits * v;
      int64_t last = first + program.accesses[access].bits - 1;
      for (int64_t line = first >> lineShift; line <= last >> lineShift; ++line)
        if (!llvm::is_contained(lines, line))
          lines.push_back(line);
    }
    int64_t stop = int64_t(lines.size()) <= geometry.ways ? end : v + 1;
    for (auto [i, access] : llvm::enumerate(active)) {
      if (until[i] <= v) {
        int64_t constant = countConstant(loop, access, v);
        until[i] = constant < end - v ? v + constant : end;
      }
      stop = std::min(stop, until[i]);
    }
    for (unsigned access : active) {
      int64_t stride = program.term(loop, access).strideBits;
      touch(access, address[access] + stride * v, stride, stop - v);
    }
    v = stop;
  }
}

/// What data-dependent rows add to the address of an access.
int64_t SetWalk::addRows(const SetNode &loop, unsigned access) const {
  int64_t bits = 0;
  for (const ConstantGather &gather : program.accesses[access].gathers) {
    if (&program.nodes[*llvm::max_element(gather.nodes)] != &loop)
      continue;
    int64_t number = 0;
    for (unsigned n : gather.nodes)
      number = number * program.nodes[n].tripCount + iteration[n];
    const std::vector<int32_t> &rows =
        program.rowOrders.find(gather.extent)->second;
    bits += rows[number % gather.extent] * gather.strideBits;
  }
  return bits;
}

void SetWalk::iterate(unsigned loop, int64_t v, Active active, double budget,
                      const Tail *tail) {
  const SetNode &node = program.nodes[loop];
  iteration[loop] = v;
  int64_t outer = numberBase;
  if (node.isNumbered)
    numberBase = numberOf(node, v);
  llvm::SmallVector<std::pair<unsigned, int64_t>, 2> rows;
  for (unsigned access : active)
    address[access] += program.term(node, access).strideBits * v;
  for (unsigned access : node.gathers)
    if (llvm::is_contained(active, access)) {
      rows.push_back({access, addRows(node, access)});
      address[access] += rows.back().second;
    }
  if (tail)
    walkTail(node, active, *tail, budget);
  else
    walkChildren(node, active, budget);
  for (unsigned access : active)
    address[access] -= program.term(node, access).strideBits * v;
  for (auto [access, bits] : rows)
    address[access] -= bits;
  numberBase = outer;
}

void SetWalk::walkChildren(const SetNode &node, Active active, double budget) {
  for (unsigned n : node.children) {
    const SetNode &child = program.nodes[n];
    size_t count = 0;
    while (count < active.size() && active[count] < child.endAccess)
      ++count;
    if (count > 0 && child.isAccess)
      touch(child.access, address[child.access], 0, 1);
    else if (count > 0)
      walkRange(n, active.take_front(count), 0, child.tripCount, kAnyPeriod,
                budget);
    active = active.drop_front(count);
    if (!child.deaths.empty())
      die(child);
  }
}
