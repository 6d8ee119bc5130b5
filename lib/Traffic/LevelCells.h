//===- LevelCells.h - What a level moves, by op and buffer ------*- C++ -*-===//
//
// Sectors that each op moves of each buffer at one level, as the engines count
// them, and the bytes that a level's figures are made of; and what a level
// moves by reuse distances. docs/Model.md, "Scheduled traffic".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_LEVELCELLS_H
#define MEMWALL_LIB_TRAFFIC_LEVELCELLS_H

#include "ColdSectors.h"
#include "ReuseAnalysis.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/MapVector.h"

namespace memwall {

/// Sectors per (op, buffer): the cell in which counts are rounded, so that sums
/// over ops and over buffers agree.
struct Sectors {
  double read = 0, written = 0;
  double readByStores = 0; ///< Of `read`.
  /// First touches, and flushes: what moves however large the cache is.
  double coldRead = 0, coldWritten = 0, flushed = 0;
};
using Cells = llvm::MapVector<std::pair<OpId, BufferId>, Sectors>;

/// Adds what an explicit level does not hold.
void addUnheld(const ReuseClass &reuse, Cells &cells);

/// Counts exactly, where it can be, what moves however large the cache is.
void settleCold(const Level &level, const ColdSectors &cold, bool isShared,
                Cells &cells);

/// Whole sectors in bytes, `kTooManyBytes` when they do not fit.
int64_t toWholeBytes(double sectors, int64_t sectorBytes);

/// Rounds every cell to whole sectors, and adds up.
LevelTraffic toBytes(const LoopTree &tree, const Cells &cells,
                     int64_t sectorBytes, bool recordsOperands);

/// What a level moves by reuse distances, and what it would move if it had an
/// eighth less or more capacity.
struct LevelByDistances {
  explicit LevelByDistances(const Level &level);

  void add(const ReuseClass &reuse);
  void stateErrors(LevelTraffic &traffic) const;

  const Level &level;
  Cells cells;

private:
  double lines, fewer, more;        ///< Of the three capacities.
  Sectors sum, ifSmaller, ifLarger; ///< Over all cells.
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LEVELCELLS_H
