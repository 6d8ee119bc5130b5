//===- ExplicitLevel.cpp - Chooses what a scratchpad holds ----------------===//

#include "memwall/Traffic/ExplicitLevel.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <tuple>

using namespace memwall;

namespace {

/// A gap between two touches of the same data, during which it may be held.
struct Gap {
  GapId id;
  BufferId buffer;
  OpId op;
  double read = 0;    ///< Sectors to read again when it is not held.
  double written = 0; ///< Of the write-backs that pass it, its part.
  double heldBits = 0;
  unsigned first = 0, end = 0; ///< Leaves during which it is held.
  unsigned depth = 0;
  double distinct = 0; ///< Of `read`, where it reads back; else 0.
  bool isHeld = false;
  unsigned rank = 0; ///< Among the gaps of its buffer.

  /// Whether `other` is a gap of the same data in a loop further in: holding
  /// the data in this gap means holding it in the other one, too.
  bool contains(const Gap &other) const {
    return buffer == other.buffer && other.first >= first && other.end <= end &&
           other.depth > depth;
  }
};

/// Dirty sectors, which are written unless they are held in all gaps that they
/// pass.
struct WriteBack {
  BufferId buffer;
  OpId op;
  double sectors;
  /// Share of the sectors that pass a gap in which nothing can be held.
  double neverHeld = 0;
  struct Passed {
    unsigned gap; ///< Into Retention::gaps.
    double share;
  };
  llvm::SmallVector<Passed, 2> passed = {};
};

/// Gaps and what is held where.
class Retention {
public:
  Retention(const ConstantTree &tree, double capacityBits,
            llvm::ArrayRef<ReuseClass> classes)
      : capacityBits(capacityBits) {
    for (const ConstantNode &node : tree.nodes)
      if (node.isAccess) {
        const ConstantAccess &access = tree.accesses[node.access];
        usage.push_back(0);
        leafBuffers.push_back({access.buffer, node.parent});
        elementBits.push_back(double(access.elementBits));
      }
    holdElements();
    addGaps(classes);
    addWriteBacks(classes);
  }

  /// What is settled before the rest is taken greedily.
  enum class Order {
    NestsFirst, ///< Every single nest, exhaustively.
    InnerToo,   ///< Gaps together with those of the loops further in.
    Greedy,     ///< Nothing.
  };
  /// Chooses what is held. Returns the sectors that move.
  double solve(Order order);

  /// Sectors of a write-back that move: those that pass some gap in which they
  /// are not held. Where shares of the data pass different gaps, they are taken
  /// to be different parts of it.
  double countWritten(const WriteBack &writeBack) const {
    double share = writeBack.neverHeld;
    for (const WriteBack::Passed &passed : writeBack.passed)
      if (!gaps[passed.gap].isHeld)
        share += passed.share;
    return writeBack.sectors * std::min(1.0, share);
  }

  std::vector<Gap> gaps;
  std::vector<WriteBack> writeBacks;

private:
  void holdElements();
  void addGaps(llvm::ArrayRef<ReuseClass> classes);
  void addWriteBacks(llvm::ArrayRef<ReuseClass> classes);
  void dropImplied(WriteBack &writeBack) const;
  bool fits(const Gap &gap) const;
  void hold(Gap &gap);
  bool isReady(const Gap &gap) const;
  llvm::SmallVector<unsigned, 8> findInner(const Gap &gap) const;
  void solveNests();
  void solveNest(llvm::ArrayRef<llvm::SmallVector<unsigned, 8>> chains);
  void solveGreedily();
  void holdWithInner();

  double held(BufferId buffer, unsigned leaf) const {
    return heldBits.lookup({buffer, leaf});
  }

  double capacityBits;
  std::vector<double> usage; ///< Bits held, per leaf.
  std::vector<double> elementBits;
  /// Buffer and innermost body of every leaf.
  std::vector<std::pair<BufferId, unsigned>> leafBuffers;
  llvm::DenseMap<std::pair<BufferId, unsigned>, double> heldBits;
  /// Gaps of each buffer; those that a gap contains stand before it.
  llvm::DenseMap<BufferId, llvm::SmallVector<unsigned, 8>> gapsOf;
};

} // namespace

/// Whether a class moves only when its data is not held.
static bool isChoice(const ReuseClass &reuse) {
  return (reuse.kind == ReuseKind::Read || reuse.kind == ReuseKind::Write) &&
         !reuse.isCold();
}

/// Sorts by data alone, so the order of `classes` does not matter.
void Retention::addGaps(llvm::ArrayRef<ReuseClass> classes) {
  for (const ReuseClass &reuse : classes) {
    if (!isChoice(reuse))
      continue;
    Gap gap{reuse.gap, reuse.buffer, reuse.op};
    gap.read = reuse.kind == ReuseKind::Read ? reuse.sectors : 0;
    gap.heldBits = reuse.heldBits;
    gap.first = reuse.firstLeaf;
    gap.end = reuse.endLeaf;
    gap.depth = reuse.depth;
    gap.distinct = reuse.readsBack ? reuse.distinct : 0;
    gaps.push_back(gap);
  }
  auto key = [](const Gap &gap) {
    return std::make_tuple(gap.buffer, gap.end, ~gap.first, ~gap.depth, gap.id);
  };
  llvm::sort(gaps, [&](const Gap &a, const Gap &b) { return key(a) < key(b); });
  for (auto [i, gap] : llvm::enumerate(gaps)) {
    llvm::SmallVector<unsigned, 8> &list = gapsOf[gap.buffer];
    gap.rank = list.size();
    list.push_back(i);
  }
}

/// Gaps whose data is held anyway when that of another one of the list is.
void Retention::dropImplied(WriteBack &writeBack) const {
  auto isImplied = [&](const WriteBack::Passed &inner) {
    return llvm::any_of(writeBack.passed, [&](const WriteBack::Passed &outer) {
      return outer.share >= inner.share &&
             gaps[outer.gap].contains(gaps[inner.gap]);
    });
  };
  llvm::SmallVector<WriteBack::Passed, 2> left;
  llvm::copy_if(writeBack.passed, std::back_inserter(left),
                [&](const auto &passed) { return !isImplied(passed); });
  writeBack.passed = std::move(left);
}

void Retention::addWriteBacks(llvm::ArrayRef<ReuseClass> classes) {
  llvm::DenseMap<GapId, unsigned> places;
  for (auto [i, gap] : llvm::enumerate(gaps))
    places[gap.id] = i;
  for (const ReuseClass &reuse : classes) {
    if (reuse.kind != ReuseKind::WriteBack)
      continue;
    WriteBack writeBack{reuse.buffer, reuse.op, reuse.sectors};
    for (const PassedGap &passed : reuse.passed) {
      auto place = places.find(passed.gap);
      if (place == places.end())
        writeBack.neverHeld += passed.share;
      else
        writeBack.passed.push_back({place->second, passed.share});
    }
    dropImplied(writeBack);
    writeBacks.push_back(std::move(writeBack));
  }
  auto key = [](const WriteBack &writeBack) {
    unsigned gap = writeBack.passed.empty() ? 0 : writeBack.passed.front().gap;
    return std::make_tuple(writeBack.buffer, writeBack.op, gap,
                           writeBack.passed.size(), writeBack.sectors);
  };
  llvm::sort(writeBacks, [&](const WriteBack &a, const WriteBack &b) {
    return key(a) < key(b);
  });
  // Each of several gaps is credited with a part of what all of them save.
  for (const WriteBack &writeBack : writeBacks) {
    double shares = 0;
    for (const WriteBack::Passed &passed : writeBack.passed)
      shares += passed.share;
    double saved = writeBack.sectors *
                   std::clamp(1 - writeBack.neverHeld, 0.0, 1.0) *
                   std::min(1.0, shares);
    for (const WriteBack::Passed &passed : writeBack.passed)
      gaps[passed.gap].written += saved * passed.share / shares;
  }
}

/// The elements of the current iteration are always held.
void Retention::holdElements() {
  for (unsigned begin = 0; begin < usage.size();) {
    unsigned end = begin;
    while (end < usage.size() &&
           leafBuffers[end].second == leafBuffers[begin].second)
      ++end;
    for (unsigned from = begin; from < end; ++from)
      for (unsigned leaf = begin; leaf < end; ++leaf) {
        double &bits = heldBits[{leafBuffers[from].first, leaf}];
        double more = std::max(0.0, elementBits[from] - bits);
        bits += more;
        usage[leaf] += more;
      }
    begin = end;
  }
}

bool Retention::fits(const Gap &gap) const {
  if (gap.heldBits > capacityBits)
    return false;
  for (unsigned leaf = gap.first; leaf < gap.end; ++leaf)
    if (usage[leaf] + std::max(0.0, gap.heldBits - held(gap.buffer, leaf)) >
        capacityBits)
      return false;
  return true;
}

void Retention::hold(Gap &gap) {
  gap.isHeld = true;
  for (unsigned leaf = gap.first; leaf < gap.end; ++leaf) {
    double &bits = heldBits[{gap.buffer, leaf}];
    double more = std::max(0.0, gap.heldBits - bits);
    bits += more;
    usage[leaf] += more;
  }
}

/// The gaps that have to be held for `gap` to be, and are not: holding across
/// an outer loop presumes holding across the inner ones.
llvm::SmallVector<unsigned, 8> Retention::findInner(const Gap &gap) const {
  llvm::SmallVector<unsigned, 8> inner;
  llvm::ArrayRef<unsigned> mine = gapsOf.find(gap.buffer)->second;
  for (unsigned other : llvm::reverse(mine.take_front(gap.rank))) {
    if (gaps[other].end <= gap.first)
      break;
    if (!gaps[other].isHeld && gap.contains(gaps[other]))
      inner.push_back(other);
  }
  return inner;
}

bool Retention::isReady(const Gap &gap) const { return findInner(gap).empty(); }

/// Takes gaps by what they save together with the gaps further in, per bit.
void Retention::holdWithInner() {
  struct Candidate {
    unsigned gap;
    double gain;
  };
  std::vector<Candidate> candidates;
  for (auto [i, gap] : llvm::enumerate(gaps)) {
    double saved = gap.read + gap.written, most = gap.heldBits;
    for (unsigned inner : findInner(gap)) {
      saved += gaps[inner].read + gaps[inner].written;
      most = std::max(most, gaps[inner].heldBits);
    }
    // An inner gap holds a part of what the outer one holds.
    if (most <= gap.heldBits && most <= capacityBits)
      candidates.push_back({unsigned(i), saved / (gap.heldBits + 1)});
  }
  llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.gain != b.gain ? a.gain > b.gain : a.gap < b.gap;
  });
  for (const Candidate &candidate : candidates) {
    Gap &gap = gaps[candidate.gap];
    if (gap.isHeld || !fits(gap))
      continue;
    for (unsigned inner : findInner(gap))
      hold(gaps[inner]);
    hold(gap);
  }
}

void Retention::solveGreedily() {
  llvm::SmallVector<unsigned, 0> order;
  for (auto [i, gap] : llvm::enumerate(gaps))
    if (!gap.isHeld && gap.heldBits <= capacityBits)
      order.push_back(i);
  auto gain = [&](unsigned i) {
    return (gaps[i].read + gaps[i].written) / (gaps[i].heldBits + 1);
  };
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return gain(a) != gain(b) ? gain(a) > gain(b) : a < b;
  });
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i : order) {
      Gap &gap = gaps[i];
      if (gap.isHeld || !isReady(gap) || !fits(gap))
        continue;
      hold(gap);
      changed = true;
    }
  }
}

/// All depths of all operands of one nest: chains[b] are the gaps of one
/// buffer, innermost first.
void Retention::solveNest(
    llvm::ArrayRef<llvm::SmallVector<unsigned, 8>> chains) {
  constexpr double kMostChoices = 1 << 14;
  double choices = 1;
  for (const auto &chain : chains)
    choices *= double(chain.size() + 1);
  if (choices > kMostChoices)
    return;
  llvm::SmallVector<unsigned, 8> depth(chains.size(), 0), best;
  double bestSaved = -1, bestBits = 0;
  for (int64_t choice = 0; choice < int64_t(choices); ++choice) {
    int64_t rest = choice;
    double saved = 0, bits = usage[gaps[chains[0][0]].first];
    for (auto [b, chain] : llvm::enumerate(chains)) {
      depth[b] = rest % int64_t(chain.size() + 1);
      rest /= int64_t(chain.size() + 1);
      double most = held(gaps[chain[0]].buffer, gaps[chain[0]].first);
      bits -= most;
      for (unsigned i : llvm::ArrayRef(chain).take_front(depth[b])) {
        most = std::max(most, gaps[i].heldBits);
        saved += gaps[i].read + gaps[i].written;
      }
      bits += most;
    }
    bool better = saved > bestSaved || (saved == bestSaved && bits < bestBits);
    if (bits <= capacityBits && better) {
      best = depth;
      bestSaved = saved;
      bestBits = bits;
    }
  }
  if (best.empty())
    return;
  for (auto [b, chain] : llvm::enumerate(chains))
    for (unsigned i : llvm::ArrayRef(chain).take_front(best[b]))
      hold(gaps[i]);
}

void Retention::solveNests() {
  using Chains = llvm::MapVector<BufferId, llvm::SmallVector<unsigned, 8>>;
  llvm::MapVector<unsigned, Chains> nests; // By innermost body.
  for (auto [i, gap] : llvm::enumerate(gaps)) {
    if (gap.first >= gap.end)
      continue;
    unsigned body = leafBuffers[gap.first].second;
    bool isWhole =
        leafBuffers[gap.end - 1].second == body &&
        (gap.first == 0 || leafBuffers[gap.first - 1].second != body) &&
        (gap.end == usage.size() || leafBuffers[gap.end].second != body);
    if (isWhole)
      nests[body][gap.buffer].push_back(i);
    else if (leafBuffers[gap.end - 1].second == body)
      hold(gap); // Within one iteration: the element is there.
  }
  for (const auto &[body, chains] : nests) {
    llvm::SmallVector<llvm::SmallVector<unsigned, 8>, 4> list;
    for (const auto &[buffer, chain] : chains)
      list.push_back(chain);
    solveNest(list);
  }
}

double Retention::solve(Order order) {
  if (order == Order::NestsFirst)
    solveNests();
  else if (order == Order::InnerToo)
    holdWithInner();
  solveGreedily();
  double moved = 0;
  for (const Gap &gap : gaps)
    moved += gap.isHeld ? 0 : gap.read;
  for (const WriteBack &writeBack : writeBacks)
    moved += countWritten(writeBack);
  return moved;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Appends what a choice moves besides what moves in any case.
static void appendUnheld(const Retention &retention, Retained &result) {
  for (const Gap &gap : retention.gaps) {
    if (gap.isHeld)
      continue;
    ReuseClass moved;
    moved.buffer = gap.buffer;
    moved.op = gap.op;
    moved.sectors = gap.read;
    moved.readsBack = gap.distinct > 0;
    moved.distinct = gap.distinct;
    result.moved.push_back(moved);
  }
  for (const WriteBack &writeBack : retention.writeBacks) {
    ReuseClass moved;
    moved.kind = ReuseKind::WriteBack;
    moved.buffer = writeBack.buffer;
    moved.op = writeBack.op;
    moved.sectors = retention.countWritten(writeBack);
    result.moved.push_back(moved);
  }
}

/// What is read without a gap, although the program has stored it before, is
/// data of another instance of the level, which has to write it. `needed` are
/// those sectors, by buffer.
static void writeForOthers(llvm::SmallVector<double, 0> needed,
                           const Retention &retention, Retained &result) {
  for (const ReuseClass &moved : result.moved)
    if (moved.kind == ReuseKind::Flush)
      needed[moved.buffer] -= moved.sectors;
  llvm::SmallVector<double, 0> kept(needed.size(), 0);
  auto countKept = [&](const WriteBack &writeBack) {
    return writeBack.sectors - retention.countWritten(writeBack);
  };
  for (const WriteBack &writeBack : retention.writeBacks)
    kept[writeBack.buffer] += countKept(writeBack);
  for (const WriteBack &writeBack : retention.writeBacks) {
    BufferId buffer = writeBack.buffer;
    if (needed[buffer] <= 0 || kept[buffer] <= 0)
      continue;
    ReuseClass moved;
    moved.kind = ReuseKind::WriteBack;
    moved.buffer = buffer;
    moved.op = writeBack.op;
    moved.sectors =
        countKept(writeBack) * std::min(1.0, needed[buffer] / kept[buffer]);
    result.moved.push_back(moved);
  }
}

static void sumBuffers(const LoopTree &source, Retained &result) {
  result.buffers.resize(source.buffers.size());
  for (const ReuseClass &moved : result.moved) {
    BufferFlow &flow = result.buffers[moved.buffer];
    if (moved.kind == ReuseKind::Read) {
      flow.read += moved.sectors;
      if (moved.readsBack)
        flow.readBack = std::max(flow.readBack, moved.distinct);
    } else if (moved.kind != ReuseKind::Write) {
      flow.written += moved.sectors;
    }
  }
}

Retained memwall::chooseRetention(const LoopTree &source,
                                  const ConstantTree &tree, const Level &level,
                                  llvm::ArrayRef<ReuseClass> classes) {
  Retained result;
  std::vector<ReuseClass> choices;
  llvm::SmallVector<double, 0> needed(source.buffers.size(), 0);
  for (const ReuseClass &reuse : classes) {
    bool isWrittenDead = reuse.dead && level.deadLines == DeadLines::Written;
    bool isFree = isChoice(reuse) ||
                  (reuse.kind == ReuseKind::WriteBack && !isWrittenDead);
    (isFree ? choices : result.moved).push_back(reuse);
    if (!isFree && reuse.readsBack && reuse.gap == kNoGap)
      needed[reuse.buffer] += reuse.distinct;
  }
  Retention start(tree, double(level.capacityBytes) * 8, choices), best = start;
  double fewest = best.solve(Retention::Order::NestsFirst);
  for (auto order : {Retention::Order::InnerToo, Retention::Order::Greedy}) {
    Retention other = start;
    double moved = other.solve(order);
    if (moved >= fewest)
      continue;
    best = std::move(other);
    fewest = moved;
  }
  appendUnheld(best, result);
  writeForOthers(needed, best, result);
  sumBuffers(source, result);
  return result;
}

std::vector<ReuseClass> memwall::findGaps(const LoopTree &source,
                                          const ConstantTree &tree,
                                          const Level &level) {
  ReuseConfig config;
  config.lineBits = level.lineBytes * 8;
  config.sectorBits = level.sectorBytes * 8;
  config.findsGaps = true;
  std::vector<ReuseClass> classes;
  analyzeReuse(source, tree, config,
               [&](const ReuseClass &reuse) { classes.push_back(reuse); });
  return classes;
}

Retained memwall::computeExplicitTraffic(const LoopTree &source,
                                         const ConstantTree &tree,
                                         const Target &target,
                                         const Level &level) {
  ConstantTree shared =
      distributeLoops(tree, target.units, level.unitsPerInstance);
  Retained result =
      chooseRetention(source, shared, level, findGaps(source, shared, level));
  assert(!findLostWrite(source, level, result.buffers) &&
         "what is read back was written");
  return result;
}

std::optional<BufferId>
memwall::findLostWrite(const LoopTree &source, const Level &level,
                       llvm::ArrayRef<BufferFlow> buffers) {
  // Sums of averages over alignments.
  constexpr double kRounding = 1e-6;
  for (auto [id, flow] : llvm::enumerate(buffers)) {
    const Buffer &buffer = source.buffers[id];
    double sectors =
        double(llvm::divideCeil(uint64_t(buffer.bytes()), level.sectorBytes));
    double readBack = std::min(flow.readBack, sectors);
    if (!buffer.isLiveIn() &&
        readBack > flow.written * (1 + kRounding) + kRounding)
      return BufferId(id);
  }
  return std::nullopt;
}
