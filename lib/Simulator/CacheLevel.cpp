//===- CacheLevel.cpp - All instances of one simulated level --------------===//

#include "CacheLevel.h"

using namespace memwall;

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

void Requests::append(uint64_t line, uint32_t mask, MemoryAccess::Kind kind,
                      uint32_t unit) {
  for (; mask; mask &= mask - 1)
    accesses.emplace_back(
        (line * lineBytes + llvm::countr_zero(mask) * sectorBytes) * 8,
        sectorBytes * 8, kind, unit);
}

llvm::SmallVector<ServedBytes, 0> Requests::takeBytes() const {
  llvm::SmallVector<ServedBytes, 0> bytes = buffers;
  bytes.resize(map.getBufferCount());
  return bytes;
}

//===----------------------------------------------------------------------===//
// CacheLevel
//===----------------------------------------------------------------------===//

CacheLevel::CacheLevel(const Level &level, int64_t units, const AddressMap &map,
                       bool keepRequests, bool keepVictims)
    : requests(map, level.lineBytes, level.sectorBytes, keepRequests,
               keepVictims),
      level(level),
      instances((units + level.unitsPerInstance - 1) / level.unitsPerInstance) {
}

Cache &CacheLevel::getInstance(uint64_t instance) {
  std::unique_ptr<Cache> &cache = instances[instance % instances.size()];
  if (!cache)
    cache = (level.inclusive ? Cache::create : Cache::createVictimCache)(
        level, instance * level.unitsPerInstance, requests);
  return *cache;
}

void CacheLevel::access(llvm::ArrayRef<MemoryAccess> accesses) {
  if (instances.size() == 1)
    return getInstance(0).access(accesses);
  // Runs of accesses by the units of one instance.
  while (!accesses.empty()) {
    uint64_t instance = accesses[0].unit / level.unitsPerInstance;
    llvm::ArrayRef<MemoryAccess> run =
        accesses.take_while([&](const MemoryAccess &access) {
          return uint64_t(access.unit / level.unitsPerInstance) == instance;
        });
    getInstance(instance).access(run);
    accesses = accesses.drop_front(run.size());
  }
}

void CacheLevel::die(uint64_t begin, uint64_t end) {
  for (std::unique_ptr<Cache> &instance : instances)
    if (instance)
      instance->die(begin, end);
}

void CacheLevel::flush() {
  for (std::unique_ptr<Cache> &instance : instances)
    if (instance)
      instance->flush();
}
