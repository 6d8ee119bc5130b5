//===- MoveSlices.h - Slices in front of reshapes and insertions *- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_MOVESLICES_H
#define MEMWALL_LIB_TRANSFORMS_MOVESLICES_H

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall {

/// Whether `op` reshapes, cuts or puts together tensors and computes nothing.
bool isView(mlir::Operation *op);

/// Erases views of results of `op` that nobody reads.
void eraseUnreadViews(mlir::RewriterBase &rewriter, mlir::Operation *op);

/// Moves slices in `block` in front of the reshapes, slices and insertions
/// outside of it that they read, until what is cut is the result of an op that
/// `isMade` accepts, or an empty tensor:
///
///   %e = tensor.expand_shape %x : tensor<8x256xf32> into tensor<8x4x64xf32>
///   %s = tensor.extract_slice %e[0, %i, 0] [8, 2, 64]
///   // becomes
///   %t = tensor.extract_slice %x[0, %i * 64] [8, 128]
///   %s = tensor.expand_shape %t ...
///
/// A slice stays where it is when it cuts what the op in front of it leaves of
/// a dimension, or an inner one of several that are one.
void moveSlicesUp(mlir::RewriterBase &rewriter, mlir::Block *block,
                  llvm::function_ref<bool(mlir::Operation *)> isMade);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_MOVESLICES_H
