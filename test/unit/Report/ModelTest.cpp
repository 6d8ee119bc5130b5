//===- ModelTest.cpp - Batches at the ridge, roles ------------------------===//

#include "memwall/Report/Model.h"
#include "gtest/gtest.h"

using namespace memwall;

TEST(RidgeBatch, IsWhereTheWeightsAreWorthIt) {
  // 3 b >= 10 + b from b = 5 on; 3.1 b from 4.76 on.
  StepTime memory;
  memory.constant = 10;
  memory.perSequence = 1;
  EXPECT_EQ(computeRidgeBatch(3, memory).batch, 5);
  EXPECT_EQ(computeRidgeBatch(3.1, memory).batch, 5);
  EXPECT_EQ(computeRidgeBatch(2.9, memory).batch, 6);
}

TEST(RidgeBatch, DoesNotExistWhenTheCacheAloneTakesLonger) {
  StepTime memory;
  memory.constant = 10;
  memory.perSequence = 3;
  EXPECT_FALSE(computeRidgeBatch(3, memory).crosses);
  EXPECT_FALSE(computeRidgeBatch(2, memory).crosses);
  EXPECT_TRUE(computeRidgeBatch(3.01, memory).crosses);
}

TEST(RidgeBatch, IsOneWithoutWeights) {
  EXPECT_EQ(computeRidgeBatch(1, StepTime()).batch, 1);
}

/// The same by trying every batch.
static RidgeBatch findRidgeBatch(double arithmetic, const StepTime &memory,
                                 int64_t last) {
  for (int64_t batch = 1; batch <= last; ++batch) {
    double bytes = memory.constant + (double)batch * memory.perSequence;
    for (const StepTime::Picked &part : memory.picked)
      bytes += std::min((double)batch * part.perSequence, part.limit);
    if ((double)batch * arithmetic >= bytes)
      return {true, batch};
  }
  return {};
}

TEST(RidgeBatch, EqualsTheFirstBatchThatIsSlower) {
  // Odd numbers over 7 and 11 never meet at a whole batch.
  for (int arithmetic = 1; arithmetic < 24; ++arithmetic)
    for (int constant : {0, 5, 60})
      for (int limit : {3, 20, 200}) {
        StepTime memory;
        memory.constant = constant / 7.0;
        memory.perSequence = 1 / 11.0;
        memory.picked = {{2 / 11.0, limit / 7.0}, {0.5 / 11.0, 40 / 7.0}};
        double perSequence = arithmetic / 11.0 + 0.001;
        RidgeBatch expected = findRidgeBatch(perSequence, memory, 100000);
        RidgeBatch found = computeRidgeBatch(perSequence, memory);
        EXPECT_EQ(found.crosses, expected.crosses);
        EXPECT_EQ(found.batch, expected.batch)
            << arithmetic << " " << constant << " " << limit;
      }
}

TEST(ModelFacts, RolesBelongToArguments) {
  ModelFacts facts;
  facts.roles = {"activation", "weight", ""};
  auto getRole = [&](llvm::StringRef name, BufferKind kind) {
    Buffer buffer;
    buffer.name = name.str();
    buffer.kind = kind;
    return facts.getRole(buffer);
  };
  EXPECT_EQ(getRole("%arg1", BufferKind::Argument), "weight");
  EXPECT_EQ(getRole("%arg2", BufferKind::Argument), "");
  EXPECT_EQ(getRole("%arg3", BufferKind::Argument), "");
  EXPECT_EQ(getRole("foo#result", BufferKind::Argument), "");
  EXPECT_EQ(getRole("%arg1", BufferKind::Intermediate), "");
}
