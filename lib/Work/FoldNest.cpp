//===- FoldNest.cpp - Tile loops folded back into one box -----------------===//

#include "memwall/Work/FoldNest.h"
#include "FoldTiles.h"
#include "memwall/Work/AffineForms.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <optional>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Collecting the loops, and the box that is left
//===----------------------------------------------------------------------===//

BufferWriters::BufferWriters(const LoopTree &tree) {
  nodes.resize(tree.buffers.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest)
      continue;
    for (const Access &access : node.nest.accesses)
      if (access.isWrite &&
          (nodes[access.buffer].empty() || nodes[access.buffer].back() != id))
        nodes[access.buffer].push_back(id);
  }
}

/// Whether `node` is `ancestor` or below it.
static bool isWithin(const LoopTree &tree, NodeId node, NodeId ancestor) {
  while (node != ancestor && node != LoopTree::root)
    node = tree.nodes[node].parent;
  return node == ancestor;
}

/// Whether what the nest writes to `buffer` in one iteration of the loop `node`
/// is not what the next iteration continues: the buffer is allocated in the
/// loop, or something else writes it there.
static bool startsNewValues(const LoopTree &tree, NodeId node, NodeId nest,
                            BufferId buffer, const BufferWriters &writers) {
  if (isWithin(tree, tree.buffers[buffer].scope, node))
    return true;
  return llvm::any_of(writers[buffer], [&](NodeId writer) {
    return writer != nest && isWithin(tree, writer, node);
  });
}

static bool isPrivateLoop(const LoopTree &tree, NodeId node, NodeId nest,
                          const BufferWriters &writers) {
  LoopId loop = tree.nodes[node].loop;
  for (const Access &access : tree.nodes[nest].nest.accesses)
    if (access.isWrite && getStride(access.element, loop) == 0 &&
        startsNewValues(tree, node, nest, access.buffer, writers))
      return true;
  return false;
}

/// The least value of `form` over all iterations that its loops can have.
static int64_t computeLeast(const LoopTree &tree, const AffineForm &form) {
  int64_t least = form.constant;
  for (Term term : form.terms)
    if (term.stride < 0)
      least += term.stride *
               (std::max<int64_t>(1, tree.loops[term.loop].maxTripCount) - 1);
  return least;
}

/// The forms of the loop's extent that can be the smallest one: a remainder
/// that is never less than the tile is dropped.
static OpenLoop openLoop(const LoopTree &tree, LoopId id,
                         llvm::ArrayRef<const Access *> accesses) {
  OpenLoop loop;
  loop.id = id;
  std::optional<int64_t> constant;
  for (const AffineForm &form : tree.loops[id].extent)
    if (normalize(form).terms.empty())
      constant = constant ? std::min(*constant, form.constant) : form.constant;
  for (const AffineForm &form : tree.loops[id].extent)
    if (!constant || normalize(form).terms.empty() ||
        computeLeast(tree, form) < *constant)
      addForm(loop.extent, form);
  loop.step = std::max<int64_t>(1, tree.loops[id].step);
  for (const Access *access : accesses)
    loop.strides.push_back(getStride(access->element, id));
  return loop;
}

/// All loops around and of the nest, outermost first. Private loops matter to
/// the nest as a whole only: without `writers` there are none.
static OpenLoops collectLoops(const LoopTree &tree, NodeId node,
                              llvm::ArrayRef<const Access *> accesses,
                              const BufferWriters *writers) {
  llvm::SmallVector<NodeId, 8> around;
  for (NodeId n = node; n != LoopTree::root;) {
    n = tree.nodes[n].parent;
    if (n != LoopTree::root)
      around.push_back(n);
  }
  OpenLoops loops;
  for (NodeId n : llvm::reverse(around)) {
    loops.push_back(openLoop(tree, tree.nodes[n].loop, accesses));
    loops.back().isPrivate = writers && isPrivateLoop(tree, n, node, *writers);
  }
  for (LoopId id : tree.nodes[node].nest.loops) {
    loops.push_back(openLoop(tree, id, accesses));
    loops.back().isDimension = true;
  }
  return loops;
}

/// Which way the extents of other loops go as `loop` advances: -1 they shrink,
/// 1 they grow, 0 both; nullopt when they do not depend on it.
static std::optional<int> findTrend(const OpenLoops &loops, LoopId loop) {
  bool grows = false, shrinks = false;
  for (const OpenLoop &other : loops)
    for (const AffineForm &form : other.extent) {
      grows |= getStride(form, loop) > 0;
      shrinks |= getStride(form, loop) < 0;
    }
  if (!grows && !shrinks)
    return std::nullopt;
  return (int)grows - (int)shrinks;
}

/// Holds loops that extents still depend on where most of the others run;
/// returns them.
static llvm::SmallDenseSet<LoopId> holdLoops(OpenLoops &loops,
                                             FoldedNest &folded) {
  llvm::SmallDenseSet<LoopId> held;
  for (unsigned i = 0; i < loops.size();) {
    std::optional<int> trend = findTrend(loops, loops[i].id);
    if (!trend) {
      ++i;
      continue;
    }
    // Everything outside is constant by now, so this one is too, except when
    // the tree is broken.
    int64_t trip = getConstantTrip(loops[i]).value_or(0);
    int64_t value = *trend > 0 ? std::max<int64_t>(0, trip - 1) : 0;
    // Repetition, held where its body is largest, loses nothing.
    folded.exact &= !loops[i].isUsed() && *trend != 0;
    for (auto [access, stride] :
         llvm::zip_equal(folded.accesses, loops[i].strides))
      access.offset += stride * value;
    LoopId id = loops[i].id;
    if (trip == 0)
      folded.dims.push_back({0, false});
    loops.erase(loops.begin() + i);
    substituteLoop(loops, id, value);
    held.insert(id);
  }
  return held;
}

static void addDims(const OpenLoops &loops, FoldedNest &folded) {
  for (const OpenLoop &loop : loops) {
    if (getConstantTrip(loop) == 1)
      continue;
    unsigned dim = folded.dims.size();
    bool isWritten = false;
    for (auto [access, stride] :
         llvm::zip_equal(folded.accesses, loop.strides)) {
      if (stride == 0)
        continue;
      access.terms.push_back({dim, stride});
      isWritten |= access.isWrite;
    }
    folded.dims.push_back(
        {getConstantTrip(loop).value_or(0), !isWritten && !loop.isPrivate});
  }
}

/// Rows that a gather is known to touch. Not where other positions follow the
/// same loops: then a row comes with some of those positions only.
static llvm::SmallVector<Progression, 0> findKnownRows(const Access &access) {
  llvm::SmallVector<Progression, 0> rows;
  llvm::SmallDenseSet<LoopId> used;
  for (Term term : access.element.terms)
    used.insert(term.loop);
  auto countKnown = [](const GatherTerm &gather) {
    return gather.hitsAll ? gather.extent : gather.distinct;
  };
  llvm::SmallVector<const GatherTerm *, 4> gathers;
  for (const GatherTerm &gather : access.gathers)
    gathers.push_back(&gather);
  llvm::sort(gathers, [&](const GatherTerm *a, const GatherTerm *b) {
    return std::pair(countKnown(*b), a) < std::pair(countKnown(*a), b);
  });
  for (const GatherTerm *gather : gathers) {
    bool isAlone = llvm::none_of(
        gather->loops, [&](LoopId loop) { return used.contains(loop); });
    if (countKnown(*gather) <= 1 || !isAlone)
      continue;
    used.insert(gather->loops.begin(), gather->loops.end());
    rows.push_back({gather->stride, countKnown(*gather)});
  }
  return rows;
}

static FoldedNest fold(const LoopTree &tree, NodeId node,
                       llvm::ArrayRef<const Access *> accesses,
                       const BufferWriters *writers) {
  FoldedNest folded;
  folded.op = tree.nodes[node].nest.op;
  for (const Access *access : accesses)
    folded.accesses.push_back({access->buffer,
                               access->isWrite,
                               access->readsFill,
                               access->element.constant,
                               {},
                               !access->gathers.empty(),
                               findKnownRows(*access),
                               access->results});
  OpenLoops loops = collectLoops(tree, node, accesses, writers);
  dropSingleTrips(loops);
  mergeTiles(loops);
  llvm::SmallDenseSet<LoopId> held = holdLoops(loops, folded);
  addDims(loops, folded);
  // The part of the box that is left need not meet every row.
  for (auto [access, original] : llvm::zip_equal(folded.accesses, accesses))
    if (!folded.exact || llvm::any_of(original->gathers, [&](auto &gather) {
          return llvm::any_of(gather.loops,
                              [&](LoopId loop) { return held.contains(loop); });
        }))
      access.rows.clear();
  return folded;
}

FoldedNest memwall::foldNest(const LoopTree &tree, NodeId node,
                             const BufferWriters &writers) {
  llvm::SmallVector<const Access *, 4> accesses;
  for (const Access &access : tree.nodes[node].nest.accesses)
    accesses.push_back(&access);
  return fold(tree, node, accesses, &writers);
}

FoldedNest memwall::foldNest(const LoopTree &tree, NodeId node) {
  return foldNest(tree, node, BufferWriters(tree));
}

FoldedNest memwall::foldAccess(const LoopTree &tree, NodeId node,
                               unsigned access) {
  return fold(tree, node, {&tree.nodes[node].nest.accesses[access]},
              /*writers=*/nullptr);
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

bool FoldedNest::isEmpty() const {
  return llvm::any_of(dims, [](FoldedDim dim) { return dim.size < 1; });
}

StridedBox memwall::computeElements(const FoldedNest &nest,
                                    const FoldedAccess &access) {
  if (nest.isEmpty())
    return StridedBox::makeInterval(0, 0);
  llvm::SmallVector<Progression, 6> terms(access.rows.begin(),
                                          access.rows.end());
  for (FoldedTerm term : access.terms)
    terms.push_back({term.stride, nest.dims[term.dim].size});
  return StridedBox(access.offset, terms);
}

StridedBox memwall::computeHull(const LoopTree &tree, NodeId node,
                                unsigned index) {
  const Access &access = tree.nodes[node].nest.accesses[index];
  int64_t first = access.element.constant, last = first;
  for (const GatherTerm &gather : access.gathers) {
    // Rows that are known by their number only can be anywhere.
    if (gather.hitsAll)
      return StridedBox::makeInterval(0, tree.buffers[access.buffer].elements);
    int64_t reach = gather.stride * (gather.extent - 1);
    (reach < 0 ? first : last) += reach;
  }
  for (Term term : access.element.terms) {
    int64_t trips = std::max<int64_t>(1, tree.loops[term.loop].maxTripCount);
    int64_t reach = term.stride * (trips - 1);
    (reach < 0 ? first : last) += reach;
  }
  return StridedBox::makeInterval(first, last - first + 1);
}

int64_t memwall::computeDistinctElements(const FoldedNest &nest,
                                         const FoldedAccess &access) {
  return computeElements(nest, access).count().elements;
}
