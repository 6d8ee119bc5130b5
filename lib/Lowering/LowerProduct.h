//===- LowerProduct.h - Products in vector code -----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_LOWERPRODUCT_H
#define MEMWALL_LIB_LOWERING_LOWERPRODUCT_H

#include "MatchProduct.h"
#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Replaces the op of `product` by loops of vector code. Loops over `others`
/// are outside, one iteration at a time. What is left is a product of two
/// matrices, or of a vector and a matrix:
///
///  - a matrix with few rows (up to 4) and a right operand that has the
///    reduction innermost, as weights do: dot products along it;
///  - else register tiles. An operand is packed into panels where the copies
///    are read several times, or where its elements do not lie in the order
///    that the tile reads them in.
///
/// Packing stands right behind the operand it copies: outside of all loops
/// that do not change the operand, but inside of scf.forall.
void lowerProduct(mlir::RewriterBase &rewriter, const Product &product,
                  const VectorOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_LOWERPRODUCT_H
