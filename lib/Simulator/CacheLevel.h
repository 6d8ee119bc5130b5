//===- CacheLevel.h - All instances of one simulated level ------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_CACHELEVEL_H
#define MEMWALL_LIB_SIMULATOR_CACHELEVEL_H

#include "memwall/Simulator/Hierarchy.h"
#include "llvm/ADT/bit.h"

namespace memwall {

/// What the caches of one level ask of the next memory: charged to buffers
/// and, where another cache is fed with them, kept as accesses.
class Requests {
public:
  Requests(const AddressMap &map, uint64_t lineBytes, uint64_t sectorBytes,
           bool keep, bool keepVictims)
      : map(map), lineBytes(lineBytes), sectorBytes(sectorBytes), keep(keep),
        keepVictims(keepVictims) {}

  /// The sectors of `mask` of a line are fetched.
  LLVM_ATTRIBUTE_ALWAYS_INLINE void fetch(uint64_t line, uint32_t mask,
                                          uint32_t unit) {
    getBytes(line).read += countBytes(mask);
    if (keep)
      append(line, mask, MemoryAccess::Load, unit);
  }
  /// The sectors of `mask` of a line are written back.
  void writeBack(uint64_t line, uint32_t mask, uint32_t unit) {
    getBytes(line).written += countBytes(mask);
    if (keep)
      append(line, mask, MemoryAccess::WriteBack, unit);
  }
  /// The sectors of `mask` of a line are stored past the cache.
  void storeAround(uint64_t line, uint32_t mask, uint32_t unit, bool pastAll) {
    getBytes(line).written += countBytes(mask);
    if (keep)
      append(line, mask,
             pastAll ? MemoryAccess::StoreAround : MemoryAccess::WriteBack,
             unit);
  }
  /// A line has left, after its dirty sectors were written back. That moves no
  /// bytes of its own.
  void leave(uint64_t line, uint32_t unit) {
    if (keepVictims)
      append(line, 1, MemoryAccess::Leave, unit);
  }
  /// Whether the next level takes what leaves.
  bool areVictimsTaken() const { return keepVictims; }
  /// The buffer that a line belongs to.
  unsigned getBuffer(uint64_t line) const {
    return map.getBufferAt(line * lineBytes);
  }
  /// Whether byte `address` is the last one of its buffer: the rest of its
  /// sector is nobody's.
  bool isLastByte(uint64_t address) const {
    unsigned buffer = map.getBufferAt(address);
    return address + 1 == map.getBase(buffer) + map.getBytes(buffer);
  }
  /// Bytes by buffer.
  llvm::SmallVector<ServedBytes, 0> takeBytes() const;

  std::vector<MemoryAccess> accesses; ///< In order; stays empty unless `keep`.

private:
  int64_t countBytes(uint32_t mask) const {
    // Most lines have one sector, and most machines no fast popcount in
    // portable code.
    return mask == 1 ? sectorBytes : llvm::popcount(mask) * sectorBytes;
  }
  ServedBytes &getBytes(uint64_t line) {
    unsigned buffer = getBuffer(line);
    if (buffer >= buffers.size())
      buffers.resize(map.getBufferCount());
    return buffers[buffer];
  }
  void append(uint64_t line, uint32_t mask, MemoryAccess::Kind kind,
              uint32_t unit);

  const AddressMap &map;
  uint64_t lineBytes, sectorBytes;
  bool keep, keepVictims;
  llvm::SmallVector<ServedBytes, 0> buffers;
};

/// One instance of a cache. Cache.cpp has the rules.
class Cache {
public:
  virtual ~Cache() = default;
  virtual void access(llvm::ArrayRef<MemoryAccess> accesses) = 0;
  /// Cleans the dirty lines in the byte range [begin, end).
  virtual void die(uint64_t begin, uint64_t end) = 0;
  virtual void flush() = 0;

  /// `unit` is the first unit that the instance serves. Of a level that takes
  /// victims it is fed with the requests of the level inside of it.
  static std::unique_ptr<Cache> create(const Level &level, uint32_t unit,
                                       Requests &requests);
  static std::unique_ptr<Cache>
  createVictimCache(const Level &level, uint32_t unit, Requests &requests);
};

/// The instances of a level, made when a unit first needs them.
class CacheLevel {
public:
  CacheLevel(const Level &level, int64_t units, const AddressMap &map,
             bool keepRequests, bool keepVictims);

  void access(llvm::ArrayRef<MemoryAccess> accesses);
  void die(uint64_t begin, uint64_t end);
  void flush();

  /// Whether it is fed with the requests of the level inside of it only.
  bool takesVictims() const { return !level.inclusive; }

  /// Name of the level that serves this cache's misses.
  std::string servedBy;
  Requests requests;

private:
  Cache &getInstance(uint64_t instance);

  Level level;
  llvm::SmallVector<std::unique_ptr<Cache>, 0> instances;
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_CACHELEVEL_H
