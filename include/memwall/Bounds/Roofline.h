//===- Roofline.h - From operations and bytes to seconds --------*- C++ -*-===//
//
// The least time that work can take on a target: the largest of the time of its
// arithmetic and the times of its traffic at each level. A fact that the target
// does not state takes no part. docs/Model.md, B10.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_ROOFLINE_H
#define MEMWALL_BOUNDS_ROOFLINE_H

#include "memwall/Bounds/Bounds.h"
#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"
#include <optional>
#include <string>

namespace memwall {

/// Which bandwidth a time is made of.
enum class BandwidthChoice {
  Peak,       ///< Of the data sheet.
  Achievable, ///< Measured; the peak where no measurement is known.
};

/// Operations of one element type on one kind of unit.
struct ComputeWork {
  std::string elementType;
  /// Contractions and convolutions: the matrix peak applies.
  bool onMatrixUnits = false;
  int64_t operations = 0;
};

/// Seconds, and what they come from.
struct Roofline {
  /// Largest of the parts below; absent when none is known.
  std::optional<double> seconds;
  /// "compute" or the name of a level; "unknown" when nothing is known. On a
  /// tie the outermost level.
  std::string boundBy = "unknown";
  std::optional<double> computeSeconds;
  llvm::SmallVector<std::optional<double>, 4> levelSeconds; ///< By level.
};

/// Operations of `arithmetic` that count on data of type `elementType`: those
/// on floats, and those on integers where the type is one (else they are on
/// indices and the like).
int64_t countOperations(llvm::StringRef elementType,
                        const Arithmetic &arithmetic);

/// Whether `target` says how fast this work is, or there is none.
bool hasPeak(const ComputeWork &work, const Target &target);

/// What `op` asks of the arithmetic units.
ComputeWork getComputeWork(const OpRecord &op);

/// Roofline of `work` and of `bytes`, one entry per level of `target`. Matrix
/// and vector units work at the same time; operations on the same units, of
/// whatever type, one after the other.
Roofline computeRoofline(llvm::ArrayRef<ComputeWork> work,
                         llvm::ArrayRef<Bytes> bytes, const Target &target,
                         BandwidthChoice choice);

/// read / read bandwidth + written / write bandwidth. A direction whose
/// bandwidth is unknown takes no part; nullopt when that is both, or all that
/// moves.
std::optional<double> computeLevelSeconds(Bytes bytes, const Level &level,
                                          BandwidthChoice choice);

/// FLOP per byte read below which work of this kind is memory-bound at `level`:
/// its peak over the read bandwidth.
std::optional<double> computeRidge(const ComputeWork &kind, const Level &level,
                                   const Target &target,
                                   BandwidthChoice choice);

/// A bound as reads and writes: what an op must write, and reads for the rest.
Bytes splitBound(const Bound &bound, Bytes compulsory);

} // namespace memwall

#endif // MEMWALL_BOUNDS_ROOFLINE_H
