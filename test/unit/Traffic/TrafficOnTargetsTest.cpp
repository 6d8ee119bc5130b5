//===- TrafficOnTargetsTest.cpp - Many targets are as each of them --------===//

#include "memwall/Traffic/TrafficOnTargets.h"
#include "RandomTree.h"
#include "TreeBuilder.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// One or two levels of few sizes, so that some targets have the same.
Target makeTarget(Random &random) {
  constexpr StorePolicy kPolicies[] = {
      StorePolicy::Fetch, StorePolicy::Allocate, StorePolicy::Bypass};
  Target target;
  target.units = int64_t(1) << pick(random, 0, 2);
  int64_t lines = int64_t(8) << pick(random, 0, 2);
  for (int64_t depth = pick(random, 1, 2); depth > 0; --depth, lines *= 4) {
    Level &level = target.levels.emplace_back();
    level.name = "level";
    level.kind = pick(random, 0, 3) ? LevelKind::Cached : LevelKind::Explicit;
    level.capacityBytes = lines * level.lineBytes;
    level.associativity = pick(random, 0, 1) * 4;
    level.storePolicy = kPolicies[pick(random, 0, 2)];
    level.deadLines =
        pick(random, 0, 1) ? DeadLines::Dropped : DeadLines::Written;
    level.unitsPerInstance = pick(random, 0, 1) ? target.units : 1;
    level.inclusive = depth > 1 || pick(random, 0, 3) > 0;
  }
  Level &memory = target.levels.emplace_back();
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  memory.unitsPerInstance = target.units;
  return target;
}

void expectSame(const LevelTraffic &one, const LevelTraffic &other) {
  EXPECT_EQ(one.total.read, other.total.read);
  EXPECT_EQ(one.total.written, other.total.written);
  EXPECT_EQ(one.provenance.method, other.provenance.method);
  EXPECT_EQ(one.provenance.setsWalked, other.provenance.setsWalked);
  EXPECT_EQ(one.provenance.errorOfRead, other.provenance.errorOfRead);
  ASSERT_EQ(one.operands.size(), other.operands.size());
  for (auto [cell, same] : llvm::zip_equal(one.operands, other.operands)) {
    EXPECT_EQ(cell.bytes.read, same.bytes.read);
    EXPECT_EQ(cell.bytes.written, same.bytes.written);
  }
}

/// Programs with and without parallel loops, on targets that share levels.
TEST(TrafficOnTargets, AreThoseOfEachTarget) {
  auto families = getFamilies();
  families.push_back({"parallel", makeParallel});
  for (unsigned seed = 0; seed < 100; ++seed) {
    Random random(seed);
    LoopTree tree = families[seed % families.size()].make(random);
    std::vector<Target> targets;
    while (targets.size() < 6) {
      Target target = makeTarget(random);
      if (llvm::Error error = target.check())
        llvm::consumeError(std::move(error));
      else
        targets.push_back(target);
    }
    TrafficOptions options;
    options.accuracy = seed % 2 ? Accuracy::Fast : Accuracy::Default;
    auto all = computeTrafficOnTargets(tree, targets, options);
    ASSERT_EQ(all.size(), targets.size());
    for (auto [target, traffic] : llvm::zip_equal(targets, all)) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Traffic alone = computeTraffic(tree, target, options);
      ASSERT_EQ(traffic.levels.size(), alone.levels.size());
      for (auto [level, same] : llvm::zip_equal(traffic.levels, alone.levels))
        expectSame(level, same);
    }
  }
}

} // namespace
