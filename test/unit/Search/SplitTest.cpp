//===- SplitTest.cpp - Parts of a reduction for idle units ----------------===//
//
// The choice alone, with an invented model: what it may cost, when it is made,
// and that no other number of parts is much better.
//
//===----------------------------------------------------------------------===//

#include "SearchTest.h"
#include "SplitOp.h"
#include "memwall/Search/Search.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

/// c[m, n] += a[m, k] * b[k, n] in f32.
OpShape makeProduct(int64_t m, int64_t n, int64_t k) {
  OpShape op;
  op.extents = {m, n, k};
  op.isReduction = {false, false, true};
  op.tiledRank = 3;
  auto add = [&](std::vector<OperandTerm> terms, bool isWritten) {
    OperandShape operand;
    operand.buffer = op.operands.size();
    operand.terms.assign(terms.begin(), terms.end());
    for (const OperandTerm &term : terms)
      operand.dims |= 1u << term.dim;
    operand.isRead = true;
    operand.isWritten = isWritten;
    op.operands.push_back(std::move(operand));
  };
  add({{2, 32}, {0, k * 32}}, false);
  add({{1, 32}, {2, n * 32}}, false);
  add({{1, 32}, {0, n * 32}}, true);
  return op;
}

Target makeUnits(int64_t units) {
  Target target = makeTarget(LevelKind::Cached, 65536, 64);
  target.units = units;
  return target;
}

/// Tiles of 16 x 16 results, serial.
Schedule makeTiles() {
  Schedule schedule;
  schedule.bands.push_back({"l1", {16, 16, 64}, {2, 0, 1}, {}});
  return schedule;
}

/// Every part costs so much of a score and so many bytes.
MeasuredSchedule measure(const Schedule &schedule, double perPart,
                         int64_t bytesPerPart) {
  int64_t parts = schedule.split ? schedule.split->parts : 0;
  return {10 + perPart * double(parts), 1000000 + bytesPerPart * parts};
}

ScheduledOp describe(const OpShape &op) {
  ScheduledOp described;
  described.extents.assign(op.extents.begin(), op.extents.end());
  described.isReduction.assign(op.isReduction.begin(), op.isReduction.end());
  described.operandRanks = {2, 2, 2};
  return described;
}

TEST(Split, FillsTheUnits) {
  OpShape op = makeProduct(16, 16, 800000);
  auto found =
      findSplit(op, makeTiles(), makeUnits(108), [](const Schedule &s) {
        return std::optional(measure(s, 0, 0));
      });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->schedule.split->dim, 2u);
  EXPECT_EQ(found->schedule.split->parts, 108);
  EXPECT_EQ(found->busyBefore, 1);
  EXPECT_EQ(found->busyAfter, 108);
  EXPECT_EQ(found->schedule.units, 108);
}

TEST(Split, OfNothingThatHasTilesForHalfOfTheUnits) {
  auto free = [](const Schedule &s) { return std::optional(measure(s, 0, 0)); };
  Target target = makeUnits(64);
  EXPECT_TRUE(
      findSplit(makeProduct(16, 16 * 30, 999), makeTiles(), target, free));
  EXPECT_FALSE(
      findSplit(makeProduct(16, 16 * 33, 999), makeTiles(), target, free));
  // Left as it is, a matrix-vector product has rows for all units.
  EXPECT_FALSE(findSplit(makeProduct(4096, 1, 4096), Schedule(), target, free));
  // No units, no reduction that can be cut.
  EXPECT_FALSE(
      findSplit(makeProduct(16, 16, 999), makeTiles(), makeUnits(1), free));
  OpShape uncut = makeProduct(16, 16, 999);
  uncut.uncutDims = 1u << 2;
  EXPECT_FALSE(findSplit(uncut, makeTiles(), target, free));
}

TEST(Split, NeverAHundredthMoreBytes) {
  OpShape op = makeProduct(16, 16, 800000);
  auto run = [&](int64_t bytesPerPart) {
    return findSplit(op, makeTiles(), makeUnits(64), [&](const Schedule &s) {
      return std::optional(measure(s, 0, bytesPerPart));
    });
  };
  EXPECT_TRUE(run(10000 / 64));
  EXPECT_FALSE(run(10000 / 64 + 1));
}

/// Random costs: what is found can be applied, keeps no more units busy than
/// there are, and no power of two of parts is better.
TEST(Split, NoOtherNumberOfPartsIsBetter) {
  std::mt19937 random(7);
  unsigned splits = 0;
  for (int i = 0; i < 500; ++i) {
    OpShape op = makeProduct(1 + random() % 40, 1 + random() % 40,
                             1 + random() % (i % 2 ? 200 : 100000));
    Target target = makeUnits(2 + random() % 200);
    double perPart = double(random() % 1000) / 1e6;
    auto model = [&](const Schedule &s) {
      return std::optional(measure(s, perPart, 0));
    };
    std::optional<FoundSplit> found = findSplit(op, Schedule(), target, model);
    if (!found)
      continue;
    ++splits;
    const Schedule &schedule = found->schedule;
    EXPECT_EQ(llvm::toString(check(schedule, describe(op))), "");
    EXPECT_LE(found->busyAfter, target.units);
    EXPECT_GT(found->busyAfter, found->busyBefore);
    auto cost = [&](const Schedule &s) {
      return model(s)->score +
             computeIdleCost(countBusyUnits(op, s, target.units), target.units);
    };
    Schedule without = schedule;
    without.split.reset();
    int64_t tiles = countBusyUnits(op, without, target.units);
    for (int64_t parts = 2; parts * tiles <= target.units; parts *= 2) {
      Schedule other = schedule;
      other.split->parts = parts;
      if (llvm::errorToBool(check(other, describe(op))))
        continue;
      EXPECT_LE(cost(schedule), cost(other) + 1e-9)
          << toString(schedule) << " and " << toString(other);
    }
    EXPECT_LT(cost(schedule), cost(without));
  }
  EXPECT_GT(splits, 100u);
}

} // namespace
