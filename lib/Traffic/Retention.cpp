//===- Retention.cpp - Chooses what a program-filled memory holds ---------===//

#include "Retention.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <tuple>

using namespace memwall;

bool memwall::isChoice(const ReuseClass &reuse) {
  return (reuse.kind == ReuseKind::Read || reuse.kind == ReuseKind::Write) &&
         !reuse.isCold();
}

Retention::Retention(const ConstantTree &tree, double capacityBits,
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

double Retention::countWritten(const WriteBack &writeBack) const {
  double share = writeBack.neverHeld;
  for (const WriteBack::Passed &passed : writeBack.passed)
    if (!gaps[passed.gap].isHeld)
      share += passed.share;
  return writeBack.sectors * std::min(1.0, share);
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
