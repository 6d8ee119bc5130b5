//===- CleanUpLoops.h - Folds what tiling leaves behind ---------*- C++ -*-===//

#ifndef MEMWALL_TRANSFORMS_CLEANUPLOOPS_H
#define MEMWALL_TRANSFORMS_CLEANUPLOOPS_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Folds minima of tile sizes that divide, slices of slices and loops that run
/// once, in the loops given and nowhere else. The loops may be replaced.
void cleanUpLoops(mlir::RewriterBase &rewriter,
                  llvm::ArrayRef<mlir::Operation *> outermostLoops);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_CLEANUPLOOPS_H
