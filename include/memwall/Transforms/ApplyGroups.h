//===- ApplyGroups.h - Fusion groups become loops in IR ---------*- C++ -*-===//
//
// Puts the members of a group into the tile loops of its root, with upstream's
// tiling and fusion, one producer at a time and the last in program order
// first, so that nothing is copied. What members make for each other gets
// storage of the size of a tile.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRANSFORMS_APPLYGROUPS_H
#define MEMWALL_TRANSFORMS_APPLYGROUPS_H

#include "memwall/Schedule/Groups.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace memwall {

/// The members of a group in IR.
struct GroupInIR {
  GroupPlan plan;
  llvm::SmallVector<mlir::Operation *, 8> members; ///< As in the plan.
  /// What they compute.
  llvm::SmallVector<std::shared_ptr<const BodyExpression>, 8> bodies;
};

/// The groups that schedules on the ops of `function` name, of all ops or those
/// that `isAsked` says. Fails, with an error at the function, where one does
/// not work.
mlir::FailureOr<llvm::SmallVector<GroupInIR, 0>>
findGroups(mlir::FunctionOpInterface function,
           llvm::function_ref<bool(mlir::Operation *)> isAsked = nullptr);

/// Makes the loops of `group`. Members keep what their schedules say about the
/// inside of a tile as a `memwall.schedule` without a group. Adds the outermost
/// loops to `outermost`: one, or two where a stream is in parts. After an
/// error, which is at a member, the IR is valid, but the group may be half
/// done.
mlir::LogicalResult
applyGroup(mlir::RewriterBase &rewriter, const GroupInIR &group,
           llvm::SmallVectorImpl<mlir::Operation *> &outermost);

/// Moves packs below `loop` out of the loops that do not move what they read.
void hoistPacks(mlir::RewriterBase &rewriter, mlir::Operation *loop);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_APPLYGROUPS_H
