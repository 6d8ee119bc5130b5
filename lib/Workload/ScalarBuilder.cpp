//===- ScalarBuilder.cpp - Arithmetic on scalars --------------------------===//

#include "Emitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

Value memwall::castElement(OpBuilder &builder, Location loc, Value value,
                           Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  bool isFloat = isa<FloatType>(type);
  if (!isa<FloatType>(from))
    return isFloat
               ? arith::SIToFPOp::create(builder, loc, type, value).getResult()
               : value;
  if (!isFloat)
    return arith::FPToSIOp::create(builder, loc, type, value);
  unsigned fromBits = from.getIntOrFloatBitWidth();
  unsigned bits = type.getIntOrFloatBitWidth();
  if (fromBits < bits)
    return arith::ExtFOp::create(builder, loc, type, value);
  if (fromBits > bits)
    return arith::TruncFOp::create(builder, loc, type, value);
  // f16 and bf16: by way of a type that holds both.
  Value wide = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  return arith::TruncFOp::create(builder, loc, type, wide);
}

Value ScalarBuilder::constant(double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}
Value ScalarBuilder::add(Value lhs, Value rhs) {
  return arith::AddFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::sub(Value lhs, Value rhs) {
  return arith::SubFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::mul(Value lhs, Value rhs) {
  return arith::MulFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::div(Value lhs, Value rhs) {
  return arith::DivFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::max(Value lhs, Value rhs) {
  return arith::MaximumFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::min(Value lhs, Value rhs) {
  return arith::MinimumFOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::negate(Value value) {
  return arith::NegFOp::create(builder, loc, value);
}
Value ScalarBuilder::exp(Value value) {
  return math::ExpOp::create(builder, loc, value);
}
Value ScalarBuilder::log(Value value) {
  return math::LogOp::create(builder, loc, value);
}
Value ScalarBuilder::sqrt(Value value) {
  return math::SqrtOp::create(builder, loc, value);
}
Value ScalarBuilder::rsqrt(Value value) {
  return math::RsqrtOp::create(builder, loc, value);
}
Value ScalarBuilder::tanh(Value value) {
  return math::TanhOp::create(builder, loc, value);
}
Value ScalarBuilder::erf(Value value) {
  return math::ErfOp::create(builder, loc, value);
}
Value ScalarBuilder::abs(Value value) {
  return math::AbsFOp::create(builder, loc, value);
}
Value ScalarBuilder::round(Value value) {
  return math::RoundEvenOp::create(builder, loc, value);
}
Value ScalarBuilder::greater(Value lhs, Value rhs) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, lhs,
                               rhs);
}
Value ScalarBuilder::select(Value condition, Value yes, Value no) {
  return arith::SelectOp::create(builder, loc, condition, yes, no);
}
Value ScalarBuilder::index(char letter) {
  return linalg::IndexOp::create(builder, loc, letters.find(letter));
}
Value ScalarBuilder::indexConstant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}
Value ScalarBuilder::indexAdd(Value lhs, Value rhs) {
  return arith::AddIOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::indexSub(Value lhs, Value rhs) {
  return arith::SubIOp::create(builder, loc, lhs, rhs);
}
Value ScalarBuilder::indexLess(Value lhs, Value rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, lhs,
                               rhs);
}
Value ScalarBuilder::indexEqual(Value lhs, Value rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lhs,
                               rhs);
}
Value ScalarBuilder::toIndex(Value integer) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    integer);
}
Value ScalarBuilder::toInteger(Value value, Type type) {
  if (isa<IndexType>(value.getType()))
    return arith::IndexCastOp::create(builder, loc, type, value);
  return castElement(builder, loc, value, type);
}
Value ScalarBuilder::toFloat(Value value) {
  return isa<FloatType>(value.getType())
             ? value
             : castElement(builder, loc, value, builder.getF32Type());
}
Value ScalarBuilder::toFloatUnsigned(Value value) {
  return arith::UIToFPOp::create(builder, loc, builder.getF32Type(), value);
}
Value ScalarBuilder::extract(Value tensor, ValueRange position,
                             int64_t distinctRows) {
  auto op = tensor::ExtractOp::create(builder, loc, tensor, position);
  if (distinctRows > 0)
    op->setAttr("memwall.distinct_rows",
                builder.getI64IntegerAttr(distinctRows));
  Value element = op;
  auto type = dyn_cast<FloatType>(element.getType());
  return type && type.getWidth() < 32
             ? castElement(builder, loc, element, builder.getF32Type())
             : element;
}
