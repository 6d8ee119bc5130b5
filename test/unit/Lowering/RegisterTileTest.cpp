//===- RegisterTileTest.cpp - Which sums registers hold -------------------===//

#include "memwall/Target/RegisterTile.h"
#include "gtest/gtest.h"

using namespace memwall;

static const VectorRegisters avx512{512, 32}, avx2{256, 16}, neon{128, 32};

/// Cycles of a whole product, as a formula of its own: two multiply-adds in a
/// cycle, a sum waits four cycles for itself.
static double countFusedCycles(int64_t rows, int64_t columns, int64_t lanes,
                               const RegisterTile &tile) {
  int64_t width = tile.vectors * lanes;
  int64_t tiles =
      (rows + tile.rows - 1) / tile.rows * ((columns + width - 1) / width);
  return double(tiles) * std::max(tile.sums() / 2.0, 4.0);
}

TEST(RegisterTileTest, FitsAndHidesTheLatencyWhereItCan) {
  for (const VectorRegisters &registers : {avx512, avx2, neon})
    for (int64_t lanes = 2; lanes <= 16; lanes *= 2)
      for (int64_t rows : {1, 2, 5, 16, 100, 1000})
        for (int64_t columns : {1, 7, 64, 100, 1000}) {
          RegisterTile tile =
              chooseRegisterTile(rows, columns, lanes, registers);
          SCOPED_TRACE(testing::Message()
                       << registers.bits << " bits, " << lanes << " lanes, "
                       << rows << "x" << columns << ": " << tile.rows << "x"
                       << tile.vectors);
          EXPECT_GE(tile.rows, 1);
          EXPECT_GE(tile.vectors, 1);
          EXPECT_LE(tile.rows, rows);
          EXPECT_LE(tile.sums() + tile.vectors + 1, registers.count);
          // Eight sums, where the product has as many.
          if (rows >= 16 && columns >= 4 * lanes) {
            EXPECT_GE(tile.sums(), 8);
          }
        }
}

// 4x4 has no partial tile, 6x4 has fewer loads per multiply-add; both do the
// arithmetic in nearly the cycles of the machine's peak.
TEST(RegisterTileTest, WastesLittleOfTheArithmetic) {
  for (const VectorRegisters &registers : {avx512, avx2})
    for (int64_t rows : {64, 100, 256, 1000})
      for (int64_t columns : {64, 96, 100, 1000}) {
        int64_t lanes = registers.bits / 32;
        RegisterTile tile = chooseRegisterTile(rows, columns, lanes, registers);
        int64_t vectors = (columns + lanes - 1) / lanes;
        double ideal = double(rows * vectors) / 2;
        EXPECT_LE(countFusedCycles(rows, columns, lanes, tile), 1.25 * ideal)
            << registers.bits << ": " << rows << "x" << columns << ": "
            << tile.rows << "x" << tile.vectors;
      }
}

TEST(RegisterTileTest, TakesTheRegistersOfATarget) {
  Target target;
  EXPECT_EQ(getVectorRegisters(target).bits, 256);
  EXPECT_EQ(getVectorRegisters(target).count, 16);
  target.vectorBits = 512;
  target.vectorRegisters = 32;
  EXPECT_FALSE(getVectorRegisters(target).dots.any());
  target.dotInstructions.bf16 = true;
  EXPECT_TRUE(getVectorRegisters(target).dots.bf16);
  EXPECT_EQ(getVectorRegisters(target).bits, 512);
  EXPECT_EQ(getVectorRegisters(target).count, 32);
  EXPECT_EQ(getVectorRegisters(target).getLanes(32), 16);
}
