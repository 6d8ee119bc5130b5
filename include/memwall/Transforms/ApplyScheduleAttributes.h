//===- ApplyScheduleAttributes.h - Every schedule in a module ---*- C++ -*-===//

#ifndef MEMWALL_TRANSFORMS_APPLYSCHEDULEATTRIBUTES_H
#define MEMWALL_TRANSFORMS_APPLYSCHEDULEATTRIBUTES_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class DialectRegistry;
class Operation;
class RewriterBase;
} // namespace mlir

namespace memwall {

/// Applies every `memwall.schedule` below `root`, in program order, and cleans
/// up inside the loops that were made; the attributes are gone afterwards.
/// `outermostLoops` gets the loops. Fails, with an error at the op, on the
/// first that cannot be applied.
mlir::LogicalResult applyScheduleAttributes(
    mlir::RewriterBase &rewriter, mlir::Operation *root,
    llvm::SmallVectorImpl<mlir::Operation *> &outermostLoops);
mlir::LogicalResult applyScheduleAttributes(mlir::Operation *root);

/// Registers the dialects that tiling makes ops of, and what upstream keeps
/// apart from them: how ops of linalg and tensor are tiled. mlir-opt has no
/// more than its plugins ask for.
void registerTilingDialects(mlir::DialectRegistry &registry);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_APPLYSCHEDULEATTRIBUTES_H
