//===- TakeApart.h - Ops that stand for several -----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_TAKEAPART_H
#define MEMWALL_LIB_LOWERING_TAKEAPART_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Replaces softmax, pack, unpack, concat and arithmetic on whole tensors below
/// `root` by structured linalg ops, with upstream's decompositions.
mlir::LogicalResult takeApart(mlir::RewriterBase &rewriter,
                              mlir::Operation *root);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_TAKEAPART_H
