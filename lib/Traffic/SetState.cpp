//===- SetState.cpp - What the sets of a cache hold -----------------------===//

#include "SetState.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace memwall;

/// Lists of up to so many lines are searched by a scan over their numbers,
/// which takes about as long as one look into a hash table (16 ways of a last
/// level cache, 64 of a fully associative one that is sampled).
static constexpr int64_t kMostScanned = 64;

/// An array of so many slots takes 16 MiB.
static constexpr int64_t kMostLinesInArray = int64_t(1) << 22;

SetState::SetState(int64_t sets, int64_t ways, bool keepsBytes,
                   int64_t storageLines, int64_t apart)
    : sets(sets), ways(ways), apart(apart), keepsBytes(keepsBytes),
      newest(sets, none), oldest(sets, none), counts(sets, 0),
      isIndexed(sets > 1 || ways > kMostScanned) {
  int64_t most = storageLines / apart + 1;
  if (isIndexed && most <= kMostLinesInArray)
    slotOfLine.assign(most, none);
}

uint32_t SetState::look(int64_t line) const {
  if (!slotOfLine.empty()) {
    uint32_t slot = slotOfLine[line / apart];
    return slot != none && numbers[slot] == line ? slot : none;
  }
  if (isIndexed) {
    auto found = slots.find(line);
    return found == slots.end() ? none : found->second;
  }
  const int64_t *data = numbers.data();
  for (uint32_t slot = 0, end = numbers.size(); slot < end; ++slot)
    if (data[slot] == line)
      return slot;
  return none;
}

uint32_t SetState::insert(int64_t line, BufferId buffer, uint32_t victim) {
  uint32_t list = listOf(line), slot = victim;
  if (victim == none) {
    slot = lines.size();
    lines.emplace_back();
    numbers.push_back(line);
    if (keepsBytes)
      bytes.emplace_back();
    ++counts[list];
  } else {
    unlink(victim, list);
    if (isIndexed)
      setSlot(lines[victim].number, none);
    if (keepsBytes)
      bytes[slot] = {};
  }
  CachedLine &entry = lines[slot];
  entry = CachedLine();
  entry.number = numbers[slot] = line;
  entry.buffer = buffer;
  if (isIndexed)
    setSlot(line, slot);
  link(slot, list);
  return slot;
}

namespace {

/// A hash of 128 bits of pairs of words: in each half, what there was and the
/// pair are multiplied, and the halves of the product folded.
class Hasher {
public:
  void add(uint64_t first, uint64_t second) {
    low = fold(low ^ first, second ^ 0x9e3779b97f4a7c15);
    high = fold(high ^ first, second ^ 0xc2b2ae3d27d4eb4f);
  }
  SetState::Hash get() const { return {low, high}; }

private:
  static uint64_t fold(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return uint64_t(product) ^ uint64_t(product >> 64);
  }

  uint64_t low = 0x27d4eb2f165667c5, high = 0x85ebca77c2b2ae63;
};

} // namespace

SetState::Hash SetState::hash(llvm::ArrayRef<int64_t> moves, int64_t times,
                              llvm::ArrayRef<BufferId> filled) const {
  // Below: who stored last; above: the buffer, since buffers move apart. In
  // between: which words follow, so that no two lines look alike.
  constexpr uint64_t kHasMasks = uint64_t(1) << 28;
  constexpr uint64_t kHasPending = uint64_t(1) << 29;
  constexpr uint64_t kHasBytes = uint64_t(1) << 30;
  constexpr uint64_t kIsFilled = uint64_t(1) << 31;
  constexpr unsigned kBufferShift = 32;
  Hasher hasher;
  forEach([&](uint32_t slot) {
    const CachedLine &line = lines[slot];
    // The rule is a line of one sector that is not dirty, or once.
    int64_t dirtySectors =
        line.dirty <= 1 ? line.dirty : llvm::popcount(line.dirty);
    bool hasPending = line.pending != double(dirtySectors);
    bool hasBytes = keepsBytes && (line.dirty & ~line.valid);
    bool hasMasks = line.valid != 1 || line.dirty > 1;
    bool isFilled = hasBytes && llvm::is_contained(filled, line.buffer);
    // Who stored last matters while the line is dirty only.
    uint64_t head = line.dirty ? uint64_t(line.writer) + 1 : 0;
    head |= (hasMasks ? kHasMasks : 0) | (hasPending ? kHasPending : 0) |
            (hasBytes ? kHasBytes : 0) | (isFilled ? kIsFilled : 0) |
            uint64_t(line.buffer) << kBufferShift;
    hasher.add(line.number - moves[line.buffer] * times, head);
    if (hasMasks)
      hasher.add(line.valid, line.dirty);
    if (hasPending)
      hasher.add(llvm::bit_cast<uint64_t>(line.pending), 0);
    if (hasBytes)
      hasher.add(bytes[slot][0], bytes[slot][1]);
    if (isFilled)
      hasher.add(times, 0);
  });
  return hasher.get();
}

void SetState::move(llvm::ArrayRef<int64_t> moves, int64_t times) {
  bool isMoved = llvm::any_of(
      lines, [&](const CachedLine &line) { return moves[line.buffer] != 0; });
  if (!isMoved)
    return;
  for (uint32_t slot = 0; isIndexed && slot < lines.size(); ++slot)
    setSlot(numbers[slot], none);
  for (uint32_t slot = 0; slot < lines.size(); ++slot) {
    numbers[slot] = lines[slot].number += moves[lines[slot].buffer] * times;
    if (isIndexed)
      setSlot(numbers[slot], slot);
  }
}
