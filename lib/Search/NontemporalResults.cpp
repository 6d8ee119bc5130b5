//===- NontemporalResults.cpp - Results to store past caches --------------===//

#include "memwall/Search/NontemporalResults.h"
#include "memwall/Traffic/NontemporalStores.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace memwall;

/// The outermost cache of `target`; null where a level is filled by the program
/// or where no cache fetches what stores miss.
static const Level *findOutermostCache(const Target &target) {
  const Level *outermost = nullptr;
  bool anyFetches = false;
  for (const Level &level : target.levels) {
    if (level.kind == LevelKind::Explicit)
      return nullptr;
    if (level.kind != LevelKind::Cached)
      continue;
    outermost = &level;
    anyFetches |= level.storePolicy == StorePolicy::Fetch;
  }
  return anyFetches ? outermost : nullptr;
}

/// The results of the function that it never reads.
static llvm::SmallBitVector findUnreadResults(const LoopTree &tree) {
  llvm::SmallBitVector results(tree.buffers.size());
  for (auto [id, buffer] : llvm::enumerate(tree.buffers))
    results[id] = buffer.liveOut && buffer.kind == BufferKind::Intermediate;
  for (const Buffer &buffer : tree.buffers)
    if (buffer.storage)
      results.reset(*buffer.storage);
  for (const Node &node : tree.nodes)
    for (const Access &access : node.nest.accesses)
      if (!access.isWrite || access.isNontemporal || !access.gathers.empty())
        results.reset(access.buffer);
  return results;
}

/// Bytes of each buffer that what is in `node` touches, at most. `executions`:
/// of it.
static void addTouched(const LoopTree &tree, NodeId id, int64_t executions,
                       llvm::DenseMap<BufferId, int64_t> &touched) {
  const Node &node = tree.nodes[id];
  auto run = [&](LoopId loop) {
    executions = multiplyCounts(executions, tree.loops[loop].maxTripCount);
  };
  if (node.kind == Node::Kind::Loop) {
    if (id != LoopTree::root)
      run(node.loop);
    for (NodeId child : node.children)
      addTouched(tree, child, executions, touched);
    return;
  }
  llvm::for_each(node.nest.loops, run);
  for (const Access &access : node.nest.accesses) {
    const Buffer &buffer = tree.buffers[access.buffer];
    int64_t bits = multiplyCounts(executions, buffer.elementBits);
    int64_t &bytes = touched[access.buffer];
    bytes = std::min(addCounts(bytes, bits / 8 + 1), buffer.bytes());
  }
}

/// By buffer: bytes that the outermost loop nests touch which write it.
static llvm::DenseMap<BufferId, int64_t>
countTouchedAround(const LoopTree &tree) {
  llvm::DenseMap<BufferId, int64_t> around;
  for (NodeId child : tree.nodes[LoopTree::root].children) {
    llvm::DenseMap<BufferId, int64_t> touched;
    addTouched(tree, child, 1, touched);
    int64_t sum = 0;
    for (auto [buffer, bytes] : touched)
      sum = addCounts(sum, bytes);
    for (auto [buffer, bytes] : touched)
      around[buffer] = addCounts(around.lookup(buffer), sum);
  }
  return around;
}

llvm::SmallVector<NontemporalResult, 0>
memwall::findNontemporalResults(const LoopTree &tree, const Target &described) {
  Target target = mergeVictimCaches(tree, described);
  const Level *cache = findOutermostCache(target);
  if (!cache)
    return {};
  llvm::SmallBitVector results = findUnreadResults(tree);
  if (results.none())
    return {};
  // 1. What would they store, and how?
  int64_t lineBytes = 0;
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back())
    lineBytes = std::max(lineBytes, level.lineBytes);
  LoopTree marked = tree;
  for (Node &node : marked.nodes)
    for (Access &access : node.nest.accesses)
      access.isNontemporal |= access.isWrite && results[access.buffer];
  llvm::SmallVector<NontemporalStores, 0> stores =
      countNontemporalStores(marked, lineBytes);
  // 2. Those that are written whole, in whole lines, and do not fit.
  llvm::DenseMap<BufferId, int64_t> around = countTouchedAround(tree);
  llvm::DenseMap<BufferId, double> bits;
  for (const NontemporalStores &each : stores) {
    bits[each.buffer] += each.bits;
    if (each.sectors * double(lineBytes * 8) != each.bits)
      results.reset(each.buffer);
  }
  llvm::SmallVector<NontemporalResult, 0> found;
  for (const NontemporalStores &each : stores) {
    const Buffer &buffer = tree.buffers[each.buffer];
    if (results[each.buffer] &&
        bits[each.buffer] ==
            double(buffer.elements) * double(buffer.elementBits) &&
        around.lookup(each.buffer) >= cache->usableLines() * cache->lineBytes)
      found.push_back({each.op, each.buffer, int64_t(each.bits / 8)});
  }
  return found;
}
