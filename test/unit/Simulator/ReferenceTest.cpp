//===- ReferenceTest.cpp - The caches against a dozen obvious lines -------===//
//
// A second simulator, as naive as possible: a vector of lines in order of use,
// searched from the front. Both must agree on random traces.
//
//===----------------------------------------------------------------------===//

#include "SimulatorTest.h"
#include <random>

using namespace memwall;

namespace {

struct NaiveLine {
  uint64_t number;
  bool dirty;
};

/// LRU with fetch on write, one sector to a line.
struct NaiveCache {
  uint64_t sets, ways;
  std::vector<std::vector<NaiveLine>> contents;
  ServedBytes bytes;

  void access(uint64_t number, bool isStore) {
    std::vector<NaiveLine> &set = contents[number % sets];
    NaiveLine line{number, isStore};
    bool found = false;
    for (size_t i = 0; i < set.size() && !found; ++i)
      if (set[i].number == number) {
        line.dirty |= set[i].dirty;
        set.erase(set.begin() + i);
        found = true;
      }
    bytes.read += found ? 0 : 64;
    set.insert(set.begin(), line);
    if (set.size() > ways) {
      bytes.written += set.back().dirty ? 64 : 0;
      set.pop_back();
    }
  }
  void finish() {
    for (std::vector<NaiveLine> &set : contents)
      for (NaiveLine &line : set)
        bytes.written += line.dirty ? 64 : 0;
  }
};

/// `level`'s cache, with `sets` sets.
NaiveCache makeNaive(const Level &level, uint64_t sets) {
  uint64_t ways = level.associativity ? level.associativity : level.lines();
  return {sets, ways, std::vector<std::vector<NaiveLine>>(sets), {}};
}

/// Random accesses; the naive cache has `sets` sets.
void compare(const Level &level, uint64_t sets, unsigned seed) {
  Machine m(makeTarget({level}));
  m.memory->addBuffer(1 << 16); // 1024 lines
  NaiveCache naive = makeNaive(level, sets);
  std::mt19937 random(seed);
  uint64_t word = 0;
  for (int i = 0; i < 20000; ++i) {
    // Walk, stride like a column, or jump.
    unsigned choice = random() % 8;
    word = choice < 5 ? word + 1 : choice < 7 ? word + 1024 : random();
    word %= 16384;
    bool isStore = random() % 3 == 0;
    isStore ? m.store(word) : m.load(word);
    naive.access(word / 16, isStore);
  }
  naive.finish();
  EXPECT_EQ(m.finish(), naive.bytes)
      << level.lines() << " lines, " << sets << " sets, seed " << seed;
}

/// Loops over a few streams, as compilers leave them: the hierarchy drops what
/// repeats (Repeats.h), the naive cache sees it all.
void compareLoops(const Level &level, uint64_t sets, unsigned seed) {
  Machine m(makeTarget({level}));
  m.memory->addBuffer(1 << 16);
  NaiveCache naive = makeNaive(level, sets);
  std::mt19937 random(seed);
  constexpr int64_t strides[] = {0, 0, 1, 1, 1, -1, 2, 3, 16, -16, 64, 17};
  for (int loop = 0; loop < 400; ++loop) {
    std::vector<AccessStream> streams(1 + random() % 6,
                                      {MemoryAccess::load(8192 * 32, 32)});
    for (AccessStream &stream : streams) {
      // In words; so that no stream leaves the 16384 of the buffer.
      uint64_t word = 8192 + random() % 64 * 3;
      stream.strideBits = strides[random() % 12] * 32;
      if (random() % 4 == 0)
        stream = streams.front(); // as a sum is read and written
      else
        stream.first.addressBits = word * 32;
      stream.first.kind =
          random() % 3 == 0 ? MemoryAccess::Store : MemoryAccess::Load;
    }
    int64_t iterations = random() % 120;
    m.memory->accessLoop(streams, iterations);
    for (int64_t i = 0; i < iterations; ++i)
      for (const AccessStream &stream : streams)
        naive.access((stream.first.addressBits + i * stream.strideBits) / 512,
                     stream.first.kind == MemoryAccess::Store);
  }
  naive.finish();
  EXPECT_EQ(m.finish(), naive.bytes)
      << level.lines() << " lines, " << sets << " sets, seed " << seed;
}

TEST(Reference, RepetitionsChangeNothing) {
  for (int64_t lines : {1, 2, 3, 4, 5, 8, 64, 300})
    compareLoops(makeCache(lines), 1, lines);
  for (int64_t ways : {1, 2, 3, 4, 8})
    for (int64_t sets : {1, 3, 16})
      compareLoops(makeCache(sets * ways, ways), sets, sets);
}

TEST(Reference, FullyAssociative) {
  for (int64_t lines : {1, 2, 3, 7, 64, 100, 777, 2000})
    compare(makeCache(lines), 1, lines);
}

TEST(Reference, SetAssociative) {
  for (int64_t ways : {1, 2, 3, 8, 12, 16})
    for (int64_t sets : {1, 2, 3, 8, 12, 64})
      compare(makeCache(sets * ways, ways), sets, sets);
}

// A hashed cache is one with a prime number of sets.
TEST(Reference, Hashed) {
  const std::pair<int64_t, uint64_t> setsAndPrimes[] = {
      {1, 1}, {2, 2}, {4, 3}, {8, 7}, {12, 11}, {16, 13}, {64, 61}};
  for (int64_t ways : {1, 2, 3, 8, 12, 16})
    for (auto [sets, prime] : setsAndPrimes) {
      Level level = makeCache(sets * ways, ways);
      level.index = SetIndex::Hashed;
      compare(level, prime, sets);
      compareLoops(level, prime, sets);
    }
}

} // namespace
