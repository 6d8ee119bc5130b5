//===- Hierarchy.h - A simulated memory hierarchy ---------------*- C++ -*-===//
//
// Feeds a trace of loads and stores to caches with the levels of a target and
// counts the sectors that every level serves to the memory above it. This is
// the ground truth of the project: it knows addresses and nothing else, neither
// loops nor operations.
//
//   auto memory = Hierarchy::create(target, Stacking::Independent);
//   unsigned a = memory->addBuffer(4096);
//   memory->access(MemoryAccess::load(memory->getBase(a) * 8, /*bits=*/32));
//   memory->die(a);
//   memory->finish();
//   memory->getTraffic().back().total.read; // bytes out of DRAM
//
// Rules (docs/Model.md, "Simulation"):
//  - Cold start. LRU. A line is allocated as a whole, its sectors are fetched
//    when they are needed. Write-back; what a store that misses does is the
//    level's store policy.
//  - Traffic at level X = what the cache above X fetches and writes back. The
//    innermost level serves every access: its traffic is the accesses' bytes.
//  - `die`: the buffer's dirty lines become clean where they are. `finish`:
//    what is still dirty is written back, incomplete sectors with a byte mask.
//  - A level that is not inclusive takes the victims of the level inside of it:
//    what leaves that one enters this one, and what is found here moves inward
//    (VictimCache.cpp). It sees the misses of the level inside of it only,
//    however levels are stacked.
//  - An instance of a level serves `unitsPerInstance` units; instances do not
//    see one another (no coherence traffic).
//  - A level that the program fills (Explicit) is simulated as if it were a
//    cache: what LRU would make of the same capacity.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_HIERARCHY_H
#define MEMWALL_SIMULATOR_HIERARCHY_H

#include "memwall/Simulator/AddressMap.h"
#include "memwall/Target/Target.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>

namespace memwall {

/// One access of one unit. Addresses and extents are in bits, because elements
/// may be narrower than a byte.
struct MemoryAccess {
  enum Kind : uint32_t {
    Load,
    Store,
    WriteBack,   ///< Whole dirty sectors that leave the cache above.
    Leave,       ///< The cache above has evicted the line.
    StoreAround, ///< A store that goes past all caches (nontemporal).
  };
  uint64_t addressBits = 0;
  uint32_t bits : 29;
  uint32_t kind : 3;
  uint32_t unit = 0;

  MemoryAccess(uint64_t addressBits, uint32_t bits, Kind kind,
               uint32_t unit = 0)
      : addressBits(addressBits), bits(bits), kind(kind), unit(unit) {}
  static MemoryAccess load(uint64_t addressBits, uint32_t bits,
                           uint32_t unit = 0) {
    return MemoryAccess(addressBits, bits, Load, unit);
  }
  static MemoryAccess store(uint64_t addressBits, uint32_t bits,
                            uint32_t unit = 0) {
    return MemoryAccess(addressBits, bits, Store, unit);
  }
};
static_assert(sizeof(MemoryAccess) == 16, "generated code writes this layout");

/// An access that a loop makes in every iteration.
struct AccessStream {
  MemoryAccess first;
  int64_t strideBits = 0; ///< From one iteration to the next.
};

/// How levels are stacked.
enum class Stacking {
  Independent, ///< Every level sees every access (what the model predicts).
  Filtered,    ///< A level sees the misses of the one above (what machines do).
};

/// Bytes that a level serves to the memory above it.
struct ServedBytes {
  int64_t read = 0;
  int64_t written = 0;
};

/// The measured traffic at one level.
struct SimulatedLevel {
  std::string name;
  ServedBytes total;
  llvm::SmallVector<ServedBytes, 0> buffers; ///< By buffer; sums to `total`.
};

class CacheLevel;
class Repeats;

/// See the head of this file.
class Hierarchy {
public:
  /// Fails when the target does not pass its check, or has a line or sector
  /// that is not a power of two, a line above 4096 bytes, or more than 8
  /// sectors in a line.
  static llvm::Expected<std::unique_ptr<Hierarchy>> create(const Target &target,
                                                           Stacking stacking);
  ~Hierarchy();

  /// Lays out a buffer after the ones before it; returns its number.
  unsigned addBuffer(uint64_t bytes) {
    accessedBits.emplace_back();
    return map.addBuffer(bytes);
  }
  /// Byte address of a buffer.
  uint64_t getBase(unsigned buffer) const { return map.getBase(buffer); }
  const AddressMap &getAddressMap() const { return map; }

  /// One access. It must lie within the buffers that were added; bits > 0.
  void access(const MemoryAccess &access) {
    count(access, 1);
    pending.push_back(access);
    if (pending.size() == chunkAccesses)
      drain();
  }
  /// Many accesses, in order.
  void access(llvm::ArrayRef<MemoryAccess> accesses);
  /// `iterations` of a loop that makes the accesses of the streams, in their
  /// order. They are of one unit, and a stream must not leave the buffer that
  /// it begins in.
  void accessLoop(llvm::ArrayRef<AccessStream> streams, int64_t iterations);

  /// The content of a buffer is not needed any more.
  void die(unsigned buffer);
  /// Writes back what is dirty. Nothing may be accessed afterwards.
  void finish();

  /// Traffic so far at every level, innermost first.
  llvm::SmallVector<SimulatedLevel, 4> getTraffic();

private:
  Hierarchy(const Target &target, Stacking stacking);
  void drain();
  void forward(size_t from);
  /// The innermost level serves an access a number of times.
  void count(const MemoryAccess &access, int64_t times) {
    ServedBytes &bits = accessedBits[map.getBufferAt(access.addressBits / 8)];
    (access.kind == MemoryAccess::Load ? bits.read : bits.written) +=
        times * access.bits;
  }

  static constexpr size_t chunkAccesses = 1024;

  Stacking stacking;
  std::string innermostName;
  std::unique_ptr<Repeats> repeats;
  AddressMap map;
  std::vector<MemoryAccess> pending; ///< Counted, not simulated yet.
  /// Bits loaded and stored by the program, by buffer.
  llvm::SmallVector<ServedBytes, 0> accessedBits;
  /// caches[i] is the cache of level i and counts the traffic of level i + 1.
  llvm::SmallVector<std::unique_ptr<CacheLevel>, 4> caches;
};

} // namespace memwall

#endif // MEMWALL_SIMULATOR_HIERARCHY_H
