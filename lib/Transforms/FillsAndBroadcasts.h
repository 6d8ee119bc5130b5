//===- FillsAndBroadcasts.h - What accumulators start from ------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H
#define MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Fills and broadcasts: one value per element of a smaller operand, whatever
/// was in the init.
bool isFillOrBroadcast(mlir::Operation *op);

/// Erases an op that nobody reads any more. Tiling asks it for its sizes, which
/// are those of its inits.
void eraseIfUnread(mlir::RewriterBase &rewriter, mlir::Operation *producer);

/// Every operand that a result of its op starts from gets a copy of `fill` of
/// its own, right in front; not where `isFixed` says so of the op. Returns the
/// ops that got one.
llvm::SmallVector<mlir::Operation *>
separateInits(mlir::RewriterBase &rewriter, mlir::Operation *fill,
              llvm::function_ref<bool(mlir::Operation *)> isFixed);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H
