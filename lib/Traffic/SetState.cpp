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
    links.emplace_back();
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

/// A hash of pairs of words: a sum of products of a pair, each with a key for
/// its place, whose halves are folded. Products do not wait for each other.
class Hasher {
public:
  void add(uint64_t first, uint64_t second) {
    key += 0x9e3779b97f4a7c15;
    auto product = (unsigned __int128)(first ^ key) * (second ^ ~key);
    sum += uint64_t(product) ^ uint64_t(product >> 64);
  }
  uint64_t get() const { return sum; }

private:
  uint64_t key = 0xc2b2ae3d27d4eb4f, sum = 0;
};

} // namespace

uint64_t SetState::hashLook(uint32_t slot) const {
  // Buffers move apart. Who stored last matters while the line is dirty only.
  constexpr unsigned kBufferShift = 32;
  const CachedLine &line = lines[slot];
  uint64_t writer = line.dirty ? uint64_t(line.writer) + 1 : 0;
  Hasher hasher;
  hasher.add(writer | uint64_t(line.buffer) << kBufferShift,
             llvm::bit_cast<uint64_t>(line.pending));
  hasher.add(line.valid, line.dirty);
  if (isIncomplete(line))
    hasher.add(bytes[slot][0], bytes[slot][1]);
  return hasher.get() | 1;
}

uint64_t SetState::hash(llvm::ArrayRef<int64_t> moves, int64_t times,
                        llvm::ArrayRef<BufferId> filled) {
  Hasher hasher;
  forEach([&](uint32_t slot) {
    CachedLine &line = lines[slot];
    if (line.look == 0)
      line.look = hashLook(slot);
    hasher.add(line.number - moves[line.buffer] * times, line.look);
    if (isIncomplete(line) && llvm::is_contained(filled, line.buffer))
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
