//===- HierarchyTest.cpp - Several levels and several units ---------------===//

#include "SimulatorTest.h"

using namespace memwall;

namespace {

constexpr uint64_t line = 16;

TEST(Hierarchy, BuffersStartOnPages) {
  Machine m(makeTarget({makeCache(2)}));
  EXPECT_EQ(m.memory->getBase(m.memory->addBuffer(1)), 0u);
  EXPECT_EQ(m.memory->getBase(m.memory->addBuffer(4097)), 4096u);
  EXPECT_EQ(m.memory->getBase(m.memory->addBuffer(4096)), 12288u);
}

// Lines 0 1 0 2 0 through one line over two lines.
//   Independent: the small cache misses each (5). The large one sees all five:
//   0 miss, 1 miss, 0 hit, 2 miss (1 leaves), 0 hit = 3.
//   Filtered: the small cache lets all five through: 3 again.
TEST(Hierarchy, EveryLevelIsCounted) {
  for (Stacking stacking : {Stacking::Independent, Stacking::Filtered}) {
    Machine m(makeTarget({makeCache(1), makeCache(2)}), stacking);
    m.memory->addBuffer(4096);
    for (uint64_t n : {0, 1, 0, 2, 0})
      m.load(n * line);
    m.memory->finish();
    llvm::SmallVector<SimulatedLevel, 4> traffic = m.memory->getTraffic();
    ASSERT_EQ(traffic.size(), 3u);
    EXPECT_EQ(traffic[0].total, (ServedBytes{20, 0}));
    EXPECT_EQ(traffic[1].total, (ServedBytes{5 * 64, 0}));
    EXPECT_EQ(traffic[2].total, (ServedBytes{3 * 64, 0}));
  }
}

// The cache below never hears of hits above, so its order is older:
//   above (2 lines): 0 m, 1 m, 0 h, 2 m (1 leaves), 0 h, 3 m (2 leaves), 0 h,
//   4 m (3 leaves), then 1 m, then 0 m.
//   below, filtered (3 lines): 0 1 2 | 3 evicts 0 | 4 evicts 1 | 1 m evicts 2 |
//   0 m evicts 3: 7 misses.
//   below, independent: 0 1 2 with 0 recent | 3 evicts 1 | 4 evicts 2 |
//   1 evicts 3 | 0 hits: 6 misses.
TEST(Hierarchy, FilteredOrderIsOlder) {
  auto run = [](Stacking stacking) {
    Machine m(makeTarget({makeCache(2), makeCache(3)}), stacking);
    m.memory->addBuffer(4096);
    for (uint64_t n : {0, 1, 0, 2, 0, 3, 0, 4, 1, 0})
      m.load(n * line);
    m.memory->finish();
    return m.memory->getTraffic().back().total.read / 64;
  };
  EXPECT_EQ(run(Stacking::Independent), 6);
  EXPECT_EQ(run(Stacking::Filtered), 7);
}

// A dirty line leaves the upper cache into the lower one, which writes it once
// at the end; nothing is fetched for it twice.
TEST(Hierarchy, WriteBacksGoDownOneLevel) {
  Machine m(makeTarget({makeCache(1), makeCache(4)}), Stacking::Filtered);
  m.memory->addBuffer(4096);
  m.store(0 * line);
  m.store(1 * line); // 0 goes down
  m.store(0 * line); // fetched from below, 1 goes down
  m.memory->finish();
  llvm::SmallVector<SimulatedLevel, 4> traffic = m.memory->getTraffic();
  EXPECT_EQ(traffic[1].total, (ServedBytes{3 * 64, 3 * 64}));
  EXPECT_EQ(traffic[2].total, (ServedBytes{2 * 64, 2 * 64}));
}

TEST(Hierarchy, EveryInstanceHasItsOwnLines) {
  // 4 units, two to a cache: units 0 and 1 share, units 2 and 3 share.
  Level cache = makeCache(4);
  cache.unitsPerInstance = 2;
  Machine m(makeTarget({cache}, /*units=*/4));
  m.memory->addBuffer(4096);
  for (uint32_t unit : {0, 1, 2, 3, 0})
    m.load(0, unit); // fetched by unit 0 and again by unit 2
  EXPECT_EQ(m.finish(), (ServedBytes{2 * 64, 0}));
}

TEST(Hierarchy, ATargetOfMemoryAloneServesEveryAccess) {
  Machine m(makeTarget({}));
  m.memory->addBuffer(4096);
  m.load(0);
  m.load(0);
  m.store(1);
  EXPECT_EQ(m.finish(), (ServedBytes{8, 4}));
}

TEST(Hierarchy, BuffersSumToTotals) {
  Machine m(makeTarget({makeCache(2, 2), makeCache(8)}));
  for (int buffer = 0; buffer < 3; ++buffer)
    m.memory->addBuffer(4096);
  for (uint64_t i = 0; i < 3000; ++i)
    (i % 3 ? m.load(i * 37 % 3072) : m.store(i * 11 % 3072));
  m.memory->finish();
  for (const SimulatedLevel &level : m.memory->getTraffic()) {
    ServedBytes sum;
    for (const ServedBytes &bytes : level.buffers) {
      sum.read += bytes.read;
      sum.written += bytes.written;
    }
    EXPECT_EQ(sum, level.total);
    EXPECT_GT(level.total.read, 0);
  }
}

TEST(Hierarchy, RejectsWhatItCannotSimulate) {
  auto message = [](Level level) {
    auto memory = Hierarchy::create(makeTarget({level}), Stacking::Independent);
    return memory ? std::string() : llvm::toString(memory.takeError());
  };
  Level oddLine = makeCache(2);
  oddLine.lineBytes = oddLine.sectorBytes = 48;
  oddLine.capacityBytes = 96;
  EXPECT_NE(message(oddLine).find("powers of two, found 48 and 48 bytes"),
            std::string::npos);
  Level longLine = makeCache(2);
  longLine.lineBytes = longLine.sectorBytes = 8192;
  longLine.capacityBytes = 16384;
  EXPECT_NE(message(longLine).find("at most 4096 bytes, found 8192"),
            std::string::npos);
  Level manySectors = makeCache(2);
  manySectors.lineBytes = 1024;
  manySectors.sectorBytes = 32;
  manySectors.capacityBytes = 2048;
  EXPECT_NE(message(manySectors).find("at most 8 sectors in a line, found 32"),
            std::string::npos);
}

} // namespace
