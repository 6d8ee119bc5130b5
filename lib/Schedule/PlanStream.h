//===- PlanStream.h - What the members of a group do in a stream *- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_PLANSTREAM_H
#define MEMWALL_LIB_SCHEDULE_PLANSTREAM_H

#include "memwall/Schedule/Groups.h"

namespace memwall {

/// Plans the stream that a member of `plan` asks for, if one does: sets the
/// stream, and of the members `streamDim`, `dimClasses` and `role`. All else in
/// the plan is there already.
llvm::Error planStream(const LoopTree &tree, GroupPlan &plan);

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_PLANSTREAM_H
