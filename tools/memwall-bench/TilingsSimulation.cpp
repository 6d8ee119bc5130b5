//===- TilingsSimulation.cpp - A schedule, run through the simulator ------===//

#include "TilingsSimulation.h"
#include "memwall/Simulator/Hierarchy.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace memwall;

namespace {

class Runner {
public:
  Runner(const LoopTree &tree, Hierarchy &memory)
      : tree(tree), memory(memory), iteration(tree.loops.size(), 0) {
    for (const Buffer &buffer : tree.buffers)
      memory.addBuffer(buffer.bytes());
  }

  void run() {
    for (NodeId child : tree.nodes[LoopTree::root].children)
      runNode(child);
    memory.finish();
  }

private:
  int64_t evaluate(const AffineForm &form) const {
    int64_t sum = form.constant;
    for (const Term &term : form.terms)
      sum += term.stride * iteration[term.loop];
    return sum;
  }

  int64_t countTrips(const Loop &loop) const {
    int64_t extent = std::numeric_limits<int64_t>::max();
    for (const AffineForm &form : loop.extent)
      extent = std::min(extent, evaluate(form));
    return extent <= 0 ? 0 : (extent + loop.step - 1) / loop.step;
  }

  template <typename Body>
  void runLoop(LoopId id, Body body) {
    int64_t trips = countTrips(tree.loops[id]);
    for (iteration[id] = 0; iteration[id] < trips; ++iteration[id])
      body();
    iteration[id] = 0;
  }

  void runNode(NodeId id) {
    const Node &node = tree.nodes[id];
    if (node.kind == Node::Kind::Nest)
      return runNest(node.nest, 0);
    runLoop(node.loop, [&] {
      for (NodeId child : node.children)
        runNode(child);
    });
  }

  /// The innermost loop goes to the simulator as a whole.
  void runNest(const Nest &nest, size_t depth) {
    if (depth + 1 < nest.loops.size())
      return runLoop(nest.loops[depth], [&] { runNest(nest, depth + 1); });
    LoopId inner = nest.loops.back();
    llvm::SmallVector<AccessStream, 4> streams;
    for (const Access &access : nest.accesses) {
      int64_t bits = tree.buffers[access.buffer].elementBits;
      uint64_t address =
          memory.getBase(access.buffer) * 8 + evaluate(access.element) * bits;
      int64_t stride = 0;
      for (const Term &term : access.element.terms)
        if (term.loop == inner)
          stride += term.stride * bits;
      streams.push_back({access.isWrite ? MemoryAccess::store(address, bits)
                                        : MemoryAccess::load(address, bits),
                         stride});
    }
    memory.accessLoop(streams, countTrips(tree.loops[inner]));
  }

  const LoopTree &tree;
  Hierarchy &memory;
  llvm::SmallVector<int64_t, 0> iteration;
};

} // namespace

double tilings::countAccesses(const LoopTree &tree) {
  double count = 0;
  for (const Node &node : tree.nodes) {
    if (node.kind != Node::Kind::Nest)
      continue;
    double iterations = double(tree.ops[node.nest.op].executions);
    for (LoopId loop : node.nest.loops)
      iterations *= double(tree.loops[loop].maxTripCount);
    count += iterations * double(node.nest.accesses.size());
  }
  return count;
}

int64_t tilings::simulateBytes(const LoopTree &tree, const Target &target) {
  auto memory =
      llvm::cantFail(Hierarchy::create(target, Stacking::Independent));
  Runner(tree, *memory).run();
  ServedBytes total = memory->getTraffic().back().total;
  return total.read + total.written;
}
