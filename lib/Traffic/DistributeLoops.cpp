//===- DistributeLoops.cpp - What one of many caches sees -----------------===//

#include "ConstantTree.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

namespace {

/// Copies a tree in which some loops have become two: rounds, and turns within
/// a round.
class TurnSplitter {
public:
  TurnSplitter(const ConstantTree &tree,
               const llvm::DenseMap<unsigned, int64_t> &turnsOf,
               const llvm::DenseMap<unsigned, int64_t> &unitsOf)
      : tree(tree), turnsOf(turnsOf), unitsOf(unitsOf),
        rounds(tree.nodes.size()), turns(tree.nodes.size(), 0) {}

  ConstantTree run() {
    result.exact = tree.exact;
    copyNode(0, 0);
    for (const ConstantAccess &access : tree.accesses)
      copyAccess(access);
    return std::move(result);
  }

private:
  unsigned addNode(ConstantNode node, unsigned parent) {
    unsigned id = result.nodes.size();
    node.parent = parent;
    node.children.clear();
    result.nodes.push_back(std::move(node));
    if (id != 0)
      result.nodes[parent].children.push_back(id);
    return id;
  }

  void copyNode(unsigned n, unsigned parent) {
    unsigned id = rounds[n] = addNode(tree.nodes[n], parent);
    if (auto split = turnsOf.find(n); split != turnsOf.end()) {
      // The body, and the buffers that live in it, are those of a turn.
      ConstantNode turn = tree.nodes[n];
      turn.tripCount = split->second;
      turn.copies = 1;
      result.nodes[id].origin = ~0u;
      id = turns[n] = addNode(std::move(turn), id);
    }
    for (unsigned child : tree.nodes[n].children)
      copyNode(child, id);
  }

  void copyAccess(const ConstantAccess &access) {
    ConstantAccess copy = access;
    copy.terms.clear();
    for (const ConstantTerm &term : access.terms) {
      copy.terms.push_back({rounds[term.node], term.strideBits});
      if (turns[term.node])
        copy.terms.push_back(
            {turns[term.node], term.strideBits / unitsOf.lookup(term.node)});
    }
    llvm::sort(copy.terms, [](const ConstantTerm &a, const ConstantTerm &b) {
      return a.node < b.node;
    });
    for (ConstantGather &gather : copy.gathers) {
      llvm::SmallVector<unsigned, 2> nodes;
      for (unsigned node : gather.nodes) {
        nodes.push_back(rounds[node]);
        if (turns[node])
          nodes.push_back(turns[node]);
      }
      gather.nodes = std::move(nodes);
    }
    result.accesses.push_back(std::move(copy));
  }

  const ConstantTree &tree;
  const llvm::DenseMap<unsigned, int64_t> &turnsOf, &unitsOf;
  llvm::SmallVector<unsigned, 0> rounds, turns; ///< New ids; turns: 0: none.
  ConstantTree result;
};

/// Deals out the iterations of parallel loops, for the cache of the first
/// units.
class Distributor {
public:
  explicit Distributor(ConstantTree &tree) : tree(tree) {}

  /// Deals the loop `n` to `units`, of which `sharing` have one cache. A
  /// parallel loop that is all of the body is another dimension of it: their
  /// iterations are numbered together, the last dimension fastest.
  void deal(unsigned n, int64_t units, int64_t sharing);

  /// The tree, once all is dealt.
  ConstantTree finish() {
    return turnsOf.empty() ? std::move(tree)
                           : TurnSplitter(tree, turnsOf, unitsOf).run();
  }

private:
  bool hasInnerDimension(unsigned n) const;
  int64_t countInner(unsigned n) const;
  void dealLoop(unsigned n, int64_t units, int64_t sharing);
  void shiftPhase(unsigned n, int64_t inner, int64_t units);

  ConstantTree &tree;
  llvm::DenseMap<unsigned, int64_t> turnsOf, unitsOf;
};

} // namespace

/// Partial tiles make several loops of one dimension.
bool Distributor::hasInnerDimension(unsigned n) const {
  const ConstantNode &node = tree.nodes[n];
  return !node.children.empty() && llvm::all_of(node.children, [&](unsigned c) {
    return tree.nodes[c].isParallel;
  });
}

/// Iterations of the inner dimensions for each iteration of `n`.
int64_t Distributor::countInner(unsigned n) const {
  if (!hasInnerDimension(n))
    return 1;
  int64_t count = 0;
  for (unsigned child : tree.nodes[n].children)
    count += tree.nodes[child].tripCount * countInner(child);
  return count;
}

/// In every round of `units` iterations the units that share a cache take that
/// many turns, which are neighbours.
void Distributor::dealLoop(unsigned n, int64_t units, int64_t sharing) {
  ConstantNode &loop = tree.nodes[n];
  int64_t trips = loop.tripCount;
  int64_t turns = std::min(sharing, trips);
  // The last round may be short: some caches do less than the first.
  int64_t rounds = llvm::divideCeil(trips, units);
  if ((rounds - 1) * units + turns > trips)
    rounds = std::max<int64_t>(1, trips / units);
  loop.copies = double(trips) / double(rounds * turns);
  loop.tripCount = rounds == 1 ? turns : rounds;
  if (rounds > 1 && turns > 1)
    turnsOf[n] = turns;
  if (rounds == 1)
    return;
  for (ConstantAccess &access : tree.accesses)
    for (ConstantTerm &term : access.terms)
      if (term.node == n)
        term.strideBits *= units;
  unitsOf[n] = units;
}

/// Where the inner dimension does not divide by the units, a unit begins at
/// another of its iterations in each iteration of `n`.
void Distributor::shiftPhase(unsigned n, int64_t inner, int64_t units) {
  int64_t shift = (units - inner % units) % units;
  if (shift == 0 || tree.nodes[n].children.size() != 1 ||
      hasInnerDimension(tree.nodes[n].children.front()))
    return;
  unsigned child = tree.nodes[n].children.front();
  for (ConstantAccess &access : tree.accesses) {
    int64_t strideBits = 0;
    for (const ConstantTerm &term : access.terms)
      if (term.node == child)
        strideBits = term.strideBits;
    if (strideBits == 0)
      continue;
    auto own = llvm::find_if(
        access.terms, [&](const ConstantTerm &term) { return term.node >= n; });
    if (own->node == n)
      own->strideBits += shift * strideBits;
    else
      access.terms.insert(own, {n, shift * strideBits});
  }
}

void Distributor::deal(unsigned n, int64_t units, int64_t sharing) {
  if (!hasInnerDimension(n))
    return dealLoop(n, units, sharing);
  int64_t inner = countInner(n);
  if (inner >= units) {
    shiftPhase(n, inner, units);
    for (unsigned child : tree.nodes[n].children)
      deal(child, units, sharing);
    return;
  }
  // Several iterations of `n` run side by side.
  for (unsigned child : tree.nodes[n].children)
    deal(child, inner, std::min(sharing, inner));
  dealLoop(n, units / inner, std::max<int64_t>(1, sharing / inner));
}

bool memwall::hasParallelLoops(const ConstantTree &tree) {
  return llvm::any_of(tree.nodes, [](const ConstantNode &node) {
    // Of a loop of two tiles, a full and a partial one, each is a group.
    return node.isParallel;
  });
}

ConstantTree memwall::distributeLoops(ConstantTree tree, int64_t units,
                                      int64_t unitsPerInstance) {
  if (units <= unitsPerInstance)
    return tree;
  Distributor distributor(tree);
  llvm::SmallVector<bool, 0> inside(tree.nodes.size(), false);
  for (unsigned n = 1; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    inside[n] = inside[node.parent];
    if (!node.isParallel || inside[n])
      continue;
    inside[n] = true;
    distributor.deal(n, units, unitsPerInstance);
  }
  return distributor.finish();
}
