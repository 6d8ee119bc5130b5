//===- StreamGroup.h - One pass over what a group reduces -------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H
#define MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H

#include "VisibleTiles.h"
#include "memwall/Transforms/ApplyGroups.h"

namespace memwall {

/// Of a streamed group, numbers the scalars in the bodies of its members, so
/// that rows and exponentials of the plan are found again in the copies that
/// tiling makes.
void numberScalars(const GroupInIR &group);

/// Takes the numbers below `op` away.
void forgetScalars(mlir::Operation *op);

/// Makes the loops of the stream in `block`, the body of the innermost loop of
/// `group`. `members` are its ops as they are now; those in the stream are
/// replaced. Returns the loop over parts, in front of all loops of the group;
/// null where there are none. An error, at a member, leaves valid IR.
mlir::FailureOr<mlir::Operation *>
streamGroup(mlir::RewriterBase &rewriter, const GroupInIR &group,
            const LoopsInIR &loops, llvm::ArrayRef<mlir::Operation *> members,
            mlir::Block *block);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H
