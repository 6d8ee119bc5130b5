//===- Distribute.h - Ops that no schedule parts over threads ---*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_DISTRIBUTE_H
#define MEMWALL_LIB_LOWERING_DISTRIBUTE_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Cuts every linalg op below `root` that is in no loop of several units
/// (scf.forall) into `threads` parts along its outermost parallel dimension
/// that is long enough, as iterations of an scf.forall. Ops so short that
/// starting threads takes as long as they do stay as they are.
void distributeOps(mlir::RewriterBase &rewriter, mlir::Operation *root,
                   int64_t threads);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_DISTRIBUTE_H
