//===- StreamGroup.h - One pass over what a group reduces -------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H
#define MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H

#include "memwall/Transforms/ApplyGroups.h"

namespace memwall {

/// Of a streamed group, numbers the scalars in the bodies of its members, so
/// that rows and exponentials of the plan are found again in the copies that
/// tiling makes.
void numberScalars(const GroupInIR &group);

/// Takes the numbers below `op` away.
void forgetScalars(mlir::Operation *op);

/// The loops of a group as they are in IR.
struct LoopsInIR {
  /// Of the loops of the plan, in their order: where each begins its tile of
  /// the tile of the loops around it.
  llvm::SmallVector<mlir::Value> begins;
  /// Of the dimensions of the root, whole.
  llvm::SmallVector<int64_t> extents;
};

/// Makes the loops of the stream in `block`, the body of the innermost loop of
/// `group`. `members` are its ops as they are now; those in the stream are
/// replaced. An error, at a member, leaves valid IR.
mlir::LogicalResult streamGroup(mlir::RewriterBase &rewriter,
                                const GroupInIR &group, const LoopsInIR &loops,
                                llvm::ArrayRef<mlir::Operation *> members,
                                mlir::Block *block);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_STREAMGROUP_H
