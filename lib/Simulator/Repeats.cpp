//===- Repeats.cpp - Accesses that change nothing -------------------------===//

#include "Repeats.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

Repeats::Repeats(const Target &target) {
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back()) {
    sectorShift = std::min(sectorShift, llvm::Log2_64(level.sectorBytes * 8));
    lineShift = std::max(lineShift, llvm::Log2_64(level.lineBytes * 8));
    int64_t ways =
        level.associativity == 0 ? level.lines() : level.associativity;
    maxSectors = std::min(maxSectors, ways);
    storesMayStay &= level.storePolicy == StorePolicy::Fetch;
    storesMayBypass |= level.storePolicy == StorePolicy::Bypass;
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
  if (after < 0)
    return 0;
  if (cursor.strideBits == 0)
    return INT64_MAX - 1;
  // Less than a sector each.
  return cursor.strideBits > 0
             ? uint32_t(after) / uint32_t(cursor.strideBits)
             : uint32_t(before) / uint32_t(-cursor.strideBits);
}

/// The iterations, from this one on and at most `longest`, that make a stretch;
/// finds what moves in it.
int64_t Repeats::findStretch(int64_t longest) {
  int64_t stayingSectors = 0, movingSectors = 0;
  moving.clear();
  for (Cursor &cursor : cursors) {
    cursor.stays = cursor.mayStay ? countStays(cursor) : 0;
    if (cursor.stays > 0) {
      stayingSectors += cursor.sectors;
      longest = std::min(longest, cursor.stays + 1);
      continue;
    }
    movingSectors += cursor.sectors;
    moving.push_back(&cursor);
    // Where a slow one enters its next sector, it is about to stay again.
    if (cursor.isSlow)
      longest = 1;
  }
  if (stayingSectors + movingSectors > maxSectors)
    return 1;
  if (moving.empty())
    return longest;
  return std::min(longest, (maxSectors - stayingSectors) / movingSectors);
}

static bool isStore(const AccessStream &stream) {
  return stream.first.kind == MemoryAccess::Store;
}

static bool isStoreAround(const AccessStream &stream) {
  return stream.first.kind == MemoryAccess::StoreAround;
}

/// Whether a stream touches the bits that one before it has touched in the same
/// iteration.
static bool isSamePlace(const AccessStream &stream,
                        const AccessStream &before) {
  return stream.first.addressBits == before.first.addressBits &&
         stream.first.bits == before.first.bits &&
         stream.strideBits == before.strideBits;
}

/// Whether some cache passes on what the stream stores.
bool Repeats::mayGoAround(const AccessStream &stream) const {
  return isStoreAround(stream) || (storesMayBypass && isStore(stream));
}

/// Whether no other stream comes near the lines of this one, which stores bits
/// that follow one another (or the same ones).
bool Repeats::isAlone(const AccessStream &stream,
                      llvm::ArrayRef<AccessStream> streams,
                      int64_t count) const {
  int64_t stride = std::abs(stream.strideBits);
  if (stride != 0 && stride != stream.first.bits)
    return false;
  auto lines = [&](const AccessStream &of) -> std::pair<uint64_t, uint64_t> {
    uint64_t first = of.first.addressBits;
    uint64_t last = first + of.strideBits * (count - 1);
    return {std::min(first, last) >> lineShift,
            (std::max(first, last) + of.first.bits - 1) >> lineShift};
  };
  auto [begin, end] = lines(stream);
  for (const AccessStream &other : streams) {
    if (&other == &stream)
      continue;
    auto [otherBegin, otherEnd] = lines(other);
    if (otherBegin <= end && begin <= otherEnd)
      return false;
    // Stores to one buffer that go around a cache in turns are not combined.
    if (mayGoAround(stream) && mayGoAround(other))
      return false;
  }
  return true;
}

void Repeats::start(llvm::ArrayRef<AccessStream> streams, int64_t count) {
  cursors.clear();
  // What goes past the caches takes the line out of them: nothing changes that
  // others have of theirs only where none comes near it.
  bool mayAnyStay = llvm::all_of(streams, [&](const AccessStream &stream) {
    return !isStoreAround(stream) || isAlone(stream, streams, count);
  });
  const AccessStream *before = nullptr;
  for (const AccessStream &stream : streams) {
    int64_t sectors = countSectors(stream);
    bool isAgain = before && mayAnyStay && isSamePlace(stream, *before) &&
                   sectors <= maxSectors;
    before = &stream;
    if (isAgain && storesMayStay) {
      // Loaded and stored at once: the line comes, and is dirty.
      if (isStore(stream))
        cursors.back().access.kind = MemoryAccess::Store;
      continue;
    }
    Cursor cursor{stream.first, stream.strideBits, sectors};
    if (isStore(stream) && !storesMayStay) {
      bool wasLoaded =
          llvm::any_of(streams.take_while([&](const AccessStream &other) {
            return &other != &stream;
          }),
                       [&](const AccessStream &other) {
                         return !isStore(other) && isSamePlace(stream, other);
                       });
      cursor.grows = !wasLoaded;
      cursor.mayStay = wasLoaded || isAlone(stream, streams, count);
    }
    cursor.grows |= isStoreAround(stream);
    cursor.mayStay &= mayAnyStay;
    int64_t sectorBits = int64_t(1) << sectorShift;
    cursor.mayStay &= std::abs(cursor.strideBits) < sectorBits;
    cursor.isSlow =
        cursor.mayStay && 4 * std::abs(cursor.strideBits) <= sectorBits;
    cursors.push_back(cursor);
  }
}

/// The bits that a cursor touches in `iterations` iterations.
MemoryAccess Repeats::cover(const Cursor &cursor, int64_t iterations) {
  MemoryAccess access = cursor.access;
  if (cursor.strideBits == 0)
    return access;
  if (cursor.strideBits < 0)
    access.addressBits += (iterations - 1) * cursor.strideBits;
  access.bits *= iterations;
  return access;
}

void Repeats::reduce(llvm::ArrayRef<AccessStream> streams, int64_t count,
                     std::vector<MemoryAccess> &accesses,
                     llvm::function_ref<void()> drain) {
  start(streams, count);
  while (count > 0) {
    int64_t stretch = findStretch(count);
    int64_t step = moving.empty() ? stretch : std::max<int64_t>(1, stretch - 1);
    // 1. All of this iteration.
    for (const Cursor &cursor : cursors)
      accesses.push_back(cursor.grows && cursor.stays > 0 ? cover(cursor, step)
                                                          : cursor.access);
    // 2. What moves, until the last iteration of the stretch.
    for (int64_t i = 1; i < stretch - 1 && !moving.empty(); ++i)
      for (const Cursor *cursor : moving) {
        MemoryAccess access = cursor->access;
        access.addressBits += i * cursor->strideBits;
        accesses.push_back(access);
      }
    // 3. The last iteration is the next one in full, unless it changes nothing.
    for (Cursor &cursor : cursors)
      cursor.access.addressBits += step * cursor.strideBits;
    count -= step;
    if (accesses.size() >= 1024)
      drain();
  }
}
