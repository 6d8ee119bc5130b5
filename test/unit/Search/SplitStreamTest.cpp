//===- SplitStreamTest.cpp - Parts of a stream for idle units -------------===//
//
// The choice alone, with an invented model: when it is made, what it may cost,
// and that its schedules fit.
//
//===----------------------------------------------------------------------===//

#include "SplitStream.h"
#include "SearchTest.h"
#include "memwall/Search/Search.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

/// A group of one member over (heads, rows, columns of the result, streamed).
struct Group {
  IsolatedGroup group;
  GroupShape shape;
  llvm::SmallVector<Schedule, 8> whole;

  Group(int64_t heads, int64_t extent, int64_t tile) {
    LoopTree &tree = group.tree;
    tree.nodes.resize(2);
    tree.nodes[1].kind = Node::Kind::Nest;
    for (int64_t trips : {heads, int64_t(4), int64_t(128), extent}) {
      Loop loop;
      loop.maxTripCount = trips;
      tree.nodes[1].nest.loops.push_back(tree.loops.size());
      tree.loops.push_back(loop);
    }
    group.ops = {0};
    group.nodes = {1};
    shape.rootDims = {{0u, std::nullopt, std::nullopt, 4u}};
    shape.cutDims = {0};
    shape.stream = {0, 3, extent, /*isReadAgain=*/false, {}, {}};
    Schedule schedule;
    schedule.group = "group";
    schedule.bands.push_back(
        {"l2", {std::min<int64_t>(heads, 4), 0, 0, 0}, {0}, {}});
    schedule.stream.push_back({"l1", 3, tile, std::nullopt});
    whole.push_back(schedule);
  }
};

Target makeUnits(int64_t units) {
  Target target = makeTarget(LevelKind::Cached, 65536, 64);
  target.units = units;
  return target;
}

/// Every part costs so much of a score and so many bytes of a million.
std::optional<StreamInParts> split(const Group &group, int64_t units,
                                   double perPart = 0,
                                   int64_t bytesPerPart = 0) {
  return splitStream(
      group.group, group.shape, group.whole, /*mostDramBytes=*/1010000,
      makeUnits(units), [&](llvm::ArrayRef<Schedule> schedules) {
        int64_t parts = schedules.front().stream.front().parts.value_or(0);
        return std::optional<MeasuredSchedule>(
            {10 + perPart * double(parts), 1000000 + bytesPerPart * parts});
      });
}

TEST(SplitStream, FillsTheUnits) {
  // 132 units are 16 for each of 8 heads.
  auto found = split(Group(8, 8192, 64), 132);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parts, 16);
  EXPECT_EQ(found->busy, 128);
  const Schedule &root = found->schedules.back();
  EXPECT_EQ(toString(root),
            "<bands = [<\"l2\", sizes = [1, 0, 0, 0], order = [0], parallel = "
            "[0]>], units = 132, group = \"group\", stream = [<\"l1\", dim = "
            "3, size = 64, parts = 16>]>");
}

// What is read again is read by all units, one tile of the group at a time.
TEST(SplitStream, PassesOverTilesThatAreReadAgainOneByOne) {
  Group group(40, 8192, 64);
  group.shape.stream->isReadAgain = true;
  auto found = split(group, 64);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parts, 64);
  EXPECT_EQ(found->busy, 64);
  EXPECT_TRUE(found->schedules.back().bands.front().parallel.empty());
}

TEST(SplitStream, HasNoPartsWhereTilesFillHalfOfTheUnits) {
  EXPECT_TRUE(split(Group(32, 999, 64), 64));
  EXPECT_FALSE(split(Group(33, 999, 64), 64));
  EXPECT_FALSE(split(Group(1, 999, 64), 1));
  EXPECT_FALSE(split(Group(8, 20, 20), 132)); // One tile of columns.
}

TEST(SplitStream, MovesNoMoreThanItMay) {
  // A hundredth of a million bytes is 10 parts of a thousand.
  auto found = split(Group(1, 8192, 64), 132, 0, 1000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parts, 8);
  EXPECT_FALSE(split(Group(1, 8192, 64), 132, 0, 6000));
}

TEST(SplitStream, IsBoughtWithIdleUnits) {
  // A part is worth 0.02 / parts: with 0.001 of a score each, 20 of them are
  // best, and of the powers of two 16.
  auto found = split(Group(1, 8192, 64), 132, 0.001);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parts, 16);
}

/// Of any stream: parts fit the schedule, and tiles have 32 columns where there
/// are so many.
TEST(SplitStream, MakesSchedulesThatFit) {
  std::mt19937 random(1);
  unsigned splits = 0;
  for (int i = 0; i < 2000; ++i) {
    int64_t extent = 2 + random() % 5000;
    int64_t tile = 1 + random() % std::min<int64_t>(extent, 300);
    int64_t heads = 1 + random() % 20, units = 2 + random() % 150;
    Group group(heads, extent, tile);
    auto found = split(group, units);
    if (!found)
      continue;
    ++splits;
    ScheduledOp op;
    op.extents = {heads, 4, 128, extent};
    op.isReduction = {false, false, false, true};
    EXPECT_EQ(llvm::toString(check(found->schedules.back(), op)), "");
    EXPECT_EQ(found->schedules.back().stream.front().parts, found->parts);
    EXPECT_LE(found->parts * heads, units);
    int64_t size = found->schedules.back().stream.front().size;
    EXPECT_LE(size, tile);
    EXPECT_GE(size, std::min<int64_t>(tile, 32));
  }
  EXPECT_GT(splits, 500u);
}

} // namespace
