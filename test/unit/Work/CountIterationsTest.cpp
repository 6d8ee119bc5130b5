//===- CountIterationsTest.cpp - Counts against enumeration ---------------===//

#include "memwall/Work/CountIterations.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;

namespace {

int64_t evaluate(const AffineForm &form, const std::vector<int64_t> &position) {
  int64_t value = form.constant;
  for (const Term &term : form.terms)
    value += term.stride * position[term.loop];
  return value;
}

int64_t getTripCount(const Loop &loop, const std::vector<int64_t> &position) {
  int64_t extent = INT64_MAX;
  for (const AffineForm &form : loop.extent)
    extent = std::min(extent, evaluate(form, position));
  return extent <= 0 ? 0 : (extent + loop.step - 1) / loop.step;
}

/// Runs the loops.
int64_t runLoops(const llvm::SmallVectorImpl<Loop> &loops,
                 std::vector<int64_t> &position) {
  if (position.size() == loops.size())
    return 1;
  int64_t trips = getTripCount(loops[position.size()], position), total = 0;
  for (int64_t i = 0; i < trips; ++i) {
    position.push_back(i);
    total += runLoops(loops, position);
    position.pop_back();
  }
  return total;
}

Loop makeLoop(int64_t extent, int64_t step) {
  Loop loop;
  loop.extent.emplace_back();
  loop.extent.front().constant = extent;
  loop.step = step;
  loop.maxTripCount = (extent + step - 1) / step;
  return loop;
}

TEST(CountIterations, RandomNestsEqualEnumeration) {
  std::mt19937 random(7);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int program = 0; program < 2000; ++program) {
    llvm::SmallVector<Loop, 0> loops;
    llvm::SmallVector<LoopId> nested;
    for (int64_t depth = draw(1, 4); depth > 0; --depth) {
      Loop loop = makeLoop(draw(0, 12), draw(1, 4));
      // Up to two more forms over the loops outside.
      for (int64_t forms = draw(0, 2); forms > 0 && !nested.empty(); --forms) {
        AffineForm form;
        form.constant = draw(-3, 20);
        for (int64_t terms = draw(1, 2); terms > 0; --terms) {
          LoopId other = draw(0, nested.size() - 1);
          if (llvm::none_of(form.terms,
                            [&](const Term &t) { return t.loop == other; }))
            form.terms.push_back({other, draw(-4, 4)});
        }
        loop.extent.push_back(form);
      }
      nested.push_back(loops.size());
      loops.push_back(loop);
    }
    std::vector<int64_t> position;
    ASSERT_EQ(countIterations(loops, nested), runLoops(loops, position))
        << "program " << program;
  }
}

/// Tiles of 32 over 10^12 elements: not one by one.
TEST(CountIterations, ManyFullTilesAtOnce) {
  const int64_t size = 1'000'000'000'007;
  llvm::SmallVector<Loop, 0> loops;
  loops.push_back(makeLoop(size, 32));
  loops.push_back(makeLoop(32, 1));
  AffineForm rest;
  rest.constant = size;
  rest.terms.push_back({0, -32});
  loops.back().extent.push_back(rest);
  EXPECT_EQ(countIterations(loops, {0, 1}), size);
}

TEST(CountIterations, DoesNotFit) {
  llvm::SmallVector<Loop, 0> loops;
  loops.push_back(makeLoop(int64_t(1) << 40, 1));
  loops.push_back(makeLoop(int64_t(1) << 40, 1));
  EXPECT_EQ(countIterations(loops, {0, 1}), std::nullopt);
  loops[1] = makeLoop(0, 1);
  EXPECT_EQ(countIterations(loops, {0, 1}), 0);
}

TEST(CountIterations, TooIrregular) {
  // A triangle of 10^9 rows.
  llvm::SmallVector<Loop, 0> loops;
  loops.push_back(makeLoop(1'000'000'000, 1));
  Loop inner = makeLoop(1, 1);
  inner.extent[0].terms.push_back({0, 1});
  loops.push_back(inner);
  loops.push_back(inner);
  loops.back().extent[0].terms[0].loop = 1;
  EXPECT_EQ(countIterations(loops, {0, 1, 2}), std::nullopt);
}

} // namespace
