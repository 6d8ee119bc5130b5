//===- WalkTree.cpp - Executes a loop tree, access by access --------------===//

#include "WalkTree.h"
#include "memwall/Simulator/Hierarchy.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

class Walker {
public:
  Walker(const LoopTree &tree, int64_t units, Hierarchy *memory)
      : tree(tree), units(units), memory(memory),
        iteration(tree.loops.size(), 0) {
    if (memory)
      for (const Buffer &buffer : tree.buffers)
        memory->addBuffer(buffer.bytes());
    findDeaths();
  }

  int64_t run() {
    for (NodeId child : tree.nodes[LoopTree::root].children)
      walk(child, LoopTree::root);
    if (memory)
      memory->finish();
    return accesses;
  }

private:
  /// deaths[node]: buffers whose last use in their scope is this child.
  void findDeaths() {
    deaths.resize(tree.nodes.size());
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

  void walk(NodeId id, NodeId) {
    const Node &node = tree.nodes[id];
    if (node.kind == Node::Kind::Nest)
      walkNest(node.nest, 0);
    else
      forEach(node.loop, [&] {
        for (NodeId child : node.children) {
          joins = inParallel && node.children.size() == 1 &&
                  tree.loops[node.loop].kind == LoopKind::Parallel;
          walk(child, id);
        }
      });
    if (memory)
      for (BufferId buffer : deaths[id])
        memory->die(buffer);
  }

  void walkNest(const Nest &nest, size_t depth) {
    if (depth < nest.loops.size())
      return forEach(nest.loops[depth], [&] { walkNest(nest, depth + 1); });
    for (const Access &access : nest.accesses) {
      ++accesses;
      if (!memory)
        continue;
      const Buffer &buffer = tree.buffers[access.buffer];
      uint64_t bits = memory->getBase(access.buffer) * 8 +
                      elementOf(access) * buffer.elementBits;
      memory->access(access.isWrite
                         ? MemoryAccess::store(bits, buffer.elementBits, unit)
                         : MemoryAccess::load(bits, buffer.elementBits, unit));
    }
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
  int64_t units;
  Hierarchy *memory;
  llvm::SmallVector<int64_t, 0> iteration;
  std::vector<llvm::SmallVector<BufferId, 2>> deaths;
  int64_t accesses = 0;
  int64_t unit = 0;
  int64_t number = 0; ///< Of the iteration, over all dimensions.
  bool inParallel = false;
  bool joins = false; ///< The next loop is a further dimension.
};

} // namespace

int64_t memwall::test::countTreeAccesses(const LoopTree &tree) {
  return Walker(tree, 1, nullptr).run();
}

Traffic memwall::test::simulateTree(const LoopTree &tree,
                                    const Target &target) {
  auto memory =
      llvm::cantFail(Hierarchy::create(target, Stacking::Independent));
  Walker(tree, target.units, memory.get()).run();
  Traffic traffic;
  for (const SimulatedLevel &level : memory->getTraffic()) {
    LevelTraffic out;
    out.total = {level.total.read, level.total.written};
    for (const ServedBytes &bytes : level.buffers)
      out.buffers.push_back({bytes.read, bytes.written});
    traffic.levels.push_back(std::move(out));
  }
  return traffic;
}
