//===- NontemporalResultsTest.cpp - Results to store past caches ----------===//
//
// One program whose result is stored past the caches, and what of it has to
// change so that it is not.
//
//===----------------------------------------------------------------------===//

#include "memwall/Search/NontemporalResults.h"
#include "ParseTree.h"
#include "SearchTest.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Caches of 1 kB and 16 kB that fetch what stores miss.
Target makeCaches(StorePolicy policy = StorePolicy::Fetch) {
  Target target = makeTarget(LevelKind::Cached, 1024, 64, /*levels=*/2);
  for (Level &level : target.levels)
    level.storePolicy = policy;
  return target;
}

/// y = exp x, 8192 elements each, with parts of the text replaced.
LoopTree makeCopy(llvm::StringRef kind = "intermediate 8192 live-out",
                  llvm::StringRef loops = "i in 8192",
                  llvm::StringRef place = "i", llvm::StringRef more = "") {
  return parseTree(R"(
    x argument 65536
    y {0}
    exp elementwise
    sum reduction
    nest exp ({1})
      read x[{2}]
      write y[{2}]
{3})",
                   kind, loops, place, more);
}

TEST(NontemporalResults, AreWholeAndUnread) {
  auto found = findNontemporalResults(makeCopy(), makeCaches());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].op, 0u);
  EXPECT_EQ(found[0].buffer, 1u);
  EXPECT_EQ(found[0].bytes, 8192 * 4);
}

TEST(NontemporalResults, AreOfMemoriesThatFetch) {
  EXPECT_TRUE(
      findNontemporalResults(makeCopy(), makeCaches(StorePolicy::Allocate))
          .empty());
  Target scratchpad = makeCaches();
  scratchpad.levels[0].kind = LevelKind::Explicit;
  EXPECT_TRUE(findNontemporalResults(makeCopy(), scratchpad).empty());
}

TEST(NontemporalResults, AreReadByNobodyInTheFunction) {
  EXPECT_TRUE(findNontemporalResults(
                  makeCopy("intermediate 8192 live-out", "i in 8192", "i",
                           "    nest sum (j in 8)\n      read y[j]"),
                  makeCaches())
                  .empty());
  EXPECT_TRUE(
      findNontemporalResults(makeCopy("intermediate 8192"), makeCaches())
          .empty())
      << "it is no result";
  EXPECT_TRUE(
      findNontemporalResults(makeCopy("argument 8192"), makeCaches()).empty())
      << "it is the caller's";
}

TEST(NontemporalResults, DoNotFit) {
  // 2 x 8 kB in 16 kB: the loops touch as much as the outer cache holds.
  auto make = [](int64_t elements) {
    std::string n = std::to_string(elements);
    return makeCopy("intermediate " + n + " live-out", "i in " + n);
  };
  EXPECT_EQ(findNontemporalResults(make(2048), makeCaches()).size(), 1u);
  EXPECT_EQ(findNontemporalResults(make(2032), makeCaches()).size(), 0u);
}

/// Columns of tiles of so many elements, of 64 rows of 128.
TEST(NontemporalResults, FillWholeLines) {
  for (int64_t tile : {4, 8, 16, 32, 48, 64}) {
    LoopTree tree = parseTree(R"(
      x argument 8192
      y intermediate 8192 live-out
      exp elementwise
      for t in 128 step {0}
        nest exp (i in 64, j in min({0}, 128-{0}*t))
          read x[{0}*t+128*i+j]
          write y[{0}*t+128*i+j])",
                              tile);
    EXPECT_EQ(findNontemporalResults(tree, makeCaches()).size(),
              tile % 16 == 0 ? 1u : 0u)
        << tile;
  }
}

TEST(NontemporalResults, AreWrittenWholeAndOnce) {
  EXPECT_TRUE(
      findNontemporalResults(
          makeCopy("intermediate 8192 live-out", "i in 8176"), makeCaches())
          .empty())
      << "the last line is never written";
  EXPECT_TRUE(findNontemporalResults(makeCopy("intermediate 4096 live-out",
                                              "r in 2, i in 4096", "i"),
                                     makeCaches())
                  .empty())
      << "twice";
}

} // namespace
