//===- TargetTest.cpp - Queries and checks of a machine -------------------===//

#include "memwall/Target/Target.h"
#include <gtest/gtest.h>

using namespace memwall;

/// Two cores with a 32 KiB cache each before 1 GB of memory.
static Target makeTarget() {
  Target target;
  target.name = "test";
  target.units = 2;
  Level l1;
  l1.name = "l1";
  l1.capacityBytes = 32768;
  l1.associativity = 8;
  Level memory;
  memory.name = "ddr5";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = 1000000000;
  memory.unitsPerInstance = 2;
  memory.readBytesPerSecond.peak = 1e9;
  target.levels = {l1, memory};
  target.matrixPeaks = {{"bf16", 100}};
  target.vectorPeaks = {{"f32", 10}, {"f64", 5}};
  return target;
}

static std::string checkMessage(const Target &target) {
  return llvm::toString(target.check());
}

TEST(TargetTest, FindsLevels) {
  Target target = makeTarget();
  EXPECT_EQ(checkMessage(target), "");
  EXPECT_EQ(target.findLevel("l1"), &target.levels[0]);
  EXPECT_EQ(target.findLevel("l2"), nullptr);
  EXPECT_EQ(target.dram().name, "ddr5");
  EXPECT_EQ(target.levels[0].lines(), 512);
  EXPECT_EQ(target.levels[0].sets(), 64);
  EXPECT_EQ(target.levels[1].sets(), 1);
}

TEST(TargetTest, AHashedIndexUsesAPrimeOfItsSets) {
  Level level;
  level.index = SetIndex::Hashed;
  level.associativity = 16;
  // {sets by capacity, largest prime not above}; 1 and 2 are the smallest.
  const std::pair<int64_t, int64_t> cases[] = {
      {1, 1},   {2, 2},     {3, 3},         {4, 3},         {9, 7},
      {64, 61}, {121, 113}, {32768, 32749}, {32749, 32749}, {1 << 16, 65521}};
  for (auto [sets, prime] : cases) {
    level.capacityBytes = sets * 16 * 64;
    EXPECT_EQ(level.lines(), sets * 16);
    EXPECT_EQ(level.sets(), prime);
    EXPECT_EQ(level.usableLines(), prime * 16);
  }
  level.index = SetIndex::Modulo;
  EXPECT_EQ(level.sets(), 1 << 16);
  EXPECT_EQ(level.usableLines(), level.lines());
}

TEST(TargetTest, PeaksFallBackToWiderTypes) {
  Target target = makeTarget();
  EXPECT_EQ(target.matrixPeak("bf16"), 100);
  EXPECT_EQ(target.vectorPeak("bf16"), 10);
  // No unit takes f16: f32 ones do it, and the vector peak stands in.
  EXPECT_EQ(target.matrixPeak("f16"), 10);
  EXPECT_EQ(target.matrixPeak("f8E4M3FN"), 10);
  EXPECT_EQ(target.matrixPeak("f64"), 5);
  EXPECT_EQ(target.matrixPeak("i8"), std::nullopt);
  target.matrixPeaks.push_back({"i8", 200});
  EXPECT_EQ(target.matrixPeak("i4"), 200);
  EXPECT_EQ(target.matrixPeak("ui8"), 200);
  EXPECT_EQ(target.matrixPeak("i32"), std::nullopt);
}

TEST(TargetTest, NamesOfDotInstructionsAreReadAgain) {
  for (bool bf16 : {false, true})
    for (bool integers : {false, true}) {
      DotInstructions dots{bf16, integers};
      auto read = DotInstructions::parse(dots.print());
      ASSERT_TRUE(read) << dots.print();
      EXPECT_EQ(read->bf16, bf16);
      EXPECT_EQ(read->integers, integers);
    }
  EXPECT_TRUE(DotInstructions::parse("avx512vnni,avx512bf16")->bf16);
  for (const char *wrong : {"", "avx", "none,avx512vnni", "avx512vnni,"})
    EXPECT_FALSE(DotInstructions::parse(wrong)) << wrong;
}

TEST(TargetTest, CheckExplainsNonsense) {
  auto message = [](auto &&change) {
    Target target = makeTarget();
    change(target);
    return checkMessage(target);
  };
  EXPECT_EQ(message([](Target &t) { t.vectorRegisters = 3; }),
            "'vector_registers' must be at least 4, found 3");
  EXPECT_EQ(message([](Target &t) { t.vectorBits = 32; }),
            "'vector_bits' must be a power of two of at least 64, found 32");
  EXPECT_EQ(message([](Target &t) { t.vectorBits = 384; }),
            "'vector_bits' must be a power of two of at least 64, found 384");
  EXPECT_EQ(message([](Target &t) { t.levels.clear(); }),
            "a target needs at least a memory level, found no levels");
  EXPECT_EQ(message([](Target &t) { t.levels.pop_back(); }),
            "level 'l1': the outermost level must be a memory");
  EXPECT_EQ(message([](Target &t) { t.levels[0].kind = LevelKind::Memory; }),
            "level 'l1': a memory must be the outermost level");
  EXPECT_EQ(message([](Target &t) { t.levels[0].capacityBytes = 0; }),
            "level 'l1': capacity must be positive, found 0");
  EXPECT_EQ(message([](Target &t) { t.levels[0].lineBytes = -64; }),
            "level 'l1': line must be positive, found -64");
  EXPECT_EQ(message([](Target &t) { t.levels[0].sectorBytes = 48; }),
            "level 'l1': a sector of 48 bytes does not divide the line of 64");
  EXPECT_EQ(message([](Target &t) { t.levels[0].capacityBytes = 63; }),
            "level 'l1': a capacity of 63 bytes does not hold a line of 64");
  EXPECT_EQ(message([](Target &t) { t.levels[0].associativity = 7; }),
            "level 'l1': 7 ways do not divide the 512 lines");
  EXPECT_EQ(message([](Target &t) { t.levels[0].associativity = -1; }),
            "level 'l1': associativity must not be negative, found -1");
  EXPECT_EQ(message([](Target &t) {
              t.levels[0].index = SetIndex::Hashed;
              t.levels[0].associativity = 0;
            }),
            "level 'l1': a hashed index needs a cached level with ways");
  EXPECT_EQ(message([](Target &t) {
              t.levels[0].index = SetIndex::Hashed;
              t.levels[0].kind = LevelKind::Explicit;
            }),
            "level 'l1': a hashed index needs a cached level with ways");
  EXPECT_EQ(message([](Target &t) {
              t.levels[0].index = SetIndex::Hashed;
              t.levels[0].capacityBytes = INT64_C(1) << 42;
            }),
            "level 'l1': a hashed index expects at most 4294967296 sets, found "
            "8589934592");
  EXPECT_EQ(message([](Target &t) { t.levels[0].unitsPerInstance = 0; }),
            "level 'l1': 0 units per instance do not divide the 2 units");
  EXPECT_EQ(message([](Target &t) { t.levels[1].capacityBytes = 65536; }),
            "level 'ddr5': capacities must grow outwards, found 65536 bytes "
            "outside 65536");
  EXPECT_EQ(message([](Target &t) { t.levels[1].name = "l1"; }),
            "level 'l1' is given twice");
  EXPECT_EQ(message([](Target &t) { t.levels[0].name = ""; }),
            "a level has no name");
  EXPECT_EQ(message([](Target &t) { t.units = 0; }),
            "units must be positive, found 0");
  EXPECT_EQ(message([](Target &t) { t.vectorPeaks[0].elementType = "f64"; }),
            "vector peak of 'f64' is given twice");
  EXPECT_EQ(message([](Target &t) {
              t.units = 1 << 20;
              t.levels[0].capacityBytes = INT64_C(1) << 60;
              t.levels[0].associativity = 0;
            }),
            "level 'l1': the capacity of all instances exceeds 2^63 - 1 bytes");
}

TEST(TargetTest, CheckExplainsRates) {
  Target target = makeTarget();
  target.levels[1].readBytesPerSecond.peak = 0;
  EXPECT_NE(checkMessage(target).find("'ddr5': read peak bandwidth must be"),
            std::string::npos);
  target = makeTarget();
  target.levels[1].readBytesPerSecond.achievable = 2e9;
  EXPECT_NE(checkMessage(target).find("must not exceed the peak"),
            std::string::npos);
  target = makeTarget();
  target.matrixPeaks[0].opsPerSecond = -1;
  EXPECT_NE(checkMessage(target).find("matrix peak of 'bf16' must be positive"),
            std::string::npos);
  target = makeTarget();
  target.levels[0].picojoulesPerBit = 0;
  EXPECT_NE(checkMessage(target).find("'l1': energy must be positive"),
            std::string::npos);
}
