//===- Floor.cpp - Distinct live-in and live-out bytes of a function ------===//
//
// docs/Model.md, B5. A read counts when no write that can come before it has
// put the value there; where order and sets are not clear, it does not count.
//
//===----------------------------------------------------------------------===//

#include "Touched.h"
#include "memwall/Bounds/Bounds.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <set>

using namespace memwall;

using Sets = llvm::SmallVector<StridedBox, 4>;

/// Whether a loop that is not the root encloses both nodes.
static bool shareLoop(const LoopTree &tree, NodeId a, NodeId b) {
  llvm::SmallVector<NodeId, 8> around;
  for (NodeId n = tree.nodes[a].parent; n != LoopTree::root;
       n = tree.nodes[n].parent)
    around.push_back(n);
  for (NodeId n = tree.nodes[b].parent; n != LoopTree::root;
       n = tree.nodes[n].parent)
    if (llvm::is_contained(around, n))
      return true;
  return false;
}

/// In every iteration of the loops around both, what `read` touches is what
/// `write` touches, so that the first visit of an element (or of the one row
/// that a gather counts) reads it.
static bool touchSameBox(const LoopTree &tree, const Touched &read,
                         const Touched &write) {
  const Access &r = tree.nodes[read.node].nest.accesses[read.access];
  const Access &w = tree.nodes[write.node].nest.accesses[write.access];
  if (read.node == write.node)
    return read.isGather ? chooseSameRows(r, w) : haveSameForm(r, w);
  if (!r.gathers.empty() || !w.gathers.empty() || !read.exact || !write.exact)
    return false;
  // Their own dimensions differ by name: compare what those span, and the
  // strides of the loops around.
  auto split = [&](const Access &access, const Nest &nest) {
    Access outer = access;
    llvm::SmallVector<Progression, 4> own;
    llvm::erase_if(outer.element.terms, [&](Term term) {
      if (!llvm::is_contained(nest.loops, term.loop))
        return false;
      own.push_back({term.stride, tree.loops[term.loop].maxTripCount});
      return true;
    });
    return std::pair(outer, StridedBox(0, own));
  };
  auto [outerR, ownR] = split(r, tree.nodes[read.node].nest);
  auto [outerW, ownW] = split(w, tree.nodes[write.node].nest);
  return haveSameForm(outerR, outerW) && ownR == ownW;
}

namespace {

/// Writes of the same buffer that may come before a read.
struct EarlierWrites {
  Sets known; ///< Elements that they surely touch.
  llvm::SmallVector<unsigned, 2> scattered; ///< Those at unknown positions.
  bool empty() const { return known.empty() && scattered.empty(); }
};

} // namespace

static bool mayMeet(const StridedBox &a, const StridedBox &b) {
  return !a.isEmpty() && !b.isEmpty() && a.first() <= b.last() &&
         b.first() <= a.last();
}

static EarlierWrites findEarlierWrites(const LoopTree &tree,
                                       const Touched &read,
                                       llvm::ArrayRef<Touched> writes) {
  EarlierWrites earlier;
  for (auto [i, write] : llvm::enumerate(writes)) {
    bool isLater = write.node > read.node ||
                   (write.node == read.node && write.access > read.access);
    bool canComeFirst = !isLater || write.node == read.node ||
                        shareLoop(tree, read.node, write.node);
    if (!canComeFirst || (isLater && touchSameBox(tree, read, write)))
      continue;
    if (!write.isGather && write.exact) {
      earlier.known.push_back(write.elements);
      continue;
    }
    StridedBox hull = computeHull(tree, write.node, write.access);
    if (!write.isGather)
      earlier.known.push_back(hull);
    else if (read.isGather || mayMeet(hull, read.elements))
      earlier.scattered.push_back(i);
  }
  return earlier;
}

/// The most elements that an access can touch in one call, wherever its
/// data-dependent rows are: one per iteration of the loops that it moves with,
/// and no more rows than the program states.
static int64_t countAtMost(const LoopTree &tree, const Touched &touched) {
  const Access &access = tree.nodes[touched.node].nest.accesses[touched.access];
  llvm::SmallDenseSet<LoopId> loops;
  int64_t most = 1;
  bool overflows = false;
  for (Term term : access.element.terms)
    if (term.stride != 0)
      loops.insert(term.loop);
  for (const GatherTerm &gather : access.gathers) {
    if (gather.hitsAll)
      overflows |= llvm::MulOverflow(most, gather.extent, most);
    else
      loops.insert(gather.loops.begin(), gather.loops.end());
  }
  for (LoopId loop : loops)
    overflows |= llvm::MulOverflow(most, tree.loops[loop].maxTripCount, most);
  int64_t all = tree.buffers[touched.buffer].elements;
  return overflows ? all : std::min(most, all);
}

/// Keeps the first of the touches with the same elements. Of writes only those
/// outside of loops go: in a loop it matters which iteration writes what.
static void dropRepeated(const LoopTree &tree, bool isWrite,
                         llvm::SmallVectorImpl<Touched> &touches) {
  std::set<StridedBox> seen;
  llvm::erase_if(touches, [&](const Touched &touched) {
    if (touched.isGather || !touched.exact ||
        (isWrite && tree.nodes[touched.node].parent != LoopTree::root))
      return false;
    return !seen.insert(touched.elements).second;
  });
}

/// Pairs of touches above this: only reads before all writes count.
static constexpr uint64_t kPairsCap = 1 << 22;

/// Drops reads that are not clearly before all writes.
static void keepFirstReads(const LoopTree &tree, llvm::ArrayRef<Touched> writes,
                           llvm::SmallVectorImpl<Touched> &reads) {
  llvm::erase_if(reads, [&](const Touched &read) {
    return read.node >= writes.front().node ||
           shareLoop(tree, read.node, writes.front().node);
  });
}

/// Elements of `set` that none of `earlier` has; 0 when that cannot be told.
static int64_t countFresh(const StridedBox &set,
                          llvm::ArrayRef<StridedBox> earlier) {
  Sets near;
  for (const StridedBox &other : earlier)
    if (mayMeet(other, set))
      near.push_back(other);
  ElementCount before = countUnion(near);
  near.push_back(set);
  ElementCount after = countUnion(near);
  return before.exact && after.exact ? after.elements - before.elements : 0;
}

/// Elements of a buffer that are read before they are written.
static int64_t countLiveIn(const LoopTree &tree,
                           llvm::SmallVectorImpl<Touched> &reads,
                           llvm::SmallVectorImpl<Touched> &writes) {
  dropRepeated(tree, /*isWrite=*/false, reads);
  dropRepeated(tree, /*isWrite=*/true, writes);
  if ((uint64_t)reads.size() * (reads.size() + writes.size()) > kPairsCap &&
      !writes.empty())
    keepFirstReads(tree, writes, reads);
  // 1. Reads that no write can come before.
  Sets clear;
  int64_t gathered = 0;
  llvm::SmallVector<std::pair<StridedBox, EarlierWrites>, 0> contested;
  for (const Touched &read : reads) {
    EarlierWrites earlier = findEarlierWrites(tree, read, writes);
    if (read.isGather && earlier.empty())
      gathered = std::max(gathered, read.elements.count().elements);
    else if (!read.isGather && earlier.empty())
      clear.push_back(read.elements);
    else if (!read.isGather)
      contested.push_back({read.elements, std::move(earlier)});
  }
  // 2. The others, as far as neither an earlier write nor another read has it.
  int64_t total = countUnion(clear).elements, fresh = 0;
  std::set<unsigned> scattered;
  for (auto &[elements, earlier] : contested) {
    earlier.known.append(clear);
    fresh += countFresh(elements, earlier.known);
    clear.push_back(elements);
    scattered.insert(earlier.scattered.begin(), earlier.scattered.end());
  }
  // 3. Wherever the writes at unknown positions are, they leave the rest.
  for (unsigned write : scattered)
    fresh = std::max<int64_t>(fresh - countAtMost(tree, writes[write]), 0);
  return std::max(total + fresh, gathered);
}

static int64_t countWritten(llvm::ArrayRef<Touched> writes) {
  Sets sets;
  int64_t scattered = 0;
  for (const Touched &write : writes) {
    if (write.isGather)
      scattered = std::max(scattered, write.elements.count().elements);
    else
      sets.push_back(write.elements);
  }
  return std::max(scattered, countUnion(sets).elements);
}

llvm::SmallVector<Bytes, 0>
memwall::computeFloorOfBuffers(const LoopTree &tree) {
  struct Touches {
    llvm::SmallVector<Touched, 2> reads, writes;
  };
  llvm::SmallVector<Touches, 0> touches(tree.buffers.size());
  BufferWriters writers(tree);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest ||
        llvm::none_of(node.nest.accesses, [&](const Access &access) {
          const Buffer &buffer = tree.buffers[access.buffer];
          return buffer.isLiveIn() || buffer.liveOut;
        }))
      continue;
    FoldedNest folded = foldNest(tree, id, writers);
    for (Touched &touched : computeTouched(tree, id, folded, writers)) {
      // A copy of an argument that is overwritten as a whole.
      if (touched.readsFill &&
          tree.buffers[touched.buffer].kind == BufferKind::Argument)
        continue;
      Touches &touch = touches[touched.buffer];
      (touched.isWrite ? touch.writes : touch.reads).push_back(touched);
    }
  }
  llvm::SmallVector<Bytes, 0> floor(tree.buffers.size());
  for (auto [buffer, touch, bytes] :
       llvm::zip_equal(tree.buffers, touches, floor)) {
    // A program that leaves its buffers is wrong, and moves nothing out there.
    int64_t all = buffer.elements;
    if (buffer.liveOut)
      bytes.written =
          toBytes(std::min(countWritten(touch.writes), all), buffer);
    if (buffer.isLiveIn())
      bytes.read = toBytes(
          std::min(countLiveIn(tree, touch.reads, touch.writes), all), buffer);
  }
  return floor;
}

Bytes memwall::computeFloor(const LoopTree &tree) {
  Bytes floor;
  for (Bytes bytes : computeFloorOfBuffers(tree))
    floor.add(bytes);
  return floor;
}
