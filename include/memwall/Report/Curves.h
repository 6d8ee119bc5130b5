//===- Curves.h - Bytes at DRAM against the size of the cache ---*- C++ -*-===//
//
// What a program would move at DRAM if the last cache of a target were smaller
// or larger: where a working set begins to fit, the curve falls off a cliff.
// Every point is a count of the whole program by reuse distances, in a cache of
// that capacity without sets; it states its own error.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_CURVES_H
#define MEMWALL_REPORT_CURVES_H

#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace memwall {

/// Where a curve falls most: from `capacityBytes` on, `after` bytes move
/// instead of `before`.
struct Cliff {
  int64_t capacityBytes = 0; ///< The smallest that was counted behind it.
  int64_t before = 0, after = 0;
};

/// What a whole function moves at one capacity.
struct CurvePoint {
  int64_t capacityBytes = 0; ///< Of one instance of the cache.
  Bytes bytes;
  /// As `Provenance`.
  std::optional<double> errorOfRead, errorOfWritten;
};

/// The same of a part of the ops.
struct PartCurve {
  llvm::SmallVector<int64_t, 0> bytes; ///< Read + written, by point.
  std::optional<Cliff> cliff;
};

/// One function on one target.
struct CapacityCurve {
  std::string cache, level;  ///< "l2", "hbm3".
  int64_t capacityBytes = 0; ///< Of one instance of `cache`, as it is.
  llvm::SmallVector<CurvePoint, 0> points; ///< Capacities ascend.
  std::optional<Cliff> cliff;
  llvm::SmallVector<PartCurve, 0> parts; ///< As `parts` of `computeCurve`.
};

/// The deepest fall between two neighbouring points: at capacities from `own`
/// on, else below it. Absent where none is a tenth of the bytes before it.
std::optional<Cliff> findCliff(llvm::ArrayRef<int64_t> capacities,
                               llvm::ArrayRef<int64_t> bytes, int64_t own);

/// Counts `tree` at capacities from 16 kB to beyond all it touches, four times
/// as large each, and then halves the steps in which most bytes disappear. The
/// target must have a cache. `parts`: ops of the tree, each with a curve of its
/// own.
CapacityCurve computeCurve(const LoopTree &tree, const Target &target,
                           llvm::ArrayRef<llvm::SmallVector<OpId, 4>> parts);

} // namespace memwall

#endif // MEMWALL_REPORT_CURVES_H
