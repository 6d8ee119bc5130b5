//===- VictimTest.cpp - Caches of what left the caches inside -------------===//
//
// What is proven: one LRU cache and an LRU cache of its victims are one LRU
// cache of both capacities, whatever is accessed. What is measured: how far the
// model's view (treatExclusiveAsInclusive) is off where several inner caches
// hold copies of a line.
//
//===----------------------------------------------------------------------===//

#include "SimulatorTest.h"
#include "memwall/Target/ExclusiveAsInclusive.h"
#include <random>

using namespace memwall;

/// `inner` lines in each of `units` caches, and `outer` lines of victims for
/// all of them.
static Target makeVictimTarget(int64_t inner, int64_t outer,
                               int64_t units = 1) {
  Level victims = makeCache(outer);
  victims.unitsPerInstance = units;
  victims.inclusive = false;
  return makeTarget({makeCache(inner), victims}, units);
}

/// Walks, strides and jumps over 1024 lines; a buffer dies in between.
static void run(Machine &m, unsigned seed, uint32_t units = 1) {
  unsigned dying = m.memory->addBuffer(1 << 15);
  m.memory->addBuffer(1 << 15);
  std::mt19937 random(seed);
  uint64_t word = 0;
  for (int i = 0; i < 20000; ++i) {
    unsigned choice = random() % 8;
    word = choice < 5 ? word + 1 : choice < 7 ? word + 1024 : random();
    word %= 16384;
    uint32_t unit = random() % units;
    if (i == 15000)
      m.memory->die(dying);
    random() % 3 == 0 ? m.store(word, unit) : m.load(word, unit);
  }
}

TEST(VictimTest, OneInnerCacheMakesOneLargeCache) {
  for (Stacking stacking : {Stacking::Independent, Stacking::Filtered})
    for (int64_t inner : {1, 7, 64, 200})
      for (int64_t outer : {1, 5, 64, 300})
        for (unsigned seed = 0; seed < 3; ++seed) {
          Machine victims(makeVictimTarget(inner, outer), stacking);
          run(victims, seed);
          Machine large(makeTarget({makeCache(inner + outer)}), stacking);
          run(large, seed);
          EXPECT_EQ(victims.finish(), large.finish())
              << inner << " + " << outer << " lines, seed " << seed;
        }
}

TEST(VictimTest, TheInnerCacheDoesNotSeeTheOuterOne) {
  Machine victims(makeVictimTarget(20, 40));
  run(victims, 1);
  Machine alone(makeTarget({makeCache(20)}));
  run(alone, 1);
  victims.finish();
  EXPECT_EQ(victims.memory->getTraffic()[1].total, alone.finish());
}

TEST(VictimTest, AllocatingStoresToo) {
  Target target = makeVictimTarget(30, 50);
  target.levels[0].storePolicy = target.levels[1].storePolicy =
      StorePolicy::Allocate;
  Machine victims(target);
  Level both = makeCache(80);
  both.storePolicy = StorePolicy::Allocate;
  Machine large(makeTarget({both}));
  for (Machine *m : {&victims, &large}) {
    m->memory->addBuffer(1 << 15);
    for (int round = 0; round < 3; ++round)
      for (uint64_t word = 0; word < 16 * 100; ++word)
        round == 0 ? m->store(word) : m->load(word);
  }
  EXPECT_EQ(victims.finish(), large.finish());
}

TEST(VictimTest, AVictimOfAVictimCache) {
  Level middle = makeCache(30), outer = makeCache(50);
  middle.inclusive = outer.inclusive = false;
  Machine chain(makeTarget({makeCache(20), middle, outer}));
  run(chain, 2);
  Machine large(makeTarget({makeCache(100)}));
  run(large, 2);
  EXPECT_EQ(chain.finish(), large.finish());
}

/// Data of one unit each: copies do not exist, and all capacity is used.
TEST(VictimTest, PrivateDataOfSeveralUnits) {
  Target target = makeVictimTarget(16, 64, /*units=*/4);
  Machine m(target);
  m.memory->addBuffer(1 << 15);
  for (int round = 0; round < 4; ++round)
    for (uint32_t unit = 0; unit < 4; ++unit)
      for (uint64_t line = 0; line < 32; ++line)
        m.load((unit * 32 + line) * 16, unit);
  // 4 * 16 + 64 lines hold all 128.
  EXPECT_EQ(treatExclusiveAsInclusive(target).levels[1].lines(), 128);
  EXPECT_EQ(m.finish(), (ServedBytes{128 * 64, 0}));
}

/// Data that all units read: inner copies are worth one line together. The
/// model counts all of them; docs/Model.md, "Victim caches", has the figures.
TEST(VictimTest, CopiesCostCapacity) {
  // Lines that all units sweep three times, and what memory serves of them.
  auto sweep = [](const Target &target, uint64_t lines) {
    Machine m(target);
    m.memory->addBuffer(1 << 16);
    for (int round = 0; round < 3; ++round)
      for (uint64_t line = 0; line < lines; ++line)
        for (uint32_t unit = 0; unit < 4; ++unit)
          m.load(line * 16, unit);
    return m.finish().read / 64;
  };
  Target victims = makeVictimTarget(16, 64, /*units=*/4);
  Target model = treatExclusiveAsInclusive(victims);
  EXPECT_EQ(sweep(victims, 64), 64);
  EXPECT_EQ(sweep(model, 64), 64);
  // 16 + 64 lines are there at most, where the model has 4 * 16 + 64.
  EXPECT_EQ(sweep(victims, 96), 3 * 96);
  EXPECT_EQ(sweep(model, 96), 96);
  EXPECT_EQ(sweep(victims, 160), 3 * 160);
  EXPECT_EQ(sweep(model, 160), 3 * 160);
}

TEST(VictimTest, KeepsTheSetsOfTheOuterCache) {
  Level inner = makeCache(128, 8), outer = makeCache(256, 16);
  outer.inclusive = false;
  outer.unitsPerInstance = 2;
  Target target = makeTarget({inner, outer}, /*units=*/2);
  Level merged = treatExclusiveAsInclusive(target).levels[1];
  EXPECT_EQ(merged.sets(), 16);
  EXPECT_EQ(merged.associativity, 32);
  EXPECT_EQ(merged.lines(), 512);
  EXPECT_EQ(target.countHeldBytes(1), 512 * 64);
  // Ways are whole: 256 + 2 * 132 lines are 32.5 lines for each set.
  target.levels[0].capacityBytes = 132 * 64;
  target.levels[0].associativity = 0;
  merged = treatExclusiveAsInclusive(target).levels[1];
  EXPECT_EQ(merged.associativity, 32);
  EXPECT_EQ(target.countHeldBytes(1), 520 * 64);
}
