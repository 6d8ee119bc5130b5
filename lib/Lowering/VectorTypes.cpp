//===- VectorTypes.cpp - Elements of vectors ------------------------------===//

#include "VectorTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace memwall;

bool memwall::isVectorElement(Type type) {
  if (isa<FloatType>(type))
    return type.isF64() || type.isF32() || type.isF16() || type.isBF16();
  return type.isSignlessInteger() && type.getIntOrFloatBitWidth() >= 8 &&
         llvm::isPowerOf2_32(type.getIntOrFloatBitWidth()) &&
         type.getIntOrFloatBitWidth() <= 64;
}

Value memwall::convertElements(OpBuilder &builder, Location location,
                               Value value, Type type, bool isUnsigned) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == type)
    return value;
  Type to = type;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(type);
  if (isa<FloatType>(type) && from.isSignlessInteger())
    return isUnsigned ? arith::UIToFPOp::create(builder, location, to, value)
                            .getResult()
                      : arith::SIToFPOp::create(builder, location, to, value)
                            .getResult();
  bool widens = from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth();
  if (isa<FloatType>(type))
    return widens
               ? arith::ExtFOp::create(builder, location, to, value).getResult()
               : arith::TruncFOp::create(builder, location, to, value)
                     .getResult();
  if (!widens)
    return arith::TruncIOp::create(builder, location, to, value);
  if (isUnsigned)
    return arith::ExtUIOp::create(builder, location, to, value);
  return arith::ExtSIOp::create(builder, location, to, value);
}

Value memwall::buildMultiplyAdd(OpBuilder &builder, Location location, Value a,
                                Value b, Value c) {
  if (isa<FloatType>(getElementTypeOrSelf(c.getType())))
    return math::FmaOp::create(builder, location, a, b, c);
  return arith::AddIOp::create(builder, location, c,
                               arith::MulIOp::create(builder, location, a, b));
}

Value memwall::buildZero(OpBuilder &builder, Location location, Type type) {
  return arith::ConstantOp::create(builder, location,
                                   builder.getZeroAttr(type));
}

void memwall::buildPrefetch(OpBuilder &builder, Location location, Value tensor,
                            ValueRange indices) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  auto layout = StridedLayoutAttr::get(builder.getContext(),
                                       ShapedType::kDynamic, strides);
  Value buffer = bufferization::ToBufferOp::create(
      builder, location,
      MemRefType::get(type.getShape(), type.getElementType(), layout), tensor,
      /*read_only=*/true);
  memref::PrefetchOp::create(builder, location, buffer, indices,
                             /*isWrite=*/false, /*localityHint=*/2,
                             /*isDataCache=*/true);
}
