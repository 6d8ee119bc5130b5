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

#include <cstdint>
#include <utility>
#include <vector>

namespace memwall {

/// `number` is the byte address over the line's bytes. Sector masks: `valid`
/// sectors have all their bytes, `dirty` ones have bytes that memory lacks.
struct Line {
  static constexpr uint64_t none = ~uint64_t(0);
  uint64_t number = none;
  uint64_t valid : 16;
  uint64_t dirty : 16;
  uint64_t slot : 32; ///< Place of its byte mask; stays with the storage.

  explicit Line(uint64_t number = none, uint32_t slot = 0)
      : number(number), valid(0), dirty(0), slot(slot) {}
};
static_assert(sizeof(Line) == 16, "two words, so that sets move fast");

/// Sets of a few ways, each kept as a list with the most recent line first.
class SetAssociative {
public:
  SetAssociative(uint64_t sets, uint64_t ways)
      : sets(sets), ways(ways), pitch(ways | 1), lines(sets * pitch) {
    for (uint64_t i = 0; i < sets * ways; ++i)
      lines[i / ways * pitch + i % ways].slot = i;
  }

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
      passed = Line(number, evicted.slot);
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
    uint64_t mask = sets - 1;
    bool powerOfTwo = (sets & mask) == 0;
    return &lines[(powerOfTwo ? number & mask : number % sets) * pitch];
  }

  uint64_t sets, ways;
  /// Distance between sets; odd, because strides that are powers of two would
  /// make the sets collide in the caches of the machine that simulates, too.
  uint64_t pitch;
  std::vector<Line> lines;
};

/// Any line anywhere: a hash table from numbers to nodes, and a doubly linked
/// list through the nodes in order of use. All links are indices.
class FullyAssociative {
public:
  explicit FullyAssociative(uint64_t capacityLines) : nodes(capacityLines) {
    unsigned bits = 1;
    while ((uint64_t(1) << bits) < capacityLines)
      ++bits;
    shift = 64 - bits;
    buckets.assign(uint64_t(1) << bits, nil);
    for (uint32_t i = 0; i < capacityLines; ++i) {
      nodes[i].line.slot = i;
      nodes[i].newer = i ? i - 1 : nil;
      nodes[i].older = i + 1 < capacityLines ? i + 1 : nil;
    }
    newest = 0;
    oldest = capacityLines - 1;
  }

  Line &mostRecent(uint64_t) { return nodes[newest].line; }
  Line *find(uint64_t number) {
    uint32_t node = buckets[hash(number)];
    while (node != nil && nodes[node].line.number != number)
      node = nodes[node].nextInBucket;
    return node == nil ? nullptr : &nodes[node].line;
  }
  Line &touch(uint64_t number, Line &evicted) {
    if (Line *line = find(number)) {
      makeNewest(line->slot);
      return *line;
    }
    uint32_t node = oldest;
    evicted = nodes[node].line;
    if (evicted.number != Line::none)
      removeFromBucket(node);
    nodes[node].line = Line(number, node);
    uint32_t &bucket = buckets[hash(number)];
    nodes[node].nextInBucket = bucket;
    bucket = node;
    makeNewest(node);
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
    uint32_t newer, older, nextInBucket = nil;
  };

  /// Multiplicative hashing: power-of-two strides spread over the buckets.
  uint64_t hash(uint64_t number) const {
    return (number * 0x9E3779B97F4A7C15u) >> shift;
  }
  void removeFromBucket(uint32_t node) {
    uint32_t *link = &buckets[hash(nodes[node].line.number)];
    while (*link != node)
      link = &nodes[*link].nextInBucket;
    *link = nodes[node].nextInBucket;
  }
  void makeNewest(uint32_t node) {
    if (node == newest)
      return;
    Node &self = nodes[node];
    nodes[self.newer].older = self.older;
    (self.older == nil ? oldest : nodes[self.older].newer) = self.newer;
    self.newer = nil;
    self.older = newest;
    nodes[newest].newer = node;
    newest = node;
  }

  std::vector<Node> nodes;
  std::vector<uint32_t> buckets; ///< First node of each bucket.
  unsigned shift;
  uint32_t newest, oldest;
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_LINE_H
