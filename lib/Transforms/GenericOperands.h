//===- GenericOperands.h - Edits of the operands of a generic ---*- C++ -*-===//
//
// Changes linalg.generic in place: operands, indexing maps and block arguments
// stay in step.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRANSFORMS_GENERICOPERANDS_H
#define MEMWALL_LIB_TRANSFORMS_GENERICOPERANDS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Adds inputs before input `position`, read through `maps`.
void insertInputs(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op,
                  unsigned position, mlir::ValueRange values,
                  llvm::ArrayRef<mlir::AffineMap> maps);

/// Takes away input `number`, whose block argument has no uses.
void eraseInput(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op,
                unsigned number);

/// Whether the sizes of operands that are read through `maps` say how often
/// every loop runs.
bool determineLoops(llvm::ArrayRef<mlir::AffineMap> maps);

/// The maps of `op` without that of input `number`.
llvm::SmallVector<mlir::AffineMap> getMapsWithout(mlir::linalg::GenericOp op,
                                                  unsigned number);

/// Reads the same value through the same map once; drops inputs that the body
/// does not use, unless a loop has its size from one.
void simplifyInputs(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_GENERICOPERANDS_H
