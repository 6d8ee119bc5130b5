//===- StreamRows.h - Corrections of what is summed in a stream -*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_STREAMROWS_H
#define MEMWALL_LIB_TRANSFORMS_STREAMROWS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace memwall {

/// `value` as a `type`, wider or narrower.
mlir::Value convertFloat(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, mlir::Type type);

/// Storage of the type and sizes of `row`, at the insertion point.
mlir::Value createStorage(mlir::RewriterBase &rewriter, mlir::Value row);

/// max(row, lowest), in place, of the lowest finite number over `divisor`.
mlir::Value clampRow(mlir::RewriterBase &rewriter, mlir::Value row,
                     double divisor);

/// `init` filled with the lowest finite number over `divisor`.
mlir::Value fillWithLowest(mlir::RewriterBase &rewriter, mlir::Location loc,
                           mlir::Value init, double divisor);

/// An exponential in a body, of L(x) + R(r), where r is an argument.
struct ExponentOfRow {
  mlir::Operation *exponential = nullptr;
  mlir::BlockArgument reference; ///< r.
  bool isHeld = false; ///< R(r) is held at or below the largest finite number.
};

/// R(row), in `storage`.
mlir::Value createExponent(mlir::RewriterBase &rewriter,
                           const ExponentOfRow &kernel, mlir::Value row,
                           mlir::Value storage);

/// exp(R(row) - old), in the place of `old`; with `perPart` there is an old row
/// per part.
mlir::Value createCorrection(mlir::RewriterBase &rewriter,
                             const ExponentOfRow &kernel, mlir::Value old,
                             mlir::Value row, bool perPart = false);

/// sum * correction, in place; `map` leads from elements of the sum to those of
/// the correction.
mlir::Value scaleSum(mlir::RewriterBase &rewriter, mlir::Value sum,
                     mlir::Value correction, mlir::AffineMap map);

/// sum * term, or sum / term, in place. `term` is a scalar of rows in a body;
/// `rows` has those rows, and the map to each from the elements of the sum.
struct RowOperand {
  mlir::BlockArgument argument;
  mlir::Value row;
  mlir::AffineMap map;
};
mlir::Value applyFactor(mlir::RewriterBase &rewriter, mlir::Value sum,
                        mlir::Value term, bool isDivided,
                        llvm::ArrayRef<RowOperand> rows);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_STREAMROWS_H
