//===- Repeats.cpp - Accesses that change nothing -------------------------===//

#include "Repeats.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

Repeats::Repeats(const Target &target)
    : granuleShift(64), longestPeriod(8), dropsStores(true) {
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back()) {
    unsigned sectorShift = llvm::Log2_64(level.sectorBytes * 8);
    granuleShift = std::min(granuleShift, sectorShift);
    int64_t ways =
        level.associativity == 0 ? level.lines() : level.associativity;
    longestPeriod = std::min<size_t>(longestPeriod, ways);
    dropsStores &= level.storePolicy == StorePolicy::Fetch;
  }
}

/// What an access does, as one number: sector, kind and unit. Accesses that
/// must reach the caches get numbers of their own.
uint64_t Repeats::getKey(const MemoryAccess &access, size_t index) const {
  uint64_t first = access.addressBits >> granuleShift;
  uint64_t last = (access.addressBits + access.bits - 1) >> granuleShift;
  bool isKept = first != last || access.unit >= 1u << 14 ||
                (access.kind != MemoryAccess::Load && !dropsStores);
  if (isKept)
    return ~uint64_t(index);
  return uint64_t(access.unit) << 48 | first << 2 | access.kind;
}

/// The first access from `begin` on that differs from the one `length` before.
size_t Repeats::findChange(size_t begin, size_t length) const {
  if (length > begin)
    return begin;
  size_t end = begin;
  while (end < keys.size() && keys[end] == keys[end - length])
    ++end;
  return end;
}

/// Looks for the period of a loop that begins before `begin`.
void Repeats::findPeriod(size_t begin) {
  for (size_t length = 1; length <= longestPeriod; ++length)
    if (findChange(begin, length) >= begin + length) {
      period = length;
      return;
    }
}

llvm::ArrayRef<MemoryAccess>
Repeats::drop(llvm::ArrayRef<MemoryAccess> accesses) {
  // Looking for repetitions costs as much as a hit: where there are few, look
  // rarely.
  if (callsToSkip > 0) {
    --callsToSkip;
    return accesses;
  }
  keys.clear();
  kept.clear();
  for (size_t i = 0; i < accesses.size(); ++i)
    keys.push_back(getKey(accesses[i], i));
  size_t attempts = 0;
  for (size_t i = 0; i < accesses.size();) {
    size_t change = findChange(i, period);
    if (size_t repeated = (change - i) / period * period) {
      i += repeated;
      continue;
    }
    // No round is complete before the change. A loop keeps its period, so
    // others are tried only now and then.
    for (size_t end = std::min(change + 1, accesses.size()); i < end; ++i)
      kept.push_back(accesses[i]);
    if (attempts++ % 8 == 0)
      findPeriod(i);
  }
  if (kept.size() > accesses.size() / 2)
    callsToSkip = 8;
  return kept;
}
