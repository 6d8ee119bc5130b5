//===- SetTouch.cpp - What one access does to a set -----------------------===//

#include "SetWalk.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

/// `count` accesses from `at` on, `strideBits` apart, that touch the same
/// sectors.
void SetWalk::touch(unsigned access, int64_t at, int64_t strideBits,
                    int64_t count) {
  steps += 1;
  ++state.now;
  int64_t last = at + program.accesses[access].bits - 1;
  for (int64_t line = at >> lineShift; line <= last >> lineShift; ++line)
    if (geometry.isWhole || line % geometry.sets == set)
      touchLine(access, line, at, last, strideBits, count);
}

/// The sectors from that of bit `first` to that of bit `last` of a line.
static uint64_t getSectors(int64_t first, int64_t last, unsigned sectorShift) {
  constexpr uint64_t kAll = ~uint64_t(0);
  return kAll >> (63 - (last >> sectorShift)) & kAll << (first >> sectorShift);
}

/// The part of bits first .. last that is in `line`.
void SetWalk::touchLine(unsigned access, int64_t line, int64_t first,
                        int64_t last, int64_t strideBits, int64_t count) {
  const SetAccess &of = program.accesses[access];
  int64_t begin = line << lineShift;
  uint64_t sectors =
      getSectors(std::max<int64_t>(first - begin, 0),
                 std::min(last - begin, geometry.lineBits - 1), sectorShift);
  uint32_t slot = state.find(line, slotOf[access]);
  if (slot == SetState::none) {
    if (of.isWrite && geometry.storePolicy == StorePolicy::Bypass)
      return storeAround(access, line, sectors);
    uint32_t victim = state.findRoom(line);
    if (victim != SetState::none)
      evict(victim);
    slot = state.insert(line, of.storage, victim);
  } else {
    state.touch(slot);
  }
  slotOf[access] = slot;
  CachedLine &entry = state.change(slot);
  entry.touched = state.now;
  bool fills = of.isWrite && geometry.storePolicy == StorePolicy::Allocate;
  uint64_t missing = sectors & ~entry.valid;
  if (missing && !fills) {
    counts[access].read += weight * llvm::popcount(missing);
    entry.valid |= missing;
  }
  if (!of.isWrite)
    return;
  if (uint64_t clean = sectors & ~entry.dirty) {
    entry.pending += weight * llvm::popcount(clean);
    entry.dirty |= sectors;
  }
  entry.writer = access;
  if (fills && missing)
    storeSectors(slot, access, sectors, first, strideBits, count);
}

/// Dirty sectors go to the next memory; incomplete ones are fetched first. They
/// count as what they stood for when they became dirty: where loops are sampled
/// in time, a line leaves in other iterations than it was stored to.
void SetWalk::evict(uint32_t slot) {
  const CachedLine &line = state[slot];
  if (!line.dirty)
    return;
  MovedSectors &count = counts[line.writer];
  count.written += line.pending;
  if (uint64_t partial = line.dirty & ~line.valid)
    count.read +=
        line.pending * llvm::popcount(partial) / llvm::popcount(line.dirty);
}

/// Sectors of a line that does not fetch what is stored to. Where a loop is
/// sampled in time, the iterations that are left out would store the rest.
void SetWalk::storeSectors(uint32_t slot, unsigned access, uint64_t sectors,
                           int64_t first, int64_t strideBits, int64_t count) {
  if (samplingDepth > 0)
    state.change(slot).valid |= sectors;
  else
    storeBytes(slot, access, sectors, first, strideBits, count);
}

/// Marks the bytes of `count` stores from bit `first` on, which are in
/// `sectors`; those of them that are complete are valid. Past the end of the
/// buffer the rest of a sector is nobody's.
void SetWalk::storeBytes(uint32_t slot, unsigned access, uint64_t sectors,
                         int64_t first, int64_t strideBits, int64_t count) {
  const SetAccess &of = program.accesses[access];
  CachedLine &line = state.change(slot);
  SetState::ByteMask &stored = state.storedBytes(slot);
  int64_t begin = line.number << lineShift;
  int64_t end = begin + geometry.lineBits - 1;
  int64_t sectorBytes = geometry.sectorBits / 8;
  // Stores to one place are one, however many, and so are neighbours; all
  // others soon leave the sector.
  int64_t bits = of.bits;
  if (strideBits == bits)
    bits *= count;
  if (strideBits == 0 || strideBits == of.bits)
    count = 1;
  for (int64_t i = 0; i < count; ++i, first += strideBits) {
    int64_t last = first + bits - 1;
    if (last / 8 == (program.bufferEnd[of.buffer] - 1) / 8)
      last |= geometry.sectorBits - 1;
    int64_t from = (std::max(first, begin) - begin) / 8;
    int64_t to = (std::min(last, end) - begin) / 8;
    for (int64_t byte = from; byte <= to; ++byte)
      stored[byte / 64] |= uint64_t(1) << (byte % 64);
  }
  for (; sectors; sectors &= sectors - 1) {
    int64_t s = llvm::countr_zero(sectors);
    bool isComplete = true;
    for (int64_t byte = s * sectorBytes; byte < (s + 1) * sectorBytes; ++byte)
      isComplete &= stored[byte / 64] >> (byte % 64) & 1;
    if (isComplete)
      line.valid |= uint64_t(1) << s;
  }
}

/// Stores that go around the cache; consecutive ones to a sector of a buffer
/// are one transfer. Walks of all sets only, since the store before may be in
/// any set.
void SetWalk::storeAround(unsigned access, int64_t line, uint64_t sectors) {
  int64_t &open = openSector[program.accesses[access].storage];
  for (; sectors; sectors &= sectors - 1) {
    int64_t sector =
        (line << (lineShift - sectorShift)) + llvm::countr_zero(sectors);
    if (open != sector)
      counts[access].written += weight;
    open = sector;
  }
}
