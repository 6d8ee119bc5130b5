//===- GroupShapes.h - Whether tiles of a group fit together ----*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_GROUPSHAPES_H
#define MEMWALL_LIB_SCHEDULE_GROUPSHAPES_H

#include "memwall/Schedule/Groups.h"

namespace memwall {

/// An error where what members make for each other cannot be cut by the loops
/// of `plan`: every access to it has to find in one iteration of the loops what
/// that iteration makes. Reshapes may be in between that split a dimension
/// whose outermost part is cut, and slices of dimensions that no loop cuts. In
/// a stream all have one shape.
llvm::Error checkGroupShapes(const LoopTree &tree, const GroupPlan &plan);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_GROUPSHAPES_H
