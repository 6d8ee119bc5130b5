//===- ConstantTreeTest.cpp - Trip counts at the limits -------------------===//

#include "ConstantTree.h"
#include "gtest/gtest.h"
#include <limits>
#include <random>

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

/// for (i < 5000) for (j < min(a, b)) for (k < c) one access, where a, b and c
/// are affine in i, and c in j as well.
static LoopTree makeTriangle(AffineForm a, AffineForm b, AffineForm c) {
  LoopTree tree;
  tree.nodes.resize(2);
  tree.ops.emplace_back();
  tree.buffers.emplace_back();
  tree.loops.resize(4);
  tree.loops[0].extent = {AffineForm{1, {}}};
  tree.loops[0].maxTripCount = 1;
  tree.loops[1].extent = {AffineForm{5000, {}}};
  tree.loops[1].maxTripCount = 5000;
  tree.loops[2].extent = {a, b};
  tree.loops[3].extent = {c};
  tree.loops[2].maxTripCount = tree.loops[3].maxTripCount = 10000;
  tree.nodes[0].children = {1};
  tree.nodes[1].kind = Node::Kind::Nest;
  tree.nodes[1].nest.loops = {1, 2, 3};
  tree.nodes[1].nest.accesses.emplace_back();
  return tree;
}

static double countExecutions(const ConstantTree &tree) {
  std::vector<double> executions(tree.nodes.size(), 1);
  double total = 0;
  for (size_t n = 1; n < tree.nodes.size(); ++n) {
    executions[n] =
        executions[tree.nodes[n].parent] * double(tree.nodes[n].tripCount);
    total += tree.nodes[n].isAccess ? executions[n] : 0;
  }
  return total;
}

/// Of a long loop that many others depend on, few iterations may do anything:
/// they are found, and counted one by one where they are few.
TEST(ConstantTree, FewActiveIterationsAmongMany) {
  std::mt19937 random(7);
  auto pick = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  int exact = 0;
  for (int round = 0; round < 300; ++round) {
    // Positive from some iteration on, and up to some other.
    int up = pick(1, 3), from = pick(0, 4900), down = pick(1, 3);
    int to = from + pick(-10, 100);
    int start = pick(0, 5), inJ = pick(-1, 1);
    AffineForm a{-up * from, {{1, up}}}, b{down * to, {{1, -down}}};
    AffineForm c{start, {{1, pick(0, 1)}, {2, inJ}}};
    double expected = 0;
    for (int64_t i = 0; i < 5000; ++i)
      for (int64_t j = 0; j < std::min(up * (i - from), down * (to - i)); ++j)
        expected += double(
            std::max<int64_t>(0, start + c.terms[0].stride * i + inJ * j));
    ConstantTree tree = buildConstantTree(makeTriangle(a, b, c));
    if (!tree.exact)
      continue;
    ++exact;
    EXPECT_EQ(countExecutions(tree), expected) << round;
  }
  EXPECT_GT(exact, 100);
}

/// A loop of at most one trip is a branch: which iterations of the loop between
/// take it differs from one outer iteration to the next, though the first and
/// the last of them always take it or never.
TEST(ConstantTree, BranchesOfShortLoops) {
  std::mt19937 random(17);
  auto pick = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  auto pickForm = [&](std::initializer_list<LoopId> loops) {
    AffineForm form{pick(-4, 20), {}};
    for (LoopId loop : loops)
      if (int stride = pick(-2, 2))
        form.terms.push_back({loop, stride});
    return form;
  };
  int branches = 0;
  for (int round = 0; round < 2000; ++round) {
    AffineForm none{10000, {}};
    LoopTree source = makeTriangle(
        {pick(1, 12), {}}, pick(0, 1) ? pickForm({1}) : none, {pick(1, 3), {}});
    int64_t trips = pick(1, 40);
    source.loops[1].extent = {AffineForm{trips, {}}};
    source.loops[1].maxTripCount = trips;
    source.loops[2].maxTripCount = source.loops[2].extent[0].constant;
    source.loops[3].maxTripCount = source.loops[3].extent[0].constant;
    for (int forms = pick(1, 2); forms > 0; --forms)
      source.loops[3].extent.push_back(pickForm({1, 2}));
    int64_t position[4] = {};
    auto countTrips = [&](LoopId loop) {
      int64_t extent = INT64_MAX;
      for (const AffineForm &form : source.loops[loop].extent) {
        int64_t value = form.constant;
        for (const Term &term : form.terms)
          value += term.stride * position[term.loop];
        extent = std::min(extent, value);
      }
      return std::max<int64_t>(extent, 0);
    };
    int64_t expected = 0;
    for (position[1] = 0; position[1] < trips; ++position[1]) {
      int64_t inner = countTrips(2);
      for (position[2] = 0; position[2] < inner; ++position[2])
        expected += countTrips(3);
    }
    ConstantTree tree = buildConstantTree(source);
    EXPECT_TRUE(tree.exact) << round;
    EXPECT_EQ(countExecutions(tree), double(expected)) << round;
    branches += expected > 0;
  }
  EXPECT_GT(branches, 500);
}

/// Tiles of a long loop are equal but for the last one, however many there are.
TEST(ConstantTree, ManyTilesAreTwoGroups) {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    int64_t tile = 1 + int64_t(random() % 40);
    int64_t total = 4999 * tile + 1 + int64_t(random() % uint64_t(tile));
    int64_t inside = 1 + int64_t(random() % 5);
    ConstantTree tree = buildConstantTree(
        makeTriangle({total, {{1, -tile}}}, {tile, {}}, {inside, {}}));
    EXPECT_TRUE(tree.exact) << round;
    EXPECT_EQ(countExecutions(tree), double(total * inside)) << round;
    EXPECT_LE(tree.accesses.size(), 2u) << round;
  }
}

/// And tiles of tiles: of the last of the inner tiles nothing may be left,
/// which is no reason to take the outer ones for unequal.
TEST(ConstantTree, ManyTilesOfTilesAreExact) {
  std::mt19937 random(13);
  for (int round = 0; round < 100; ++round) {
    int64_t tile = 2 + int64_t(random() % 40);
    int64_t inner = 1 + int64_t(random() % uint64_t(tile));
    int64_t total = 4999 * tile + 1 + int64_t(random() % uint64_t(tile));
    LoopTree source =
        makeTriangle({total, {{1, -tile}}}, {tile, {}}, {inner, {}});
    source.loops[2].step = inner;
    source.loops[2].maxTripCount = (tile + inner - 1) / inner;
    source.loops[3].maxTripCount = inner;
    source.loops[3].extent.push_back({tile, {{2, -inner}}});
    source.loops[3].extent.push_back({total, {{1, -tile}, {2, -inner}}});
    ConstantTree tree = buildConstantTree(source);
    EXPECT_TRUE(tree.exact) << round;
    EXPECT_EQ(countExecutions(tree), double(total)) << round;
  }
}
