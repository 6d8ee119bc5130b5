//===- StridedSetTest.cpp - Counts against enumeration --------------------===//

#include "memwall/Work/StridedSet.h"
#include "gtest/gtest.h"
#include <random>
#include <set>

using namespace memwall;

static void listElements(int64_t offset, llvm::ArrayRef<Progression> terms,
                         std::set<int64_t> &elements) {
  if (terms.empty()) {
    elements.insert(offset);
    return;
  }
  for (int64_t x = 0; x < terms[0].count; ++x)
    listElements(offset + x * terms[0].stride, terms.drop_front(), elements);
}

static std::set<int64_t> listElements(int64_t offset,
                                      llvm::ArrayRef<Progression> terms) {
  std::set<int64_t> elements;
  listElements(offset, terms, elements);
  return elements;
}

TEST(StridedSet, CountsRandomFormsExactly) {
  std::mt19937 random(1);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 5000; ++i) {
    llvm::SmallVector<Progression, 5> terms;
    for (int64_t t = draw(0, 5); t > 0; --t)
      terms.push_back({draw(-12, 12) * (draw(0, 1) ? 1 : 7), draw(1, 6)});
    int64_t offset = draw(-20, 20);
    StridedSet set(offset, terms);
    std::set<int64_t> elements = listElements(offset, terms);
    ElementCount count = set.count();
    ASSERT_TRUE(count.exact);
    ASSERT_EQ(count.elements, (int64_t)elements.size());
    ASSERT_EQ(set.first(), *elements.begin());
    ASSERT_EQ(set.last(), *elements.rbegin());
    ASSERT_EQ(set.isInterval(), set.last() - set.first() + 1 == count.elements);
  }
}

TEST(StridedSet, WindowsOfAConvolution) {
  // Rows h*2 + r*3 with 5 and 3 values, times a row of 100 elements: 0..8 step
  // 2 and 0, 3, 6 give 0 2 3 4 5 6 7 8 9 10 11 12 14.
  StridedSet rows(0, {{200, 5}, {300, 3}, {1, 100}});
  EXPECT_EQ(rows.count().elements, 13 * 100);
}

TEST(StridedSet, HugeCountsDoNotOverflow) {
  StridedSet set(0, {{1, 4096}, {4096, 4096}, {1 << 24, 400}});
  EXPECT_EQ(set.count().elements, (int64_t)400 << 24);
  EXPECT_TRUE(set.isInterval());
  // Too large to mark: a lower bound, and it says so.
  StridedSet dense(0, {{6, 1000000}, {10, 1000000}, {15, 1000000}});
  EXPECT_FALSE(dense.count().exact);
  EXPECT_LE(dense.count().elements, dense.last() + 1);
  EXPECT_GE(dense.count().elements, 3000000 - 2);
}

TEST(StridedSet, EmptyAndZeroStride) {
  EXPECT_TRUE(StridedSet(5, {{1, 0}}).isEmpty());
  EXPECT_EQ(StridedSet(5, {{1, 0}}).count().elements, 0);
  EXPECT_EQ(StridedSet(5, {{0, 100}}).count().elements, 1);
}

TEST(CountUnion, RandomSetsAgainstEnumeration) {
  std::mt19937 random(2);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int exact = 0;
  for (int i = 0; i < 3000; ++i) {
    // Strides of one row-major tensor, or anything.
    bool plain = draw(0, 3) != 0;
    int64_t row = draw(2, 8), plane = row * draw(2, 6);
    llvm::SmallVector<StridedSet, 8> sets;
    std::set<int64_t> all;
    for (int64_t n = draw(1, 8); n > 0; --n) {
      llvm::SmallVector<Progression, 3> terms;
      if (plain)
        terms = {{1, draw(1, row)}, {row, draw(1, 4)}, {plane, draw(1, 4)}};
      else
        terms = {{draw(1, 9), draw(1, 5)}, {draw(1, 9), draw(1, 5)}};
      int64_t offset = draw(0, 60);
      sets.push_back(StridedSet(offset, terms));
      std::set<int64_t> elements = listElements(offset, terms);
      all.insert(elements.begin(), elements.end());
    }
    ElementCount count = countUnion(sets);
    ASSERT_LE(count.elements, (int64_t)all.size());
    if (count.exact)
      ASSERT_EQ(count.elements, (int64_t)all.size());
    exact += count.exact;
  }
  EXPECT_GT(exact, 2000);
}

TEST(CountUnion, SlicesOfOneHugeBuffer) {
  // Llama-7B keeps its weights in one argument of 6.7e9 elements.
  llvm::SmallVector<StridedSet, 0> slices;
  int64_t rows = 4096, columns = 11008;
  for (int64_t i = 0; i < 149; ++i)
    for (int repeat = 0; repeat < 2; ++repeat)
      slices.push_back(
          StridedSet(i * rows * columns, {{columns, rows}, {1, columns}}));
  EXPECT_EQ(countUnion(slices).elements, 149 * rows * columns);
  // Thirds of the columns: q, k and v of one tensor, twice each.
  slices.clear();
  for (int64_t i = 0; i < 6; ++i)
    slices.push_back(StridedSet(i % 3 * 64, {{192, rows}, {1, 64}}));
  EXPECT_TRUE(countUnion(slices).exact);
  EXPECT_EQ(countUnion(slices).elements, rows * 192);
}
