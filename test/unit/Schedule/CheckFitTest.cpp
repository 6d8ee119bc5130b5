//===- CheckFitTest.cpp - Bytes of a tile ---------------------------------===//

#include "memwall/Schedule/CheckFit.h"
#include "memwall/Target/Target.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace memwall;

namespace {
class CheckFitTest : public testing::Test {
protected:
  /// c[i, j] += a[i, k] * b[k, j], with `bits` per element of b.
  WorkNest createMatmul(int64_t m, int64_t n, int64_t k, unsigned bits = 32) {
    WorkNest nest;
    nest.dims.resize(3);
    addAccess(nest, {m, k}, {0, 2}, 32);
    addAccess(nest, {k, n}, {2, 1}, bits);
    addAccess(nest, {m, n}, {0, 1}, 32);
    nest.accesses.push_back(nest.accesses.back());
    nest.accesses.back().isWrite = true;
    return nest;
  }

  /// A read of a new tensor at the dimensions `dims`.
  void addAccess(WorkNest &nest, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<unsigned> dims, unsigned bits) {
    NestOperand &operand = nest.operands.emplace_back();
    operand.type = mlir::RankedTensorType::get(
        shape, mlir::IntegerType::get(&context, bits));
    NestAccess &access = nest.accesses.emplace_back();
    access.operand = nest.operands.size() - 1;
    for (unsigned dim : dims)
      access.indices.emplace_back().terms.push_back({dim, 1});
  }

  mlir::MLIRContext context;
};
} // namespace

TEST_F(CheckFitTest, ATileOfEveryOperandCounts) {
  TileBand band{"l2", {16, 8, 4}, {0, 1, 2}, {}};
  // a: 16 x 4, b: 4 x 8, c: 16 x 8, once for its read and its write.
  EXPECT_EQ(computeTileBytes(band, createMatmul(512, 300, 256)),
            4 * (16 * 4 + 4 * 8 + 16 * 8));
}

TEST_F(CheckFitTest, WhatTheBandDoesNotCutIsStreamed) {
  TileBand band{"l2", {16, 8, 0}, {0, 1}, {}};
  EXPECT_EQ(computeTileBytes(band, createMatmul(512, 300, 256)),
            4 * (16 + 8 + 16 * 8));
}

TEST_F(CheckFitTest, BitsAreRoundedUpPerOperand) {
  TileBand band{"l2", {1, 3, 1}, {0, 1, 2}, {}};
  // b: 3 elements of 4 bits are 2 bytes.
  EXPECT_EQ(computeTileBytes(band, createMatmul(512, 300, 256, 4)),
            4 + 2 + 4 * 3);
}

TEST_F(CheckFitTest, AWindowIsNoLargerThanItsTensor) {
  WorkNest nest;
  nest.dims.resize(2);
  addAccess(nest, {10}, {0}, 32);
  // Index 2 * i + j: 2 * 3 + 2 + 1 positions of a tile of 4 x 3.
  nest.accesses[0].indices[0].terms = {{0, 2}, {1, 1}};
  EXPECT_EQ(computeTileBytes({"l2", {4, 3}, {0, 1}, {}}, nest), 4 * 9);
  EXPECT_EQ(computeTileBytes({"l2", {5, 3}, {0, 1}, {}}, nest), 4 * 10);
}

TEST_F(CheckFitTest, TooManyBytesAreNone) {
  int64_t huge = int64_t(1) << 40;
  TileBand band{"l2", {huge, huge, huge}, {0, 1, 2}, {}};
  EXPECT_EQ(computeTileBytes(band, createMatmul(huge, huge, huge)),
            std::nullopt);
}

TEST_F(CheckFitTest, TheMessageNamesTheBand) {
  Target target;
  target.name = "cpu";
  target.levels.emplace_back().name = "l2";
  target.levels.back().capacityBytes = 896;
  Schedule schedule;
  schedule.bands.push_back({"l2", {16, 8, 4}, {0, 1, 2}, {}});
  WorkNest nest = createMatmul(512, 300, 256);
  EXPECT_EQ(llvm::toString(checkFit(schedule, nest, target)), "");
  schedule.bands[0].sizes[0] = 17;
  EXPECT_EQ(llvm::toString(checkFit(schedule, nest, target)),
            "band 0 has tiles of 944 bytes, but 'l2' of cpu holds 896");
}
