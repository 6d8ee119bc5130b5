//===- Causes.h - Why bytes move --------------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_CAUSES_H
#define MEMWALL_LIB_REPORT_CAUSES_H

#include "memwall/Report/Report.h"
#include <vector>

namespace memwall {

/// Level `depth` of `target`, not the innermost, which was counted as
/// `provenance` says.
struct CountedLevel {
  const Target &target;
  unsigned depth;
  const Provenance &provenance;
};

/// What a function moves in the caches that its causes are differences to.
class CauseCounts {
public:
  /// Of each of `levels`, which were counted with the effort of `accuracy`.
  static std::vector<CauseCounts> count(const LoopTree &tree,
                                        llvm::ArrayRef<CountedLevel> levels,
                                        Accuracy accuracy);

  /// The causes of what the level moves of every operand of `op`, in their
  /// order. Absent where bytes do not fit 64 bits.
  llvm::SmallVector<std::optional<Causes>, 0>
  split(const OpFigures &op, const LevelFigures &level) const;

private:
  Level cache; ///< Above the level.
  bool hasSets = false, knowsSets = false;
  double errorOfRead = 0; ///< Of the level.
  /// Without sets, with the effort of the level, where its sets were looked at.
  std::optional<LevelTraffic> withoutSets;
  /// By reuse distances, without sets: whole sectors, and bytes that are used.
  LevelTraffic sectors, used;
  /// The same of an endless cache.
  LevelTraffic sectorsOnce, usedOnce;
};

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_CAUSES_H
