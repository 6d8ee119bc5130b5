//===- PairDot.h - Two steps of a reduction at once -------------*- C++ -*-===//
//
// A dot instruction takes two steps of a reduction: it multiplies the elements
// of two registers and adds the products of neighbours, one pair per lane, to
// the sums. So operands lie in pairs, each 32 bits wide: the elements of steps
// 2 d and 2 d + 1, side by side. The pair behind an odd last step is padded
// with zero, in both operands.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_LOWERING_PAIRDOT_H
#define MEMWALL_LIB_LOWERING_PAIRDOT_H

#include "memwall/Target/RegisterTile.h"
#include "mlir/IR/Builders.h"

namespace memwall {

/// An operand of a product: its elements, and whether they have no sign.
struct PairSource {
  mlir::Type element;
  bool isUnsigned = false;
};

/// What elements of two operands are in pairs: bf16, to which integers of 4
/// bits are converted by a table, or i16 for integers that fit. Null where
/// `registers` have no instruction that adds their products to sums of
/// `sumType` as exactly as multiplying and adding does.
mlir::Type choosePairType(PairSource left, PairSource right, mlir::Type sumType,
                          const VectorRegisters &registers);

/// Pairs of an element of `low` and one of `high`, vectors of any elements that
/// are widened to `pairType`, as a vector of i32.
mlir::Value buildPairs(mlir::OpBuilder &builder, mlir::Location location,
                       mlir::Value low, mlir::Value high, mlir::Type pairType,
                       bool isUnsigned);

/// sums + the products of `left` and `right`, both either vectors of pairs or
/// of twice as many elements of `pairType`: a vector.contract over pairs, with
/// a note that an instruction does it.
mlir::Value buildPairDot(mlir::OpBuilder &builder, mlir::Location location,
                         mlir::Value left, mlir::Value right, mlir::Value sums,
                         mlir::Type pairType);

/// Replaces what `buildPairDot` makes below `root` by calls of intrinsics, and
/// conversions of integers of 4 bits for it by tables.
void lowerPairDots(mlir::Operation *root);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_PAIRDOT_H
