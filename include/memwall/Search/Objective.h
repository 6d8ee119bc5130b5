//===- Objective.h - What schedules are compared by -------------*- C++ -*-===//
//
// Bytes, DRAM first, or seconds first and bytes where these are equal.
// docs/Search.md, "The objective".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SEARCH_OBJECTIVE_H
#define MEMWALL_SEARCH_OBJECTIVE_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

enum class ObjectiveKind {
  Auto,  ///< Time where the target states what it takes, else bytes.
  Bytes, ///< At DRAM first, then at the next level in, and so on.
  Time,  ///< Predicted seconds first; bytes as above break ties.
};

/// The level of `target` whose bandwidth it would have to state for predicted
/// times to know every level, the outermost first; null where they do. The
/// level of the accesses takes no part: what registers save there is not known
/// before there is code.
const Level *findLevelWithoutBandwidth(const Target &target);

/// What some work is scored by.
class Objective {
public:
  /// `kind` must not be Time where `findLevelWithoutBandwidth` finds one.
  Objective(ObjectiveKind kind, const Target &target,
            llvm::ArrayRef<OpRecord> ops);

  /// Less is better. The part of the bytes is ln of those at DRAM, and of every
  /// level further in, which weighs a tenth of the one outside of it. By time,
  /// ten times ln of the seconds come to that: of whatever takes longest,
  /// arithmetic at its peak or a level at its bandwidth. `bytes` innermost
  /// first, read plus written, the level of the accesses left out.
  double computeScore(llvm::ArrayRef<double> bytes) const;

  bool isTime() const { return !secondsPerByte.empty(); }

private:
  llvm::SmallVector<double, 4> secondsPerByte; ///< Empty: bytes alone count.
  double arithmeticSeconds = 0;
};

} // namespace memwall

#endif // MEMWALL_SEARCH_OBJECTIVE_H
