//===- LocalEmpties.h - Storage as large as a tile --------------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_LOCALEMPTIES_H
#define MEMWALL_LIB_TRANSFORMS_LOCALEMPTIES_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Slices in `block` of a tensor.empty that is outside of it become a
/// tensor.empty inside, of the largest size that the slice can have; where the
/// last tile is smaller, its front part. Storage of a constant size has
/// constant strides, and needs to be allocated once only.
///
///   %s = tensor.extract_slice %empty[%i, 0] [%size, 64]    // %size <= 32
///   // becomes
///   %e = tensor.empty() : tensor<32x64xf32>
///   %s = tensor.extract_slice %e[0, 0] [%size, 64]
void makeEmptiesLocal(mlir::RewriterBase &rewriter, mlir::Block *block);

/// The largest that each of `sizes` can be; nullopt where one has no constant
/// bound.
std::optional<llvm::SmallVector<int64_t>>
findLargestSizes(llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// Numbers the tensor.empty ops in the block of `op`, so that equal
/// ones stay different pieces of storage when common subexpressions are
/// eliminated; local ones have the number of what they are a part of.
void numberEmpties(mlir::Operation *op);

/// Numbers those below `op` that have none.
void numberNewEmpties(mlir::Operation *op);

/// Takes the numbers below `op` away.
void forgetEmpties(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_LOCALEMPTIES_H
