//===- SplitReduction.h - A reduction in parts ------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_SPLITREDUCTION_H
#define MEMWALL_LIB_TRANSFORMS_SPLITREDUCTION_H

#include "memwall/Schedule/Schedule.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// What a reduction became.
struct ReductionInParts {
  mlir::scf::ForallOp parts;
  mlir::Operation *op = nullptr; ///< Of one part.
};

/// Replaces `op`, a linalg op on tensors of static shape whose reductions
/// `findCombiner` understands, by its parts and one op that combines them:
///
///   %p = scf.forall (%i) in (16) shared_outs(%o = %empty : 16x40x40) {
///     %f = linalg.fill ins(%identity) outs(%o[%i])
///     %r = linalg.matmul ins(%a[0, 50000 * %i], %b[50000 * %i, 0]) outs(%f)
///     insert %r into %o[%i]
///   %c = linalg.generic {addf} ins(%p) outs(%init)
///
/// Upstream's tileReductionUsingScf puts the parts last in the partial result,
/// where all units would write to the same lines, and splitReduction only
/// extents that divide.
mlir::FailureOr<ReductionInParts> splitReduction(mlir::RewriterBase &rewriter,
                                                 mlir::Operation *op,
                                                 SplitReduction split);

/// Where the result of a part is in that of all parts.
struct PartSlice {
  llvm::SmallVector<mlir::OpFoldResult> offsets, sizes, strides;
};

/// What every part is multiplied by; `map` leads to its elements from those of
/// the partial results.
struct PartFactor {
  mlir::Value value;
  mlir::AffineMap map;
};

/// init (+)= partials times factors, over parts, which are one loop outside of
/// the last dimension of more than one position; (+) is what the scalar op
/// `combiner` does.
mlir::linalg::GenericOp createCombine(mlir::RewriterBase &rewriter,
                                      mlir::Location loc, mlir::Value partials,
                                      mlir::Value init,
                                      mlir::Operation *combiner,
                                      llvm::ArrayRef<PartFactor> factors = {});

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_SPLITREDUCTION_H
