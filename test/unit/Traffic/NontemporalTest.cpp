//===- NontemporalTest.cpp - Stores that go past all caches ---------------===//
//
// Random programs whose results are stored past the caches, beside the
// simulator and beside the same programs without. docs/Model.md, "Stores".
//
//===----------------------------------------------------------------------===//

#include "RandomTree.h"
#include "SimulateTree.h"
#include "memwall/Traffic/NontemporalStores.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Two caches in front of memory.
Target makeTarget(Random &random) {
  Target target;
  target.name = "test";
  int64_t lines = int64_t(4) << pick(random, 0, 5);
  for (const char *name : {"inner", "outer"}) {
    Level &cache = target.levels.emplace_back();
    cache.name = name;
    cache.capacityBytes = lines * 64;
    cache.associativity = pick(random, 0, 1) * 4;
    cache.storePolicy = StorePolicy(pick(random, 0, 2));
    lines *= 4;
  }
  Level &memory = target.levels.emplace_back();
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  return target;
}

/// Marks the stores of an op to a buffer that nothing reads. Returns how many
/// there are.
unsigned storeAround(LoopTree &tree) {
  llvm::SmallVector<bool, 0> isRead(tree.buffers.size(), false);
  for (const Node &node : tree.nodes)
    for (const Access &access : node.nest.accesses)
      isRead[access.buffer] |= !access.isWrite;
  unsigned count = 0;
  for (Node &node : tree.nodes)
    for (Access &access : node.nest.accesses)
      if (access.isWrite && !isRead[access.buffer]) {
        access.isNontemporal = true;
        ++count;
      }
  return count;
}

TrafficOptions walkAll() {
  TrafficOptions options;
  options.budget = WalkBudget{int64_t(1) << 40};
  return options;
}

void forEachProgram(unsigned count,
                    llvm::function_ref<void(LoopTree, const Target &)> check) {
  unsigned checked = 0;
  for (const auto &families : {getFamilies(), getPairFamilies()})
    for (const Family &family : families)
      for (unsigned seed = 0; seed < count; ++seed) {
        SCOPED_TRACE(std::string(family.name) + ", seed " +
                     std::to_string(seed));
        Random random(seed * 1000003 + 11);
        LoopTree tree = family.make(random);
        Target target = makeTarget(random);
        if (storeAround(tree) == 0)
          continue;
        ++checked;
        check(std::move(tree), target);
      }
  EXPECT_GE(checked, count) << "few programs store what they never read";
}

/// Whether all stores of `tree` past the caches fill whole sectors.
bool fillsSectors(const LoopTree &tree, int64_t sectorBytes) {
  return llvm::all_of(countNontemporalStores(tree, sectorBytes),
                      [&](const NontemporalStores &stores) {
                        return stores.bits ==
                               stores.sectors * double(sectorBytes * 8);
                      });
}

TEST(Nontemporal, AgreesWithTheSimulator) {
  unsigned wholes = 0;
  forEachProgram(40, [&](const LoopTree &tree, const Target &target) {
    Traffic model = computeTraffic(tree, target, walkAll());
    Traffic measured = llvm::cantFail(simulateTree(tree, target));
    bool isWhole = fillsSectors(tree, 64);
    wholes += isWhole;
    for (size_t i = 1; i < model.levels.size(); ++i) {
      Bytes predicted = model.levels[i].total, found = measured.levels[i].total;
      EXPECT_EQ(predicted.read, found.read) << "level " << i;
      if (isWhole)
        EXPECT_EQ(predicted.written, found.written) << "level " << i;
      else // Runs begin anywhere, which is the mean, and meet in a sector.
        EXPECT_NEAR(double(predicted.written), double(found.written),
                    0.25 * double(found.written) + 4 * 64)
            << "level " << i;
    }
  });
  EXPECT_GE(wholes, 10u) << "few programs store whole sectors";
}

/// Fewer lines between two touches of another one: nothing is read more often.
/// What is written is written once, where it fills whole sectors.
TEST(Nontemporal, NoLevelMovesMore) {
  forEachProgram(40, [&](LoopTree tree, const Target &target) {
    Traffic around = computeTraffic(tree, target, walkAll());
    bool isWhole = fillsSectors(tree, 64);
    for (Node &node : tree.nodes)
      for (Access &access : node.nest.accesses)
        access.isNontemporal = false;
    Traffic through = computeTraffic(tree, target, walkAll());
    for (size_t i = 1; i < around.levels.size(); ++i) {
      EXPECT_LE(around.levels[i].total.read, through.levels[i].total.read);
      if (isWhole)
        EXPECT_LE(around.levels[i].total.total(),
                  through.levels[i].total.total());
    }
  });
}

/// Figures are sums over operands as of all programs.
TEST(Nontemporal, SumsOverOperandsAreTheFiguresOfOps) {
  forEachProgram(10, [&](const LoopTree &tree, const Target &target) {
    for (const LevelTraffic &level : computeTraffic(tree, target).levels) {
      Bytes total;
      for (OpId op = 0; op < tree.ops.size(); ++op) {
        Bytes sum;
        for (const OperandTraffic &operand : level.operandsOf(op))
          sum.add(operand.bytes);
        EXPECT_EQ(sum.read, level.ops[op].read);
        EXPECT_EQ(sum.written, level.ops[op].written);
        total.add(sum);
      }
      EXPECT_EQ(total.read, level.total.read);
      EXPECT_EQ(total.written, level.total.written);
    }
  });
}

} // namespace
