//===- RooflineTest.cpp - Times and fused units ---------------------------===//

#include "memwall/Bounds/Roofline.h"
#include "memwall/Bounds/Attention.h"
#include "memwall/Bounds/Contraction.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace memwall;

/// 100 GB/s read and 50 GB/s write DRAM below a cache without figures.
static Target makeTarget() {
  Target target;
  target.levels.resize(2);
  target.levels[0].name = "l2";
  target.levels[1].name = "dram";
  target.levels[1].kind = LevelKind::Memory;
  target.levels[1].readBytesPerSecond = {100e9, 80e9};
  target.levels[1].writeBytesPerSecond = {50e9, std::nullopt};
  target.matrixPeaks = {{"f16", 10e12}};
  target.vectorPeaks = {{"f32", 1e12}};
  return target;
}

TEST(Roofline, SlowestPartDecides) {
  Target target = makeTarget();
  ComputeWork matmul{"f16", true, (int64_t)1e12};
  llvm::SmallVector<Bytes, 2> bytes = {{1000, 1000},
                                       {(int64_t)1e9, (int64_t)1e9}};
  Roofline roofline =
      computeRoofline(matmul, bytes, target, BandwidthChoice::Peak);
  EXPECT_DOUBLE_EQ(*roofline.computeSeconds, 0.1);
  EXPECT_FALSE(roofline.levelSeconds[0]);
  EXPECT_DOUBLE_EQ(*roofline.levelSeconds[1], 0.01 + 0.02);
  EXPECT_DOUBLE_EQ(*roofline.seconds, 0.1);
  EXPECT_EQ(roofline.boundBy, "compute");

  bytes[1].read = (int64_t)20e9;
  roofline = computeRoofline(matmul, bytes, target, BandwidthChoice::Peak);
  EXPECT_DOUBLE_EQ(*roofline.seconds, 0.22);
  EXPECT_EQ(roofline.boundBy, "dram");
  // Achievable where it is known, else the peak.
  roofline =
      computeRoofline(matmul, bytes, target, BandwidthChoice::Achievable);
  EXPECT_DOUBLE_EQ(*roofline.seconds, 0.25 + 0.02);
}

TEST(Roofline, UnknownFactsTakeNoPart) {
  Target target = makeTarget();
  ComputeWork bytesOnly{"f7", false, 1000};
  Roofline roofline = computeRoofline(bytesOnly, {{0, 0}, {100, 0}}, target,
                                      BandwidthChoice::Peak);
  EXPECT_FALSE(roofline.computeSeconds);
  EXPECT_EQ(roofline.boundBy, "dram");
  EXPECT_FALSE(
      computeRidge(bytesOnly, target.dram(), target, BandwidthChoice::Peak));
  target.levels[1].readBytesPerSecond = {};
  target.levels[1].writeBytesPerSecond = {};
  roofline = computeRoofline(bytesOnly, {{0, 0}, {100, 0}}, target,
                             BandwidthChoice::Peak);
  EXPECT_FALSE(roofline.seconds);
  EXPECT_EQ(roofline.boundBy, "unknown");
}

TEST(Roofline, Ridge) {
  Target target = makeTarget();
  ComputeWork matmul{"f16", true, 1};
  EXPECT_DOUBLE_EQ(
      *computeRidge(matmul, target.dram(), target, BandwidthChoice::Peak), 100);
  EXPECT_DOUBLE_EQ(
      *computeRidge(matmul, target.dram(), target, BandwidthChoice::Achievable),
      125);
}

TEST(Roofline, BoundsWriteWhatMustBeWritten) {
  Bytes split = splitBound({1000, "contraction"}, {300, 200});
  EXPECT_EQ(split.read, 800);
  EXPECT_EQ(split.written, 200);
}

/// FlashAttention-2 with rows of queries kept: K and V stream once per block of
/// rows; f16 everywhere, f32 accumulators.
static double flashAttentionBytes(const AttentionShape &shape,
                                  double capacity) {
  double row = shape.queryBytes * shape.queryKeyDim +
               shape.accumulatorBytes * shape.valueDim;
  double column =
      shape.keyBytes * shape.queryKeyDim + shape.valueBytes * shape.valueDim;
  // One key and value, and their scores, beside the rows.
  double rows = std::floor((capacity - column) / (row + shape.scoreBytes));
  if (rows < 1)
    return std::numeric_limits<double>::infinity();
  double passes = std::ceil(shape.queryRows / rows);
  return shape.heads *
         (passes * shape.keyRows * column +
          shape.queryRows * (shape.queryBytes * shape.queryKeyDim +
                             shape.outputBytes * shape.valueDim));
}

TEST(Attention, NeverAboveFlashAttentionAndNear) {
  for (int64_t length : {1, 128, 1024, 8192})
    for (int64_t dim : {64, 128})
      for (double capacity : {32e3, 128e3, 256e3, 2e6, 50e6}) {
        AttentionShape shape;
        shape.heads = 8;
        shape.queryRows = shape.keyRows = length;
        shape.queryKeyDim = shape.valueDim = dim;
        double bound = computeAttentionBound(shape, capacity).bytes;
        double flash = flashAttentionBytes(shape, capacity);
        EXPECT_LE(bound, flash * (1 + 1e-9));
        if (capacity >= 256e3)
          EXPECT_LE(flash, 2.1 * bound);
      }
}

TEST(Attention, ClosedFormOfEqualWords) {
  // Equal words, d = 64, N = 4096: 4 N^2 d^2 / S words while S >= 8 d^2 words,
  // else N^2 (1 - S / 16 d^2); here w = 4 and S in bytes.
  AttentionShape shape;
  shape.queryRows = shape.keyRows = 4096;
  shape.queryKeyDim = shape.valueDim = 64;
  shape.queryBytes = shape.keyBytes = shape.valueBytes = 4;
  shape.outputBytes = shape.accumulatorBytes = shape.scoreBytes = 4;
  double pairs = 4096.0 * 4096, words = 65536;
  EXPECT_NEAR(computeAttentionBound(shape, 4 * words).bytes,
              4 * 4 * pairs * 64 * 64 / words, 2);
  words = 8192;
  EXPECT_NEAR(computeAttentionBound(shape, 4 * words).bytes,
              4 * pairs * (1 - words / (16.0 * 64 * 64)), 2);
  // Half of the pairs masked: half of the traffic.
  shape.unmaskedPairs = 4096LL * 4096 / 2;
  EXPECT_NEAR(computeAttentionBound(shape, 4 * words).bytes,
              2 * pairs * (1 - words / (16.0 * 64 * 64)), 2);
}

TEST(Attention, EverythingFitsOrOneQuery) {
  AttentionShape shape;
  shape.heads = 32;
  shape.queryRows = 1;
  shape.keyRows = 2048;
  shape.queryKeyDim = shape.valueDim = 128;
  Bound decode = computeAttentionBound(shape, 50e6);
  // q and o: 32 * 128 each; K and V: 32 * 2048 * 128 each; 2 bytes.
  EXPECT_EQ(decode.bytes, 2 * (2 * 32 * 128 + 2 * 32 * 2048 * 128));
  EXPECT_EQ(decode.theorem, "compulsory");
}

TEST(MatmulPair, BetweenCompulsoryAndTwoMatmuls) {
  MatmulPairShape shape;
  shape.m = shape.n = shape.k = shape.l = 2048;
  shape.accumulatorBytes = 2;
  double previous = std::numeric_limits<double>::infinity();
  for (double capacity : {32e3, 256e3, 2e6, 50e6}) {
    Bound bound = computeMatmulPairBound(shape, capacity);
    // Unfused at their own best: each 2 mnk w sqrt(w/S) at the least, and
    // nothing saves more than the whole intermediate, in and out.
    double unfused =
        2 * computeMatmulChargedBytes(2048, 2048, 2048, 2, 2, 2, capacity);
    EXPECT_LE(bound.bytes, unfused * (1 + 1e-9));
    EXPECT_GE(bound.bytes, unfused - 4 * 2.0 * 2048 * 2048);
    EXPECT_LE(bound.bytes, previous);
    previous = bound.bytes;
  }
  EXPECT_EQ(computeMatmulPairBound(shape, 1e9).theorem, "compulsory");
}
