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

void compare(int64_t lines, int64_t ways, unsigned seed) {
  Machine m(makeTarget({makeCache(lines, ways)}));
  m.memory->addBuffer(1 << 16); // 1024 lines
  NaiveCache naive{ways ? uint64_t(lines / ways) : 1,
                   ways ? uint64_t(ways) : uint64_t(lines),
                   {},
                   {}};
  std::mt19937 random(seed);
  naive.contents.resize(naive.sets);
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
      << lines << " lines, " << ways << " ways, seed " << seed;
}

/// Loops over a few streams, as compilers leave them: the hierarchy drops what
/// repeats (Repeats.h), the naive cache sees it all.
void compareLoops(int64_t lines, int64_t ways, unsigned seed) {
  Machine m(makeTarget({makeCache(lines, ways)}));
  m.memory->addBuffer(1 << 16);
  NaiveCache naive{ways ? uint64_t(lines / ways) : 1,
                   ways ? uint64_t(ways) : uint64_t(lines),
                   {},
                   {}};
  naive.contents.resize(naive.sets);
  std::mt19937 random(seed);
  for (int loop = 0; loop < 200; ++loop) {
    uint64_t words[8], strides[8];
    bool isStore[8];
    unsigned streams = 1 + random() % 8;
    for (unsigned s = 0; s < streams; ++s) {
      words[s] = random();
      strides[s] = random() % 3; // 0: invariant
      isStore[s] = random() % 3 == 0;
    }
    for (uint64_t i = 0; i < 200; ++i)
      for (unsigned s = 0; s < streams; ++s) {
        uint64_t word = (words[s] + i * strides[s]) % 16384;
        isStore[s] ? m.store(word) : m.load(word);
        naive.access(word / 16, isStore[s]);
      }
  }
  naive.finish();
  EXPECT_EQ(m.finish(), naive.bytes)
      << lines << " lines, " << ways << " ways, seed " << seed;
}

TEST(Reference, RepetitionsChangeNothing) {
  for (int64_t lines : {1, 2, 3, 4, 5, 8, 64, 300})
    compareLoops(lines, 0, lines);
  for (int64_t ways : {1, 2, 3, 4, 8})
    for (int64_t sets : {1, 3, 16})
      compareLoops(sets * ways, ways, sets);
}

TEST(Reference, FullyAssociative) {
  for (int64_t lines : {1, 2, 3, 7, 64, 100, 777, 2000})
    compare(lines, 0, lines);
}

TEST(Reference, SetAssociative) {
  for (int64_t ways : {1, 2, 3, 8, 12, 16})
    for (int64_t sets : {1, 2, 3, 8, 12, 64})
      compare(sets * ways, ways, sets);
}

} // namespace
