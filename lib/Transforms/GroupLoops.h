//===- GroupLoops.h - The loops of a group, step by step --------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_GROUPLOOPS_H
#define MEMWALL_LIB_TRANSFORMS_GROUPLOOPS_H

#include "memwall/Schedule/Groups.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Neighbouring loops of a group that one call of upstream's tiling makes.
struct GroupStep {
  llvm::ArrayRef<TileLoop> loops;
  /// Of this step and those before it; members inside of as many loops or more
  /// are fused into this step.
  unsigned depth = 0;
};

/// The loops of `plan` in steps that end where a member or a pack belongs,
/// where parallel loops end, and before a dimension is cut again.
llvm::SmallVector<GroupStep, 4> splitIntoSteps(const GroupPlan &plan);

/// Makes the loops of `step` around `op`, the member `member` of the group;
/// its results are replaced.
mlir::FailureOr<mlir::scf::SCFTilingResult>
tileMember(mlir::RewriterBase &rewriter, mlir::TilingInterface op,
           const GroupStep &step, const GroupMember &member);

/// Makes one nest of two that run over the same iterations, `first` in front.
/// The loops of the result, outermost first; empty when they do not match.
llvm::SmallVector<mlir::LoopLikeOpInterface>
mergeNests(mlir::RewriterBase &rewriter,
           llvm::ArrayRef<mlir::LoopLikeOpInterface> first,
           llvm::ArrayRef<mlir::LoopLikeOpInterface> second);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_GROUPLOOPS_H
