//===- Box.cpp - Counts the lines of strided boxes
//-------------------------===//

#include "memwall/Traffic/Box.h"
#include "llvm/ADT/STLExtras.h"
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
  int64_t phase = start % align, total = 0, starts = granule / align;
  for (int64_t i = 0; i < starts; ++i)
    total += (phase + i * align + runBits - 1) / granule + 1;
  return double(total) / double(starts);
}

/// Sum over all steps of `steps` of the granules of one run.
static double sumRuns(int64_t offset, int64_t runBits, int64_t count,
                      llvm::ArrayRef<BoxDim> steps, int64_t granule) {
  double total = 0;
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = offset, rest = i;
    for (const BoxDim &dim : steps) {
      at += rest % dim.count * dim.strideBits;
      rest /= dim.count;
    }
    total += averageRun(at, runBits, granule, granule);
  }
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
  if (stepCount > double(kMaxEnumerated))
    return averageRun(box.offsetBits, runBits, align, granule) * runCount;
  return sumRuns(box.offsetBits, runBits, int64_t(stepCount), steps, granule) *
         (runCount / stepCount);
}

/// Boxes of equal strides: the intersection per dimension, by writing the
/// difference of the offsets in the mixed radix of the strides. False when the
/// strides do not allow it.
static bool intersectCongruent(const Box &a, const Box &b, Box &shared,
                               bool &empty) {
  llvm::SmallVector<int64_t, 8> strides;
  for (const BoxDim &dim : a.dims)
    strides.push_back(dim.strideBits);
  for (const BoxDim &dim : b.dims)
    if (!llvm::is_contained(strides, dim.strideBits))
      strides.push_back(dim.strideBits);
  std::sort(strides.begin(), strides.end());
  auto countOf = [](const Box &box, int64_t stride) {
    for (const BoxDim &dim : box.dims)
      if (dim.strideBits == stride)
        return dim.count;
    return int64_t(1);
  };
  int64_t difference = b.offsetBits - a.offsetBits;
  shared = a;
  shared.dims.clear();
  empty = false;
  for (int64_t stride : llvm::reverse(strides)) {
    int64_t na = countOf(a, stride), nb = countOf(b, stride);
    int64_t shift = (int64_t)std::llround(double(difference) / double(stride));
    difference -= shift * stride;
    int64_t first = std::max<int64_t>(0, shift);
    int64_t end = std::min(na, nb + shift);
    if (end <= first) {
      empty = true;
      return true;
    }
    shared.offsetBits += first * stride;
    shared.dims.insert(shared.dims.begin(), {stride, end - first});
  }
  return std::abs(difference) < std::max<int64_t>(a.elementBits, 1);
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
    Box common;
    bool empty;
    if (intersectCongruent(a, b, common, empty))
      return empty ? 0 : std::min(countGranules(common, granule), most);
  }
  double shared = double((end - begin) / granule);
  return std::min(shared * densityA * densityB, most);
}
