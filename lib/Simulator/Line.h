//===- Line.h - One line of a cache -----------------------------*- C++ -*-===//
//
// The state of a line, and the two ways in which a cache finds it. Both give
//
//   Line *find(n)     finds line n and leaves the order alone; null if absent
//   Line &touch(n, e) makes line n the most recent; where it was absent, `e`
//                     becomes what had to leave for it (maybe an empty line)
//   mostRecent(n)     the most recent line among those that n competes with
//   forEach(f)        f(line) for every occupied line
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_LINE_H
#define MEMWALL_LIB_SIMULATOR_LINE_H

#include "llvm/Support/MathExtras.h"
#include <cstdint>
#include <utility>
#include <vector>

namespace memwall {

/// `number` is the byte address over the line's bytes. Sector masks: `valid`
/// sectors have all their bytes, `dirty` ones have bytes that memory lacks.
struct Line {
  static constexpr uint64_t none = (uint64_t(1) << 48) - 1;
  static constexpr unsigned maxSectors = 8;
  uint64_t valid : 8;
  uint64_t dirty : 8;
  uint64_t number : 48;

  explicit Line(uint64_t number = none) : valid(0), dirty(0), number(number) {}
};
static_assert(sizeof(Line) == 8, "one word, so that sets move fast");

/// Sets of a few ways, each kept as a list with the most recent line first.
class SetAssociative {
public:
  SetAssociative(uint64_t sets, uint64_t ways)
      : sets(sets), mask(llvm::isPowerOf2_64(sets) ? sets - 1 : 0), ways(ways),
        pitch(ways | 1), lines(sets * pitch) {}

  Line &mostRecent(uint64_t number) { return *getSet(number); }
  Line *find(uint64_t number) {
    Line *set = getSet(number);
    for (uint64_t way = 0; way < ways; ++way)
      if (set[way].number == number)
        return set + way;
    return nullptr;
  }
  /// Looks from the front and moves every line that it passes one place back;
  /// the line that it stops at, found or last, then goes to the front.
  Line &touch(uint64_t number, Line &evicted) {
    Line *set = getSet(number);
    Line passed = set[0];
    for (Line *way = set + 1, *end = set + ways;
         way != end && passed.number != number; ++way)
      std::swap(passed, *way);
    if (passed.number != number) {
      evicted = passed;
      passed = Line(number);
    }
    set[0] = passed;
    return set[0];
  }
  template <typename Function>
  void forEach(Function function) {
    for (Line &line : lines)
      if (line.number != Line::none)
        function(line);
  }

private:
  Line *getSet(uint64_t number) {
    return &lines[(mask != 0 ? number & mask : number % sets) * pitch];
  }

  uint64_t sets, mask, ways;
  /// Distance between sets; odd, because strides that are powers of two would
  /// make the sets collide in the caches of the machine that simulates, too.
  uint64_t pitch;
  std::vector<Line> lines;
};

/// Any line anywhere: a hash table finds a line by its number, and a log of all
/// touches, oldest first, knows the order of use. A line counts where it was
/// touched last; its earlier entries in the log are skipped. All links are
/// indices.
class FullyAssociative {
public:
  explicit FullyAssociative(uint64_t capacityLines)
      : capacity(capacityLines), longestLog(4 * capacityLines + 64) {
    unsigned bits = 1;
    while ((uint64_t(1) << bits) < capacityLines)
      ++bits;
    shift = 64 - bits;
    buckets.assign(uint64_t(1) << bits, nil);
    // An empty line, so that there always is a most recent one.
    nodes.emplace_back();
    log.push_back(0);
  }

  Line &mostRecent(uint64_t) { return nodes[log.back()].line; }
  Line *find(uint64_t number) {
    uint32_t node = lookUp(number);
    return node == nil ? nullptr : &nodes[node].line;
  }
  Line &touch(uint64_t number, Line &evicted) {
    uint32_t node = lookUp(number);
    if (node == nil) {
      node = makeRoom(evicted);
      uint32_t &bucket = buckets[hash(number)];
      nodes[node].line = Line(number);
      nodes[node].nextInBucket = bucket;
      bucket = node;
    }
    if (log.size() == longestLog)
      shortenLog();
    nodes[node].lastTouch = log.size();
    log.push_back(node);
    return nodes[node].line;
  }
  template <typename Function>
  void forEach(Function function) {
    for (Node &node : nodes)
      if (node.line.number != Line::none)
        function(node.line);
  }

private:
  static constexpr uint32_t nil = ~uint32_t(0);
  struct Node {
    Line line;
    uint32_t lastTouch = 0; ///< Place in the log.
    uint32_t nextInBucket = nil;
  };

  /// Multiplicative hashing: power-of-two strides spread over the buckets.
  uint64_t hash(uint64_t number) const {
    return (number * 0x9E3779B97F4A7C15u) >> shift;
  }
  uint32_t lookUp(uint64_t number) const {
    uint32_t node = buckets[hash(number)];
    while (node != nil && nodes[node].line.number != number)
      node = nodes[node].nextInBucket;
    return node;
  }
  /// A node for a new line: a fresh one, or that of the least recent line.
  uint32_t makeRoom(Line &evicted) {
    if (nodes.size() < capacity) {
      nodes.emplace_back();
      return nodes.size() - 1;
    }
    while (!isLastTouch(oldest))
      ++oldest;
    uint32_t node = log[oldest++];
    evicted = nodes[node].line;
    if (evicted.number != Line::none)
      removeFromBucket(node);
    return node;
  }
  void removeFromBucket(uint32_t node) {
    uint32_t *link = &buckets[hash(nodes[node].line.number)];
    while (*link != node)
      link = &nodes[*link].nextInBucket;
    *link = nodes[node].nextInBucket;
  }
  bool isLastTouch(uint32_t place) const {
    return nodes[log[place]].lastTouch == place;
  }
  /// Leaves one entry per line, in order.
  void shortenLog() {
    uint32_t kept = 0;
    for (uint32_t place = oldest; place < log.size(); ++place)
      if (isLastTouch(place)) {
        log[kept] = log[place];
        nodes[log[kept]].lastTouch = kept;
        ++kept;
      }
    log.resize(kept);
    oldest = 0;
  }

  uint64_t capacity, longestLog;
  std::vector<Node> nodes;
  std::vector<uint32_t> buckets; ///< First node of each bucket.
  unsigned shift;
  std::vector<uint32_t> log; ///< Nodes in the order they were touched.
  uint32_t oldest = 0;       ///< No line counts at an earlier place of the log.
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_LINE_H
