//===- VisiblePairsTest.cpp - Masks against a walk over all pairs ---------===//

#include "VisiblePairs.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;

TEST(VisiblePairs, AreWhatAWalkFinds) {
  std::mt19937 random(3);
  auto pick = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  int known = 0, dead = 0;
  for (int round = 0; round < 2000; ++round) {
    constexpr unsigned kRow = 1, kColumn = 3;
    int64_t rows = pick(1, 12), columns = pick(1, 12);
    std::vector<MaskBound> masks(pick(1, 3));
    for (MaskBound &mask : masks) {
      mask.constant = pick(-12, 6);
      if (int ofRow = pick(-1, 1))
        mask.terms.push_back({kRow, ofRow});
      mask.terms.push_back({kColumn, pick(0, 1) ? 1 : -1});
    }
    VisiblePairs expected;
    bool hasDeadRow = false;
    std::vector<bool> seen(columns, false);
    for (int64_t n = 0; n < rows; ++n) {
      int64_t before = expected.pairs;
      for (int64_t t = 0; t < columns; ++t) {
        bool isHidden = llvm::any_of(masks, [&](const MaskBound &mask) {
          int64_t value = mask.constant;
          for (auto [dim, coefficient] : mask.terms)
            value += coefficient * (dim == kRow ? n : t);
          return value > 0;
        });
        expected.pairs += !isHidden;
        seen[t] = seen[t] || !isHidden;
      }
      hasDeadRow |= expected.pairs == before;
    }
    std::optional<VisiblePairs> found =
        countVisiblePairs(masks, kRow, kColumn, rows, columns);
    ASSERT_EQ(found.has_value(), !hasDeadRow) << round;
    dead += hasDeadRow;
    if (!found)
      continue;
    ++known;
    EXPECT_EQ(found->pairs, expected.pairs) << round;
    EXPECT_EQ(found->columns, llvm::count(seen, true)) << round;
  }
  EXPECT_GT(known, 300);
  EXPECT_GT(dead, 300);
}

TEST(VisiblePairs, OfOtherMasksAreNotKnown) {
  MaskBound steps{0, 1, 0, {{1, -1}, {3, 2}}}, heads{0, 1, 0, {{0, 1}, {3, 1}}};
  EXPECT_FALSE(countVisiblePairs(steps, 1, 3, 8, 8));
  EXPECT_FALSE(countVisiblePairs(heads, 1, 3, 8, 8));
}
