//===- IndexValueTest.cpp - Integer forms against plain integers ----------===//

#include "IndexValue.h"
#include "IntegerOps.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;

namespace {

/// A value, and what it is at every iteration of two loops.
struct Checked {
  IndexValue value;
  std::vector<int64_t> expected;
};

constexpr int64_t trips[] = {6, 4};

std::vector<int64_t> evaluate(const IndexValue &value) {
  std::vector<int64_t> results;
  for (int64_t i = 0; i < trips[0]; ++i)
    for (int64_t j = 0; j < trips[1]; ++j) {
      int64_t smallest = INT64_MAX;
      for (const AffineForm &form : value.forms) {
        int64_t result = form.constant;
        for (const Term &term : form.terms)
          result += term.stride * (term.loop == 0 ? i : j);
        smallest = std::min(smallest, result);
      }
      results.push_back(smallest);
    }
  return results;
}

llvm::SmallVector<Loop, 0> makeLoops() {
  llvm::SmallVector<Loop, 0> loops(2);
  for (auto [loop, count] : llvm::zip(loops, trips)) {
    loop.extent.emplace_back();
    loop.extent.front().constant = loop.maxTripCount = count;
  }
  return loops;
}

TEST(IndexValue, RandomExpressionsEqualIntegers) {
  llvm::SmallVector<Loop, 0> loops = makeLoops();
  IndexArithmetic arithmetic(loops);
  std::mt19937 random(3);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int64_t known = 0, unknown = 0;
  for (int program = 0; program < 5000; ++program) {
    std::vector<Checked> pool;
    for (LoopId loop : {0u, 1u})
      pool.push_back({IndexValue::loop(loop), {}});
    for (int64_t constant : {draw(-5, 40), draw(1, 8)})
      pool.push_back({IndexValue::constant(constant), {}});
    for (Checked &entry : pool)
      entry.expected = evaluate(entry.value);
    for (int step = 0; step < 6; ++step) {
      const Checked &a = pool[draw(0, pool.size() - 1)];
      const Checked &b = pool[draw(0, pool.size() - 1)];
      int64_t kind = draw(0, 7);
      bool divides = kind >= 3 && kind <= 5;
      // Division is by positive constants.
      if (divides && (!b.value.getConstant() || *b.value.getConstant() <= 0))
        continue;
      Checked result;
      result.value = kind == 0   ? arithmetic.add(a.value, b.value)
                     : kind == 1 ? arithmetic.subtract(a.value, b.value)
                     : kind == 2 ? arithmetic.multiply(a.value, b.value)
                     : kind == 3 ? arithmetic.floorDivide(a.value, b.value)
                     : kind == 4 ? ceilDivide(arithmetic, a.value, b.value)
                     : kind == 5 ? arithmetic.remainder(a.value, b.value)
                     : kind == 6 ? arithmetic.minimum(a.value, b.value)
                                 : arithmetic.maximum(a.value, b.value);
      if (!result.value.isKnown()) {
        ++unknown;
        continue;
      }
      ++known;
      for (auto [x, y] : llvm::zip_equal(a.expected, b.expected))
        result.expected.push_back(kind == 0   ? x + y
                                  : kind == 1 ? x - y
                                  : kind == 2 ? x * y
                                  : kind == 3 ? llvm::divideFloorSigned(x, y)
                                  : kind == 4 ? llvm::divideCeilSigned(x, y)
                                  : kind == 5
                                      ? x - y * llvm::divideFloorSigned(x, y)
                                  : kind == 6 ? std::min(x, y)
                                              : std::max(x, y));
      ASSERT_EQ(evaluate(result.value), result.expected)
          << "program " << program << " kind " << kind;
      pool.push_back(std::move(result));
    }
  }
  // Most of it can be written as forms.
  EXPECT_GT(known, unknown);
  EXPECT_GT(unknown, 0);
}

TEST(IndexValue, OfEqualBoundsOneStays) {
  llvm::SmallVector<Loop, 0> loops = makeLoops();
  loops[1].maxTripCount = 1;
  IndexArithmetic arithmetic(loops);
  // 5 - 2 * j is 5 in the only iteration.
  IndexValue left = arithmetic.subtract(
      IndexValue::constant(5),
      arithmetic.multiply(IndexValue::loop(1), IndexValue::constant(2)));
  IndexValue smaller = arithmetic.minimum(left, IndexValue::constant(5));
  EXPECT_EQ(smaller.getConstant(), 5);
}

TEST(IndexValue, OverflowIsNoticed) {
  llvm::SmallVector<Loop, 0> loops = makeLoops();
  IndexArithmetic arithmetic(loops);
  arithmetic.multiply(IndexValue::constant(INT64_MAX), IndexValue::constant(2));
  EXPECT_TRUE(arithmetic.overflowed);
}

TEST(IndexValue, DataDependsOnWhatItIsMadeFrom) {
  llvm::SmallVector<Loop, 0> loops = makeLoops();
  IndexArithmetic arithmetic(loops);
  IndexValue product =
      arithmetic.multiply(IndexValue::loop(1), IndexValue::loop(0));
  EXPECT_FALSE(product.isKnown());
  EXPECT_EQ(product.loops, (llvm::SmallVector<LoopId, 2>{0, 1}));
}

} // namespace
