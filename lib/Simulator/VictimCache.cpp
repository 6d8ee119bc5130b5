//===- VictimCache.cpp - A cache of what left the caches inside -----------===//
//
// One instance of a level that is not inclusive. The caches inside of it tell
// it three things, in the order in which they happen:
//
//   Load       a line is fetched. It moves inward: this cache gives it up. One
//              that another inner cache holds is copied from there. Memory is
//              asked for what nobody has.
//   WriteBack  new data of a line comes out, with the line
//   Leave      a line comes out. It becomes the most recent one here
//   StoreAround  new data of a line goes past all caches
//
// Data that memory lacks may be in a line that has moved inward again. It is
// owed until the line comes back or the program ends, so it is written to
// memory once.
//
//===----------------------------------------------------------------------===//

#include "CacheLevel.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <list>

using namespace memwall;

namespace {

struct Victim {
  uint64_t number = 0;
  bool dirty = false;
};

/// A line that inner caches hold.
struct Inside {
  llvm::SmallVector<uint32_t, 2> holders; ///< First units of the caches.
  bool isOwed = false;                    ///< Memory lacks its content.
};

class VictimCache final : public Cache {
public:
  VictimCache(const Level &level, uint32_t unit, Requests &requests)
      : level(level), lineShift(llvm::Log2_64(level.lineBytes)), unit(unit),
        ways(level.associativity > 0 ? level.associativity : level.lines()),
        requests(requests), sets(level.sets()) {}

  void access(llvm::ArrayRef<MemoryAccess> accesses) override {
    for (const MemoryAccess &access : accesses) {
      uint64_t number = (access.addressBits / 8) >> lineShift;
      switch (MemoryAccess::Kind(access.kind)) {
      case MemoryAccess::Load:
        moveInward(number, access.unit);
        break;
      case MemoryAccess::WriteBack:
        writeInto(number);
        break;
      case MemoryAccess::Leave:
        moveOut(number, access.unit);
        break;
      case MemoryAccess::StoreAround:
        storeAround(number);
        break;
      case MemoryAccess::Store:
        llvm_unreachable("programs store into inner caches");
      }
    }
  }

  void die(uint64_t begin, uint64_t end) override {
    if (level.deadLines == DeadLines::Written)
      return;
    uint64_t first = begin >> lineShift;
    uint64_t last = (end + level.lineBytes - 1) >> lineShift;
    auto isDead = [&](uint64_t number) {
      return number >= first && number < last;
    };
    for (auto &[number, place] : places)
      if (isDead(number))
        place->dirty = false;
    for (auto &[number, inside] : insides)
      if (isDead(number))
        inside.isOwed = false;
  }

  /// The inner caches were flushed before.
  void flush() override {
    for (Set &set : sets)
      for (Victim &victim : set)
        writeBack(victim.number, std::exchange(victim.dirty, false));
    for (auto &[number, inside] : insides)
      writeBack(number, std::exchange(inside.isOwed, false));
  }

private:
  using Set = std::list<Victim>; ///< The most recent line first.

  Set &getSet(uint64_t number) { return sets[number % sets.size()]; }

  void writeBack(uint64_t number, bool isDirty) {
    if (isDirty)
      requests.writeBack(number, 1, unit);
  }

  void moveInward(uint64_t number, uint32_t holder) {
    Inside &inside = insides[number];
    if (auto place = places.find(number); place != places.end()) {
      inside.isOwed |= place->second->dirty;
      getSet(number).erase(place->second);
      places.erase(place);
    } else if (inside.holders.empty()) {
      requests.fetch(number, 1, unit);
    }
    inside.holders.push_back(holder);
  }

  /// New data of a line, which comes as a whole: nothing older is owed.
  void writeInto(uint64_t number) {
    if (auto inside = insides.find(number); inside != insides.end())
      inside->second.isOwed = false;
    insert(number).dirty = true;
  }

  /// New data goes to memory: nothing of the line is owed, or has a place here.
  void storeAround(uint64_t number) {
    if (auto inside = insides.find(number); inside != insides.end())
      inside->second.isOwed = false;
    if (auto place = places.find(number); place != places.end()) {
      getSet(number).erase(place->second);
      places.erase(place);
    }
    requests.storeAround(number, 1, unit, /*pastAll=*/true);
  }

  void moveOut(uint64_t number, uint32_t holder) {
    bool isOwed = false;
    if (auto inside = insides.find(number); inside != insides.end()) {
      // A line that stores filled was never fetched, and has no holder.
      auto &holders = inside->second.holders;
      if (auto found = llvm::find(holders, holder); found != holders.end())
        holders.erase(found);
      isOwed = std::exchange(inside->second.isOwed, false);
      if (holders.empty())
        insides.erase(inside);
    }
    insert(number).dirty |= isOwed;
  }

  /// Makes a line the most recent of its set.
  Victim &insert(uint64_t number) {
    Set &set = getSet(number);
    if (auto place = places.find(number); place != places.end()) {
      set.splice(set.begin(), set, place->second);
      return set.front();
    }
    set.push_front({number});
    places[number] = set.begin();
    if (set.size() > size_t(ways)) {
      Victim last = set.back();
      places.erase(last.number);
      set.pop_back();
      writeBack(last.number, last.dirty);
      requests.leave(last.number, unit);
    }
    return set.front();
  }

  Level level;
  unsigned lineShift;
  uint32_t unit;
  int64_t ways;
  Requests &requests;
  std::vector<Set> sets;
  llvm::DenseMap<uint64_t, Set::iterator> places; ///< By line number.
  llvm::DenseMap<uint64_t, Inside> insides;       ///< By line number.
};

} // namespace

std::unique_ptr<Cache> Cache::createVictimCache(const Level &level,
                                                uint32_t unit,
                                                Requests &requests) {
  return std::make_unique<VictimCache>(level, unit, requests);
}
