//===- Repeats.h - Accesses that change nothing -----------------*- C++ -*-===//
//
// An innermost loop touches the same few lines again and again until one of its
// streams crosses into the next line. When p accesses repeat the p accesses
// before them, sector by sector and kind by kind, and every cache has room for
// p lines in a set, then
//  - every one of them hits: the lines are the p most recent ones at most;
//  - the order of use is the same afterwards: the last touches come in the same
//    order;
//  - sectors that are valid or dirty are so already.
// So a cache need not see them. Bytes of a sector are not told apart here,
// which is why stores are left alone where a cache notes stored bytes.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_REPEATS_H
#define MEMWALL_LIB_SIMULATOR_REPEATS_H

#include "memwall/Simulator/Hierarchy.h"

namespace memwall {

class Repeats {
public:
  /// For the caches among the levels of `target`.
  explicit Repeats(const Target &target);

  /// The accesses without repetitions. Valid until the next call.
  llvm::ArrayRef<MemoryAccess> drop(llvm::ArrayRef<MemoryAccess> accesses);

private:
  uint64_t getKey(const MemoryAccess &access, size_t index) const;
  size_t findChange(size_t begin, size_t length) const;
  void findPeriod(size_t begin);

  unsigned granuleShift; ///< Bits of an address below the smallest sector.
  size_t longestPeriod;
  bool dropsStores;
  size_t period = 1; ///< Of the last repetition.
  unsigned callsToSkip = 0;
  std::vector<uint64_t> keys; ///< Equal for accesses that do the same.
  std::vector<MemoryAccess> kept;
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_REPEATS_H
