//===- FoldTiles.cpp - Merging tile loops ---------------------------------===//

#include "FoldTiles.h"
#include "memwall/Work/AffineForms.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Affine forms
//===----------------------------------------------------------------------===//

int64_t memwall::getStride(const AffineForm &form, LoopId loop) {
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

AffineForm memwall::normalize(const AffineForm &form) {
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

void memwall::addForm(llvm::SmallVectorImpl<AffineForm> &forms,
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

std::optional<int64_t> memwall::getConstantTrip(const OpenLoop &loop) {
  if (loop.extent.size() != 1 || !loop.extent[0].terms.empty())
    return std::nullopt;
  return llvm::divideCeil(std::max<int64_t>(0, loop.extent[0].constant),
                          loop.step);
}

void memwall::substituteLoop(OpenLoops &loops, LoopId loop, int64_t value) {
  for (OpenLoop &other : loops) {
    llvm::SmallVector<AffineForm, 2> extent;
    for (const AffineForm &form : other.extent)
      addForm(extent, substitute(form, loop, value));
    other.extent = extent;
  }
}

//===----------------------------------------------------------------------===//
// Loops that run once
//===----------------------------------------------------------------------===//

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

void memwall::dropSingleTrips(OpenLoops &loops) {
  for (unsigned i = 0; i < loops.size();) {
    if (loops[i].isDimension || !runsOnce(loops, loops[i])) {
      ++i;
      continue;
    }
    LoopId id = loops[i].id;
    loops.erase(loops.begin() + i);
    substituteLoop(loops, id, 0);
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

namespace {

/// A loop that another one tiles.
struct Merge {
  unsigned inner = 0;
  int64_t tile = 0;
  bool isPartial = false; ///< The inner extent depends on the outer loop.
  llvm::SmallVector<AffineForm, 2> extent;
};

} // namespace

static std::optional<Merge> findMerge(const OpenLoops &loops, unsigned outer,
                                      unsigned inner) {
  std::optional<int64_t> tile = findTile(loops[outer], loops[inner]);
  if (!tile || isReferenced(loops, inner, loops[outer].id) ||
      isReferenced(loops, inner, loops[inner].id))
    return std::nullopt;
  auto extent = mergeExtents(loops[outer], loops[inner], *tile);
  if (!extent)
    return std::nullopt;
  bool isPartial =
      llvm::any_of(loops[inner].extent, [&](const AffineForm &form) {
        return getStride(form, loops[outer].id) != 0;
      });
  return Merge{inner, *tile, isPartial, *extent};
}

void memwall::mergeTiles(OpenLoops &loops) {
  // Innermost first, so that what the remainder of an inner tile depends on is
  // still there. Dimensions never merge with one another. Where several loops
  // fit (contiguous dimensions), it is the one whose extent depends on the tile
  // loop, then the one with the smallest tile.
  for (unsigned outer = loops.size(); outer-- > 0;) {
    if (loops[outer].isDimension)
      continue;
    std::optional<Merge> best;
    for (unsigned inner = outer + 1; inner < loops.size(); ++inner) {
      std::optional<Merge> merge = findMerge(loops, outer, inner);
      if (merge && (!best || std::pair(!merge->isPartial, merge->tile) <
                                 std::pair(!best->isPartial, best->tile)))
        best = merge;
    }
    if (!best)
      continue;
    loops[best->inner].extent = best->extent;
    loops.erase(loops.begin() + outer);
  }
}
