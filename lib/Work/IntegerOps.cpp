//===- IntegerOps.cpp - What integer ops compute on forms -----------------===//

#include "IntegerOps.h"
#include "mlir/IR/OwningOpRef.h"

using namespace mlir;

namespace memwall {

std::optional<int64_t> getInteger(const APInt &constant) {
  if (constant.getBitWidth() == 1)
    return constant.getZExtValue();
  return constant.getSignificantBits() <= 64
             ? std::optional(constant.getSExtValue())
             : std::nullopt;
}

IntegerRange getTypeRange(Type type) {
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (bits == 1)
    return {0, 1};
  if (bits >= 64)
    return {INT64_MIN, INT64_MAX};
  return {llvm::minIntN(bits), llvm::maxIntN(bits)};
}

std::optional<int64_t> foldIntegers(Operation *op, ArrayRef<int64_t> operands) {
  SmallVector<Attribute> attributes;
  for (auto [type, value] : llvm::zip_equal(op->getOperandTypes(), operands)) {
    if (!type.isIntOrIndex())
      return std::nullopt;
    auto [low, high] = getTypeRange(type);
    if (value < low || value > high)
      return std::nullopt;
    unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
    attributes.push_back(
        IntegerAttr::get(type, APInt(bits, value, /*isSigned=*/bits > 1)));
  }
  // Folding may change an op in place.
  OwningOpRef<Operation *> copy = op->clone();
  SmallVector<OpFoldResult> results;
  if (failed(copy->fold(attributes, results)) || results.size() != 1)
    return std::nullopt;
  if (auto value = dyn_cast<Value>(results.front())) {
    for (auto [operand, known] : llvm::zip_equal(op->getOperands(), operands))
      if (operand == value)
        return known;
    return std::nullopt;
  }
  auto integer = dyn_cast<IntegerAttr>(cast<Attribute>(results.front()));
  return integer ? getInteger(integer.getValue()) : std::nullopt;
}

std::optional<bool> decide(arith::CmpIPredicate predicate, IntegerRange range) {
  using P = arith::CmpIPredicate;
  auto [low, high] = range;
  auto invert = [](std::optional<bool> outcome) {
    return outcome ? std::optional(!*outcome) : std::nullopt;
  };
  // [low, high] holds lhs - rhs; the outcome if it is known.
  auto settle = [](bool isTrue, bool isFalse) {
    return isTrue    ? std::optional(true)
           : isFalse ? std::optional(false)
                     : std::nullopt;
  };
  switch (predicate) {
  case P::eq:
    return settle(low == 0 && high == 0, low > 0 || high < 0);
  case P::ne:
    return invert(decide(P::eq, range));
  case P::slt:
  case P::ult:
    return settle(high < 0, low >= 0);
  case P::sle:
  case P::ule:
    return settle(high <= 0, low > 0);
  case P::sgt:
  case P::ugt:
    return invert(decide(P::sle, range));
  case P::sge:
  case P::uge:
    return invert(decide(P::slt, range));
  }
  return std::nullopt;
}

} // namespace memwall
