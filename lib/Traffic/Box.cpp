//===- Box.cpp - Counts the lines of strided boxes ------------------------===//

#include "memwall/Traffic/Box.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace memwall;

int64_t Box::endBits() const {
  int64_t end = offsetBits + elementBits;
  for (const BoxDim &dim : dims)
    end += dim.strideBits * (dim.count - 1);
  return end;
}

/// Merges steps of `dim` into `inner` when together they are one progression:
/// inner stride divides the step, and the step does not jump over it.
static bool mergeProgression(BoxDim &inner, const BoxDim &dim) {
  if (dim.strideBits % inner.strideBits != 0)
    return false;
  int64_t jump = dim.strideBits / inner.strideBits;
  if (jump > inner.count)
    return false;
  inner.count += jump * (dim.count - 1);
  return true;
}

/// Two interleaved progressions with no common step: as many distinct values
/// as fit the common grid of their range, equally spaced.
static bool mergeInterleaved(BoxDim &inner, const BoxDim &dim) {
  int64_t innerRange = inner.strideBits * (inner.count - 1);
  if (dim.strideBits > innerRange)
    return false;
  int64_t grid = std::gcd(inner.strideBits, dim.strideBits);
  int64_t range = innerRange + dim.strideBits * (dim.count - 1);
  int64_t values = std::min(inner.count * dim.count, range / grid + 1);
  inner.count = values;
  inner.strideBits = std::max<int64_t>(range / (values - 1), 1);
  return true;
}

Box memwall::normalize(const Box &box) {
  Box result;
  result.offsetBits = box.offsetBits;
  result.elementBits = box.elementBits;
  llvm::SmallVector<BoxDim, 8> dims;
  for (BoxDim dim : box.dims) {
    if (dim.count <= 1 || dim.strideBits == 0)
      continue;
    if (dim.strideBits < 0) {
      result.offsetBits += dim.strideBits * (dim.count - 1);
      dim.strideBits = -dim.strideBits;
    }
    dims.push_back(dim);
  }
  std::sort(dims.begin(), dims.end(), [](const BoxDim &a, const BoxDim &b) {
    return a.strideBits < b.strideBits;
  });
  for (const BoxDim &dim : dims) {
    bool merged = false;
    for (size_t i = result.dims.size(); i-- > 0 && !merged;)
      merged = mergeProgression(result.dims[i], dim);
    if (!merged && !result.dims.empty())
      merged = mergeInterleaved(result.dims.back(), dim);
    if (!merged)
      result.dims.push_back(dim);
  }
  return result;
}

/// Average number of granules of a run of `runBits` that starts at `offset`
/// plus an unknown multiple of `align`.
static double averageRun(int64_t offset, int64_t runBits, int64_t align,
                         int64_t granule) {
  align = std::gcd(align, granule);
  int64_t start = ((offset % granule) + granule) % granule;
  // The last bit lies `whole` granules on from the first, or one more for the
  // starts that leave less than `rest` bits in their granule.
  int64_t last = start % align + runBits - 1;
  int64_t whole = last / granule, rest = last % granule;
  int64_t starts = granule / align;
  int64_t below = (granule - rest + align - 1) / align;
  int64_t more = std::max<int64_t>(starts - below, 0);
  return double(whole + 1) + double(more) / double(starts);
}

/// Granules of a run of `runBits` that starts at `offset`.
static int64_t countRun(int64_t offset, int64_t runBits, int64_t granule) {
  if (llvm::isPowerOf2_64(granule))
    return (((offset & (granule - 1)) + runBits - 1) >>
            llvm::countr_zero(uint64_t(granule))) +
           1;
  int64_t start = ((offset % granule) + granule) % granule;
  return (start + runBits - 1) / granule + 1;
}

/// Sum over all steps of `steps` of the granules of one run.
static int64_t sumRuns(int64_t offset, int64_t runBits,
                       llvm::ArrayRef<BoxDim> steps, int64_t granule) {
  if (steps.empty())
    return countRun(offset, runBits, granule);
  int64_t total = 0;
  const BoxDim &dim = steps.back();
  for (int64_t i = 0; i < dim.count; ++i)
    total += sumRuns(offset + i * dim.strideBits, runBits, steps.drop_back(),
                     granule);
  return total;
}

/// The same by how many runs start at each offset within a granule: exact for
/// any number of steps.
static double sumRunsByResidue(int64_t offset, int64_t runBits,
                               llvm::ArrayRef<BoxDim> steps, int64_t align,
                               int64_t granule) {
  int64_t residues = granule / align;
  llvm::SmallVector<double, 0> starts(residues, 0), next(residues);
  starts[0] = 1; // In units of `align` after the first start.
  for (const BoxDim &dim : steps) {
    // Outer steps may go down.
    int64_t step = llvm::mod(dim.strideBits / align, residues);
    int64_t period = residues / std::gcd(step, residues);
    double rounds = double(dim.count / period);
    int64_t rest = dim.count % period;
    std::fill(next.begin(), next.end(), 0);
    for (int64_t r = 0; r < residues; ++r)
      if (starts[r] != 0)
        for (int64_t i = 0, at = r; i < period;
             ++i, at = (at + step) % residues)
          next[at] += starts[r] * (rounds + (i < rest ? 1 : 0));
    std::swap(starts, next);
  }
  double total = 0;
  for (int64_t r = 0; r < residues; ++r)
    if (starts[r] != 0)
      total +=
          starts[r] * double(countRun(offset + r * align, runBits, granule));
  return total;
}

/// A gap of less than a granule never leaves a granule untouched, so steps with
/// such gaps extend the run; the others repeat it.
double memwall::countGranules(const Box &box, int64_t granule,
                              llvm::ArrayRef<BoxDim> outer) {
  constexpr int64_t kMaxEnumerated = 128;
  int64_t runBits = box.elementBits, align = granule;
  double runCount = 1;
  bool isRun = true;
  // Steps that change the alignment of a run.
  llvm::SmallVector<BoxDim, 8> steps;
  double stepCount = 1;
  auto addStep = [&](const BoxDim &dim) {
    if (dim.strideBits % granule == 0 || dim.count <= 1)
      return;
    steps.push_back(dim);
    stepCount *= double(dim.count);
    align = std::gcd(align, dim.strideBits);
  };
  for (const BoxDim &dim : box.dims) {
    isRun &= dim.strideBits - runBits < granule;
    if (isRun) {
      runBits += dim.strideBits * (dim.count - 1);
      continue;
    }
    runCount *= double(dim.count);
    addStep(dim);
  }
  for (const BoxDim &dim : outer)
    addStep(dim);
  double residues = double(granule / align);
  if (stepCount <= 1)
    return double(countRun(box.offsetBits, runBits, granule)) * runCount;
  if (outer.empty() ? stepCount > double(kMaxEnumerated)
                    : residues * residues <= stepCount &&
                          stepCount <= double(kMaxEnumerated))
    return sumRunsByResidue(box.offsetBits, runBits, steps, align, granule) *
           (runCount / stepCount);
  if (stepCount > double(kMaxEnumerated))
    return averageRun(box.offsetBits, runBits, align, granule) * runCount;
  return double(sumRuns(box.offsetBits, runBits, steps, granule)) *
         (runCount / stepCount);
}

namespace {
/// A box as runs that cover their granules, and the steps between them.
struct Runs {
  int64_t bits;
  llvm::ArrayRef<BoxDim> steps;
};
} // namespace

static Runs splitRuns(const Box &box, int64_t granule) {
  Runs runs{box.elementBits, box.dims};
  while (!runs.steps.empty() &&
         runs.steps.front().strideBits - runs.bits < granule) {
    runs.bits += runs.steps.front().strideBits * (runs.steps.front().count - 1);
    runs.steps = runs.steps.drop_front();
  }
  return runs;
}

/// Shared granules of boxes whose runs repeat with common steps: the rows they
/// have in common, by writing the distance between the boxes in the mixed radix
/// of the steps; per row, what either run covers less what both together cover.
/// `a` must not start after `b`.
static double countSharedRows(const Box &a, const Box &b, int64_t granule) {
  Runs runsA = splitRuns(a, granule), runsB = splitRuns(b, granule);
  llvm::SmallVector<int64_t, 8> strides;
  for (llvm::ArrayRef<BoxDim> steps : {runsA.steps, runsB.steps})
    for (const BoxDim &dim : steps)
      if (!llvm::is_contained(strides, dim.strideBits))
        strides.push_back(dim.strideBits);
  std::sort(strides.begin(), strides.end(), std::greater<int64_t>());
  auto countOf = [](llvm::ArrayRef<BoxDim> steps, int64_t stride) {
    for (const BoxDim &dim : steps)
      if (dim.strideBits == stride)
        return dim.count;
    return int64_t(1);
  };
  int64_t distance = b.offsetBits - a.offsetBits;
  Box rowsA = a, rowsB = b, both = a;
  rowsA.dims.clear();
  for (int64_t stride : strides) {
    int64_t shift = distance / stride;
    distance -= shift * stride;
    int64_t rows = std::min(countOf(runsA.steps, stride) - shift,
                            countOf(runsB.steps, stride));
    if (rows <= 0)
      return 0;
    rowsA.offsetBits += shift * stride;
    rowsA.dims.insert(rowsA.dims.begin(), {stride, rows});
  }
  if (distance - runsA.bits >= granule)
    return 0;
  rowsB.dims = both.dims = rowsA.dims;
  both.offsetBits = rowsA.offsetBits;
  rowsB.offsetBits = rowsA.offsetBits + distance;
  rowsA.elementBits = runsA.bits;
  rowsB.elementBits = runsB.bits;
  both.elementBits = std::max(runsA.bits, distance + runsB.bits);
  return countGranules(rowsA, granule) + countGranules(rowsB, granule) -
         countGranules(both, granule);
}

double memwall::countSharedGranules(const Box &a, double granulesA,
                                    const Box &b, double granulesB,
                                    int64_t granule) {
  auto floorTo = [&](int64_t bits) { return bits / granule * granule; };
  auto ceilTo = [&](int64_t bits) {
    return (bits + granule - 1) / granule * granule;
  };
  int64_t begin = std::max(floorTo(a.offsetBits), floorTo(b.offsetBits));
  int64_t end = std::min(ceilTo(a.endBits()), ceilTo(b.endBits()));
  if (begin >= end)
    return 0;
  double most = std::min(granulesA, granulesB);
  if (a.offsetBits == b.offsetBits && a.elementBits == b.elementBits &&
      a.dims == b.dims)
    return most;
  auto density = [&](const Box &box, double granules) {
    int64_t hull = (ceilTo(box.endBits()) - floorTo(box.offsetBits)) / granule;
    return std::min(1.0, granules / double(hull));
  };
  double densityA = density(a, granulesA), densityB = density(b, granulesB);
  constexpr double kFull = 0.999;
  if (densityA < kFull && densityB < kFull) {
    double rows = a.offsetBits <= b.offsetBits ? countSharedRows(a, b, granule)
                                               : countSharedRows(b, a, granule);
    return std::clamp(rows, 0.0, most);
  }
  double shared = double((end - begin) / granule);
  return std::min(shared * densityA * densityB, most);
}
