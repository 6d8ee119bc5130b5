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

/// Writes what future accesses can tell of a line, moved back by `by` lines, to
/// `out`, and returns where that ends. The second word says which words follow,
/// so that no two lines look alike.
uint64_t *SetState::pack(uint32_t slot, int64_t by, uint64_t *out) const {
  // Below: who stored last; above: the buffer, since buffers move apart.
  constexpr uint64_t kHasMasks = uint64_t(1) << 28;
  constexpr uint64_t kHasPending = uint64_t(1) << 29;
  constexpr uint64_t kHasBytes = uint64_t(1) << 30;
  constexpr unsigned kBufferShift = 32;
  const CachedLine &line = lines[slot];
  // The rule is a line that is not dirty.
  bool hasPending = line.dirty
                        ? line.pending != double(llvm::popcount(line.dirty))
                        : line.pending != 0;
  bool hasBytes = keepsBytes && (line.dirty & ~line.valid);
  bool hasMasks = line.valid != 1 || line.dirty > 1;
  // Who stored last matters while the line is dirty only.
  uint64_t head = line.dirty ? uint64_t(line.writer) + 1 : 0;
  head |= (hasMasks ? kHasMasks : 0) | (hasPending ? kHasPending : 0) |
          (hasBytes ? kHasBytes : 0) | uint64_t(line.buffer) << kBufferShift;
  *out++ = line.number - by;
  *out++ = head;
  if (hasMasks) {
    *out++ = line.valid;
    *out++ = line.dirty;
  }
  if (hasPending)
    *out++ = llvm::bit_cast<uint64_t>(line.pending);
  if (hasBytes)
    out = llvm::copy(bytes[slot], out);
  return out;
}

llvm::XXH128_hash_t SetState::hash(llvm::ArrayRef<int64_t> moves, int64_t times,
                                   llvm::ArrayRef<BufferId> filled) {
  packed.resize_for_overwrite(lines.size() * kMostWordsOfLine);
  uint64_t *end = packed.data();
  forEach([&](uint32_t slot) {
    const CachedLine &line = lines[slot];
    end = pack(slot, moves[line.buffer] * times, end);
    if (keepsBytes && (line.dirty & ~line.valid) &&
        llvm::is_contained(filled, line.buffer))
      *end++ = times;
  });
  return llvm::xxh3_128bits({reinterpret_cast<const uint8_t *>(packed.data()),
                             size_t(end - packed.data()) * 8});
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
