//===- ReportTest.cpp - Figures computed from loop trees ------------------===//

#include "memwall/Report/Report.h"
#include "ParseTree.h"
#include "gtest/gtest.h"

using namespace memwall;

static Target makeTarget(double bytesPerSecond) {
  Target target;
  target.name = "machine";
  target.levels.resize(2);
  target.levels[0].name = "cache";
  target.levels[0].capacityBytes = 4096;
  target.levels[1].name = "dram";
  target.levels[1].kind = LevelKind::Memory;
  target.levels[1].capacityBytes = 1 << 20;
  target.levels[1].readBytesPerSecond.peak = bytesPerSecond;
  target.levels[1].writeBytesPerSecond.peak = bytesPerSecond;
  target.vectorPeaks.push_back({"f32", 1e9});
  return target;
}

/// A chain of `count` elementwise ops on vectors of `elements` f32, each with
/// `flops` FLOPs per element.
static LoopTree makeChain(unsigned count, int64_t elements, int64_t flops) {
  std::string buffers = llvm::formatv("b0 argument {0}xf32\n", elements), nests;
  for (unsigned i = 0; i != count; ++i) {
    buffers += llvm::formatv("b{0} intermediate {1}xf32 {2}\n", i + 1, elements,
                             i + 1 == count ? "live-out" : "");
    nests += llvm::formatv("op{0} linalg.generic elementwise f32 flops={1}\n"
                           "nest op{0} (l in {2}) flops={3}\n"
                           "  read b{0}[l]\n"
                           "  write b{4}[l]\n",
                           i, flops * elements, elements, flops, i + 1);
  }
  return test::parseTree("tree @chain\n" + buffers + nests);
}

TEST(ComputeReport, TotalsAreTheSumsOverOps) {
  LoopTree tree = makeChain(5, 3000, 2);
  ASSERT_FALSE(bool(tree.check()));
  Target target = makeTarget(1e9);
  FunctionFigures function =
      computeFunctionFigures(tree, {target, target}, BandwidthChoice::Peak);
  ASSERT_EQ(function.ops.size(), 5u);
  ASSERT_EQ(function.targets.size(), 2u);
  EXPECT_EQ(function.arithmetic.flops, 5 * 3000 * 2);
  for (size_t level : {0, 1}) {
    Bytes scheduled;
    int64_t bound = 0;
    for (const OpFigures &op : function.ops) {
      scheduled.read += op.targets[1].levels[level].scheduled.read;
      scheduled.written += op.targets[1].levels[level].scheduled.written;
      bound += op.targets[1].levels[level].boundBytes;
    }
    const LevelFigures &total = function.targets[1].levels[level];
    EXPECT_EQ(total.scheduled.read, scheduled.read);
    EXPECT_EQ(total.scheduled.written, scheduled.written);
    EXPECT_EQ(total.boundBytes, bound);
  }
}

TEST(ComputeReport, SumsSayWhereTheyComeFrom) {
  LoopTree tree = makeChain(2, 3000, 2);
  for (Accuracy accuracy : {Accuracy::Fast, Accuracy::Default}) {
    FunctionFigures function = computeFunctionFigures(
        tree, {makeTarget(1e9)}, {BandwidthChoice::Peak, accuracy});
    const auto &levels = function.targets[0].levels;
    ASSERT_TRUE(levels[0].provenance && levels[1].provenance);
    EXPECT_EQ(levels[0].provenance->method, TrafficMethod::Accesses);
    EXPECT_EQ(levels[1].provenance->method, accuracy == Accuracy::Fast
                                                ? TrafficMethod::Distances
                                                : TrafficMethod::Sets);
    // The cache is fully associative, of which distances can say how far off
    // they may be.
    ASSERT_TRUE(levels[1].provenance->errorOfRead);
    EXPECT_EQ(*levels[1].provenance->errorOfRead > 0,
              accuracy == Accuracy::Fast);
    // The error is that of the sum, not of its parts.
    EXPECT_FALSE(function.ops[0].targets[0].levels[1].provenance);
  }
}

TEST(ComputeReport, SharesOfOpsSumToOne) {
  FunctionFigures function = computeFunctionFigures(
      makeChain(7, 1000, 1), {makeTarget(1e9)}, BandwidthChoice::Peak);
  double sum = 0;
  for (const OpFigures &op : function.ops)
    sum += op.targets[0].share;
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

TEST(ComputeReport, TheSlowerOfArithmeticAndMemoryIsTheBound) {
  // 3000 f32 read and written are 24 kB, 24 us at 1 GB/s; the arithmetic at
  // 1 GFLOP/s takes 3 us per FLOP and element.
  auto boundBy = [](int64_t flops) {
    return computeFunctionFigures(makeChain(1, 3000, flops), {makeTarget(1e9)},
                                  BandwidthChoice::Peak)
        .targets[0]
        .boundBy;
  };
  EXPECT_EQ(boundBy(7), "dram");
  EXPECT_EQ(boundBy(9), "compute");
}

TEST(ComputeReport, RidgeIsPeakOverBandwidth) {
  FunctionFigures function = computeFunctionFigures(
      makeChain(1, 100, 1), {makeTarget(2e8)}, BandwidthChoice::Peak);
  EXPECT_DOUBLE_EQ(*function.ops[0].targets[0].dram().ridge, 5.0);
  EXPECT_FALSE(function.ops[0].targets[0].levels[0].ridge.has_value());
}

TEST(ComputeReport, IdenticalOpsAreOneGroup) {
  LoopTree tree = makeChain(4, 1000, 1);
  tree.ops[2].name = "linalg.add";
  FunctionFigures function =
      computeFunctionFigures(tree, {makeTarget(1e9)}, BandwidthChoice::Peak);
  ASSERT_EQ(function.groups.size(), 2u);
  EXPECT_EQ(function.groups[0].ops, (llvm::SmallVector<OpId, 4>{0, 1, 3}));
  OpFigures sum = computeGroupFigures(function, function.groups[0]);
  EXPECT_EQ(sum.arithmetic.flops, 3000);
  EXPECT_EQ(sum.compulsory.read, 3 * 4000);
  EXPECT_EQ(sum.executions, 3);
  EXPECT_EQ(sum.shape, "1000");
}

TEST(ComputeReport, ResidentBytesDecideWhetherItFits) {
  // Argument and result of 4 bytes an element against 1 MiB.
  auto fits = [](int64_t elements) {
    return computeFunctionFigures(makeChain(1, elements, 1), {makeTarget(1e9)},
                                  BandwidthChoice::Peak)
        .targets[0]
        .fits;
  };
  EXPECT_TRUE(fits(131072));
  EXPECT_FALSE(fits(131073));
}

/// Operations of a function, too, may be more than fit; its times are known.
TEST(ComputeReport, OperationsThatDoNotFitAreMarked) {
  Target target = makeTarget(1e9);
  LoopTree tree = makeChain(3, 1024, int64_t(1) << 52);
  FunctionFigures function =
      computeFunctionFigures(tree, {target}, BandwidthChoice::Peak);
  EXPECT_EQ(describeOverflow(function), "more operations than fit 64 bits");
  const TargetFigures &figures = function.targets[0];
  EXPECT_EQ(figures.dram().flopsPerByte, std::nullopt);
  EXPECT_EQ(figures.dram().ridge, std::nullopt);
  EXPECT_DOUBLE_EQ(*figures.secondsAtBound, 3 * 0x1p62 / 1e9);
}

/// 8 f32 are read and written 2^59 times: 2^64 bytes each way at the cache, and
/// a line of 64 bytes at DRAM.
TEST(ComputeReport, BytesThatDoNotFitVoidNoOtherLevel) {
  LoopTree tree = test::parseTree(R"(tree @f
    b0 argument 8xf32
    b1 intermediate 8xf32 live-out
    op0 linalg.generic elementwise f32
    for l1 in 576460752303423488
      nest op0 (l2 in 8)
        read b0[l2]
        write b1[l2])");
  Target target = makeTarget(1e9);
  FunctionFigures function =
      computeFunctionFigures(tree, {target}, BandwidthChoice::Peak);
  const TargetFigures &figures = function.targets[0];
  EXPECT_TRUE(figures.levels[0].hasTooManyScheduled());
  EXPECT_EQ(figures.levels[0].flopsPerByte, std::nullopt);
  EXPECT_EQ(figures.dram().scheduled.written, 64);
  EXPECT_EQ(describeOverflow(function),
            "more bytes than fit 64 bits at cache of machine");
  // The cache takes no time, and DRAM what it moves.
  EXPECT_TRUE(figures.secondsAsScheduled.has_value());

  // A level of that many bytes that takes time leaves no time to state.
  target.levels[0].readBytesPerSecond.peak = 1e12;
  function = computeFunctionFigures(tree, {target}, BandwidthChoice::Peak);
  EXPECT_EQ(function.targets[0].secondsAsScheduled, std::nullopt);
  EXPECT_EQ(function.targets[0].boundByAsScheduled, "unknown");
  EXPECT_TRUE(function.targets[0].secondsAtBound.has_value());
  OpGroup twice;
  twice.ops = {0, 0};
  EXPECT_EQ(computeGroupFigures(function, twice).targets[0].secondsAsScheduled,
            std::nullopt);
}
