//===- ConstantTreeTest.cpp - Trip counts at the limits -------------------===//

#include "ConstantTree.h"
#include "gtest/gtest.h"
#include <limits>

using namespace memwall;

/// for (i = 0; i < extent; i += step) buffer[i] of 32-bit elements.
static ConstantTree build(int64_t extent, int64_t step) {
  LoopTree tree;
  tree.nodes.resize(3);
  tree.ops.emplace_back();
  tree.buffers.emplace_back();
  tree.buffers[0].elements = std::numeric_limits<int64_t>::max();
  tree.buffers[0].elementBits = 32;
  Loop loop;
  loop.kind = LoopKind::Serial;
  loop.extent = {AffineForm{extent, {}}};
  loop.step = step;
  loop.maxTripCount = 1 + (extent - 1) / step;
  tree.loops.push_back(loop);
  tree.nodes[0].children = {1};
  tree.nodes[1].children = {2};
  tree.nodes[2].parent = 1;
  tree.nodes[2].kind = Node::Kind::Nest;
  Access access;
  access.element.terms.push_back({0, step});
  tree.nodes[2].nest.accesses.push_back(access);
  return buildConstantTree(tree);
}

/// Extent plus step does not fit 64 bits, nor do the bits of one step: a loop
/// that runs once does not take it.
TEST(ConstantTree, HugeStepsDoNotOverflow) {
  int64_t most = std::numeric_limits<int64_t>::max();
  ConstantTree once = build(2, most);
  ASSERT_EQ(once.accesses.size(), 1u);
  EXPECT_TRUE(once.accesses[0].terms.empty());
  EXPECT_EQ(once.accesses[0].offsetBits, 0);
  for (int64_t step : {int64_t(1) << 40, most / 64, (most - 1) / 33}) {
    ConstantTree tree = build(most - 1, step);
    ASSERT_EQ(tree.accesses.size(), 1u);
    ASSERT_EQ(tree.accesses[0].terms.size(), 1u);
    const ConstantNode &loop = tree.nodes[tree.accesses[0].terms[0].node];
    __int128 end = (__int128)loop.tripCount * step;
    EXPECT_TRUE(end >= most - 1 && end - step < most - 1) << step;
  }
}
