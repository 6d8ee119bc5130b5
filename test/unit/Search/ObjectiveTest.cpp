//===- ObjectiveTest.cpp - Bytes and seconds as the aim of a search -------===//

#include "memwall/Search/Objective.h"
#include "SearchTest.h"
#include "memwall/Bounds/Roofline.h"
#include "memwall/Search/Search.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

/// 1 KiB, 16 KiB and a memory that is four times as fast as the second of them:
/// what moves there takes longest.
Target makeSlowInside() {
  Target target = makeTarget(LevelKind::Cached, 1024, 64, 2, 8);
  target.levels[1].readBytesPerSecond.peak = 1e9;
  target.levels[1].writeBytesPerSecond.peak = 1e9;
  target.levels[2].readBytesPerSecond.peak = 4e9;
  target.levels[2].writeBytesPerSecond.peak = 4e9;
  return target;
}

struct Outcome {
  double seconds = 0;
  int64_t dramBytes = 0;
};

Outcome search(const LoopTree &tree, const Target &target,
               ObjectiveKind objective) {
  SearchOptions options;
  options.objective = objective;
  options.pack = options.parallel = false;
  std::vector<OpSchedule> schedules;
  for (const ScheduleChoice &choice :
       searchSchedules(tree, target, options).ops)
    if (choice.schedule)
      schedules.push_back({choice.op, *choice.schedule});
  Traffic traffic =
      computeTraffic(llvm::cantFail(scheduleTree(tree, schedules)), target);
  llvm::SmallVector<Bytes, 4> bytes;
  for (const LevelTraffic &level : traffic.levels)
    bytes.push_back(level.total);
  return {*computeRoofline({}, bytes, target, BandwidthChoice::Peak).seconds,
          traffic.levels.back().total.total()};
}

TEST(Objective, TimeTakesLessTimeAndBytesMoveLess) {
  Target target = makeSlowInside();
  std::mt19937_64 random(17);
  std::uniform_int_distribution<int64_t> pick(40, 130);
  unsigned differ = 0;
  for (int i = 0; i < 4; ++i) {
    int64_t m = pick(random), n = pick(random), k = pick(random);
    SCOPED_TRACE(std::to_string(m) + "x" + std::to_string(n) + "x" +
                 std::to_string(k));
    LoopTree tree = buildTree(makeMatmul(m, n, k, 32), true);
    Outcome bytes = search(tree, target, ObjectiveKind::Bytes);
    Outcome time = search(tree, target, ObjectiveKind::Time);
    // Both look at a few candidates, and counts of these are of two sets.
    EXPECT_LE(time.seconds, 1.03 * bytes.seconds);
    EXPECT_LE(double(bytes.dramBytes), 1.03 * double(time.dramBytes));
    differ += time.seconds < 0.95 * bytes.seconds;
  }
  EXPECT_GE(differ, 2u);
}

TEST(Objective, ArithmeticThatTakesLongestLeavesBytesToDecide) {
  Target target = makeSlowInside();
  target.vectorPeaks.push_back({"f32", 1e3});
  std::vector<OpRecord> ops(1);
  ops[0].computeType = "f32";
  ops[0].total.flops = 1'000'000;
  Objective time(ObjectiveKind::Auto, target, ops);
  Objective bytes(ObjectiveKind::Bytes, target, ops);
  ASSERT_TRUE(time.isTime());
  ASSERT_FALSE(bytes.isTime());
  // 1000 s of arithmetic, and at most 10 of anything else.
  const double few[] = {1e9, 1e10}, many[] = {1e10, 1e10};
  EXPECT_NEAR(time.computeScore(many) - time.computeScore(few),
              bytes.computeScore(many) - bytes.computeScore(few), 1e-12);
  // 100 times what the arithmetic takes.
  const double most[] = {1e14, 1e10};
  EXPECT_NEAR(time.computeScore(most) - time.computeScore(few) -
                  (bytes.computeScore(most) - bytes.computeScore(few)),
              10 * std::log(100.0), 1e-9);
}

TEST(Objective, BytesDecideWhereABandwidthIsUnknown) {
  Target target = makeSlowInside();
  EXPECT_EQ(findLevelWithoutBandwidth(target), nullptr);
  // That of the accesses is not asked for; one way is enough.
  target.levels[0].readBytesPerSecond = {};
  target.levels[2].readBytesPerSecond = {};
  EXPECT_EQ(findLevelWithoutBandwidth(target), nullptr);
  EXPECT_TRUE(Objective(ObjectiveKind::Auto, target, {}).isTime());
  target.levels[1].readBytesPerSecond =
      target.levels[1].writeBytesPerSecond = {};
  EXPECT_EQ(findLevelWithoutBandwidth(target), &target.levels[1]);
  EXPECT_FALSE(Objective(ObjectiveKind::Auto, target, {}).isTime());
}

} // namespace
