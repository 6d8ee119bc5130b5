//===- StridedBox.h - Places that a linear form touches ---------*- C++ -*-===//
//
// What an access touches over a box of iterations is a strided box:
//
//   { offset + sum_i stride_i * x_i + [0, width) : 0 <= x_i < count_i }
//
// Each choice of x is an element; an element is `width` neighbouring places.
// The unit of a place is the caller's: elements of a buffer with a width of 1
// (docs/Model.md, B2), or bits of storage with the width of an element
// (docs/Model.md, "Footprints"). Nothing here overflows, see `fits`.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_STRIDEDBOX_H
#define MEMWALL_WORK_STRIDEDBOX_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <tuple>

namespace memwall {

/// 0, stride, ..., (count - 1) * stride.
struct Progression {
  int64_t stride = 1;
  int64_t count = 1;
  bool operator==(const Progression &other) const {
    return stride == other.stride && count == other.count;
  }
  bool operator<(const Progression &other) const {
    return std::tie(stride, count) < std::tie(other.stride, other.count);
  }
};

/// A number of elements; a lower bound when not exact.
struct ElementCount {
  int64_t elements = 0;
  bool exact = true;
};

/// See the head of this file. Always canonical: strides positive and ascending,
/// counts above 1, progressions that overlap or touch merged where one stride
/// divides the other.
class StridedBox {
public:
  /// The place 0.
  StridedBox() = default;
  /// The box of `steps` in any order and of any sign; empty when a count is
  /// below 1.
  StridedBox(int64_t offset, llvm::ArrayRef<Progression> steps,
             int64_t width = 1) {
    *this = make(offset, steps, width);
  }
  /// The elements first, ..., first + count - 1, one place each.
  static StridedBox makeInterval(int64_t first, int64_t count);

  /// This box moved by `distance` places.
  StridedBox shift(int64_t distance) const;
  /// This box once for every value of `step`.
  StridedBox repeat(Progression step) const;
  /// This box with places that are `factor` (positive) times as fine: elements
  /// become bits.
  StridedBox refine(int64_t factor) const;

  bool isEmpty() const { return empty; }
  /// Whether every place, the one behind the last, and their number are 64-bit
  /// integers. A box that does not fit stands for all places: its elements are
  /// at least 1 and never exactly known, its granules are unknown.
  bool fits() const { return !tooLarge; }
  /// The smallest and the largest place.
  int64_t first() const { return offset; }
  int64_t last() const;
  int64_t getWidth() const { return width; }
  llvm::ArrayRef<Progression> getSteps() const { return steps; }
  /// One run of neighbouring elements of one place each.
  bool isInterval() const;
  /// Every choice of x gives another element, stride by stride ("nested").
  bool isNested() const;
  /// Distinct elements. Exact for nested strides, for overlapping pairs (any
  /// strides), and for what spans at most 65,536 places.
  ElementCount count() const;

  bool operator==(const StridedBox &other) const;
  /// Any order, but by first element among boxes that are not empty and fit.
  bool operator<(const StridedBox &other) const;

private:
  static StridedBox make(__int128 offset, llvm::ArrayRef<Progression> steps,
                         __int128 width);
  void mergeSteps();
  auto getKey() const {
    return std::tie(empty, tooLarge, offset, width, steps);
  }

  bool empty = false, tooLarge = false;
  int64_t offset = 0, width = 1;
  llvm::SmallVector<Progression, 4> steps;
};

/// Distinct elements of a union of boxes of one width. Exact when all strides
/// divide one another (unless very many boxes overlap), and, with a width of 1,
/// when the boxes together have at most 8,192 runs of neighbours. Never exact
/// with a box that does not fit.
ElementCount countUnion(llvm::ArrayRef<StridedBox> boxes);

//===----------------------------------------------------------------------===//
// Granules: the lines, sectors, ... [k * granule, (k + 1) * granule)
//===----------------------------------------------------------------------===//

/// A box as runs of `length` places that leave no granule out, and the steps
/// that repeat them, ascending; it refers to the steps that it was made of.
struct Runs {
  int64_t length = 1;
  llvm::ArrayRef<Progression> steps;
  /// How many runs there are.
  double count() const;
};

/// Makes steps part of the run as long as their gaps are shorter than a
/// granule: such a gap leaves no granule untouched. `steps` ascend and have
/// counts above 1.
Runs splitRuns(int64_t width, llvm::ArrayRef<Progression> steps,
               int64_t granule);

/// Distinct granules that the union of `boxes` touches. Absent when a box does
/// not fit, or when runs that may share granules are more than 8,192.
std::optional<int64_t> countGranules(llvm::ArrayRef<StridedBox> boxes,
                                     int64_t granule);

/// Granules that `box` touches, on average over the places that the steps
/// around it (`outer`, of any sign) put it. Exact (but for rounding to double)
/// when no two runs share a granule or at most 8,192 do; else it is not below
/// the average, and counts too many where the sums of the steps leave holes in
/// their common grid: at most 3 times in the tests. Absent when the box does
/// not fit or its runs have more than 65,536 alignments to a granule.
std::optional<double> averageGranules(const StridedBox &box, int64_t granule,
                                      llvm::ArrayRef<Progression> outer = {});

/// Granules that two boxes of one buffer share, which touch `granulesA` and
/// `granulesB`. Exact when the boxes are equal, when no granule is in the hulls
/// of both, when one is a run that has the hull of the other, when the runs of
/// each are a granule apart and meet those of the other in at most 64 ways, and
/// when both together have at most 512 runs. Otherwise as if the granules of
/// each were spread evenly over its hull, which is right on average over the
/// places of boxes whose steps have nothing to do with one another. At most the
/// smaller of `granulesA` and `granulesB`; 0 for boxes that do not fit.
double estimateSharedGranules(const StridedBox &a, double granulesA,
                              const StridedBox &b, double granulesB,
                              int64_t granule);

} // namespace memwall

#endif // MEMWALL_WORK_STRIDEDBOX_H
