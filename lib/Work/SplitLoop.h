//===- SplitLoop.h - Where positions in a loop stop being affine *- C++ -*-===//
//
// In a loop over %i the position (%i + 3) mod 64 is no affine form of %i, but
// it is one before %i reaches 61 and from there on: rolls, clamps and selects
// on the induction variable. Such a loop is built once for each of these parts.
// Where it is divided by a number that divides its trip count, it is built as
// several loops, one in another.
// Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_SPLITLOOP_H
#define MEMWALL_LIB_WORK_SPLITLOOP_H

#include "IndexValue.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/Value.h"
#include <optional>

namespace memwall {

/// first, first + step, ..., `trips` values.
struct LoopRange {
  int64_t first, step, trips;
};

/// The iterations, ascending, in which a new part of the loop begins: in each
/// part all positions in `body` that only constants and the induction variable
/// decide are affine. Empty where they are affine from beginning to end, and
/// where the parts are many. `getConstant`: of values outside of `body`.
llvm::SmallVector<int64_t>
findBreaks(mlir::Block &body, mlir::Value inductionVariable, LoopRange range,
           llvm::function_ref<std::optional<int64_t>(mlir::Value)> getConstant);

/// Trip counts of the loops, innermost first and without the outermost, that a
/// loop from `lower` over `extent` becomes in which positions are divided: a
/// loop over 64 heads with %h floordiv 8 is one of 8 iterations in one of 8,
/// and quotient and remainder are affine. Empty where it stays one loop.
llvm::SmallVector<int64_t, 2> findInnerTrips(mlir::Value inductionVariable,
                                             const IndexValue &lower,
                                             const IndexValue &extent,
                                             int64_t step);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_SPLITLOOP_H
