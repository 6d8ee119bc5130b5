//===- Repeats.cpp - Accesses that change nothing -------------------------===//

#include "Repeats.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

Repeats::Repeats(const Target &target)
    : sectorShift(64), maxSectors(256), storesMayStay(true) {
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back()) {
    unsigned shift = llvm::Log2_64(level.sectorBytes * 8);
    sectorShift = std::min(sectorShift, shift);
    int64_t ways =
        level.associativity == 0 ? level.lines() : level.associativity;
    maxSectors = std::min(maxSectors, ways);
    storesMayStay &= level.storePolicy == StorePolicy::Fetch;
  }
}

/// Sectors that an access of the stream touches, at most.
int64_t Repeats::countSectors(const AccessStream &stream) const {
  uint64_t bits = stream.first.bits;
  uint64_t places = stream.first.addressBits | stream.strideBits;
  bool isAligned = llvm::isPowerOf2_64(bits) && places % bits == 0;
  // Others may begin at the last bit of a sector.
  uint64_t begin = isAligned ? 0 : (uint64_t(1) << sectorShift) - 1;
  return ((begin + bits - 1) >> sectorShift) + 1;
}

/// Iterations after this one in which the access stays in its sector.
int64_t Repeats::countStays(const Cursor &cursor) const {
  const MemoryAccess &access = cursor.access;
  int64_t sectorBits = int64_t(1) << sectorShift;
  int64_t before = access.addressBits & (sectorBits - 1);
  int64_t after = sectorBits - before - access.bits;
  if (after < 0 || !cursor.mayStay)
    return 0;
  if (cursor.strideBits == 0)
    return INT64_MAX - 1;
  return cursor.strideBits > 0 ? after / cursor.strideBits
                               : before / -cursor.strideBits;
}

/// The iterations, from this one on and at most `longest`, that make a stretch;
/// finds what moves in it.
int64_t Repeats::findStretch(int64_t longest) {
  int64_t stayingSectors = 0, movingSectors = 0;
  moving.clear();
  for (const Cursor &cursor : cursors) {
    int64_t stays = countStays(cursor);
    if (stays > 0) {
      stayingSectors += cursor.sectors;
      longest = std::min(longest, stays + 1);
    } else {
      movingSectors += cursor.sectors;
      moving.push_back(&cursor);
    }
  }
  if (stayingSectors + movingSectors > maxSectors)
    return 1;
  if (moving.empty())
    return longest;
  return std::min(longest, (maxSectors - stayingSectors) / movingSectors);
}

/// Whether a stream touches the bits that the one before it has just touched.
bool Repeats::isSamePlace(const AccessStream &stream, const Cursor &before) {
  return stream.first.addressBits == before.access.addressBits &&
         stream.first.bits == before.access.bits &&
         stream.strideBits == before.strideBits;
}

void Repeats::start(llvm::ArrayRef<AccessStream> streams) {
  cursors.clear();
  for (const AccessStream &stream : streams) {
    bool isStore = stream.first.kind == MemoryAccess::Store;
    bool isAgain = !cursors.empty() && isSamePlace(stream, cursors.back()) &&
                   cursors.back().sectors <= maxSectors;
    if (isAgain && storesMayStay) {
      // Loaded and stored at once: the line comes, and is dirty.
      if (isStore)
        cursors.back().access.kind = MemoryAccess::Store;
      continue;
    }
    bool wasLoaded =
        isAgain && cursors.back().access.kind == MemoryAccess::Load;
    cursors.push_back({stream.first, stream.strideBits, countSectors(stream),
                       !isStore || storesMayStay || wasLoaded});
  }
}

void Repeats::reduce(llvm::ArrayRef<AccessStream> streams, int64_t count,
                     std::vector<MemoryAccess> &accesses,
                     llvm::function_ref<void()> drain) {
  start(streams);
  while (count > 0) {
    // 1. All of this iteration.
    for (const Cursor &cursor : cursors)
      accesses.push_back(cursor.access);
    // 2. What moves, until the last iteration of the stretch.
    int64_t stretch = findStretch(count);
    for (int64_t i = 1; i < stretch - 1 && !moving.empty(); ++i)
      for (const Cursor *cursor : moving) {
        MemoryAccess access = cursor->access;
        access.addressBits += i * cursor->strideBits;
        accesses.push_back(access);
      }
    // 3. The last iteration is the next one in full, unless it changes nothing.
    int64_t step = moving.empty() ? stretch : std::max<int64_t>(1, stretch - 1);
    for (Cursor &cursor : cursors)
      cursor.access.addressBits += step * cursor.strideBits;
    count -= step;
    if (accesses.size() >= 1024)
      drain();
  }
}
