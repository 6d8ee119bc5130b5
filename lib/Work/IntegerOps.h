//===- IntegerOps.h - What integer ops compute on forms ---------*- C++ -*-===//
//
// The one place that says what arith and affine ops on integers mean for
// symbolic integers, whatever these are (IndexAnalysis: positions in a box,
// IndexArithmetic: forms of loops). A symbolic integer stands for the signed
// value of an SSA integer (i1: 0 or 1), so a result is only given where it
// surely, or as far as ranges are known, fits its type, and unsigned ops only
// where no operand can be negative. Private to the room.
//
// An algebra has makeConstant, getConstant, getRange (absent: not known),
// isNonNegative, add, subtract, multiply, floorDivide, remainder, minimum,
// maximum, wrap (some value that differs for values less than a period apart)
// and merge (some value that depends on data).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_INTEGEROPS_H
#define MEMWALL_LIB_WORK_INTEGEROPS_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/APInt.h"
#include <limits>
#include <optional>

namespace memwall {

/// Smallest and largest value.
using IntegerRange = std::pair<int64_t, int64_t>;

/// The value of a constant; absent where it does not fit 64 bits.
std::optional<int64_t> getInteger(const llvm::APInt &constant);
/// What a value of `type` can be.
IntegerRange getTypeRange(mlir::Type type);
/// The exact result of an op with one result, by MLIR's own folding.
std::optional<int64_t> foldIntegers(mlir::Operation *op,
                                    llvm::ArrayRef<int64_t> operands);
/// The outcome of a comparison that is the same for all lhs - rhs in `range`.
std::optional<bool> decide(mlir::arith::CmpIPredicate predicate,
                           IntegerRange range);

/// An affine expression.
template <typename Index, typename Algebra>
Index evaluateExpr(Algebra &algebra, mlir::AffineExpr expression,
                   llvm::ArrayRef<Index> dims, llvm::ArrayRef<Index> symbols) {
  if (auto constant = llvm::dyn_cast<mlir::AffineConstantExpr>(expression))
    return algebra.makeConstant(constant.getValue());
  if (auto dim = llvm::dyn_cast<mlir::AffineDimExpr>(expression))
    return dims[dim.getPosition()];
  if (auto symbol = llvm::dyn_cast<mlir::AffineSymbolExpr>(expression))
    return symbols[symbol.getPosition()];
  auto binary = llvm::cast<mlir::AffineBinaryOpExpr>(expression);
  Index lhs = evaluateExpr(algebra, binary.getLHS(), dims, symbols);
  Index rhs = evaluateExpr(algebra, binary.getRHS(), dims, symbols);
  switch (binary.getKind()) {
  case mlir::AffineExprKind::Add:
    return algebra.add(lhs, rhs);
  case mlir::AffineExprKind::Mul:
    return algebra.multiply(lhs, rhs);
  case mlir::AffineExprKind::FloorDiv:
    return algebra.floorDivide(lhs, rhs);
  case mlir::AffineExprKind::CeilDiv:
    return ceilDivide(algebra, lhs, rhs);
  default:
    return algebra.remainder(lhs, rhs);
  }
}

template <typename Index, typename Algebra>
Index ceilDivide(Algebra &algebra, const Index &lhs, const Index &rhs) {
  std::optional<int64_t> divisor = algebra.getConstant(rhs);
  if (!divisor || *divisor <= 0)
    return algebra.merge({lhs, rhs});
  return algebra.floorDivide(
      algebra.add(lhs, algebra.makeConstant(*divisor - 1)), rhs);
}

/// affine.apply, affine.min, affine.max.
template <typename Index, typename Algebra>
std::optional<Index> evaluateMapOp(Algebra &algebra, mlir::Operation *op,
                                   llvm::ArrayRef<Index> operands) {
  using namespace mlir::affine;
  mlir::AffineMap map;
  if (auto apply = llvm::dyn_cast<AffineApplyOp>(op))
    map = apply.getAffineMap();
  else if (auto minimum = llvm::dyn_cast<AffineMinOp>(op))
    map = minimum.getAffineMap();
  else if (auto maximum = llvm::dyn_cast<AffineMaxOp>(op))
    map = maximum.getAffineMap();
  else
    return std::nullopt;
  std::optional<Index> value;
  for (mlir::AffineExpr result : map.getResults()) {
    Index next =
        evaluateExpr(algebra, result, operands.take_front(map.getNumDims()),
                     operands.drop_front(map.getNumDims()));
    value = !value                       ? next
            : llvm::isa<AffineMinOp>(op) ? algebra.minimum(*value, next)
                                         : algebra.maximum(*value, next);
  }
  return value;
}

/// 2^k of a shift by a constant k.
template <typename Index, typename Algebra>
Index makePower(Algebra &algebra, const Index &shift) {
  std::optional<int64_t> bits = algebra.getConstant(shift);
  return bits && *bits >= 0 && *bits < 62
             ? algebra.makeConstant(int64_t(1) << *bits)
             : algebra.merge({shift});
}

/// Binary ops of arith, with mathematical integers.
template <typename Index, typename Algebra>
std::optional<Index> evaluateBinary(Algebra &algebra, mlir::Operation *op,
                                    const Index &lhs, const Index &rhs) {
  using namespace mlir::arith;
  using llvm::isa;
  if (isa<AddIOp>(op))
    return algebra.add(lhs, rhs);
  if (isa<SubIOp>(op))
    return algebra.subtract(lhs, rhs);
  if (isa<MulIOp>(op))
    return algebra.multiply(lhs, rhs);
  if (isa<ShLIOp>(op))
    return algebra.multiply(lhs, makePower(algebra, rhs));
  if (isa<FloorDivSIOp>(op))
    return algebra.floorDivide(lhs, rhs);
  if (isa<CeilDivSIOp>(op))
    return ceilDivide(algebra, lhs, rhs);
  if (isa<ShRSIOp>(op))
    return algebra.floorDivide(lhs, makePower(algebra, rhs));
  if (isa<MinSIOp>(op))
    return algebra.minimum(lhs, rhs);
  if (isa<MaxSIOp>(op))
    return algebra.maximum(lhs, rhs);
  auto compare = llvm::dyn_cast<CmpIOp>(op);
  if (compare && compare.getPredicate() <= CmpIPredicate::sge) {
    auto range = algebra.getRange(algebra.subtract(lhs, rhs));
    auto outcome =
        range ? decide(compare.getPredicate(), *range) : std::optional<bool>();
    return outcome ? std::optional(algebra.makeConstant(*outcome))
                   : std::nullopt;
  }
  // The low bits of either sign.
  if (isa<AndIOp>(op))
    for (const auto &[value, mask] : {std::pair(&lhs, &rhs), {&rhs, &lhs}}) {
      std::optional<int64_t> bits = algebra.getConstant(*mask);
      if (bits && *bits > 0 && llvm::isMask_64(*bits) &&
          *bits < std::numeric_limits<int64_t>::max())
        return algebra.remainder(*value, algebra.makeConstant(*bits + 1));
    }
  // Bits that change places are other values for other values.
  if (isa<XOrIOp>(op) && (algebra.getConstant(rhs) || algebra.getConstant(lhs)))
    return algebra.wrap(algebra.getConstant(rhs) ? lhs : rhs,
                        std::numeric_limits<int64_t>::max());
  // A remainder of what may be negative is one period off at most.
  std::optional<int64_t> period = algebra.getConstant(rhs);
  if (isa<RemSIOp, RemUIOp>(op) && period && *period > 0 &&
      !algebra.isNonNegative(lhs)) {
    Index wrapped = algebra.wrap(lhs, *period);
    if (isa<RemUIOp>(op))
      wrapped.extent = *period;
    return wrapped;
  }
  // What rounds toward 0 or has no sign is the same only without a sign.
  if (!algebra.isNonNegative(lhs) || !algebra.isNonNegative(rhs))
    return std::nullopt;
  if (isa<DivSIOp, DivUIOp>(op))
    return algebra.floorDivide(lhs, rhs);
  if (isa<CeilDivUIOp>(op))
    return ceilDivide(algebra, lhs, rhs);
  if (isa<RemSIOp, RemUIOp>(op))
    return algebra.remainder(lhs, rhs);
  if (isa<ShRUIOp>(op))
    return algebra.floorDivide(lhs, makePower(algebra, rhs));
  if (isa<MinUIOp>(op))
    return algebra.minimum(lhs, rhs);
  if (isa<MaxUIOp>(op))
    return algebra.maximum(lhs, rhs);
  if (compare) {
    auto range = algebra.getRange(algebra.subtract(lhs, rhs));
    auto outcome =
        range ? decide(compare.getPredicate(), *range) : std::optional<bool>();
    if (outcome)
      return algebra.makeConstant(*outcome);
  }
  return std::nullopt;
}

/// The result of `op`, which has one; absent where data decides.
template <typename Index, typename Algebra>
std::optional<Index> evaluateIntegerOp(Algebra &algebra, mlir::Operation *op,
                                       llvm::ArrayRef<Index> operands) {
  using namespace mlir::arith;
  // 1. Of constants, exactly.
  llvm::SmallVector<int64_t> constants;
  for (const Index &operand : operands)
    if (std::optional<int64_t> constant = algebra.getConstant(operand))
      constants.push_back(*constant);
  if (constants.size() == operands.size() && !constants.empty())
    if (std::optional<int64_t> folded = foldIntegers(op, constants))
      return algebra.makeConstant(*folded);
  // 2. Of forms.
  std::optional<Index> value;
  if (llvm::isa<IndexCastOp, IndexCastUIOp, ExtSIOp, ExtUIOp, TruncIOp>(op)) {
    bool isUnsigned = llvm::isa<IndexCastUIOp, ExtUIOp>(op);
    bool isBit = op->getOperand(0).getType().isInteger(1);
    auto range = algebra.getRange(operands[0]);
    if ((isUnsigned && range && range->first < 0) || (!isUnsigned && isBit))
      return std::nullopt;
    value = operands[0];
  } else if (llvm::isa<SelectOp>(op)) {
    if (std::optional<int64_t> condition = algebra.getConstant(operands[0]))
      value = operands[*condition ? 1 : 2];
    else if (std::optional<int64_t> period = algebra.getConstant(
                 algebra.subtract(operands[1], operands[2])))
      value = *period == 0 ? operands[1]
                           : algebra.wrap(operands[1], std::abs(*period));
  } else {
    value = evaluateMapOp(algebra, op, operands);
    if (!value && operands.size() == 2)
      value = evaluateBinary(algebra, op, operands[0], operands[1]);
  }
  if (!value)
    return std::nullopt;
  // 3. Where it fits.
  IntegerRange type = getTypeRange(op->getResult(0).getType());
  auto range = algebra.getRange(*value);
  if (range && (range->first < type.first || range->second > type.second))
    return std::nullopt;
  return value;
}

} // namespace memwall

#endif // MEMWALL_LIB_WORK_INTEGEROPS_H
