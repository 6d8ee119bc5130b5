//===- MatchProduct.h - Which ops are products ------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_MATCHPRODUCT_H
#define MEMWALL_LIB_LOWERING_MATCHPRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace memwall {

/// A sum of products, whatever op says it, and the part that each dimension of
/// the op has in vector code:
///
///   out[.., row, .., column] += left[.., row, depth] * right[.., depth,
///   column]
///
/// where the order of the dimensions of an operand is free. Vectors go along
/// `column`, the innermost dimension of the result.
struct Product {
  mlir::linalg::LinalgOp op;
  unsigned left = 0;           ///< Operand without the column.
  unsigned right = 1;          ///< Operand with it.
  std::optional<unsigned> row; ///< Absent for products with a vector.
  unsigned column = 0;
  unsigned depth = 0; ///< A reduction.
  /// All other dimensions: batches, and rows and reductions beyond the first.
  llvm::SmallVector<unsigned> others;
  /// What sums are kept in: the type of the result, f32 for narrower floats.
  mlir::Type sumType;
  /// By operand: its integers have no sign.
  bool isUnsigned[2] = {false, false};
  /// What all elements of the result start from, of the type of the result;
  /// null: what the init holds.
  mlir::Value start;
};

/// `op` as a product; nullopt when it is none, or has elements that vector
/// registers do not hold (narrower than a byte, floats of 8 bits, complex).
std::optional<Product> matchProduct(mlir::linalg::LinalgOp op);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_MATCHPRODUCT_H
