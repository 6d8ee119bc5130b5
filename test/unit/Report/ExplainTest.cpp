//===- ExplainTest.cpp - Causes add up, on random programs ----------------===//

#include "memwall/Report/Explain.h"
#include "../Traffic/RandomTree.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// A small cache with sets, a larger one without, and memory.
Target makeTarget(Random &random, StorePolicy policy) {
  Target target;
  target.name = "test";
  target.levels.resize(3);
  target.levels[0].name = "l1";
  target.levels[0].capacityBytes = pick(random, 2, 8) * 4 * 64;
  target.levels[0].associativity = 4;
  target.levels[1].name = "l2";
  target.levels[1].capacityBytes = pick(random, 40, 80) * 64;
  target.levels[2].name = "memory";
  target.levels[2].kind = LevelKind::Memory;
  target.levels[2].capacityBytes = int64_t(1) << 40;
  for (unsigned i : {0, 1}) {
    target.levels[i].sectorBytes = 32;
    target.levels[i].storePolicy = policy;
  }
  return target;
}

void expectSums(const Explanation &why) {
  Bytes sum;
  for (const OperandExplanation &operand : why.operands) {
    const Causes &causes = operand.causes;
    sum.add(operand.bytes.scheduled);
    EXPECT_EQ(causes.read(), operand.bytes.scheduled.read);
    EXPECT_EQ(causes.written(), operand.bytes.scheduled.written);
    for (int64_t bytes :
         {causes.cold, causes.capacity, causes.conflict.value_or(0),
          causes.unused, causes.fetchOnStore, causes.partialRead,
          causes.writtenOnce, causes.writtenAgain})
      EXPECT_GE(bytes, 0);
    // Nothing is known of sets by reuse distances, and all where there is one.
    EXPECT_EQ(causes.conflict.has_value(),
              why.cache == "l2" ||
                  why.provenance.method == TrafficMethod::Sets);
  }
  EXPECT_EQ(sum.read, why.scheduled.read);
  EXPECT_EQ(sum.written, why.scheduled.written);
}

TEST(Explain, CausesAddUpToOperandsAndOperandsToTheOp) {
  for (const Family &family : getFamilies())
    for (unsigned seed : {11}) {
      SCOPED_TRACE(std::string(family.name) + ", seed " + std::to_string(seed));
      Random random(seed);
      LoopTree tree = family.make(random);
      for (StorePolicy policy : {StorePolicy::Fetch, StorePolicy::Allocate})
        for (Accuracy accuracy : {Accuracy::Fast, Accuracy::Default}) {
          Target target = makeTarget(random, policy);
          ReportOptions options(BandwidthChoice::Peak, accuracy);
          FunctionFigures figures =
              computeFunctionFigures(tree, {target}, options);
          for (OpId op = 0; op < tree.ops.size(); ++op)
            for (unsigned depth : {1, 2})
              expectSums(explainOp(tree, target, options, figures, op, depth));
        }
    }
}

} // namespace
