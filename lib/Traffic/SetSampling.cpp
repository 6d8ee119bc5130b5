//===- SetSampling.cpp - Loops over budget, sampled in time ---------------===//

#include "SetWalk.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

static constexpr int64_t kAnyPeriod = std::numeric_limits<int64_t>::max();

/// Walks iterations [v, end) in part. They are grouped by which accesses touch
/// the set; some blocks of each group are walked and stand for the group.
void SetWalk::sampleRest(unsigned loop, Active active, int64_t begin,
                         int64_t v, int64_t end, double budget) {
  // A block gets a part of the budget, as there are up to 24 of them.
  constexpr double kPart = 1.0 / 16;
  const SetNode &node = program.nodes[loop];
  sampled = true;
  double share = 1;
  std::vector<std::vector<Segment>> groups =
      groupIterations(node, active, v, end, share);
  std::vector<Block> blocks = chooseBlocks(node, active, groups, share);
  double outer = weight;
  // The iteration before may be walked again to fill the set.
  begin = std::max(begin, v - 1);
  for (const Block &block : blocks) {
    warmUp(loop, active, begin, block.begin, budget);
    weight = outer * block.weight;
    walkRange(loop, active, block.begin, block.end, kAnyPeriod,
              budget * kPart * double(block.end - block.begin));
  }
  warmUp(loop, active, begin, end, budget);
  weight = outer;
}

/// The iterations from `v` on by the accesses that touch the set in them.
/// `share` becomes the part of the iterations that was looked at.
std::vector<std::vector<SetWalk::Segment>>
SetWalk::groupIterations(const SetNode &loop, Active active, int64_t v,
                         int64_t end, double &share) {
  // Looking for segments must not cost more than walking blocks of them.
  constexpr int64_t kMostSegments = 20000;
  llvm::MapVector<uint64_t, std::vector<Segment>> groups;
  NextTouches next(active.size(), -1);
  int64_t start = v;
  v = settle(loop, active, next, v, end);
  for (int64_t count = 0; v < end && count < kMostSegments; ++count) {
    steps += 1;
    int64_t stop = end;
    uint64_t signature = 0;
    for (auto [i, access] : llvm::enumerate(active)) {
      if (next[i] > v) {
        stop = std::min(stop, next[i]);
        continue;
      }
      signature |= uint64_t(1) << (i % 64);
      int64_t constant = program.term(loop, access).period == 1
                             ? end - v
                             : countConstant(loop, access, v);
      stop = std::min(stop, constant < end - v ? v + constant : end);
    }
    if (loop.deals)
      stop = v + 1;
    std::vector<Segment> &group = groups[signature];
    if (!group.empty() && group.back().end == v)
      group.back().end = stop;
    else
      group.push_back({v, stop});
    v = settle(loop, active, next, stop, end);
    share = double(std::min(v, end) - start) / double(end - start);
  }
  std::vector<std::vector<Segment>> result;
  for (auto &[signature, group] : groups)
    result.push_back(std::move(group));
  return result;
}

/// From every group some blocks, one at random of each of as many equal parts.
std::vector<SetWalk::Block>
SetWalk::chooseBlocks(const SetNode &loop, Active active,
                      llvm::ArrayRef<std::vector<Segment>> groups,
                      double share) {
  // As many as there are groups to share them, two at least for a spread.
  constexpr int64_t kLeast = 2, kMost = 8, kAll = 24;
  int64_t most = std::clamp<int64_t>(
      kAll / std::max<int64_t>(1, groups.size()), kLeast, kMost);
  // As many iterations as a line has elements: they share its fetch.
  int64_t length = 1;
  for (unsigned access : active)
    if (int64_t stride = program.term(loop, access).strideBits;
        stride > 0 && stride < geometry.lineBits)
      length = std::max(length, geometry.lineBits / stride);
  std::vector<Block> blocks;
  for (llvm::ArrayRef<Segment> group : groups) {
    int64_t total = 0;
    for (const Segment &segment : group)
      total += segment.end - segment.begin;
    int64_t parts = std::min(most, total);
    for (int64_t part = 0; part < parts; ++part) {
      int64_t from = total * part / parts, to = total * (part + 1) / parts;
      int64_t place = from + int64_t(random() % uint64_t(to - from));
      for (const Segment &segment : group) {
        int64_t here = segment.end - segment.begin;
        if (place >= here) {
          place -= here;
          continue;
        }
        int64_t end = std::min(segment.begin + place + length, segment.end);
        int64_t begin = std::max(segment.begin, end - length);
        blocks.push_back(
            {begin, end, double(to - from) / double(end - begin) / share});
        break;
      }
    }
  }
  llvm::sort(blocks, [](const Block &a, const Block &b) {
    return a.begin < b.begin;
  });
  return blocks;
}

/// Brings the set to what it holds when iteration `v` begins: goes back until
/// as many lines were touched as the set has ways, or nothing new comes.
void SetWalk::warmUp(unsigned loop, Active active, int64_t begin, int64_t v,
                     double budget) {
  constexpr int64_t kMostBack = 64;
  // Warming up may cost several times what it is for, but no more.
  constexpr double kMostBudget = 4, kPart = 1.0 / 16;
  const SetNode &node = program.nodes[loop];
  int64_t turn = node.deals ? program.units / program.unitsPerInstance : 1;
  double start = steps;
  size_t lastFilled = 0;
  weight = 0;
  for (int64_t back = 1; back <= kMostBack; back *= 4) {
    int64_t from = std::max(begin, v - back * turn);
    uint64_t now = state.now;
    walkRange(loop, active, from, v, kAnyPeriod, budget * kPart);
    size_t filled = 0;
    for (uint32_t slot = 0; slot < state.size(); ++slot)
      filled += state[slot].touched > now;
    if (int64_t(filled) >= geometry.ways || from == begin ||
        (filled == lastFilled && filled > 0) ||
        steps - start > kMostBudget * budget)
      return;
    lastFilled = filled;
  }
}
