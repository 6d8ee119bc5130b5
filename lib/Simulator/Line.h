//===- Line.h - One line of a cache -----------------------------*- C++ -*-===//
//
// The state of a line, and the two ways in which a cache finds it. Both give
//
//   Line &mostRecent(n)  the most recent line among those that n competes with
//   Line *touch(n)   finds line n and makes it the most recent; null if absent
//   Line *find(n)    finds line n and leaves the order alone
//   Line &victim(n)  the line that has to leave when n comes (maybe empty)
//   Line &replace(n) reuses the victim for n, as the most recent
//   forEach(f)       f(line) for every occupied line
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_LINE_H
#define MEMWALL_LIB_SIMULATOR_LINE_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace memwall {

/// `number` is the byte address over the line's bytes. Sector masks: `valid`
/// sectors have all their bytes, `dirty` ones have bytes that memory lacks.
struct Line {
  static constexpr uint64_t none = ~uint64_t(0);
  uint64_t number = none;
  uint16_t valid = 0;
  uint16_t dirty = 0;
  uint32_t slot = 0; ///< Place of its byte mask; stays with the storage.
};

/// Sets of a few ways, each kept as a list with the most recent line first.
class SetAssociative {
public:
  SetAssociative(uint64_t sets, uint64_t ways)
      : sets(sets), ways(ways), lines(sets * ways) {
    for (uint64_t i = 0; i < lines.size(); ++i)
      lines[i].slot = i;
  }

  Line &mostRecent(uint64_t number) { return *getSet(number); }
  Line *find(uint64_t number) {
    Line *set = getSet(number);
    for (uint64_t way = 0; way < ways; ++way)
      if (set[way].number == number)
        return set + way;
    return nullptr;
  }
  Line *touch(uint64_t number) {
    Line *line = find(number);
    return line ? moveToFront(number, line) : nullptr;
  }
  Line &victim(uint64_t number) { return getSet(number)[ways - 1]; }
  Line &replace(uint64_t number) {
    Line *line = moveToFront(number, &victim(number));
    line->number = number;
    return *line;
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
    return &lines[(powerOfTwo ? number & mask : number % sets) * ways];
  }
  Line *moveToFront(uint64_t number, Line *line) {
    Line *set = getSet(number);
    if (line != set) {
      Line moved = *line;
      std::move_backward(set, line, line + 1);
      *set = moved;
    }
    return set;
  }

  uint64_t sets, ways;
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
  Line *touch(uint64_t number) {
    Line *line = find(number);
    if (line)
      makeNewest(line->slot);
    return line;
  }
  Line &victim(uint64_t) { return nodes[oldest].line; }
  Line &replace(uint64_t number) {
    uint32_t node = oldest;
    if (nodes[node].line.number != Line::none)
      removeFromBucket(node);
    nodes[node].line.number = number;
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
