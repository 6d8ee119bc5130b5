//===- StridedSet.h - Elements that a linear form touches -------*- C++ -*-===//
//
// The set { offset + sum of stride_i * x_i : 0 <= x_i < count_i } of element
// numbers, and how many there are. It is what an access touches over a box of
// iterations. docs/Model.md, B2.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_STRIDEDSET_H
#define MEMWALL_WORK_STRIDEDSET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace memwall {

/// 0, stride, ..., (count - 1) * stride.
struct Progression {
  int64_t stride = 1;
  int64_t count = 1;
  bool operator==(const Progression &other) const {
    return stride == other.stride && count == other.count;
  }
};

/// A number of elements; a lower bound when not exact.
struct ElementCount {
  int64_t elements = 0;
  bool exact = true;
};

/// A sum of progressions, shifted; see the head of this file. Always canonical:
/// strides positive and ascending, counts above 1, progressions that overlap or
/// touch merged where one stride divides the other.
class StridedSet {
public:
  StridedSet() = default;
  /// The set of `terms` in any order and of any sign; empty when a count is
  /// below 1.
  StridedSet(int64_t offset, llvm::ArrayRef<Progression> terms);
  /// The elements first, ..., first + count - 1.
  static StridedSet makeInterval(int64_t first, int64_t count);

  bool isEmpty() const { return empty; }
  /// Smallest and largest element.
  int64_t first() const { return offset; }
  int64_t last() const;
  llvm::ArrayRef<Progression> getTerms() const { return terms; }
  /// One run of neighbours.
  bool isInterval() const;
  /// Every choice of x gives another element, stride by stride ("nested").
  bool isNested() const;
  /// Distinct elements. Exact for nested strides, for overlapping pairs (any
  /// strides), and for what spans at most `placesCap` places.
  ElementCount count() const;

  /// What spans at most this many places can be counted place by place.
  static constexpr int64_t placesCap = 65536;
  /// Sets bit `element - origin` for every element.
  void mark(llvm::BitVector &places, int64_t origin) const;

  bool operator==(const StridedSet &other) const {
    return empty == other.empty && offset == other.offset &&
           terms == other.terms;
  }
  bool operator<(const StridedSet &other) const;

private:
  void mergeTerms();

  bool empty = false;
  int64_t offset = 0;
  llvm::SmallVector<Progression, 4> terms;
};

/// Distinct elements of a union. Exact when all strides divide one another and
/// the pieces are few enough to be cut apart (always for intervals), or when
/// all is within `placesCap` places; near linear in the number of sets.
ElementCount countUnion(llvm::ArrayRef<StridedSet> sets);

} // namespace memwall

#endif // MEMWALL_WORK_STRIDEDSET_H
