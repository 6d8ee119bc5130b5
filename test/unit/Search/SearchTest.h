//===- SearchTest.h - Targets for the tests of the search -------*- C++ -*-===//

#ifndef MEMWALL_TEST_UNIT_SEARCH_SEARCHTEST_H
#define MEMWALL_TEST_UNIT_SEARCH_SEARCHTEST_H

#include "TreeBuilder.h"
#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"

namespace memwall::test {

/// A memory behind one level, or several that grow by 16.
inline Target makeTarget(LevelKind kind, int64_t capacityBytes,
                         int64_t lineBytes, unsigned levels = 1,
                         int64_t ways = 0) {
  Target target;
  target.name = "test";
  for (unsigned i = 0; i < levels; ++i) {
    Level level;
    level.name = "l" + std::to_string(i + 1);
    level.kind = kind;
    level.capacityBytes = capacityBytes << (4 * i);
    level.lineBytes = level.sectorBytes = lineBytes;
    level.associativity = ways;
    level.storePolicy = StorePolicy::Allocate;
    target.levels.push_back(level);
  }
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  target.levels.push_back(memory);
  return target;
}

/// Bytes at DRAM of the whole function.
inline int64_t countDramBytes(const LoopTree &tree, const Target &target) {
  return computeTraffic(tree, target).levels.back().total.total();
}

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_SEARCH_SEARCHTEST_H
