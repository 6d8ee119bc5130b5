//===- ColdSectors.h - What an infinite cache moves -------------*- C++ -*-===//
//
// Distinct sectors of every buffer that a function touches, and that it leaves
// dirty for others to see: what even an infinite cache moves. The reuse
// analysis adds these up touch by touch; here they are counted on the folded
// nests as sets, so that the large end of the model is exact.
// docs/Model.md, "Footprints".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_COLDSECTORS_H
#define MEMWALL_LIB_TRAFFIC_COLDSECTORS_H

#include "memwall/Work/FoldNest.h"
#include "memwall/Work/StridedBox.h"
#include <optional>

namespace memwall {

/// Sets of elements per buffer; counts them in sectors of any size.
class ColdSectors {
public:
  explicit ColdSectors(const LoopTree &tree);

  /// Distinct sectors of `buffer` that are touched; nullopt when that is not
  /// known exactly: very many ragged rows, gathers and loops that do not fold,
  /// unless all that these can touch is touched anyway.
  std::optional<int64_t> countTouched(BufferId buffer,
                                      int64_t sectorBits) const {
    return count(touched[buffer], buffer, sectorBits);
  }
  /// Distinct sectors of `buffer` that are loaded from.
  std::optional<int64_t> countLoaded(BufferId buffer,
                                     int64_t sectorBits) const {
    return count(loaded[buffer], buffer, sectorBits);
  }
  /// Distinct sectors of `buffer` that are written.
  std::optional<int64_t> countWritten(BufferId buffer,
                                      int64_t sectorBits) const {
    return count(written[buffer], buffer, sectorBits);
  }
  /// Sectors of `buffer` that its writes cover at least: those of the largest
  /// of them, wherever data puts its rows.
  int64_t countLeastWritten(BufferId buffer, int64_t sectorBits) const;

private:
  struct Sets {
    llvm::SmallVector<StridedBox, 2> sets; ///< Distinct ones.
    /// What contains accesses that are not known exactly.
    llvm::SmallVector<StridedBox, 2> hulls;
    bool exact = true;
    void add(const StridedBox &set, bool isKnown);

  private:
    void addTo(llvm::SmallVectorImpl<StridedBox> &list, const StridedBox &set);
  };
  std::optional<int64_t> count(const Sets &sets, BufferId buffer,
                               int64_t sectorBits) const;

  const LoopTree &tree;
  llvm::SmallVector<Sets, 0> touched, loaded, written;
  llvm::SmallVector<int64_t, 0> leastWritten; ///< Elements of one access.
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_COLDSECTORS_H
