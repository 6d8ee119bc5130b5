//===- Box.h - Strided boxes of storage, counted in lines -------*- C++ -*-===//
//
// What one execution of a loop nest touches of a buffer is a strided box:
//   { offset + sum_i stride_i * x_i + [0, elementBits) : 0 <= x_i < count_i }.
// This counts the cache lines (or sectors: any granule) such a box covers, and
// how many two boxes share. docs/Model.md, "Footprints".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_BOX_H
#define MEMWALL_TRAFFIC_BOX_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace memwall {

/// `count` steps of `strideBits`.
struct BoxDim {
  int64_t strideBits = 0;
  int64_t count = 1;
  bool operator==(const BoxDim &other) const {
    return strideBits == other.strideBits && count == other.count;
  }
};

/// See the head of this file. Offsets count from the start of the buffer,
/// which is aligned to any granule.
struct Box {
  int64_t offsetBits = 0;
  int64_t elementBits = 32;
  llvm::SmallVector<BoxDim, 6> dims;

  /// One past the last bit, after normalisation.
  int64_t endBits() const;
};

/// The same set of bits with positive strides in ascending order, steps that
/// continue one another merged, unit dimensions dropped. Windows (h*s + r*d)
/// become one dimension; overlaps of incommensurate strides are approximated
/// by equally many equally spaced steps.
Box normalize(const Box &box);

/// Granules that a normalised box covers, on average over the places that the
/// loops around it (`outer`: their steps) put it. Exact when there are few such
/// places, or when they do not change its alignment.
double countGranules(const Box &box, int64_t granuleBits,
                     llvm::ArrayRef<BoxDim> outer = {});

/// Granules that two normalised boxes of one buffer share, which cover
/// `granulesA` and `granulesB`. Exact for equal, disjoint, contained and
/// congruent boxes; otherwise estimated by density.
double countSharedGranules(const Box &a, double granulesA, const Box &b,
                           double granulesB, int64_t granuleBits);

} // namespace memwall

#endif // MEMWALL_TRAFFIC_BOX_H
