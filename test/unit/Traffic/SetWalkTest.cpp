//===- SetWalkTest.cpp - What the walks of sets rest on -------------------===//
//
// The parts of the cache engine on their own, against enumeration. That walks
// as a whole agree with the simulator is in TrafficTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "SetWalk.h"
#include "ParseTree.h"
#include "RandomTree.h"
#include "RepeatedBlocks.h"
#include "SetSample.h"
#include "SetState.h"
#include "SimulateTree.h"
#include "memwall/Traffic/Traffic.h"
#include "gtest/gtest.h"
#include <list>

using namespace memwall;
using namespace memwall::test;

namespace {

/// LRU lists by the book, against SetState.
TEST(SetState, AgreesWithLists) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    int64_t sets = pick(random, 1, 5), ways = pick(random, 1, 80);
    int64_t lines = pick(random, 1, 400), apart = pick(random, 1, 4);
    int64_t first = pick(random, 0, apart - 1);
    SetState state(sets, ways, /*keepsBytes=*/false, lines * apart, apart);
    std::vector<std::list<int64_t>> lists(sets);
    for (int step = 0; step < 500; ++step) {
      int64_t line = pick(random, 0, lines - 1) * apart + first;
      std::list<int64_t> &list = lists[line % sets];
      bool isThere = llvm::is_contained(list, line);
      uint32_t slot = state.find(line);
      for (int64_t other = line - first; other < line; ++other)
        ASSERT_EQ(state.find(other), SetState::none);
      ASSERT_EQ(slot != SetState::none, isThere);
      if (isThere) {
        list.remove(line);
        state.touch(slot);
      } else {
        uint32_t victim = state.findRoom(line);
        ASSERT_EQ(victim != SetState::none, int64_t(list.size()) == ways);
        if (victim != SetState::none) {
          ASSERT_EQ(state[victim].number, list.back());
          list.pop_back();
        }
        state.insert(line, 0, victim);
      }
      list.push_front(line);
    }
  }
}

/// A state that was moved hashes as it did before, when it is moved back.
TEST(SetState, HashFollowsMoves) {
  SetState state(1, 4, /*keepsBytes=*/false, 1000);
  for (int64_t line : {3, 40, 77})
    state.insert(line, line > 50 ? 1 : 0, SetState::none);
  std::vector<int64_t> still = {0, 0}, moves = {5, 9};
  auto before = state.hash(still, 0, {});
  state.move(moves, 3);
  EXPECT_EQ(state.find(3), SetState::none);
  EXPECT_NE(state.find(77 + 27), SetState::none);
  EXPECT_TRUE(state.hash(moves, 3, {}) == before);
  EXPECT_FALSE(state.hash(still, 0, {}) == before);
}

SetProgram prepare(const LoopTree &tree, int64_t sets, int64_t ways) {
  SetGeometry geometry;
  geometry.sets = sets;
  geometry.ways = ways;
  return buildSetProgram(tree, buildConstantTree(tree), geometry, 1, 1);
}

/// Every set of every stratum has a weight; together they stand for all sets.
TEST(SetSample, WeightsAddUp) {
  Random random(5);
  for (const Family &family : getFamilies()) {
    LoopTree tree = family.make(random);
    for (int64_t sets : {1, 7, 64, 509}) {
      SetProgram program = prepare(tree, sets, 4);
      std::vector<double> importance(tree.buffers.size(), 1);
      for (int64_t wanted : {2, 16, 1000}) {
        SetSample sample = chooseSets(program, importance, wanted);
        double sum = 0;
        for (const SampledSet &set : sample.sets) {
          EXPECT_LT(set.set, sets);
          sum += set.weight;
        }
        EXPECT_NEAR(sum, double(sets), 1e-6);
        EXPECT_EQ(sample.isWhole(), int64_t(sample.sets.size()) == sets);
      }
    }
  }
}

TEST(SetSample, LinesInSetsAgainstEnumeration) {
  Random random(7);
  LoopTree tree = getFamilies().front().make(random);
  for (int64_t sets : {1, 3, 64}) {
    SetProgram program = prepare(tree, sets, 4);
    for (BufferId buffer = 0; buffer < tree.buffers.size(); ++buffer) {
      std::vector<int64_t> count(sets, 0);
      for (int64_t line = program.bufferBegin[buffer] / 512;
           line <= (program.bufferEnd[buffer] - 1) / 512; ++line)
        ++count[line % sets];
      for (int64_t set = 0; set < sets; ++set)
        EXPECT_EQ(countLinesInSet(program, buffer, set), count[set]);
    }
  }
}

} // namespace
