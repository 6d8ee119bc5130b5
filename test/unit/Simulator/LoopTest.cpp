//===- LoopTest.cpp - A loop is its accesses, one after the other ---------===//
//
// Of a loop the hierarchy simulates only what changes something (Repeats.h).
// Fed with every access, one by one, another hierarchy must count the same at
// every level: for all store policies, stackings, ways, lines and sectors.
//
//===----------------------------------------------------------------------===//

#include "SimulatorTest.h"
#include <random>

using namespace memwall;

namespace {

Level makeRandomCache(std::mt19937 &random) {
  int64_t ways = random() % 5; // 0 is full
  Level level =
      makeCache((1 + random() % 12) * std::max<int64_t>(1, ways), ways);
  level.storePolicy = std::array{StorePolicy::Fetch, StorePolicy::Allocate,
                                 StorePolicy::Bypass}[random() % 3];
  level.lineBytes = 32 << random() % 3;
  level.capacityBytes = level.capacityBytes / 64 * level.lineBytes;
  level.sectorBytes = std::max<int64_t>(16, level.lineBytes >> random() % 3);
  return level;
}

constexpr int64_t bufferBits = 3 * 4096 * 8;

/// A stream that stays within a buffer for `iterations`.
AccessStream makeRandomStream(std::mt19937 &random, uint64_t bufferBegin,
                              int64_t iterations) {
  constexpr uint32_t widths[] = {4, 8, 16, 32, 32, 32, 64, 128, 96, 1024};
  constexpr int64_t steps[] = {0, 0, 0, 1, 1, 1, -1, 2, 5, 8, 16, -16, 33};
  uint32_t bits = widths[random() % 10];
  int64_t stride = steps[random() % 13] * bits;
  int64_t reach = std::abs(stride) * iterations + bits;
  if (reach > bufferBits) {
    stride = 0;
    reach = bits;
  }
  int64_t first = random() % ((bufferBits - reach) / bits + 1) * bits;
  if (stride < 0)
    first += reach - bits;
  if (random() % 8 == 0 && first + bits < bufferBits && stride == 0)
    first += 4; // not aligned
  auto kind = random() % 3   ? MemoryAccess::Load
              : random() % 4 ? MemoryAccess::Store
                             : MemoryAccess::StoreAround;
  return {MemoryAccess(bufferBegin * 8 + first, bits, kind), stride};
}

/// A stream that runs a few elements before or after another one.
AccessStream makeNeighbour(std::mt19937 &random, AccessStream stream,
                           int64_t iterations) {
  int64_t shift = (int64_t(random() % 9) - 4) * stream.first.bits;
  int64_t ends = iterations * stream.strideBits;
  int64_t inBuffer = stream.first.addressBits % (bufferBits);
  auto fits = [&](int64_t at) {
    return at >= 0 && at + stream.first.bits <= bufferBits;
  };
  if (fits(inBuffer + shift) && fits(inBuffer + shift + ends))
    stream.first.addressBits += shift;
  stream.first.kind = random() % 2 ? MemoryAccess::Load : MemoryAccess::Store;
  return stream;
}

void compare(unsigned seed, Stacking stacking) {
  std::mt19937 random(seed);
  Level inner = makeRandomCache(random), outer = makeRandomCache(random);
  while (outer.capacityBytes <= inner.capacityBytes) // as targets must
    outer.capacityBytes *= 2;
  Target target = makeTarget({inner, outer});
  Machine loops(target, stacking), single(target, stacking);
  for (Machine *m : {&loops, &single})
    for (int buffer = 0; buffer < 3; ++buffer)
      m->memory->addBuffer(bufferBits / 8);
  for (int loop = 0; loop < 60; ++loop) {
    int64_t iterations = random() % 60;
    std::vector<AccessStream> streams;
    for (unsigned i = 0, e = 1 + random() % 5; i < e; ++i) {
      uint64_t buffer = loops.memory->getBase(random() % 3);
      streams.push_back(makeRandomStream(random, buffer, iterations));
      // The neighbours of what another one touches: x[i + 1] beside x[i].
      if (random() % 3 == 0)
        streams.push_back(makeNeighbour(random, streams.back(), iterations));
      // A sum: loaded, then stored.
      if (random() % 2) {
        streams.push_back(streams.back());
        streams.back().first.kind = MemoryAccess::Store;
      }
    }
    loops.memory->accessLoop(streams, iterations);
    for (int64_t i = 0; i < iterations; ++i)
      for (AccessStream stream : streams) {
        stream.first.addressBits += i * stream.strideBits;
        single.memory->access(stream.first);
      }
    if (random() % 10 == 0)
      for (Machine *m : {&loops, &single})
        m->memory->die(loop % 3);
  }
  loops.finish();
  single.finish();
  auto found = loops.memory->getTraffic(),
       expected = single.memory->getTraffic();
  for (size_t level = 0; level < expected.size(); ++level)
    for (size_t buffer = 0; buffer < 3; ++buffer)
      EXPECT_EQ(found[level].buffers[buffer], expected[level].buffers[buffer])
          << "seed " << seed << " level " << level << " buffer " << buffer;
}

TEST(Loop, IsItsAccesses) {
  for (unsigned seed = 0; seed < 300; ++seed)
    for (Stacking stacking : {Stacking::Independent, Stacking::Filtered})
      compare(seed, stacking);
}

// Four accesses of a loop, of which only %b moves: what a level reads is known.
TEST(Loop, AColumnWalkMissesOncePerRow) {
  Machine m(makeTarget({makeCache(8)}));
  uint64_t a = m.memory->getBase(m.memory->addBuffer(4096)) * 8;
  uint64_t b = m.memory->getBase(m.memory->addBuffer(64 * 4096)) * 8;
  // 16 elements of a row, one of each of 16 rows of 4096 bytes; the sum.
  m.memory->accessLoop({{MemoryAccess::load(a, 32), 32},
                        {MemoryAccess::load(b, 32), 4096 * 8},
                        {MemoryAccess::load(a + 512, 32), 0},
                        {MemoryAccess::store(a + 512, 32), 0}},
                       16);
  EXPECT_EQ(m.finish(), (ServedBytes{(1 + 16 + 1) * 64, 64}));
  EXPECT_EQ(m.memory->getTraffic()[0].total, (ServedBytes{3 * 64, 64}));
}

} // namespace
