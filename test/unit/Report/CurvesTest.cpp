//===- CurvesTest.cpp - Cliffs of curves and runs of layers ---------------===//

#include "memwall/Report/Report.h"
#include "gtest/gtest.h"

using namespace memwall;

TEST(FindCliffTest, TakesTheDeepestFallBeyondTheCache) {
  // Falls by 60 below the cache of 8, and by 25 and 10 beyond it.
  auto cliff = findCliff({2, 4, 16, 64}, {100, 40, 15, 5}, 8);
  ASSERT_TRUE(cliff);
  EXPECT_EQ(cliff->capacityBytes, 16);
  EXPECT_EQ(cliff->before, 40);
  EXPECT_EQ(cliff->after, 15);
}

TEST(FindCliffTest, LooksBelowTheCacheWhereNothingFallsBeyondIt) {
  auto cliff = findCliff({2, 4, 16}, {100, 40, 40}, 8);
  ASSERT_TRUE(cliff);
  EXPECT_EQ(cliff->capacityBytes, 4);
}

TEST(FindCliffTest, FindsNoneInASlope) {
  EXPECT_FALSE(findCliff({2, 4, 16}, {100, 95, 91}, 8));
  EXPECT_FALSE(findCliff({2}, {100}, 8));
}

TEST(FindRepeatedRunTest, FoldsLayers) {
  // 7, then three times 1 2 3, then 8.
  auto run = findRepeatedRun({7, 1, 2, 3, 1, 2, 3, 1, 2, 3, 8});
  ASSERT_TRUE(run);
  EXPECT_EQ(run->begin, 1u);
  EXPECT_EQ(run->length, 3u);
  EXPECT_EQ(run->times, 3u);
}

TEST(FindRepeatedRunTest, FindsNoneWhereNothingIsRepeated) {
  EXPECT_FALSE(findRepeatedRun({1, 2, 3, 4}));
  EXPECT_FALSE(findRepeatedRun({}));
}

/// Every round of a run is the same, whatever the sequence.
TEST(FindRepeatedRunTest, RoundsAreEqual) {
  unsigned state = 1;
  for (int round = 0; round < 200; ++round) {
    llvm::SmallVector<size_t> groups;
    for (int i = 0; i < 24; ++i) {
      state = state * 1103515245 + 12345;
      groups.push_back((state >> 16) % 3);
    }
    auto run = findRepeatedRun(groups);
    if (!run)
      continue;
    EXPECT_GE(run->times, 2u);
    ASSERT_LE(run->begin + run->length * run->times, groups.size());
    for (size_t i = run->length; i < run->length * run->times; ++i)
      EXPECT_EQ(groups[run->begin + i], groups[run->begin + i - run->length]);
  }
}
