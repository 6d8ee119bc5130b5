//===- Liveness.cpp - Which storage is alive when -------------------------===//
//
// docs/Model.md, B12.
//
//===----------------------------------------------------------------------===//

#include "memwall/Bounds/Liveness.h"
#include "memwall/Bounds/Bounds.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

namespace {

/// Positions in program order, half-open.
struct LiveRange {
  int64_t begin = -1;
  int64_t end = -1;
};

/// Numbers nests in the order they run and finds where each node begins and
/// ends.
class Positions {
public:
  explicit Positions(const LoopTree &tree)
      : begins(tree.nodes.size()), ends(tree.nodes.size()) {
    visit(tree);
  }
  int64_t begin(NodeId node) const { return begins[node]; }
  int64_t end(NodeId node) const { return ends[node]; }
  int64_t last() const { return next; }
  /// The nests, in the order they run.
  llvm::ArrayRef<NodeId> nests() const { return order; }

private:
  void visit(const LoopTree &tree) {
    // A node is met twice: on the way in and, after its children, out.
    llvm::SmallVector<std::pair<NodeId, bool>, 16> stack = {
        {LoopTree::root, false}};
    while (!stack.empty()) {
      auto [node, isDone] = stack.pop_back_val();
      if (isDone) {
        ends[node] = next;
        continue;
      }
      begins[node] = next;
      stack.push_back({node, true});
      if (tree.nodes[node].kind == Node::Kind::Nest) {
        order.push_back(node);
        ++next;
      }
      for (NodeId child : llvm::reverse(tree.nodes[node].children))
        stack.push_back({child, false});
    }
  }

  int64_t next = 0;
  llvm::SmallVector<int64_t, 0> begins, ends;
  llvm::SmallVector<NodeId, 0> order;
};

} // namespace

/// The outermost node around `node` inside the scope of the buffer: storage
/// from outside of a loop has to last for all of its iterations.
static NodeId findOutermost(const LoopTree &tree, NodeId node, NodeId scope) {
  while (node != LoopTree::root && tree.nodes[node].parent != scope &&
         tree.nodes[node].parent != LoopTree::root)
    node = tree.nodes[node].parent;
  return node;
}

/// By buffer: from its first to its last use; without a begin where nothing
/// uses it.
static llvm::SmallVector<LiveRange, 0> findRanges(const LoopTree &tree,
                                                  const Positions &positions) {
  llvm::SmallVector<LiveRange, 0> ranges(tree.buffers.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest)
      continue;
    for (const Access &access : node.nest.accesses) {
      const Buffer &buffer = tree.buffers[access.buffer];
      NodeId outermost = findOutermost(tree, id, buffer.scope);
      LiveRange &range = ranges[access.buffer];
      int64_t begin = positions.begin(outermost);
      range.begin = range.begin < 0 ? begin : std::min(range.begin, begin);
      range.end =
          std::max(range.end, buffer.liveOut ? positions.last()
                                             : positions.end(outermost));
    }
  }
  return ranges;
}

/// Whether a buffer takes room of its own for a part of the program: it is no
/// argument, and in the storage of none.
static bool isTransient(const LoopTree &tree, const Buffer &buffer,
                        const LiveRange &range) {
  bool isThere = buffer.storage && tree.buffers[*buffer.storage].isLiveIn();
  return !buffer.isLiveIn() && !isThere && range.begin >= 0;
}

Liveness memwall::computeLiveness(const LoopTree &tree) {
  Positions positions(tree);
  auto ranges = findRanges(tree, positions);
  Liveness live;
  llvm::SmallVector<int64_t, 0> change(positions.last() + 1, 0);
  for (auto [buffer, range] : llvm::zip_equal(tree.buffers, ranges)) {
    if (buffer.isLiveIn())
      live.liveInBytes += buffer.bytes();
    if (!isTransient(tree, buffer, range))
      continue;
    change[range.begin] += buffer.bytes();
    change[range.end] -= buffer.bytes();
  }
  int64_t bytes = 0;
  for (auto [position, nest] : llvm::enumerate(positions.nests())) {
    bytes += change[position];
    live.steps.push_back({tree.nodes[nest].nest.op, bytes});
    if (bytes > live.steps[live.peak].bytes)
      live.peak = position;
  }
  int64_t peak = live.peak;
  for (auto [id, range] : llvm::enumerate(ranges))
    if (isTransient(tree, tree.buffers[id], range) && range.begin <= peak &&
        peak < range.end)
      live.aliveAtPeak.push_back(id);
  llvm::stable_sort(live.aliveAtPeak, [&](BufferId a, BufferId b) {
    return tree.buffers[a].bytes() > tree.buffers[b].bytes();
  });
  return live;
}

int64_t memwall::computeResidentBytes(const LoopTree &tree) {
  Liveness live = computeLiveness(tree);
  return live.liveInBytes + live.peakBytes();
}
