//===- StreamRows.h - Corrections of what is summed in a stream -*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_STREAMROWS_H
#define MEMWALL_LIB_TRANSFORMS_STREAMROWS_H

#include "memwall/Work/ReductionAlgebra.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace memwall {

/// `value` as a `type`, wider or narrower.
mlir::Value convertFloat(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, mlir::Type type);

/// The type in which scalars of `type` are computed without rounding them to a
/// narrow one on the way.
mlir::Type getWideType(mlir::Type type);

/// Storage of the sizes of `row` for exponents of it, at the insertion point.
mlir::Value createExponentStorage(mlir::RewriterBase &rewriter,
                                  mlir::Value row);

/// max(row, lowest), in place, of the lowest finite number over `divisor`.
mlir::Value clampRow(mlir::RewriterBase &rewriter, mlir::Value row,
                     double divisor);

/// `init` filled with the lowest finite number over `divisor`.
mlir::Value fillWithLowest(mlir::RewriterBase &rewriter, mlir::Location loc,
                           mlir::Value init, double divisor);

/// `init` filled with minus infinity.
mlir::Value fillWithMinusInfinity(mlir::RewriterBase &rewriter,
                                  mlir::Location loc, mlir::Value init);

/// Holds the elements of `row` that `op` reads at or above the lowest finite
/// number over `divisor`.
void holdRow(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
             mlir::OpOperand &row, double divisor);

/// What the part R(r) of an exponent reads in a body.
struct ExponentInput {
  mlir::BlockArgument argument;
  mlir::AffineMap map; ///< From the elements of the main row.
  bool isRow = true;   ///< Else a factor.
  bool isHeld = false; ///< At or above the lowest number of the row, which is
  double lowestDivisor = 1; ///< the lowest finite one over this.
};

/// An exponential in a body, of L(x) + R(r).
struct ExponentOfRows {
  mlir::Operation *exponential = nullptr;
  llvm::SmallVector<ExponentInput, 2> inputs; ///< The main row first.
  /// Arguments that are what the body of another op yields.
  llvm::SmallVector<std::pair<mlir::BlockArgument, mlir::Value>, 1> columns;
  bool isHeld = false; ///< R(r) is held at or below the largest finite number.
  /// R(r) is the largest finite number where a row is its lowest.
  bool isSignUnknown = false;
  bool isReleased = false; ///< It is infinite where a held row would be lower.
};

/// R(rows), in `storage`; `rows` are the inputs. With `perPart` there is a row
/// per part.
mlir::Value createExponent(mlir::RewriterBase &rewriter,
                           const ExponentOfRows &kernel, mlir::ValueRange rows,
                           mlir::Value storage, bool perPart = false);

/// exp(R(rows) - old), in the place of `old`; with `perPart` there is an old
/// row per part.
mlir::Value createCorrection(mlir::RewriterBase &rewriter,
                             const ExponentOfRows &kernel, mlir::Value old,
                             mlir::ValueRange rows, bool perPart = false);

/// sum * correction, in place; `map` leads from elements of the sum to those of
/// the correction.
mlir::Value scaleSum(mlir::RewriterBase &rewriter, mlir::Value sum,
                     mlir::Value correction, mlir::AffineMap map);

/// sum * term, sum / term, or the sum or 0, in place. `term` is a scalar of
/// rows in a body; `rows` has those rows, and the map to each from the elements
/// of the sum.
struct RowOperand {
  mlir::BlockArgument argument;
  mlir::Value row;
  mlir::AffineMap map;
};
mlir::Value applyFactor(mlir::RewriterBase &rewriter, mlir::Value sum,
                        mlir::Value term, const RowFactor &by,
                        llvm::ArrayRef<RowOperand> rows);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_STREAMROWS_H
