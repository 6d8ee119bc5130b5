//===- WalkTree.cpp - Executes a loop tree, access by access --------------===//

#include "WalkTree.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>
#include <vector>

using namespace memwall;
using namespace memwall::test;

namespace {

class Walker {
public:
  Walker(const LoopTree &tree,
         llvm::function_ref<void(const WalkedAccess &)> visit,
         llvm::function_ref<void(BufferId)> die, int64_t units)
      : tree(tree), visit(visit), die(die), units(units),
        iteration(tree.loops.size(), 0), deaths(tree.nodes.size()) {
    if (die)
      findDeaths();
  }

  void run() {
    for (NodeId child : tree.nodes[LoopTree::root].children)
      walk(child);
  }

private:
  /// deaths[node]: buffers whose last use in their scope is this child.
  void findDeaths() {
    for (auto [b, buffer] : llvm::enumerate(tree.buffers)) {
      if (buffer.liveOut)
        continue;
      NodeId last = ~0u;
      for (NodeId child : tree.nodes[buffer.scope].children)
        if (uses(child, b))
          last = child;
      if (last != ~0u)
        deaths[last].push_back(b);
    }
  }

  bool uses(NodeId id, BufferId buffer) const {
    const Node &node = tree.nodes[id];
    if (node.kind == Node::Kind::Nest)
      return llvm::any_of(node.nest.accesses, [&](const Access &access) {
        return access.buffer == buffer;
      });
    return llvm::any_of(node.children,
                        [&](NodeId child) { return uses(child, buffer); });
  }

  int64_t value(const AffineForm &form) const {
    int64_t sum = form.constant;
    for (const Term &term : form.terms)
      sum += term.stride * iteration[term.loop];
    return sum;
  }

  template <typename Body>
  void forEach(LoopId id, Body body) {
    const Loop &loop = tree.loops[id];
    int64_t extent = std::numeric_limits<int64_t>::max();
    for (const AffineForm &form : loop.extent)
      extent = std::min(extent, value(form));
    int64_t trips = extent <= 0 ? 0 : (extent + loop.step - 1) / loop.step;
    // Dimensions of one parallel loop are numbered together.
    bool isParallel = loop.kind == LoopKind::Parallel;
    bool begins = isParallel && !inParallel;
    bool deals = begins || (isParallel && joins);
    int64_t outer = begins ? 0 : number;
    inParallel |= begins;
    for (iteration[id] = 0; iteration[id] < trips; ++iteration[id]) {
      if (deals) {
        number = outer * trips + iteration[id];
        unit = number % units;
      }
      body();
    }
    iteration[id] = 0;
    if (begins) {
      inParallel = false;
      unit = 0;
    }
  }

  void walk(NodeId id) {
    const Node &node = tree.nodes[id];
    if (node.kind == Node::Kind::Nest)
      walkNest(node.nest, 0);
    else
      forEach(node.loop, [&] {
        for (NodeId child : node.children) {
          joins = inParallel && node.children.size() == 1 &&
                  tree.loops[node.loop].kind == LoopKind::Parallel;
          walk(child);
        }
      });
    for (BufferId buffer : deaths[id])
      die(buffer);
  }

  void walkNest(const Nest &nest, size_t depth) {
    if (depth < nest.loops.size())
      return forEach(nest.loops[depth], [&] { walkNest(nest, depth + 1); });
    for (const Access &access : nest.accesses)
      visit({nest, access, elementOf(access), unit});
  }

  /// Data-dependent rows are spread by a multiplier prime to the extent.
  int64_t elementOf(const Access &access) const {
    int64_t element = value(access.element);
    for (const GatherTerm &gather : access.gathers) {
      int64_t number = 0;
      for (LoopId loop : gather.loops)
        number = number * tree.loops[loop].maxTripCount + iteration[loop];
      element += gather.stride * (number * 7919 % gather.extent);
    }
    return element;
  }

  const LoopTree &tree;
  llvm::function_ref<void(const WalkedAccess &)> visit;
  llvm::function_ref<void(BufferId)> die;
  int64_t units;
  llvm::SmallVector<int64_t, 0> iteration;
  std::vector<llvm::SmallVector<BufferId, 2>> deaths;
  int64_t unit = 0;
  int64_t number = 0; ///< Of the iteration, over all dimensions.
  bool inParallel = false;
  bool joins = false; ///< The next loop is a further dimension.
};

} // namespace

void memwall::test::walkTree(
    const LoopTree &tree, llvm::function_ref<void(const WalkedAccess &)> visit,
    llvm::function_ref<void(BufferId)> die, int64_t units) {
  Walker(tree, visit, die, units).run();
}
