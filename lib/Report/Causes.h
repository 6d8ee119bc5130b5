//===- Causes.h - Why bytes move --------------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_CAUSES_H
#define MEMWALL_LIB_REPORT_CAUSES_H

#include "memwall/Report/Report.h"

namespace memwall {

/// What a function moves in the caches that its causes are differences to.
class CauseCounts {
public:
  /// Of level `depth` of `target`, not the innermost, which was counted as
  /// `provenance` says and with the effort of `accuracy`.
  CauseCounts(const LoopTree &tree, const Target &target, unsigned depth,
              const Provenance &provenance, Accuracy accuracy);

  /// The causes of what the level moves of every operand of `op`, in their
  /// order. Absent where bytes do not fit 64 bits.
  llvm::SmallVector<std::optional<Causes>, 0>
  split(const OpFigures &op, const LevelFigures &level) const;

private:
  Level cache; ///< Above the level.
  bool hasSets, knowsSets;
  double errorOfRead; ///< Of the level.
  /// Without sets, with the effort of the level, where its sets were looked at.
  std::optional<LevelTraffic> withoutSets;
  /// By reuse distances, without sets: whole sectors, and bytes that are used.
  LevelTraffic sectors, used;
  /// The same of an endless cache.
  LevelTraffic sectorsOnce, usedOnce;
};

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_CAUSES_H
