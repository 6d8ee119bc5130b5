//===- Candidates.h - Schedules worth a closer look -------------*- C++ -*-===//
//
// Combines the good tiles of every level, outermost level first, with orders of
// the op's own loops, and ranks them by the closed forms.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_CANDIDATES_H
#define MEMWALL_LIB_SEARCH_CANDIDATES_H

#include "OpShape.h"
#include "memwall/Schedule/Schedule.h"
#include "memwall/Search/Objective.h"
#include "memwall/Target/Target.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace memwall {

/// A schedule and how it ranks.
struct Candidate {
  Schedule schedule;
  double score = 0; ///< Smaller is better.
};

/// What the tile loops of `bands` have to save, as a part of the bytes at
/// DRAM: 0.05% per loop, and 0.4% per loop whose tiles are less than a line.
/// Ties go to fewer tiles, unless this is a ranking by closed forms for caches.
double computeLoopCost(const OpShape &op, const Target &target,
                       llvm::ArrayRef<TileBand> bands, bool isRanking);

/// Bytes at each level by a model that is exact and slow, innermost first, the
/// level of the accesses left out; none where the schedule does not fit.
using MeasureBytes =
    llvm::function_ref<std::optional<llvm::SmallVector<double, 4>>(
        const Schedule &)>;

/// The `most` best candidates, best first; tilings differ. The empty schedule
/// is never among them. With several levels, the best bands of each are held
/// against `measure` before bands are sought inside of them.
llvm::SmallVector<Candidate, 0>
listCandidates(const OpShape &op, const Target &target,
               const Objective &objective, unsigned most, MeasureBytes measure);

/// Of small ops the orders of up to three loops, and single loops over tiles of
/// 16, 64 and 256 iterations. Closed forms err by a line or two, which is much
/// where all of an op is a few hundred lines: of 417 products of at most 600 a
/// side that were left as they stood, 5 could have moved 5 % less in one of
/// these.
llvm::SmallVector<Schedule, 0> listPlainSchedules(const OpShape &op,
                                                  const Target &target);

/// Tile loops of all bands.
size_t countLoops(const Schedule &schedule);
/// The loops of a schedule, whatever level their bands are meant for.
std::string writeLoops(Schedule schedule);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_CANDIDATES_H
