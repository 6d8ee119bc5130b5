//===- SetState.h - What the sets of a cache hold ---------------*- C++ -*-===//
//
// The lines that one set of an LRU cache holds, or that all sets of a small one
// hold, by recency, with what is known of each: which sectors are valid, which
// are dirty and which access stored last. Says what an access has to move; it
// knows neither loops nor programs.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETSTATE_H
#define MEMWALL_LIB_TRAFFIC_SETSTATE_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <vector>

namespace memwall {

/// A line that is present. Masks have a bit per sector of the line.
struct CachedLine {
  int64_t number = 0;   ///< Address over line size.
  uint64_t valid = 0;   ///< Sectors that hold what memory or stores put there.
  uint64_t dirty = 0;   ///< Sectors that were stored to.
  uint64_t touched = 0; ///< When it was touched last, see SetState::now.
  /// Sectors that its leaving writes back: one for each dirty sector, weighted
  /// by what the store that made it dirty stands for.
  double pending = 0;
  BufferId buffer = 0; ///< Whose memory it is part of.
  unsigned writer = 0; ///< The access that stored last.
  uint32_t list = 0;   ///< The LRU list that it is in.
  /// A hash of all that future accesses can tell of it but for its number; 0
  /// where that is not worked out.
  uint64_t look = 0;
};

/// See the head of this file.
class SetState {
public:
  static constexpr uint32_t none = ~uint32_t(0);
  /// One bit per byte of a line, up to 128 bytes.
  using ByteMask = std::array<uint64_t, 2>;
  static constexpr int64_t maxMaskedLineBytes = 128;

  /// `sets` LRU lists of `ways` lines each. Line l belongs to list l mod
  /// `sets`; with one list the caller decides which lines it is shown.
  /// `keepsBytes`: remember which bytes were stored (StorePolicy::Allocate).
  /// Lines are numbered below `storageLines`; no two of those that are inserted
  /// are less than `apart` from each other.
  SetState(int64_t sets, int64_t ways, bool keepsBytes, int64_t storageLines,
           int64_t apart = 1);

  /// Slot of a line, or `none`. `guess` is a slot that may be the one.
  uint32_t find(int64_t line, uint32_t guess = none) const {
    return guess < lines.size() && numbers[guess] == line ? guess : look(line);
  }
  const CachedLine &operator[](uint32_t slot) const { return lines[slot]; }
  /// A line whose look may change.
  CachedLine &change(uint32_t slot) {
    lines[slot].look = 0;
    return lines[slot];
  }
  ByteMask &storedBytes(uint32_t slot) { return bytes[slot]; }

  /// Makes a present line the most recent of its list.
  void touch(uint32_t slot) {
    uint32_t list = lines[slot].list;
    if (newest[list] == slot)
      return;
    unlink(slot, list);
    link(slot, list);
  }

  /// The slot that `line`, which is absent, is going to take. Where the list is
  /// full, that is the slot of its least recent line, still in place.
  uint32_t findRoom(int64_t line) {
    uint32_t list = listOf(line);
    return counts[list] == ways ? oldest[list] : none;
  }
  /// Brings in an absent line as the most recent of its list, in the place of
  /// `victim` (from findRoom). It holds nothing valid yet.
  uint32_t insert(int64_t line, BufferId buffer, uint32_t victim);

  /// Forgets what was stored to the line.
  void clean(uint32_t slot) {
    CachedLine &line = change(slot);
    line.dirty = 0;
    line.pending = 0;
    if (keepsBytes)
      bytes[slot] = {};
  }

  template <typename Visit>
  void forEach(Visit visit) const {
    for (uint32_t first : newest)
      for (uint32_t slot = first; slot != none; slot = links[slot].older)
        visit(slot);
  }

  /// A hash of everything that future accesses can tell apart, with the lines
  /// of every buffer b moved back by `moves[b] * times` lines. Equal contents
  /// have equal hashes; others differ but for a chance of 2^-62. Sectors of
  /// buffers `filled` that are stored in part are like none at other times,
  /// since the next stores go to other bytes of them.
  uint64_t hash(llvm::ArrayRef<int64_t> moves, int64_t times,
                llvm::ArrayRef<BufferId> filled);

  /// Moves the lines of every buffer b on by `moves[b] * times` lines. These
  /// have to be multiples of the number of sets of the cache.
  void move(llvm::ArrayRef<int64_t> moves, int64_t times);

  size_t size() const { return lines.size(); }
  uint64_t now = 0; ///< Counts accesses.

private:
  uint32_t look(int64_t line) const;
  uint32_t listOf(int64_t line) const {
    return sets == 1 ? 0 : uint32_t(uint64_t(line) % sets);
  }
  /// Whether it matters which bytes of the line were stored.
  bool isIncomplete(const CachedLine &line) const {
    return keepsBytes && (line.dirty & ~line.valid);
  }
  uint64_t hashLook(uint32_t slot) const;
  void setSlot(int64_t line, uint32_t slot) {
    if (!slotOfLine.empty())
      slotOfLine[line / apart] = slot;
    else if (slot == none)
      slots.erase(line);
    else
      slots[line] = slot;
  }
  void link(uint32_t slot, uint32_t list) {
    lines[slot].list = list;
    uint32_t older = newest[list];
    links[slot] = {none, older};
    (older == none ? oldest[list] : links[older].newer) = slot;
    newest[list] = slot;
  }
  void unlink(uint32_t slot, uint32_t list) {
    auto [newer, older] = links[slot];
    (newer == none ? newest[list] : links[newer].older) = older;
    (older == none ? oldest[list] : links[older].newer) = newer;
  }

  uint64_t sets;
  int64_t ways, apart;
  bool keepsBytes;
  /// Neighbours by recency; see `none`.
  struct Link {
    uint32_t newer, older;
  };
  std::vector<CachedLine> lines; ///< By slot.
  std::vector<Link> links;       ///< Likewise: few bytes to follow.
  std::vector<int64_t> numbers;  ///< Of the lines, by slot: found by a scan.
  std::vector<ByteMask> bytes;   ///< By slot, where bytes are kept.
  std::vector<uint32_t> newest, oldest;
  std::vector<int64_t> counts;
  /// Finds slots by line where there are too many for a scan: in an array, by
  /// line over `apart`, where there are few lines in all.
  std::vector<uint32_t> slotOfLine;
  llvm::DenseMap<int64_t, uint32_t> slots;
  bool isIndexed;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETSTATE_H
