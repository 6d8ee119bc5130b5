//===- ExplicitLevel.cpp - Chooses what a scratchpad holds ----------------===//

#include "ExplicitLevel.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

namespace {

/// A reuse that holding saves.
struct Item {
  BufferId buffer;
  OpId reader, writer;
  double read = 0, written = 0; ///< Sectors saved.
  double heldBits;
  unsigned first, end; ///< Leaves during which it is held.
  bool dead;           ///< Saved when every reuse within is.
  bool accepted = false;
  unsigned rank = 0; ///< Among the items of its buffer.
};

/// Items and what is held where.
class Retention {
public:
  Retention(const ConstantTree &tree, double capacityBits)
      : capacityBits(capacityBits) {
    for (const ConstantNode &node : tree.nodes)
      if (node.isAccess) {
        const ConstantAccess &access = tree.accesses[node.access];
        usage.push_back(0);
        leafBuffers.push_back({access.buffer, node.parent});
        elementBits.push_back(double(access.elementBits));
      }
    holdElements();
  }

  /// Adds a class; true when holding can save it.
  bool add(const ReuseClass &reuse) {
    if (reuse.isCold())
      return false;
    bool isWriteBack = reuse.kind == ReuseKind::WriteBack;
    if (isWriteBack && !reuse.dead && !items.empty()) {
      Item &event = items.back();
      if (event.buffer == reuse.buffer && event.first == reuse.firstLeaf &&
          event.end == reuse.endLeaf) {
        event.written += reuse.sectors;
        event.writer = reuse.op;
        return true;
      }
    }
    Item item{reuse.buffer,   reuse.op,        reuse.op,      0,         0,
              reuse.heldBits, reuse.firstLeaf, reuse.endLeaf, reuse.dead};
    if (isWriteBack)
      item.written = reuse.sectors;
    else if (reuse.kind == ReuseKind::Read)
      item.read = reuse.sectors;
    item.rank = itemsOf[item.buffer].size();
    itemsOf[item.buffer].push_back(items.size());
    items.push_back(item);
    return true;
  }

  /// Chooses; `nestsFirst` settles every single nest exhaustively before it
  /// looks at reuse between nests.
  double solve(bool nestsFirst);

  std::vector<Item> items;

private:
  void holdElements();
  bool fits(const Item &item) const;
  void accept(Item &item);
  bool isReady(const Item &item) const;
  void solveNests();
  void solveNest(llvm::ArrayRef<llvm::SmallVector<unsigned, 8>> chains);
  void solveGreedily();

  double held(BufferId buffer, unsigned leaf) const {
    return heldBits.lookup({buffer, leaf});
  }

  double capacityBits;
  std::vector<double> usage; ///< Bits held, per leaf.
  std::vector<double> elementBits;
  /// Buffer and innermost body of every leaf.
  std::vector<std::pair<BufferId, unsigned>> leafBuffers;
  llvm::DenseMap<std::pair<BufferId, unsigned>, double> heldBits;
  llvm::DenseMap<BufferId, llvm::SmallVector<unsigned, 8>> itemsOf;
};

} // namespace

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

bool Retention::fits(const Item &item) const {
  if (item.heldBits > capacityBits)
    return false;
  for (unsigned leaf = item.first; leaf < item.end; ++leaf)
    if (usage[leaf] + std::max(0.0, item.heldBits - held(item.buffer, leaf)) >
        capacityBits)
      return false;
  return true;
}

void Retention::accept(Item &item) {
  item.accepted = true;
  for (unsigned leaf = item.first; leaf < item.end; ++leaf) {
    double &bits = heldBits[{item.buffer, leaf}];
    double more = std::max(0.0, item.heldBits - bits);
    bits += more;
    usage[leaf] += more;
  }
}

/// Holding across an outer loop presumes holding across the inner ones. These
/// come right before it among the items of its buffer.
bool Retention::isReady(const Item &item) const {
  llvm::ArrayRef<unsigned> mine = itemsOf.find(item.buffer)->second;
  for (unsigned other : llvm::reverse(mine.take_front(item.rank))) {
    const Item &inner = items[other];
    if (inner.end <= item.first)
      return true;
    if (!inner.accepted && !inner.dead && inner.first >= item.first &&
        inner.end <= item.end)
      return false;
  }
  return true;
}

void Retention::solveGreedily() {
  llvm::SmallVector<unsigned, 0> order;
  for (auto [i, item] : llvm::enumerate(items))
    if (!item.accepted && !item.dead && item.heldBits <= capacityBits)
      order.push_back(i);
  auto gain = [&](unsigned i) {
    return (items[i].read + items[i].written) / (items[i].heldBits + 1);
  };
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return gain(a) != gain(b) ? gain(a) > gain(b) : a < b;
  });
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i : order) {
      Item &item = items[i];
      if (item.accepted || !isReady(item) || !fits(item))
        continue;
      accept(item);
      changed = true;
    }
  }
}

/// All depths of all operands of one nest: chains[b] are the items of one
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
    double saved = 0, bits = usage[items[chains[0][0]].first];
    for (auto [b, chain] : llvm::enumerate(chains)) {
      depth[b] = rest % int64_t(chain.size() + 1);
      rest /= int64_t(chain.size() + 1);
      double most = held(items[chain[0]].buffer, items[chain[0]].first);
      bits -= most;
      for (unsigned i : llvm::ArrayRef(chain).take_front(depth[b])) {
        most = std::max(most, items[i].heldBits);
        saved += items[i].read + items[i].written;
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
      accept(items[i]);
}

void Retention::solveNests() {
  using Chains = llvm::MapVector<BufferId, llvm::SmallVector<unsigned, 8>>;
  llvm::MapVector<unsigned, Chains> nests; // By innermost body.
  for (auto [i, item] : llvm::enumerate(items)) {
    if (item.dead || item.first >= item.end)
      continue;
    unsigned body = leafBuffers[item.first].second;
    bool isWhole =
        leafBuffers[item.end - 1].second == body &&
        (item.first == 0 || leafBuffers[item.first - 1].second != body) &&
        (item.end == usage.size() || leafBuffers[item.end].second != body);
    if (isWhole)
      nests[body][item.buffer].push_back(i);
    else if (leafBuffers[item.end - 1].second == body)
      accept(item); // Within one iteration: the element is there.
  }
  for (const auto &[body, chains] : nests) {
    llvm::SmallVector<llvm::SmallVector<unsigned, 8>, 4> list;
    for (const auto &[buffer, chain] : chains)
      list.push_back(chain);
    solveNest(list);
  }
}

double Retention::solve(bool nestsFirst) {
  if (nestsFirst)
    solveNests();
  solveGreedily();
  for (Item &item : items)
    if (item.dead)
      item.accepted = isReady(item);
  double saved = 0;
  for (const Item &item : items)
    if (item.accepted)
      saved += item.read + item.written;
  return saved;
}

void memwall::computeExplicitTraffic(const LoopTree &source,
                                     const ConstantTree &tree,
                                     const ReuseConfig &config,
                                     int64_t capacityBytes, bool writesDead,
                                     ReuseConsumer consume) {
  ReuseConfig counting = config;
  counting.countsHeldBits = true;
  Retention nestsFirst(tree, double(capacityBytes) * 8);
  analyzeReuse(source, tree, counting, [&](const ReuseClass &reuse) {
    if ((reuse.dead && writesDead) || !nestsFirst.add(reuse))
      consume(reuse);
  });
  Retention greedy = nestsFirst;
  double savedFirst = nestsFirst.solve(true), savedGreedy = greedy.solve(false);
  const Retention &best = savedGreedy > savedFirst ? greedy : nestsFirst;
  for (const Item &item : best.items) {
    if (item.accepted)
      continue;
    ReuseClass moved;
    moved.buffer = item.buffer;
    moved.op = item.reader;
    moved.sectors = item.read;
    consume(moved);
    moved.kind = ReuseKind::WriteBack;
    moved.op = item.writer;
    moved.sectors = item.written;
    consume(moved);
  }
}
