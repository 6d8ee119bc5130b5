//===- FoldCopy.h - A transpose that is read in place -----------*- C++ -*-===//
//
//   %t = linalg.transpose ins(%w : 64x32) outs(%e : 32x64) permutation = [1, 0]
//   %c = linalg.matmul ins(%a, %t) outs(%z)
//   // becomes
//   %c = linalg.generic {(m, n, k) -> (m, k), (n, k), (m, n)} ins(%a, %w)
//          outs(%z) {%z + %a * %w}
//
// What memwall-normalize does everywhere, for one op.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRANSFORMS_FOLDCOPY_H
#define MEMWALL_TRANSFORMS_FOLDCOPY_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// The ops that read what `copy` makes, a transpose, broadcast or plain copy in
/// linalg on tensors, where all of them can read its input in the place of it.
/// Empty where that cannot be done.
llvm::SmallVector<mlir::Operation *, 1>
findFoldingConsumers(mlir::Operation *copy);

/// Lets the ops of `findFoldingConsumers`, of which there have to be some, read
/// the input of `copy`, and erases it. They become linalg.generic and keep
/// their locations and attributes.
void foldCopy(mlir::RewriterBase &rewriter, mlir::Operation *copy);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_FOLDCOPY_H
