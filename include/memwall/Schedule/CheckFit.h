//===- CheckFit.h - Whether tiles fit in their levels -----------*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_CHECKFIT_H
#define MEMWALL_SCHEDULE_CHECKFIT_H

#include "memwall/Schedule/Schedule.h"
#include "memwall/Work/WorkNest.h"

namespace memwall {

/// Bytes that one tile of `band` touches of all operands of `nest`, each
/// operand rounded up to whole bytes. Dimensions that the band does not cut are
/// streamed through the tile: one iteration of them counts. A gather counts
/// what one of its rows is. nullopt: more than fits 63 bits.
std::optional<int64_t> computeTileBytes(const TileBand &band,
                                        const WorkNest &nest);

/// Explains the first band whose tiles hold more bytes than one instance of its
/// level. `schedule` has passed `check` against `target` and the op of `nest`.
llvm::Error checkFit(const Schedule &schedule, const WorkNest &nest,
                     const Target &target);

/// Checks every `memwall.schedule` below `root` against its op, the levels and
/// units of `target`, and their capacities. Fails, with an error at the op, on
/// the first violation.
mlir::LogicalResult checkScheduleAttributes(mlir::Operation *root,
                                            const Target &target);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_CHECKFIT_H
