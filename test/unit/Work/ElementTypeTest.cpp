#include "memwall/Work/ElementType.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace mlir;

namespace {

struct ElementTypeTest : ::testing::Test {
  MLIRContext context;
  Builder builder{&context};

  void expect(Type type, int64_t bits, std::string name) {
    EXPECT_EQ(getElementBits(type), bits) << name;
    EXPECT_EQ(getElementTypeName(type), name);
  }
};

TEST_F(ElementTypeTest, integersKeepTheirBits) {
  expect(builder.getI1Type(), 1, "i1");
  expect(builder.getIntegerType(4), 4, "i4");
  expect(builder.getIntegerType(8, /*isSigned=*/true), 8, "i8");
  expect(builder.getIntegerType(8, /*isSigned=*/false), 8, "i8");
  expect(builder.getIntegerType(21), 21, "i21");
  expect(builder.getIndexType(), 64, "index");
}

TEST_F(ElementTypeTest, smallFloatsAreNamedByWidth) {
  expect(Float8E4M3FNType::get(&context), 8, "f8");
  expect(Float8E5M2Type::get(&context), 8, "f8");
  expect(Float6E2M3FNType::get(&context), 6, "f6");
  expect(Float4E2M1FNType::get(&context), 4, "f4");
  expect(builder.getBF16Type(), 16, "bf16");
  expect(builder.getF16Type(), 16, "f16");
  expect(builder.getF64Type(), 64, "f64");
}

// tf32 has 19 bits that matter and takes 32 in every memory.
TEST_F(ElementTypeTest, tf32IsStoredIn32) {
  expect(FloatTF32Type::get(&context), 32, "tf32");
}

TEST_F(ElementTypeTest, compositesMultiply) {
  expect(ComplexType::get(builder.getF32Type()), 64, "complex<f32>");
  expect(VectorType::get({4, 8}, builder.getBF16Type()), 512, "bf16");
  context.loadDialect<quant::QuantDialect>();
  Type quantized = quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, builder.getIntegerType(8),
      builder.getF32Type(), 0.5, 0, -128, 127);
  expect(quantized, 8, "i8");
}

TEST_F(ElementTypeTest, whatHasNoBitsHasNone) {
  EXPECT_FALSE(getElementBits(builder.getNoneType()));
  EXPECT_FALSE(getElementBits(TupleType::get(&context)));
  EXPECT_FALSE(getElementBits(
      VectorType::get({4}, builder.getF32Type(), /*scalableDims=*/{true})));
  // 2^40 * 2^30 lanes of 32 bits overflow 64-bit counts.
  EXPECT_FALSE(getElementBits(VectorType::get(
      {int64_t(1) << 40, int64_t(1) << 30}, builder.getF32Type())));
}

} // namespace
