//===- Schedules.h - What others would try for an op ------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_SCHEDULES_H
#define MEMWALL_TOOLS_BENCHKERNELS_SCHEDULES_H

#include "memwall/Schedule/Schedule.h"
#include "mlir/IR/BuiltinOps.h"
#include <vector>

namespace memwall {

/// Schedules for the ops of a program.
struct NamedSchedule {
  std::string name;
  Schedule schedule;
  /// Whose it is.
  enum class Place {
    Last,  ///< The last op's.
    Each,  ///< That of every op with as many dimensions.
    Group, ///< The last op's, with which all others share its loops.
  } place = Place::Last;
};

/// The ops of `module` that schedules may stand on: structured ones but fills,
/// in program order.
std::vector<mlir::Operation *> findScheduledOps(mlir::ModuleOp module);

/// Puts `schedule` where it belongs in `module`.
void annotate(mlir::ModuleOp module, const NamedSchedule &schedule);

/// Tiles of other compilers and libraries, and by hand, for the ops of
/// `module`, and then as many random ones, the same for the same program. Some
/// may not fit. `levels` are names of caches, outermost first.
std::vector<NamedSchedule> listSchedules(mlir::ModuleOp module,
                                         llvm::ArrayRef<std::string> levels,
                                         unsigned randomOnes);

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_SCHEDULES_H
