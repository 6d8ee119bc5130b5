//===- FoldNest.cpp - Tile loops folded back into one box
//------------------===//

#include "memwall/Work/FoldNest.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <optional>

using namespace memwall;

namespace {

/// A loop of the nest while it is being folded.
struct OpenLoop {
  LoopId id = 0;
  llvm::SmallVector<AffineForm, 2> extent; ///< Minimum; terms name open loops.
  int64_t step = 1;
  /// Elements per iteration, one per access that takes part.
  llvm::SmallVector<int64_t, 6> strides;
  bool isPrivate = false;

  bool isUsed() const {
    return isPrivate || llvm::any_of(strides, [](int64_t s) { return s != 0; });
  }
};

using OpenLoops = llvm::SmallVector<OpenLoop, 8>;

} // namespace

//===----------------------------------------------------------------------===//
// Affine forms
//===----------------------------------------------------------------------===//

static int64_t getStride(const AffineForm &form, LoopId loop) {
  int64_t stride = 0;
  for (Term term : form.terms)
    if (term.loop == loop)
      stride += term.stride;
  return stride;
}

/// `form` with the iteration number of `loop` set to `value`.
static AffineForm substitute(AffineForm form, LoopId loop, int64_t value) {
  form.constant += getStride(form, loop) * value;
  llvm::erase_if(form.terms, [&](Term term) { return term.loop == loop; });
  return form;
}

static AffineForm scale(AffineForm form, int64_t factor) {
  form.constant *= factor;
  for (Term &term : form.terms)
    term.stride *= factor;
  return form;
}

/// Zero terms dropped, one term per loop, in order: equal forms look equal.
static AffineForm normalize(const AffineForm &form) {
  AffineForm result;
  result.constant = form.constant;
  for (Term term : form.terms) {
    int64_t stride = getStride(form, term.loop);
    if (stride != 0 && getStride(result, term.loop) == 0)
      result.terms.push_back({term.loop, stride});
  }
  llvm::sort(result.terms, [](Term a, Term b) { return a.loop < b.loop; });
  return result;
}

static bool areEqual(const AffineForm &a, const AffineForm &b) {
  return a.constant == b.constant &&
         llvm::equal(a.terms, b.terms, [](Term x, Term y) {
           return x.loop == y.loop && x.stride == y.stride;
         });
}

static void addForm(llvm::SmallVectorImpl<AffineForm> &forms,
                    const AffineForm &form) {
  AffineForm normal = normalize(form);
  for (AffineForm &other : forms) {
    if (areEqual(other, normal))
      return;
    // Of two constants only the smaller one matters.
    if (other.terms.empty() && normal.terms.empty()) {
      other.constant = std::min(other.constant, normal.constant);
      return;
    }
  }
  forms.push_back(normal);
}

/// Trip count of a loop whose extent is one constant.
static std::optional<int64_t> getConstantTrip(const OpenLoop &loop) {
  if (loop.extent.size() != 1 || !loop.extent[0].terms.empty())
    return std::nullopt;
  return llvm::divideCeil(std::max<int64_t>(0, loop.extent[0].constant),
                          loop.step);
}

/// Replaces the iteration number of `loop` by `value` in all extents.
static void substituteLoop(OpenLoops &loops, LoopId loop, int64_t value) {
  for (OpenLoop &other : loops) {
    llvm::SmallVector<AffineForm, 2> extent;
    for (const AffineForm &form : other.extent)
      addForm(extent, substitute(form, loop, value));
    other.extent = extent;
  }
}

//===----------------------------------------------------------------------===//
// Merging a tile loop with the loop that covers its tile
//===----------------------------------------------------------------------===//

/// The factor between the strides of `outer` and `inner`, the same for every
/// access; nullopt when there is none.
static std::optional<int64_t> findTile(const OpenLoop &outer,
                                       const OpenLoop &inner) {
  if (outer.isPrivate || inner.isPrivate)
    return std::nullopt;
  std::optional<int64_t> tile;
  for (auto [outerStride, innerStride] :
       llvm::zip_equal(outer.strides, inner.strides)) {
    if (innerStride == 0 && outerStride == 0)
      continue;
    if (innerStride == 0 || outerStride % innerStride != 0)
      return std::nullopt;
    int64_t ratio = outerStride / innerStride;
    if (ratio < 1 || (tile && *tile != ratio))
      return std::nullopt;
    tile = ratio;
  }
  return tile;
}

/// Form `bound` of the outer loop's extent in units of the merged loop: each of
/// its iterations covers `tile` inner ones. nullopt when that is not affine.
static std::optional<AffineForm> scaleForm(AffineForm bound, int64_t outerStep,
                                           int64_t tileExtent) {
  if (bound.terms.empty()) {
    bound.constant =
        llvm::divideCeil(std::max<int64_t>(0, bound.constant), outerStep) *
        tileExtent;
    return bound;
  }
  if (bound.constant % outerStep != 0)
    return std::nullopt;
  bound.constant = bound.constant / outerStep * tileExtent;
  for (Term &term : bound.terms) {
    if (term.stride % outerStep != 0)
      return std::nullopt;
    term.stride = term.stride / outerStep * tileExtent;
  }
  return bound;
}

/// The extent of `tile * outer + inner` (docs/Model.md, B1): with inner extents
/// {tile * step} and {F - tile * step * outer}, it is the minimum of all F and
/// of what the outer loop's own extents allow. nullopt: not a tile loop.
static std::optional<llvm::SmallVector<AffineForm, 2>>
mergeExtents(const OpenLoop &outer, const OpenLoop &inner, int64_t tile) {
  int64_t tileExtent = tile * inner.step;
  llvm::SmallVector<AffineForm, 2> merged;
  bool coversTile = false;
  for (const AffineForm &form : inner.extent) {
    int64_t stride = getStride(form, outer.id);
    if (stride == -tileExtent)
      addForm(merged, substitute(form, outer.id, 0));
    else if (stride == 0 && form.terms.empty() &&
             (int64_t)llvm::divideCeil(std::max<int64_t>(0, form.constant),
                                       inner.step) == tile)
      coversTile = true;
    else
      return std::nullopt;
  }
  if (!coversTile)
    return std::nullopt;
  unsigned remainders = merged.size();
  for (const AffineForm &form : outer.extent) {
    // Whole tiles that reach at least as far as a remainder do not matter.
    bool isImplied =
        tileExtent % outer.step == 0 &&
        llvm::any_of(
            llvm::ArrayRef(merged).take_front(remainders), [&](auto &other) {
              return areEqual(other, scale(form, tileExtent / outer.step));
            });
    if (isImplied)
      continue;
    std::optional<AffineForm> scaled = scaleForm(form, outer.step, tileExtent);
    if (!scaled)
      return std::nullopt;
    addForm(merged, *scaled);
  }
  return merged;
}

static bool isReferenced(const OpenLoops &loops, unsigned except, LoopId id) {
  for (unsigned i = 0; i < loops.size(); ++i)
    if (i != except)
      for (const AffineForm &form : loops[i].extent)
        if (getStride(form, id) != 0)
          return true;
  return false;
}

static bool tryMerge(OpenLoops &loops, unsigned outer, unsigned inner) {
  std::optional<int64_t> tile = findTile(loops[outer], loops[inner]);
  if (!tile || isReferenced(loops, inner, loops[outer].id) ||
      isReferenced(loops, inner, loops[inner].id))
    return false;
  auto extent = mergeExtents(loops[outer], loops[inner], *tile);
  if (!extent)
    return false;
  loops[inner].extent = *extent;
  loops.erase(loops.begin() + outer);
  return true;
}

/// Innermost first, so that what the remainder of an inner tile depends on is
/// still there.
static void mergeTiles(OpenLoops &loops) {
  for (unsigned inner = loops.size(); inner-- > 0;)
    for (unsigned outer = inner; outer-- > 0;)
      if (tryMerge(loops, outer, inner)) {
        --inner;
        outer = inner;
      }
}

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
  for (LoopId id : tree.nodes[node].nest.loops)
    loops.push_back(openLoop(tree, id, accesses));
  return loops;
}

/// Whether some loop inside stops at `form` too, once loop `id` is at 0.
static bool isGuarded(const OpenLoops &loops, LoopId id,
                      const AffineForm &form) {
  for (const OpenLoop &loop : loops)
    for (const AffineForm &other : loop.extent)
      if (getStride(other, id) != 0 &&
          areEqual(normalize(substitute(other, id, 0)), form))
        return true;
  return false;
}

/// Runs once, or not at all where nothing inside runs either: a tile that is
/// larger than what it tiles.
static bool runsOnce(const OpenLoops &loops, const OpenLoop &loop) {
  if (std::optional<int64_t> trip = getConstantTrip(loop))
    return *trip == 1;
  bool atMostOnce = false;
  for (const AffineForm &form : loop.extent) {
    if (form.terms.empty() && form.constant > 0 && form.constant <= loop.step)
      atMostOnce = true;
    else if (!isGuarded(loops, loop.id, form))
      return false;
  }
  return atMostOnce;
}

static void dropSingleTrips(OpenLoops &loops) {
  for (unsigned i = 0; i < loops.size();) {
    if (!runsOnce(loops, loops[i])) {
      ++i;
      continue;
    }
    LoopId id = loops[i].id;
    loops.erase(loops.begin() + i);
    substituteLoop(loops, id, 0);
  }
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

/// Holds loops that extents still depend on where most of the others run.
static void holdLoops(OpenLoops &loops, FoldedNest &folded) {
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
  }
}

static void addDims(const OpenLoops &loops, FoldedNest &folded) {
  for (const OpenLoop &loop : loops) {
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
                               !access->gathers.empty()});
  OpenLoops loops = collectLoops(tree, node, accesses, writers);
  dropSingleTrips(loops);
  mergeTiles(loops);
  holdLoops(loops, folded);
  addDims(loops, folded);
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

StridedSet memwall::computeElements(const FoldedNest &nest,
                                    const FoldedAccess &access) {
  if (nest.isEmpty())
    return StridedSet::makeInterval(0, 0);
  llvm::SmallVector<Progression, 6> terms;
  for (FoldedTerm term : access.terms)
    terms.push_back({term.stride, nest.dims[term.dim].size});
  return StridedSet(access.offset, terms);
}

StridedSet memwall::computeHull(const LoopTree &tree, NodeId node,
                                unsigned index) {
  const Access &access = tree.nodes[node].nest.accesses[index];
  if (!access.gathers.empty())
    return StridedSet::makeInterval(0, tree.buffers[access.buffer].elements);
  int64_t first = access.element.constant, last = first;
  for (Term term : access.element.terms) {
    int64_t trips = std::max<int64_t>(1, tree.loops[term.loop].maxTripCount);
    int64_t reach = term.stride * (trips - 1);
    (reach < 0 ? first : last) += reach;
  }
  return StridedSet::makeInterval(first, last - first + 1);
}

int64_t memwall::computeDistinctElements(const FoldedNest &nest,
                                         const FoldedAccess &access) {
  return computeElements(nest, access).count().elements;
}
