//===- ScaledProduct.h - Products with weights of few bits ------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_SCALEDPRODUCT_H
#define MEMWALL_LIB_LOWERING_SCALEDPRODUCT_H

#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace memwall {

/// A product with weights that are integers, groups of which share a scale:
///
///   out[row, column] += left[row, group, depth]
///                       * weights[column, group, depth] * scales[column,
///                       group]
///
/// where the integers become floats in the body of the op. There may be no row
/// and no group. The order of the dimensions is that of decoding: a column's
/// weights lie in one piece.
struct ScaledProduct {
  mlir::linalg::LinalgOp op;
  unsigned left = 0, weights = 1, scales = 2; ///< Operands.
  bool hasRows = false, hasGroups = false;
  bool isUnsigned = false; ///< The weights have no sign.
};

/// `op` as such a product; nullopt where it is none, or has weights narrower
/// than a byte that are no argument of the function.
std::optional<ScaledProduct> matchScaledProduct(mlir::linalg::LinalgOp op);

/// Replaces the op of `product` by loops of vector code along the depth, which
/// widen weights in registers and multiply the sums of a group by its scale.
/// `start` is what all results start from; null: what the init holds.
void lowerScaledProduct(mlir::RewriterBase &rewriter,
                        const ScaledProduct &product, mlir::Value start,
                        const VectorOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_SCALEDPRODUCT_H
