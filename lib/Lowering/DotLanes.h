//===- DotLanes.h - Several steps of a reduction at once --------*- C++ -*-===//
//
// A dot instruction takes several steps of a reduction: it multiplies the
// elements of two registers, and adds the products of neighbours, 32 bits of
// either operand, to one sum per lane. So a lane of an operand holds elements
// that follow one another along the reduction: steps 2 d and 2 d + 1 of 16-bit
// elements, 4 d to 4 d + 3 of 8-bit ones. What is behind the last step is
// zero.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_LOWERING_DOTLANES_H
#define MEMWALL_LIB_LOWERING_DOTLANES_H

#include "memwall/Target/RegisterTile.h"
#include "mlir/IR/Builders.h"

namespace memwall {

/// An operand of a product: its elements, and whether they have no sign.
struct DotSource {
  mlir::Type element;
  bool isUnsigned = false;
};

/// What a dot instruction takes.
struct DotType {
  /// bf16, i16 or i8; null: there is no instruction.
  mlir::Type element;
  /// Of i8: the right operand, and not the left one, is the one without a sign.
  bool isRightUnsigned = false;
  /// Of i8: the left operand has a sign, and is taken 128 larger. The sums are
  /// then 128 times the sum of the right operand too large.
  bool isLeftRaised = false;

  explicit operator bool() const { return bool(element); }
  /// Steps of the reduction in a lane.
  int64_t steps() const { return 32 / element.getIntOrFloatBitWidth(); }
};

/// What elements of two operands are in lanes: bf16, to which integers of 4
/// bits are converted by a table; i8, if up to four steps are wanted; or i16
/// for integers that fit. None where `registers` have no instruction that adds
/// their products to sums of `sumType` as exactly as multiplying and adding
/// does.
DotType chooseDotType(DotSource left, DotSource right, mlir::Type sumType,
                      const VectorRegisters &registers, int64_t mostSteps);

/// Lanes of one element of each of `rows`, vectors of any elements that are
/// widened to those of `type`, as a vector of i32.
mlir::Value buildLanes(mlir::OpBuilder &builder, mlir::Location location,
                       llvm::ArrayRef<mlir::Value> rows, const DotType &type,
                       bool isUnsigned);

/// Adds 128 to the elements of lanes of i8, i32 or a vector of i32: a number
/// with a sign becomes one without.
mlir::Value raiseLanes(mlir::OpBuilder &builder, mlir::Location location,
                       mlir::Value lanes);

/// sums + the products of `left` and `right`, both either vectors of lanes or
/// of the elements in them: a vector.contract, with a note of the instruction
/// that does it.
mlir::Value buildDot(mlir::OpBuilder &builder, mlir::Location location,
                     mlir::Value left, mlir::Value right, mlir::Value sums,
                     const DotType &type);

/// Replaces what `buildDot` makes below `root` by calls of intrinsics, and
/// conversions of integers of 4 bits for it by tables.
void lowerDots(mlir::Operation *root);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_DOTLANES_H
