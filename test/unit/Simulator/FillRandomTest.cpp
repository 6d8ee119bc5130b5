//===- FillRandomTest.cpp - Random tensors of every type ------------------===//

#include "memwall/Simulator/HostTensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <set>

using namespace mlir;
using namespace memwall;

namespace {

class FillRandom : public testing::Test {
protected:
  HostTensor fill(Type type, int64_t elements, uint64_t seed,
                  IntegerRange range = {}) {
    HostTensor tensor = *HostTensor::create(type, {elements});
    fillRandom(tensor, seed, range);
    return tensor;
  }

  MLIRContext context;
  Builder builder{&context};
};

TEST_F(FillRandom, FloatsLieBetweenMinusOneAndOne) {
  for (Type type : {Type(builder.getF64Type()), Type(builder.getF32Type()),
                    Type(builder.getF16Type()), Type(builder.getBF16Type()),
                    Type(Float8E4M3FNType::get(&context)),
                    Type(Float4E2M1FNType::get(&context)),
                    Type(ComplexType::get(builder.getF32Type()))}) {
    // Not a multiple of what one hash fills.
    HostTensor tensor = fill(type, 4099, 7);
    double sum = 0;
    int64_t negative = 0;
    for (int64_t i = 0; i < tensor.elements(); ++i) {
      double number = tensor.getNumber(i);
      EXPECT_GE(number, -1);
      EXPECT_LE(number, 1);
      sum += number;
      negative += number < 0;
    }
    // The mean of n numbers has a standard deviation of 1/sqrt(3 n) = 0.009,
    // and half of them, give or take 5 sqrt(n)/2, are negative.
    EXPECT_LT(std::abs(sum / 4099), 0.05);
    EXPECT_LT(std::abs(negative - 2050), 640);
  }
}

TEST_F(FillRandom, ASeedIsOneSequence) {
  Type type = builder.getBF16Type();
  EXPECT_EQ(fill(type, 1001, 1).bytes, fill(type, 1001, 1).bytes);
  EXPECT_NE(fill(type, 1001, 1).bytes, fill(type, 1001, 2).bytes);
}

TEST_F(FillRandom, IntegersFillTheirRange) {
  for (unsigned width : {4, 8, 16, 32, 64, 128})
    for (int64_t end : {1, 2, 7}) {
      HostTensor tensor =
          fill(builder.getIntegerType(width), 999, 3, {end, false});
      std::set<double> found;
      for (int64_t i = 0; i < tensor.elements(); ++i)
        found.insert(tensor.getNumber(i));
      EXPECT_EQ(int64_t(found.size()), end);
      EXPECT_EQ(*found.begin(), 0);
      EXPECT_EQ(*found.rbegin(), end - 1);
    }
}

TEST_F(FillRandom, DistinctRowsComeOnceEach) {
  HostTensor tensor = fill(builder.getI32Type(), 50, 3, {50, true});
  std::set<double> found;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    found.insert(tensor.getNumber(i));
  EXPECT_EQ(found.size(), 50u);
}

} // namespace
