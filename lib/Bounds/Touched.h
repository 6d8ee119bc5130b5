//===- Touched.h - What the accesses of a nest touch ------------*- C++ -*-===//
//
// Every access of a nest as a set of elements over all executions. Shared by
// compulsory, floor and bounds. docs/Model.md, B1 and B2.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_BOUNDS_TOUCHED_H
#define MEMWALL_LIB_BOUNDS_TOUCHED_H

#include "memwall/Work/FoldNest.h"

namespace memwall {

/// One access over all executions of its nest.
struct Touched {
  NodeId node = 0;
  unsigned access = 0; ///< Into the accesses of the nest.
  BufferId buffer = 0;
  bool isWrite = false;
  bool isGather = false;
  /// A read that finds nothing but a fill: by the builder's word, or because
  /// only init fills and the op itself write the buffer.
  bool readsFill = false;
  /// What is touched; a part of it when not `exact`. One row of a gather.
  StridedBox elements;
  bool exact = true;
};

/// The accesses of nest `node`, in order; `folded` is its fold.
llvm::SmallVector<Touched, 4> computeTouched(const LoopTree &tree, NodeId node,
                                             const FoldedNest &folded,
                                             const BufferWriters &writers);

/// Whether both accesses are the same function of the iteration numbers.
bool haveSameForm(const Access &a, const Access &b);

/// Whether both accesses are the same function of the iteration numbers and of
/// data-dependent rows, which need not be the same rows. Where `a` reads and
/// `b` writes later in the same body, `a` still reads one row that `b` has not
/// written: that of the first iteration of each column.
bool chooseSameRows(const Access &a, const Access &b);

/// Bytes of `elements` elements of `buffer`, rounded up.
int64_t toBytes(int64_t elements, const Buffer &buffer);

} // namespace memwall

#endif // MEMWALL_LIB_BOUNDS_TOUCHED_H
