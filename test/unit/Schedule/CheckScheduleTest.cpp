//===- CheckScheduleTest.cpp - One message per violation ------------------===//
//
// Every case breaks one rule of a schedule that is fine, and expects the whole
// message.
//
//===----------------------------------------------------------------------===//

#include "memwall/Schedule/Schedule.h"
#include "memwall/Target/Target.h"
#include "gtest/gtest.h"

using namespace memwall;

/// A matmul of 512 x 300 x 256: i, j parallel, k a reduction.
static ScheduledOp createMatmul() {
  ScheduledOp op;
  op.extents = {512, 300, 256};
  op.isReduction = {false, false, true};
  op.operandRanks = {2, 2, 2};
  return op;
}

/// Two bands and a pack: everything that can be wrong is there.
static Schedule createSchedule() {
  Schedule schedule;
  schedule.bands.push_back({"l3", {128, 100, 0}, {1, 0}, {1}});
  schedule.bands.push_back({"l2", {16, 0, 64}, {2, 0}, {}});
  schedule.leafOrder = {0, 2, 1};
  schedule.packs.push_back({1, {0, 1}, {64, 100}, {1, 0}, false});
  schedule.units = 4;
  return schedule;
}

static Target createTarget() {
  Target target;
  target.name = "cpu";
  target.units = 8;
  for (const char *name : {"l2", "l3", "ddr"})
    target.levels.emplace_back().name = name;
  target.levels.back().kind = LevelKind::Memory;
  return target;
}

/// The message of a schedule that `change` has been made to; "" when it is
/// fine.
template <typename Change>
static std::string messageAfter(Change change) {
  Schedule schedule = createSchedule();
  change(schedule);
  return llvm::toString(check(schedule, createMatmul(), createTarget()));
}

TEST(CheckSchedule, AcceptsWhatIsFine) {
  EXPECT_EQ(messageAfter([](Schedule &) {}), "");
  EXPECT_EQ(messageAfter([](Schedule &s) { s = Schedule(); }), "");
}

TEST(CheckSchedule, AnExtentThatIsNoNumberBoundsNothing) {
  ScheduledOp op = createMatmul();
  op.extents[0] = INT64_MIN;
  EXPECT_EQ(llvm::toString(check(createSchedule(), op)), "");
}

TEST(CheckSchedule, Ranks) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].sizes = {16, 0}; }),
            "band 1 ('l2') expects 3 sizes, one per dimension of the op, found "
            "2");
}

TEST(CheckSchedule, Sizes) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].sizes[0] = -1; }),
            "band 0 ('l3') has a tile of -1 in dimension 0");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].sizes[1] = 301; }),
            "band 0 ('l3') has a tile of 301 in dimension 1, which has 300 "
            "iterations");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].sizes[0] = 129; }),
            "band 1 ('l2') has a tile of 129 in dimension 0, inside a tile of "
            "128 in band 0");
}

/// The message of a split that `change` has been made to.
template <typename Change>
static std::string messageOfSplit(Change change,
                                  ScheduledOp op = createMatmul()) {
  Schedule schedule;
  schedule.split = {2, 16};
  schedule.units = 8;
  change(schedule);
  return llvm::toString(check(schedule, op, createTarget()));
}

TEST(CheckSchedule, Splits) {
  EXPECT_EQ(messageOfSplit([](Schedule &) {}), "");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.split->dim = 3; }),
            "the split names dimension 3, but the op has 3");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.split->dim = 1; }),
            "the split cuts dimension 1, which is no reduction");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.split->parts = 1; }),
            "the split of dimension 2 expects at least 2 parts, found 1");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.split->parts = 257; }),
            "the split makes 257 parts of dimension 2, which has 256 "
            "iterations");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.split->parts = 100; }),
            "the split makes 100 parts of dimension 2: with 3 iterations each, "
            "86 parts have all 256");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.units = 1; }),
            "the split of dimension 2 has 16 parts for 1 unit");
  EXPECT_EQ(messageOfSplit([](Schedule &s) {
              s.packs.push_back({1, {0}, {16}, {}, false});
            }),
            "the split of dimension 2 is of an op with packs");
  EXPECT_EQ(messageOfSplit([](Schedule &s) { s.group = "a"; }),
            "the split of dimension 2 is of a member of group 'a'");
  ScheduledOp op = createMatmul();
  op.whyNotSplit = "arith.subf has no identity";
  EXPECT_EQ(messageOfSplit([](Schedule &) {}, op),
            "the split cuts dimension 2, but arith.subf has no identity");
  op = createMatmul();
  op.extents[2] = INT64_MIN;
  EXPECT_EQ(messageOfSplit([](Schedule &) {}, op),
            "the split cuts dimension 2, whose extent is not constant");
}

TEST(CheckSchedule, PartsOfStreamsAreWholeTiles) {
  auto messageOf = [](int64_t size, int64_t parts) {
    Schedule schedule;
    schedule.group = "a";
    schedule.stream.push_back({"l2", 2, size, parts});
    return llvm::toString(check(schedule, createMatmul(), createTarget()));
  };
  EXPECT_EQ(messageOf(16, 16), "");
  EXPECT_EQ(messageOf(16, 1),
            "the stream of dimension 2 expects at least 2 parts, found 1");
  EXPECT_EQ(messageOf(1, 257), "the stream makes 257 parts of dimension 2, "
                               "which has 256 iterations");
  // 256 iterations are 16 tiles; in parts of 2 tiles, 8 parts have all.
  EXPECT_EQ(messageOf(16, 15),
            "the stream makes 15 parts of dimension 2: with 32 iterations "
            "each, 8 parts have all 256");
  // For all sizes and numbers that pass, parts have all and none has nothing.
  for (int64_t size = 1; size <= 256; ++size)
    for (int64_t parts = 2; parts <= 40; ++parts)
      if (messageOf(size, parts).empty()) {
        int64_t part = StreamBand{"l2", 2, size, parts}.getPartSize(256);
        EXPECT_EQ(part % size, 0);
        EXPECT_GE(part * parts, 256);
        EXPECT_LT(part * (parts - 1), 256);
      }
}

TEST(CheckSchedule, BandsCutAPart) {
  EXPECT_EQ(messageOfSplit([](Schedule &s) {
              s.bands.push_back({"l2", {0, 0, 16}, {2}, {}});
              s.split->parts = 15;
            }),
            "");
  EXPECT_EQ(messageOfSplit([](Schedule &s) {
              s.bands.push_back({"l2", {0, 0, 17}, {2}, {}});
            }),
            "band 0 ('l2') has a tile of 17 in dimension 2, which has 16 "
            "iterations");
}

TEST(CheckSchedule, Orders) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].order = {2, 0, 3}; }),
            "band 1 ('l2') orders dimension 3, but the op has 3");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].order = {2, 0, 1}; }),
            "band 1 ('l2') orders dimension 1, whose tile is 0");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].order = {2, 0, 2}; }),
            "band 1 ('l2') orders dimension 2 twice");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].order = {2}; }),
            "band 1 ('l2') has a tile of 16 in dimension 0, which its order "
            "leaves out");
}

TEST(CheckSchedule, ParallelLoops) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].parallel = {2}; }),
            "band 1 ('l2') has parallel loops, which only the outermost band "
            "may have");
  EXPECT_EQ(messageAfter(
                [](Schedule &s) { s.bands[0] = {"l3", {0, 0, 64}, {2}, {2}}; }),
            "band 0 ('l3') runs dimension 2 in parallel, which is a reduction");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].parallel = {0}; }),
            "band 0 ('l3') runs dimension 0 in parallel, which is not loop 0 "
            "of its order");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].parallel = {1, 1}; }),
            "band 0 ('l3') runs dimension 1 in parallel, which is not loop 1 "
            "of its order");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.units = 1; }),
            "band 0 ('l3') has parallel loops over 1 unit");
}

TEST(CheckSchedule, LeafOrder) {
  const char *message =
      "the leaf order is no permutation of the 3 dimensions of the op";
  EXPECT_EQ(messageAfter([](Schedule &s) { s.leafOrder = {0, 1}; }), message);
  EXPECT_EQ(messageAfter([](Schedule &s) { s.leafOrder = {0, 1, 1}; }),
            message);
  EXPECT_EQ(messageAfter([](Schedule &s) { s.leafOrder = {0, 1, 3}; }),
            message);
}

TEST(CheckSchedule, Packs) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].operand = 3; }),
            "a pack names operand 3, but the op has 3");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerDims = {}; }),
            "the pack of operand 1 names no dimension");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerTiles = {64}; }),
            "the pack of operand 1 names 2 dimensions, but 1 tiles");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerDims = {0, 2}; }),
            "the pack of operand 1 names dimension 2, but its rank is 2");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerDims = {0, -1}; }),
            "the pack of operand 1 names dimension -1, but its rank is 2");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerDims = {0, 0}; }),
            "the pack of operand 1 names dimension 0 twice");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs[0].innerTiles[1] = 0; }),
            "the pack of operand 1 has a tile of 0");
  const char *message =
      "the outer permutation of operand 1 is none of 2 dimensions";
  EXPECT_EQ(
      messageAfter([](Schedule &s) { s.packs[0].outerPermutation = {0}; }),
      message);
  EXPECT_EQ(
      messageAfter([](Schedule &s) { s.packs[0].outerPermutation = {0, 0}; }),
      message);
  EXPECT_EQ(
      messageAfter([](Schedule &s) { s.packs[0].outerPermutation = {0, -1}; }),
      message);
  EXPECT_EQ(messageAfter([](Schedule &s) { s.packs.push_back(s.packs[0]); }),
            "operand 1 is packed twice");
}

TEST(CheckSchedule, Units) {
  auto sequential = [](Schedule &s, int64_t units) {
    s.bands[0].parallel = {};
    s.units = units;
  };
  EXPECT_EQ(messageAfter([&](Schedule &s) { sequential(s, 1); }), "");
  EXPECT_EQ(messageAfter([&](Schedule &s) { sequential(s, 0); }),
            "expected at least 1 unit, found 0");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.units = 9; }),
            "expected at most 8 units, which cpu has, found 9");
}

TEST(CheckSchedule, Levels) {
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[1].level = "smem"; }),
            "band 1 names the level 'smem', which cpu does not have");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].level = "dd"; }),
            "band 0 names the level 'dd', which cpu does not have; did you "
            "mean 'ddr'?");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].level = "ddr"; }),
            "band 0 names 'ddr', the memory of cpu, which no tile can leave");
  EXPECT_EQ(messageAfter([](Schedule &s) { s.bands[0].level = "l2"; }),
            "band 1 names 'l2', which is not inside 'l2' of the band around "
            "it");
}
