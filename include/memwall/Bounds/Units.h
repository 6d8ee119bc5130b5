//===- Units.h - Lower bounds of contractions in a row ----------*- C++ -*-===//
//
// Two contractions, the second of which reads what elementwise and rowwise ops
// make of the result of the first, need not move what is between them:
// attention, two matmuls in a row. Their bounds as a unit hold for fused
// schedules as well, where the sum of the bounds of the ops does not.
//
// Units are found from the accesses of the tree alone, not from names: an
// element of the intermediate result has a place among the dimensions that both
// contractions share (batch), those of the second result (rows) and those that
// the second contraction sums over (columns), and the ops in between keep it.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_UNITS_H
#define MEMWALL_BOUNDS_UNITS_H

#include "memwall/Bounds/Attention.h"

namespace memwall {

/// Two contractions in a row.
struct Unit {
  OpId first = 0, second = 0;
  /// Batch dimensions are heads, rows are queries, columns are keys, whatever
  /// the ops in between compute. The bound holds for programs that compute each
  /// element of the intermediate result once that no mask hides (a select of
  /// a constant where comparisons of indices hold), and others or not.
  AttentionShape shape;
  double bytesInFlight = 0; ///< Operands of one iteration of each op.

  /// Bytes loaded and stored, alone and from cold, with `capacityBytes` of fast
  /// memory: the larger of B8 and, without batch dimensions, B9.
  Bound compute(double capacityBytes) const;
};

/// The units of the function, by their second op. Contractions that are tiled
/// already are found, those that share a tile of the intermediate result in one
/// buffer are not: their unit is that of the program before fusion.
llvm::SmallVector<Unit, 0> findUnits(const LoopTree &tree);

/// The bound of every unit at each level of `target`, as in `computeBounds`:
/// result[unit][level].
llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0>
computeUnitBounds(llvm::ArrayRef<Unit> units, const Target &target);

} // namespace memwall

#endif // MEMWALL_BOUNDS_UNITS_H
