//===- Cache.cpp - One instance of a cache --------------------------------===//
//
// The rules of a cache, written down once for both placements (Line.h).
//
//===----------------------------------------------------------------------===//

#include "CacheLevel.h"
#include "Line.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

namespace {

/// The sectors from that of byte `first` to that of byte `last` of a line.
uint32_t getSectors(uint64_t first, uint64_t last, unsigned sectorShift) {
  return (2u << (last >> sectorShift)) - (1u << (first >> sectorShift));
}

/// Which bytes of a line were stored since it came (StorePolicy::Allocate: a
/// sector is valid once all of its bytes were).
class StoredBytes {
public:
  StoredBytes(uint64_t lineBytes, uint64_t sectorBytes)
      : lineBytes(lineBytes), sectorBytes(sectorBytes) {}

  /// Line `number` left, or its content is dead.
  void forget(uint64_t number) {
    if (!lines.empty())
      lines.erase(number);
  }
  /// Bytes first..last of a line were stored; returns the sectors now complete.
  uint32_t store(uint64_t number, uint64_t first, uint64_t last) {
    bool isWhole = first % sectorBytes == 0 && (last + 1) % sectorBytes == 0;
    if (isWhole)
      return getSectors(first, last, llvm::Log2_64(sectorBytes));
    llvm::BitVector &stored = lines[number];
    stored.resize(lineBytes);
    stored.set(first, last + 1);
    uint32_t complete = 0;
    for (uint64_t s = first / sectorBytes; s <= last / sectorBytes; ++s)
      if (stored.find_first_unset_in(s * sectorBytes, (s + 1) * sectorBytes) ==
          -1)
        complete |= 1u << s;
    return complete;
  }

private:
  uint64_t lineBytes, sectorBytes;
  llvm::DenseMap<uint64_t, llvm::BitVector> lines; ///< By line number.
};

template <typename Placement>
class CacheImpl final : public Cache {
public:
  CacheImpl(Placement placement, const Level &level, uint32_t unit,
            Requests &requests)
      : placement(std::move(placement)), level(level),
        lineShift(llvm::Log2_64(level.lineBytes)),
        sectorShift(llvm::Log2_64(level.sectorBytes)), unit(unit),
        requests(requests), storedBytes(level.lineBytes, level.sectorBytes) {}

  void access(llvm::ArrayRef<MemoryAccess> accesses) override {
    for (const MemoryAccess &access : accesses) {
      uint64_t first = access.addressBits / 8;
      uint64_t last = (access.addressBits + access.bits - 1) / 8;
      auto kind = static_cast<MemoryAccess::Kind>(access.kind);
      uint64_t inLine = level.lineBytes - 1;
      for (; first >> lineShift != last >> lineShift;
           first = (first | inLine) + 1)
        accessLine(first >> lineShift, first & inLine, inLine, kind);
      accessLine(first >> lineShift, first & inLine, last & inLine, kind);
    }
  }

  void die(uint64_t begin, uint64_t end) override {
    if (level.deadLines == DeadLines::Written)
      return;
    uint64_t first = begin >> lineShift;
    uint64_t last = (end + level.lineBytes - 1) >> lineShift;
    if (last - first < uint64_t(level.lines())) {
      for (uint64_t number = first; number < last; ++number)
        if (Line *line = placement.find(number))
          clean(*line);
      return;
    }
    placement.forEach([&](Line &line) {
      if (line.number >= first && line.number < last)
        clean(line);
    });
  }

  /// Nobody needs what an incomplete sector lacks any more: its bytes go out
  /// with a mask.
  void flush() override {
    placement.forEach([&](Line &line) {
      line.valid |= line.dirty;
      writeBack(line);
    });
  }

private:
  /// Bytes first..last of line `number` are accessed.
  void accessLine(uint64_t number, uint64_t first, uint64_t last,
                  MemoryAccess::Kind kind) {
    uint32_t sectors = getSectors(first, last, sectorShift);
    if (LLVM_UNLIKELY(kind == MemoryAccess::StoreAround)) {
      // What the cache has of the line is not what memory has from now on.
      if (Line *line = placement.find(number)) {
        writeBack(*line);
        clean(*line);
        line->valid = 0;
      }
      return storeAround(number, sectors, /*pastAll=*/true);
    }
    // Most accesses go to the most recent line: then the order stands.
    Line *line = &placement.mostRecent(number);
    if (line->number != number || (sectors & ~line->valid)) {
      line = bringIn(number, sectors, first, last, kind);
      if (!line)
        return;
    }
    if (kind != MemoryAccess::Load)
      line->dirty |= sectors;
  }

  /// Makes line `number` the most recent, with what the access needs of it;
  /// null when a store goes around the cache.
  LLVM_ATTRIBUTE_NOINLINE Line *bringIn(uint64_t number, uint32_t sectors,
                                        uint64_t first, uint64_t last,
                                        MemoryAccess::Kind kind) {
    if (kind == MemoryAccess::Store &&
        level.storePolicy == StorePolicy::Bypass && !placement.find(number)) {
      storeAround(number, sectors, /*pastAll=*/false);
      return nullptr;
    }
    // A line that is there but incomplete may be the most recent one already.
    Line *line = &placement.mostRecent(number);
    if (line->number != number) {
      Line evicted;
      line = &placement.touch(number, evicted);
      // The next cache makes room for a victim by what it hands over: first the
      // line that is wanted moves inward, then the victim moves out.
      if (uint32_t missing = sectors & ~line->valid;
          missing && requests.areVictimsTaken())
        complete(*line, missing, first, last, kind);
      if (evicted.number != Line::none)
        evict(evicted);
    }
    if (uint32_t missing = sectors & ~line->valid)
      complete(*line, missing, first, last, kind);
    return line;
  }

  /// A line has made room for another one.
  void evict(Line &line) {
    if (line.dirty)
      writeBack(line);
    requests.leave(line.number, unit);
    if (level.storePolicy == StorePolicy::Allocate)
      storedBytes.forget(line.number);
  }

  /// Some sectors that an access needs are not (wholly) there.
  void complete(Line &line, uint32_t missing, uint64_t first, uint64_t last,
                MemoryAccess::Kind kind) {
    if (kind == MemoryAccess::Store &&
        level.storePolicy == StorePolicy::Allocate) {
      if (requests.isLastByte((line.number << lineShift) + last))
        last |= level.sectorBytes - 1;
      line.valid |= storedBytes.store(line.number, first, last);
      return;
    }
    if (kind != MemoryAccess::WriteBack)
      requests.fetch(line.number, missing, unit);
    line.valid |= missing;
  }

  /// Dirty sectors go to the next memory; incomplete ones are fetched first.
  void writeBack(Line &line) {
    if (uint32_t partial = line.dirty & ~line.valid)
      requests.fetch(line.number, partial, unit);
    if (line.dirty)
      requests.writeBack(line.number, line.dirty, unit);
    line.dirty = 0;
  }

  /// The content of the line is dead: nothing of it has to be written, and what
  /// was incomplete stays so.
  void clean(Line &line) {
    line.dirty = 0;
    if (level.storePolicy == StorePolicy::Allocate)
      storedBytes.forget(line.number);
  }

  /// A store that goes around the cache, or past all. Consecutive stores to one
  /// sector of a buffer are combined into one transfer.
  void storeAround(uint64_t number, uint32_t sectors, bool pastAll) {
    unsigned buffer = requests.getBuffer(number);
    if (buffer >= openSectors.size())
      openSectors.resize(buffer + 1, Line::none);
    uint64_t &open = openSectors[buffer];
    unsigned perLineShift = lineShift - sectorShift;
    for (; sectors; sectors &= sectors - 1) {
      uint64_t sector = (number << perLineShift) + llvm::countr_zero(sectors);
      if (open != sector)
        requests.storeAround(number, sectors & -sectors, unit, pastAll);
      open = sector;
    }
  }

  Placement placement;
  Level level;
  unsigned lineShift, sectorShift;
  uint32_t unit;
  Requests &requests;
  StoredBytes storedBytes;
  /// By buffer: the sector that a store went around the cache to last.
  std::vector<uint64_t> openSectors;
};

} // namespace

std::unique_ptr<Cache> Cache::create(const Level &level, uint32_t unit,
                                     Requests &requests) {
  if (level.associativity == 0)
    return std::make_unique<CacheImpl<FullyAssociative>>(
        FullyAssociative(level.lines()), level, unit, requests);
  return std::make_unique<CacheImpl<SetAssociative>>(
      SetAssociative(level.sets(), level.associativity), level, unit, requests);
}
