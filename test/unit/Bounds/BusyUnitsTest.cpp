//===- BusyUnitsTest.cpp - Time on a part of the units --------------------===//

#include "memwall/Bounds/BusyUnits.h"
#include "gtest/gtest.h"

using namespace memwall;

/// 8 units with caches of their own and one for pairs of them, at 8 TB/s and 4
/// TB/s together; DRAM at 1 TB/s, 1 TFLOP/s.
static Target makeTarget() {
  Target target;
  target.units = 8;
  target.levels.resize(3);
  target.levels[0].name = "l1";
  target.levels[1].name = "l2";
  target.levels[2].name = "dram";
  target.levels[1].unitsPerInstance = 2;
  target.levels[2].unitsPerInstance = 8;
  target.levels[2].kind = LevelKind::Memory;
  target.levels[0].readBytesPerSecond = {8e12, std::nullopt};
  target.levels[1].readBytesPerSecond = {4e12, std::nullopt};
  target.levels[2].readBytesPerSecond = {1e12, std::nullopt};
  target.vectorPeaks = {{"f32", 1e12}};
  target.matrixPeaks = {{"f32", 1e12}};
  return target;
}

/// A tree of one nest of op 0 inside of loops of the given kinds and trips.
static LoopTree
makeTree(llvm::ArrayRef<std::pair<LoopKind, int64_t>> loopsAround) {
  LoopTree tree;
  tree.ops.resize(1);
  NodeId parent = 0;
  auto addNode = [&](Node::Kind kind) {
    NodeId id = tree.nodes.size();
    tree.nodes.emplace_back().kind = kind;
    tree.nodes[id].parent = parent;
    if (id != 0)
      tree.nodes[parent].children.push_back(id);
    return id;
  };
  auto addLoop = [&](LoopKind kind, int64_t trips) {
    Loop loop;
    loop.kind = kind;
    loop.extent = {AffineForm{trips, {}}};
    loop.maxTripCount = trips;
    tree.loops.push_back(std::move(loop));
    return LoopId(tree.loops.size() - 1);
  };
  addNode(Node::Kind::Loop);
  tree.nodes[0].loop = addLoop(LoopKind::Serial, 1);
  for (auto [kind, trips] : loopsAround) {
    NodeId node = addNode(Node::Kind::Loop);
    tree.nodes[node].loop = addLoop(kind, trips);
    parent = node;
  }
  NodeId nest = addNode(Node::Kind::Nest);
  tree.nodes[nest].nest.loops = {addLoop(LoopKind::Dimension, 16)};
  return tree;
}

TEST(BusyUnits, IterationsOfParallelLoops) {
  auto count = [](llvm::ArrayRef<std::pair<LoopKind, int64_t>> loops) {
    return countBusyUnits(makeTree(loops), 8).front();
  };
  auto parallel = LoopKind::Parallel, serial = LoopKind::Serial;
  EXPECT_EQ(count({}), 8) << "given to no units: all";
  EXPECT_EQ(count({{serial, 3}}), 8);
  EXPECT_EQ(count({{parallel, 3}}), 3);
  EXPECT_EQ(count({{serial, 5}, {parallel, 3}}), 3);
  EXPECT_EQ(count({{parallel, 3}, {parallel, 2}}), 6) << "one row of loops";
  EXPECT_EQ(count({{parallel, 3}, {serial, 2}, {parallel, 2}}), 3);
  EXPECT_EQ(count({{parallel, 30}}), 8);
  auto countOfCode = [&](std::pair<LoopKind, int64_t> loop) {
    return countBusyUnits(makeTree(loop), 8, /*serialUnits=*/1).front();
  };
  EXPECT_EQ(countOfCode({serial, 3}), 1) << "code without a loop over threads";
  EXPECT_EQ(countOfCode({parallel, 3}), 3);
}

TEST(BusyUnits, APartOfTheUnitsHasItsShare) {
  Target target = makeTarget();
  ComputeWork work{"f32", true, (int64_t)1e12};
  llvm::SmallVector<Bytes, 4> bytes(3, Bytes{(int64_t)1e12, 0});
  auto onUnits = [&](int64_t busy) {
    return computeRooflineOnUnits(work, bytes, IdleWork{work, bytes, busy},
                                  target, BandwidthChoice::Peak);
  };
  Roofline two = onUnits(2);
  EXPECT_DOUBLE_EQ(*two.computeSeconds, 4);    // 1 s on 8 units.
  EXPECT_DOUBLE_EQ(*two.levelSeconds[0], 0.5); // 2 of 8 instances.
  EXPECT_DOUBLE_EQ(*two.levelSeconds[1], 1);   // 1 of 4.
  EXPECT_DOUBLE_EQ(*two.levelSeconds[2], 1);   // Shared: left whole.
  EXPECT_EQ(two.boundBy, "compute");
  EXPECT_DOUBLE_EQ(*onUnits(3).levelSeconds[1], 0.5); // In 2 of 4.
  // All units: the roofline as it always was.
  Roofline all = onUnits(8);
  EXPECT_DOUBLE_EQ(*all.computeSeconds, 1);
  EXPECT_EQ(all.boundBy, "dram");
}

TEST(BusyUnits, OpsOfAFunctionAddUp) {
  Target target = makeTarget();
  ComputeWork product{"f32", true, (int64_t)1e12};
  ComputeWork sum{"f32", false, (int64_t)1e12};
  llvm::SmallVector<Bytes, 4> bytes(3);
  // The product on all units and the sum on half of them: at the same time.
  Roofline roofline =
      computeRooflineOnUnits({product, sum}, bytes, IdleWork{sum, bytes, 4},
                             target, BandwidthChoice::Peak);
  EXPECT_DOUBLE_EQ(*roofline.computeSeconds, 2);
  // A type without a peak takes no part.
  ComputeWork unknown{"f7", false, 1000};
  roofline = computeRooflineOnUnits({product, unknown}, bytes,
                                    IdleWork{unknown, bytes, 4}, target,
                                    BandwidthChoice::Peak);
  EXPECT_DOUBLE_EQ(*roofline.computeSeconds, 1);
}
