//===- FormatTest.cpp -----------------------------------------------------===//

#include "memwall/Report/Format.h"
#include "gtest/gtest.h"

using namespace memwall;

TEST(FormatQuantity, HasThreeDigitsAndAPrefix) {
  EXPECT_EQ(formatQuantity(0, "B"), "0 B");
  EXPECT_EQ(formatQuantity(512, "B"), "512 B");
  EXPECT_EQ(formatQuantity(512, ""), "512");
  EXPECT_EQ(formatQuantity(999.6, "B"), "1.00 kB");
  EXPECT_EQ(formatQuantity(1e9, "B"), "1.00 GB");
  EXPECT_EQ(formatQuantity(12.34e9, "B"), "12.3 GB");
  EXPECT_EQ(formatQuantity(404.6e6, "FLOP"), "405 MFLOP");
  EXPECT_EQ(formatQuantity(9.2e18, ""), "9.20 E");
}

TEST(FormatQuantity, RoundsUpIntoTheNextPrefix) {
  EXPECT_EQ(formatQuantity(999499, "B"), "999 kB");
  EXPECT_EQ(formatQuantity(999500, "B"), "1.00 MB");
}

TEST(FormatBytes, SaysWhatIsMoreThanFits) {
  EXPECT_EQ(formatBytes(1000), "1.00 kB");
  EXPECT_EQ(formatBytes(INT64_MAX - 1), "9.22 EB");
  EXPECT_EQ(formatBytes(INT64_MAX), "> 9.22 EB");
}

TEST(FormatShortCount, NeverTakesMoreThanFourCharacters) {
  EXPECT_EQ(formatShortCount(0), "0");
  EXPECT_EQ(formatShortCount(999), "999");
  EXPECT_EQ(formatShortCount(1000), "1.0k");
  EXPECT_EQ(formatShortCount(9949), "9.9k");
  EXPECT_EQ(formatShortCount(9950), "10k");
  EXPECT_EQ(formatShortCount(INT64_MAX - 1), "9.2E");
  EXPECT_EQ(formatShortCount(INT64_MAX), ">9E");
  for (int64_t count = 1; count < (int64_t(1) << 62); count += count / 7 + 1)
    EXPECT_LE(formatShortCount(count).size(), 4u) << count;
}

TEST(FormatShortRatio, NeverTakesMoreThanFourCharacters) {
  EXPECT_EQ(formatShortRatio(std::nullopt), "-");
  EXPECT_EQ(formatShortRatio(0), "0");
  EXPECT_EQ(formatShortRatio(295.4), "295");
  EXPECT_EQ(formatShortRatio(1.25), "1.2");
  EXPECT_EQ(formatShortRatio(0.5), "0.50");
  EXPECT_EQ(formatShortRatio(0.034), ".034");
  EXPECT_EQ(formatShortRatio(0.00003), "3e-5");
  EXPECT_EQ(formatShortRatio(0.0000997), "1e-4");
  EXPECT_EQ(formatShortRatio(1e30), "9.2E");
  for (double ratio = 1e-9; ratio < 1e15; ratio *= 1.37)
    EXPECT_LE(formatShortRatio(ratio).size(), 4u) << ratio;
}

TEST(FormatRatio, HasThreeDigits) {
  EXPECT_EQ(formatRatio(std::nullopt), "-");
  EXPECT_EQ(formatRatio(295.4), "295");
  EXPECT_EQ(formatRatio(1.254), "1.25");
  EXPECT_EQ(formatRatio(0.03451), "0.0345");
}

TEST(FormatSeconds, PicksTheUnit) {
  EXPECT_EQ(formatSeconds(std::nullopt), "unknown");
  EXPECT_EQ(formatSeconds(0.0), "0 s");
  EXPECT_EQ(formatSeconds(1.5e-9), "1.50 ns");
  EXPECT_EQ(formatSeconds(2.4e-6), "2.40 us");
  EXPECT_EQ(formatSeconds(0.0131), "13.1 ms");
  EXPECT_EQ(formatSeconds(0.99999), "1.00 s");
  EXPECT_EQ(formatSeconds(1234), "1234 s");
}

TEST(FormatShare, NeverRoundsSomethingToNothing) {
  EXPECT_EQ(formatShare(0), "0 %");
  EXPECT_EQ(formatShare(0.004), "<1 %");
  EXPECT_EQ(formatShare(0.414), "41 %");
  EXPECT_EQ(formatShare(1), "100 %");
}

TEST(FormatStandardError, IsQuietBelowATwentiethOfAPercent) {
  EXPECT_EQ(formatStandardError(std::nullopt, 1000), "~");
  EXPECT_EQ(formatStandardError(0, 1000), "");
  EXPECT_EQ(formatStandardError(0, 0), "");
  EXPECT_EQ(formatStandardError(0.5, 1000), "");
  EXPECT_EQ(formatStandardError(0.51, 1000), "± 0.1 %");
  EXPECT_EQ(formatStandardError(99.4, 1000), "± 9.9 %");
  EXPECT_EQ(formatStandardError(99.5, 1000), "± 10 %");
  // Beside next to nothing a percentage says nothing.
  EXPECT_EQ(formatStandardError(2500, 1000), "± 2.50 kB");
}

TEST(Pad, CountsColumnsAndNotBytes) {
  EXPECT_EQ(padRight("µs", 4), "µs  ");
  EXPECT_EQ(padLeft("2×", 4), "  2×");
  EXPECT_EQ(padRight("matmul", 4), "mat…");
  EXPECT_EQ(padRight("××××", 3), "××…");
  EXPECT_EQ(padRight("abc", 0), "");
}
