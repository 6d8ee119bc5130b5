//===- Compulsory.cpp - Distinct bytes of each op -------------------------===//
//
// docs/Model.md, B4.
//
//===----------------------------------------------------------------------===//

#include "Touched.h"
#include "memwall/Bounds/Bounds.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

namespace {

/// What one op does to one buffer.
struct BufferUse {
  llvm::SmallVector<StridedBox, 2> reads, writes;
  /// Reads that earlier writes of the op cover in part, and what may be written
  /// before each of them.
  llvm::SmallVector<std::pair<StridedBox, llvm::SmallVector<StridedBox, 2>>, 0>
      contested;
  /// Most elements of one data-dependent or contested access: it may coincide
  /// with others, so the largest counts.
  int64_t readAside = 0, writtenAside = 0;
  /// The last nest that touches it only reads it: a result is written last.
  bool endsRead = false;
};

using BufferUses = llvm::SmallMapVector<BufferId, BufferUse, 4>;

} // namespace

/// Elements of `set` that none of `earlier` has; 0 when that cannot be told.
static int64_t countFresh(const StridedBox &set,
                          llvm::ArrayRef<StridedBox> earlier) {
  if (earlier.empty())
    return set.count().elements;
  llvm::SmallVector<StridedBox, 4> all(earlier);
  all.push_back(set);
  ElementCount before = countUnion(earlier), after = countUnion(all);
  return before.exact && after.exact ? after.elements - before.elements : 0;
}

/// Adds a read, less what the op wrote before: in its earlier nests, or in this
/// one through another access (then "before" is assumed).
static void addRead(const LoopTree &tree, const Touched &read,
                    llvm::ArrayRef<Touched> nest, BufferUse &use) {
  llvm::SmallVector<StridedBox, 2> earlier = use.writes;
  use.endsRead = true;
  if (read.readsFill)
    return;
  int64_t elements = read.elements.count().elements;
  const auto &accesses = tree.nodes[read.node].nest.accesses;
  for (const Touched &write : nest)
    if (write.isWrite && write.buffer == read.buffer &&
        (write.access < read.access ||
         !chooseSameRows(accesses[read.access], accesses[write.access])))
      earlier.push_back(write.isGather || !write.exact
                            ? computeHull(tree, write.node, write.access)
                            : write.elements);
  // Rows that data chooses may be those that were written.
  bool isAlone = earlier.empty() && use.writtenAside == 0;
  int64_t fresh = isAlone ? elements : 0;
  if (!read.isGather && use.writtenAside == 0)
    fresh = countFresh(read.elements, earlier);
  if (fresh == elements && !read.isGather) {
    use.reads.push_back(read.elements);
    return;
  }
  use.readAside = std::max(use.readAside, fresh);
  if (fresh > 0 && !read.isGather)
    use.contested.push_back({read.elements, std::move(earlier)});
}

/// Distinct elements that are read before the op writes them.
static int64_t countReads(const BufferUse &use) {
  int64_t count = countUnion(use.reads).elements;
  llvm::SmallVector<StridedBox, 2> reads = use.reads;
  for (const auto &[elements, writes] : use.contested) {
    llvm::SmallVector<StridedBox, 2> before = writes;
    before.append(reads);
    count += countFresh(elements, before);
    reads.push_back(elements);
  }
  return std::max(count, use.readAside);
}

static void addNest(const LoopTree &tree, llvm::ArrayRef<Touched> nest,
                    BufferUses &uses) {
  for (const Touched &read : nest)
    if (!read.isWrite)
      addRead(tree, read, nest, uses[read.buffer]);
  for (const Touched &write : nest) {
    if (!write.isWrite)
      continue;
    BufferUse &use = uses[write.buffer];
    use.endsRead = false;
    if (write.isGather)
      use.writtenAside =
          std::max(use.writtenAside, write.elements.count().elements);
    else
      use.writes.push_back(write.elements);
  }
}

/// For every buffer the op that touches it, when that is only one.
static llvm::SmallVector<std::optional<OpId>, 0>
findOnlyUsers(const LoopTree &tree) {
  llvm::SmallVector<std::optional<OpId>, 0> user(tree.buffers.size());
  llvm::SmallVector<bool, 0> shared(tree.buffers.size(), false);
  for (const Node &node : tree.nodes)
    if (node.kind == Node::Kind::Nest)
      for (const Access &access : node.nest.accesses) {
        std::optional<OpId> &op = user[access.buffer];
        shared[access.buffer] |= op && *op != node.nest.op;
        op = node.nest.op;
      }
  for (auto [op, isShared] : llvm::zip_equal(user, shared))
    if (isShared)
      op = std::nullopt;
  return user;
}

/// Calls `add` with what one op must move of each buffer.
static void
forEachUse(const LoopTree &tree, const BufferUses &uses,
           llvm::ArrayRef<std::optional<OpId>> onlyUsers,
           llvm::function_ref<void(BufferId buffer, Bytes bytes)> add) {
  for (const auto &[id, use] : uses) {
    const Buffer &buffer = tree.buffers[id];
    // A temporary: written by one nest of the op for another, seen by nobody.
    if (use.endsRead && !use.writes.empty() && !buffer.isLiveIn() &&
        !buffer.liveOut && onlyUsers[id])
      continue;
    int64_t read = countReads(use);
    int64_t written =
        std::max(countUnion(use.writes).elements, use.writtenAside);
    add(id, {toBytes(read, buffer), toBytes(written, buffer)});
  }
}

/// Calls `add` with what every op must move of each buffer.
static void forEachCompulsory(
    const LoopTree &tree,
    llvm::function_ref<void(OpId op, BufferId buffer, Bytes bytes)> add) {
  llvm::SmallVector<llvm::SmallVector<NodeId, 1>, 0> nests(tree.ops.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nests[node.nest.op].push_back(id);
  BufferWriters writers(tree);
  auto onlyUsers = findOnlyUsers(tree);
  for (auto [op, nodes] : llvm::enumerate(nests)) {
    if (tree.ops[op].isInitFill)
      continue;
    BufferUses uses;
    for (NodeId node : nodes)
      addNest(
          tree,
          computeTouched(tree, node, foldNest(tree, node, writers), writers),
          uses);
    forEachUse(tree, uses, onlyUsers,
               [&, op = op](BufferId id, Bytes bytes) { add(op, id, bytes); });
  }
}

llvm::SmallVector<Bytes, 0> memwall::computeCompulsory(const LoopTree &tree) {
  llvm::SmallVector<Bytes, 0> result(tree.ops.size());
  forEachCompulsory(
      tree, [&](OpId op, BufferId, Bytes bytes) { result[op].add(bytes); });
  return result;
}

llvm::SmallVector<Bytes, 0>
memwall::computeCompulsoryOfBuffers(const LoopTree &tree) {
  llvm::SmallVector<Bytes, 0> result(tree.buffers.size());
  forEachCompulsory(tree, [&](OpId, BufferId buffer, Bytes bytes) {
    result[buffer].add(bytes);
  });
  return result;
}
