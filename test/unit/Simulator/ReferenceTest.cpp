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
