//===- CacheTest.cpp - The rules of one cache, on hand-made traces --------===//

#include "SimulatorTest.h"

using namespace memwall;

namespace {

// Words 0..15 are line 0 (64 bytes = 16 words), 16..31 line 1, ...
constexpr uint64_t line = 16;

TEST(Cache, ALineIsFetchedOnce) {
  Machine m(makeTarget({makeCache(2)}));
  m.memory->addBuffer(4096);
  for (uint64_t word = 0; word < 32; ++word)
    m.load(word); // two lines, each word once
  EXPECT_EQ(m.finish(), (ServedBytes{128, 0}));
  // The innermost level serves every access: 32 words.
  EXPECT_EQ(m.memory->getTraffic()[0].total, (ServedBytes{128, 0}));
}

TEST(Cache, TheLeastRecentLineLeaves) {
  Machine m(makeTarget({makeCache(2)}));
  m.memory->addBuffer(4096);
  m.load(0 * line); // miss: 0
  m.load(1 * line); // miss: 1 0
  m.load(0 * line); // hit:  0 1
  m.load(2 * line); // miss: 2 0, line 1 leaves
  m.load(0 * line); // hit
  m.load(1 * line); // miss
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 64, 0}));
}

TEST(Cache, SetsSeparateLines) {
  // 4 lines in 2 sets of 2 ways: lines 0, 2, 4 share set 0 and do not fit,
  // though the cache has room for them.
  Machine m(makeTarget({makeCache(4, 2)}));
  m.memory->addBuffer(4096);
  for (int round = 0; round < 2; ++round)
    for (uint64_t n : {0, 2, 4})
      m.load(n * line);
  EXPECT_EQ(m.finish(), (ServedBytes{6 * 64, 0}));
}

TEST(Cache, SetsNeedNotBeAPowerOfTwo) {
  // 3 sets of 1 way: line n is in set n mod 3; 0 and 3 conflict, 1 does not.
  Machine m(makeTarget({makeCache(3, 1)}));
  m.memory->addBuffer(4096);
  for (uint64_t n : {0, 1, 3, 1, 0})
    m.load(n * line);
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 64, 0}));
}

TEST(Cache, AHashedIndexSpreadsPowersOfTwo) {
  // 8 sets of 2 ways. Lines 0, 8, ..., 56 share one set by modulo, and every
  // access of two rounds misses; modulo 7 they fall into sets 0 to 6 and 0.
  for (auto [index, misses] :
       {std::pair(SetIndex::Modulo, 16), std::pair(SetIndex::Hashed, 8)}) {
    Level level = makeCache(16, 2);
    level.index = index;
    Machine m(makeTarget({level}));
    m.memory->addBuffer(4096);
    for (int round = 0; round < 2; ++round)
      for (uint64_t n = 0; n < 64; n += 8)
        m.load(n * line);
    EXPECT_EQ(m.finish(), (ServedBytes{misses * 64, 0}));
  }
}

TEST(Cache, AHashedCacheHoldsAPrimeTimesItsWays) {
  // Of 16 lines in 8 sets of 2 ways, 14 stay: line 14 is the third of set 0.
  for (auto [lines, misses] : {std::pair(14, 14), std::pair(15, 15 + 3)}) {
    Level level = makeCache(16, 2);
    level.index = SetIndex::Hashed;
    Machine m(makeTarget({level}));
    m.memory->addBuffer(4096);
    for (int round = 0; round < 2; ++round)
      for (int n = 0; n < lines; ++n)
        m.load(n * line);
    EXPECT_EQ(m.finish(), (ServedBytes{misses * 64, 0}));
  }
}

TEST(Cache, ADirtyLineIsWrittenOncePerResidency) {
  Machine m(makeTarget({makeCache(1)}));
  m.memory->addBuffer(4096);
  m.store(0);       // fetch 0
  m.store(1);       // hit
  m.load(1 * line); // fetch 1, write back 0
  m.store(0);       // fetch 0
  EXPECT_EQ(m.finish(), (ServedBytes{3 * 64, 2 * 64}));
}

TEST(Cache, OnlyTouchedSectorsAreFetched) {
  Level cache = makeCache(2);
  cache.lineBytes = 128;
  cache.sectorBytes = 32; // 8 words
  cache.capacityBytes = 256;
  Machine m(makeTarget({cache}));
  m.memory->addBuffer(4096);
  m.load(0);   // line 0 sector 0
  m.load(8);   // line 0 sector 1
  m.load(9);   // there
  m.store(24); // line 0 sector 3: fetched, dirty
  m.load(32);  // line 1 sector 0
  m.load(64);  // line 2 sector 0: line 0 leaves, one dirty sector
  m.load(0);   // fetched again
  EXPECT_EQ(m.finish(), (ServedBytes{6 * 32, 32}));
}

TEST(Cache, AnAccessMayStraddleLines) {
  Machine m(makeTarget({makeCache(4)}));
  m.memory->addBuffer(4096);
  // 64 bytes from byte 32: lines 0 and 1. 200 bytes from 0: lines 0..3.
  m.memory->access(MemoryAccess::load(32 * 8, 512));
  m.memory->access(MemoryAccess::load(0, 1600));
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 64, 0}));
  EXPECT_EQ(m.memory->getTraffic()[0].total.read, 64 + 200);
}

TEST(Cache, HalfBytesAreCountedAsBits) {
  Machine m(makeTarget({makeCache(4)}));
  m.memory->addBuffer(4096);
  // 129 elements of i4: 64.5 bytes, so 65 accessed and two lines fetched.
  m.memory->accessLoop({{MemoryAccess::load(0, 4), 4}}, 129);
  EXPECT_EQ(m.finish(), (ServedBytes{128, 0}));
  EXPECT_EQ(m.memory->getTraffic()[0].total.read, 65);
}

//===----------------------------------------------------------------------===//
// Stores that miss
//===----------------------------------------------------------------------===//

Level makeAllocating(int64_t lines) {
  Level cache = makeCache(lines);
  cache.storePolicy = StorePolicy::Allocate;
  cache.sectorBytes = 32; // 8 words, two sectors to a line
  return cache;
}

TEST(StoreAllocate, AWhollyStoredSectorIsNeverFetched) {
  Machine m(makeTarget({makeAllocating(4)}));
  m.memory->addBuffer(4096);
  for (uint64_t word = 0; word < 8; ++word)
    m.store(word);
  m.load(3); // valid by now
  EXPECT_EQ(m.finish(), (ServedBytes{0, 32}));
}

TEST(StoreAllocate, APartialSectorIsFetchedWhenItLeaves) {
  Machine m(makeTarget({makeAllocating(1)}));
  m.memory->addBuffer(4096);
  m.store(0);       // sector 0 partial
  m.load(1 * line); // line 0 leaves: fetch and write sector 0; fetch sector 2
  EXPECT_EQ(m.finish(), (ServedBytes{64, 32}));
}

TEST(StoreAllocate, APartialSectorIsFetchedWhenItIsRead) {
  Machine m(makeTarget({makeAllocating(1)}));
  m.memory->addBuffer(4096);
  m.store(0);
  m.load(0); // fetches the sector: it is not complete
  m.store(1);
  EXPECT_EQ(m.finish(), (ServedBytes{32, 32}));
}

TEST(StoreAllocate, StoredBytesAreForgottenWithTheResidency) {
  Machine m(makeTarget({makeAllocating(1)}));
  m.memory->addBuffer(4096);
  for (uint64_t word = 0; word < 4; ++word)
    m.store(word);
  m.load(1 * line); // half a sector leaves: fetch + write; fetch line 1
  for (uint64_t word = 4; word < 8; ++word)
    m.store(word);  // the other half alone: partial again
  m.load(2 * line); // fetch + write; fetch line 2
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 32, 2 * 32}));
}

TEST(StoreAllocate, WhatIsPartialAtTheEndGoesOutWithAMask) {
  Machine m(makeTarget({makeAllocating(1)}));
  m.memory->addBuffer(4096);
  m.store(0);
  EXPECT_EQ(m.finish(), (ServedBytes{0, 32}));
}

TEST(StoreBypass, MissesGoAround) {
  Level cache = makeCache(2);
  cache.storePolicy = StorePolicy::Bypass;
  Machine m(makeTarget({cache}));
  m.memory->addBuffer(4096);
  m.load(0);         // line 0 comes
  m.store(1);        // hit: dirty, written at the end
  m.store(1 * line); // around: one sector
  m.store(17);       // combined with it
  m.store(2 * line); // around: the next sector
  m.store(18);       // not combined any more
  m.load(1 * line);  // never came: fetched
  EXPECT_EQ(m.finish(), (ServedBytes{2 * 64, 4 * 64}));
}

/// Whatever the policy.
TEST(StoreAround, GoesPastAllCaches) {
  for (StorePolicy policy :
       {StorePolicy::Fetch, StorePolicy::Allocate, StorePolicy::Bypass})
    for (Stacking stacking : {Stacking::Independent, Stacking::Filtered}) {
      Level inner = makeCache(2), outer = makeCache(4);
      inner.storePolicy = outer.storePolicy = policy;
      Machine m(makeTarget({inner, outer}), stacking);
      m.memory->addBuffer(4096);
      auto storeAround = [&](uint64_t word) {
        m.memory->access({word * 32, 32, MemoryAccess::StoreAround});
      };
      m.load(0);             // line 0 comes
      m.store(1);            // hit: dirty
      storeAround(2);        // line 0 is written back and leaves; around
      storeAround(3);        // combined with it
      m.load(0);             // comes again
      storeAround(1 * line); // around, and the line does not come
      storeAround(1);        // line 0 leaves, clean
      m.load(1 * line);      // comes
      EXPECT_EQ(m.finish(), (ServedBytes{3 * 64, 4 * 64}));
      EXPECT_EQ(m.memory->getTraffic()[1].total, (ServedBytes{3 * 64, 4 * 64}));
    }
}

//===----------------------------------------------------------------------===//
// Dead buffers
//===----------------------------------------------------------------------===//

TEST(Death, DirtyLinesOfADeadBufferAreDropped) {
  Machine m(makeTarget({makeCache(4)}));
  unsigned temporary = m.memory->addBuffer(64);
  m.memory->addBuffer(64); // at 4096 = word 1024
  m.store(0);
  m.store(1024);
  m.memory->die(temporary);
  EXPECT_EQ(m.finish(), (ServedBytes{128, 64}));
  llvm::SmallVector<SimulatedLevel, 4> traffic = m.memory->getTraffic();
  EXPECT_EQ(traffic[1].buffers[0], (ServedBytes{64, 0}));
  EXPECT_EQ(traffic[1].buffers[1], (ServedBytes{64, 64}));
}

TEST(Death, DeadLinesKeepTheirPlace) {
  Machine m(makeTarget({makeCache(2)}));
  unsigned temporary = m.memory->addBuffer(64);
  m.memory->addBuffer(4096); // word 1024...
  m.load(1024);
  m.store(0);
  m.memory->die(temporary); // order: dead 0, 1024
  m.load(1024 + line);      // 1024 leaves, not the dead line
  m.load(1024);             // miss
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 64, 0}));
}

TEST(Death, PessimisticLevelsWriteDeadLines) {
  Level cache = makeCache(4);
  cache.deadLines = DeadLines::Written;
  Machine m(makeTarget({cache}));
  unsigned temporary = m.memory->addBuffer(64);
  m.store(0);
  m.memory->die(temporary);
  EXPECT_EQ(m.finish(), (ServedBytes{64, 64}));
}

TEST(Death, ABufferLargerThanTheCacheDiesToo) {
  Machine m(makeTarget({makeCache(2)}));
  unsigned temporary = m.memory->addBuffer(4096);
  for (uint64_t n = 0; n < 4; ++n)
    m.store(n * line); // 4 fetched, 2 written back, 2 dirty when it dies
  m.memory->die(temporary);
  EXPECT_EQ(m.finish(), (ServedBytes{4 * 64, 2 * 64}));
}

TEST(Death, PartialSectorsOfADeadBufferAreNotFetched) {
  Machine m(makeTarget({makeAllocating(4)}));
  unsigned temporary = m.memory->addBuffer(64);
  m.store(0);
  m.memory->die(temporary);
  EXPECT_EQ(m.finish(), (ServedBytes{0, 0}));
}

} // namespace
