//===- SimulatorTest.h - Small hierarchies for hand-made traces -*- C++ -*-===//

#ifndef MEMWALL_TEST_UNIT_SIMULATOR_SIMULATORTEST_H
#define MEMWALL_TEST_UNIT_SIMULATOR_SIMULATORTEST_H

#include "memwall/Simulator/Hierarchy.h"
#include "gtest/gtest.h"

namespace memwall {

/// A cache of `lines` lines of 64 bytes with one sector each.
inline Level makeCache(int64_t lines, int64_t ways = 0) {
  Level level;
  level.name = "cache";
  level.capacityBytes = lines * 64;
  level.associativity = ways;
  return level;
}

/// The caches, innermost first, over a memory.
inline Target makeTarget(std::initializer_list<Level> caches,
                         int64_t units = 1) {
  Target target;
  target.name = "test";
  target.units = units;
  for (Level cache : caches) {
    cache.name += std::to_string(target.levels.size());
    target.levels.push_back(cache);
  }
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  memory.unitsPerInstance = units;
  target.levels.push_back(memory);
  return target;
}

/// A hierarchy, and accesses of 4-byte words by their index.
struct Machine {
  explicit Machine(const Target &target,
                   Stacking stacking = Stacking::Independent)
      : memory(llvm::cantFail(Hierarchy::create(target, stacking))) {}

  void load(uint64_t word, uint32_t unit = 0) {
    memory->access(MemoryAccess::load(word * 32, 32, unit));
  }
  void store(uint64_t word, uint32_t unit = 0) {
    memory->access(MemoryAccess::store(word * 32, 32, unit));
  }
  /// Traffic at the last level, after everything is written back.
  ServedBytes finish() {
    memory->finish();
    return memory->getTraffic().back().total;
  }

  std::unique_ptr<Hierarchy> memory;
};

inline bool operator==(const ServedBytes &a, const ServedBytes &b) {
  return a.read == b.read && a.written == b.written;
}
inline std::ostream &operator<<(std::ostream &os, const ServedBytes &bytes) {
  return os << bytes.read << " read, " << bytes.written << " written";
}

} // namespace memwall

#endif // MEMWALL_TEST_UNIT_SIMULATOR_SIMULATORTEST_H
