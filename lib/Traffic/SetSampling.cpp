//===- SetSampling.cpp - Loops over budget, sampled in time ---------------===//

#include "SetWalk.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

static constexpr int64_t kAnyPeriod = std::numeric_limits<int64_t>::max();

/// Walks iterations [v, end) in part. They are grouped by which accesses touch
/// the set; some blocks of each group are walked and stand for the group.
void SetWalk::sampleRest(unsigned loop, Active active, int64_t begin, int64_t v,
                         int64_t end, double budget) {
  const SetNode &node = program.nodes[loop];
  sampled = true;
  ++samplings;
  if (geometry.isResidue)
    return;
  // With little to spend, few blocks; a nest of loops squares what they cost.
  constexpr double kWorkOfBlock = 1024;
  constexpr int64_t kFewestBlocks = 4;
  int64_t most = std::clamp(int64_t(std::min(budget, 1e9) / kWorkOfBlock),
                            kFewestBlocks, kBlocks);
  // Blocks keep the iterations that share a line together: what is fetched and
  // what becomes dirty once per line would hardly be met otherwise. A block of
  // one costs two with the iteration before it, so at most a part is walked.
  int64_t length =
      std::clamp<int64_t>((end - v) / 4, 1, countLineIterations(node, active));
  most = std::clamp<int64_t>((end - v - 1) / (4 * length), 1, most);
  std::vector<Block> blocks =
      chooseBlocks(node, active, groupIterations(node, active, v, end, budget),
                   length, most);
  // One part of the budget for each block and each way up to it.
  double part = budget / double(2 * blocks.size() + 1);
  double outer = weight;
  ++samplingDepth;
  // The iteration before may be walked again to fill the set.
  begin = std::max(begin, v - 1);
  for (const Block &block : blocks) {
    warmUp(loop, active, begin, block.begin, part);
    weight = outer * block.weight;
    walkRange(loop, active, block.begin, block.end, kAnyPeriod, part);
  }
  warmUp(loop, active, begin, end, part);
  --samplingDepth;
  weight = outer;
}

/// The iterations from `v` on by the accesses that touch the set in them, the
/// most frequent groups first. Looking at all of them may cost more than the
/// budget: then only the first ones of some equal parts of the loop are looked
/// at, and stand for their part.
std::vector<SetWalk::Group> SetWalk::groupIterations(const SetNode &loop,
                                                     Active active, int64_t v,
                                                     int64_t end,
                                                     double budget) {
  constexpr int64_t kParts = 8, kLeastSegments = 256;
  constexpr size_t kMostGroups = 6;
  int64_t most = std::max(kLeastSegments, int64_t(budget / 4)) / kParts;
  llvm::MapVector<uint64_t, Group> groups;
  NextTouches next(active.size());
  for (int64_t part = 0; part < kParts; ++part) {
    int64_t first = v + (end - v) * part / kParts;
    int64_t stop = v + (end - v) * (part + 1) / kParts;
    std::vector<std::pair<uint64_t, Segment>> found;
    next.assign(active.size(), -1);
    int64_t at = settle(loop, active, next, first, stop);
    for (int64_t looks = 0; at < stop && looks < most; ++looks) {
      uint64_t signature = 0;
      int64_t until = findPatternEnd(loop, active, next, at, stop, signature);
      if (!found.empty() && found.back().first == signature &&
          found.back().second.end == at)
        found.back().second.end = until;
      else
        found.push_back({signature, {at, until, 1}});
      at = settle(loop, active, next, until, stop);
    }
    double share = double(std::min(at, stop) - first) / double(stop - first);
    for (auto [signature, segment] : found) {
      segment.weight = 1 / share;
      Group &group = groups[signature];
      group.segments.push_back(segment);
      group.total += segment.weight * double(segment.end - segment.begin);
    }
  }
  std::vector<Group> result;
  for (auto &[signature, group] : groups)
    result.push_back(std::move(group));
  llvm::stable_sort(
      result, [](const Group &a, const Group &b) { return a.total > b.total; });
  // What is rare is one group.
  while (result.size() > kMostGroups) {
    Group &rest = result[kMostGroups - 1];
    llvm::append_range(rest.segments, result.back().segments);
    rest.total += result.back().total;
    result.pop_back();
  }
  return result;
}

/// Where the accesses that touch the set from iteration `v` on, `signature`,
/// become others, or leave their sectors.
int64_t SetWalk::findPatternEnd(const SetNode &loop, Active active,
                                const NextTouches &next, int64_t v, int64_t end,
                                uint64_t &signature) {
  steps += 1;
  if (loop.deals)
    end = v + 1;
  for (auto [i, access] : llvm::enumerate(active)) {
    if (next[i] > v) {
      end = std::min(end, next[i]);
      continue;
    }
    signature |= uint64_t(1) << (i % 64);
    if (program.term(loop, access).period == 1)
      continue;
    if (int64_t constant = countConstant(loop, access, v); constant < end - v)
      end = v + constant;
  }
  return end;
}

/// The iterations that share the fetch of a line; of narrow elements a part of
/// them, which meets the end of a line as often as it should.
int64_t SetWalk::countLineIterations(const SetNode &loop, Active active) const {
  constexpr int64_t kMostIterations = 64;
  int64_t most = 1;
  for (unsigned access : active)
    if (int64_t stride = std::abs(program.term(loop, access).strideBits);
        stride > 0 && stride < geometry.lineBits)
      most = std::max(most, geometry.lineBits / stride);
  return std::min(most, kMostIterations);
}

/// From every group some blocks, one at random of each of as many equal parts.
std::vector<SetWalk::Block> SetWalk::chooseBlocks(const SetNode &loop,
                                                  Active active,
                                                  llvm::ArrayRef<Group> groups,
                                                  int64_t length,
                                                  int64_t wanted) {
  int64_t most = std::max<int64_t>(1, wanted / int64_t(groups.size()));
  std::vector<Block> blocks;
  for (const Group &group : groups) {
    int64_t parts = std::min<int64_t>(most, std::ceil(group.total));
    for (int64_t part = 0; part < parts; ++part) {
      double each = group.total / double(parts);
      double place =
          (double(part) + double(random()) / double(random.max())) * each;
      for (const Segment &segment : group.segments) {
        double here = segment.weight * double(segment.end - segment.begin);
        if (place >= here && &segment != &group.segments.back()) {
          place -= here;
          continue;
        }
        int64_t at = std::min(segment.begin + int64_t(place / segment.weight),
                              segment.end - 1);
        int64_t end = std::min(at + length, segment.end);
        int64_t begin = std::max(segment.begin, end - length);
        blocks.push_back({begin, end, each / double(end - begin)});
        break;
      }
    }
  }
  llvm::sort(blocks,
             [](const Block &a, const Block &b) { return a.begin < b.begin; });
  return blocks;
}

/// Brings the set to what it holds when iteration `v` begins: goes back until
/// as many lines were touched as the set has ways, or to the begin.
void SetWalk::warmUp(unsigned loop, Active active, int64_t begin, int64_t v,
                     double budget) {
  // A loop whose lines all fit leaves them all behind: going back to its begin
  // is worth more than a block is.
  constexpr double kMostBudgets = 2;
  const SetNode &node = program.nodes[loop];
  int64_t turn = node.deals ? program.units / program.unitsPerInstance : 1;
  double start = steps;
  weight = 0;
  for (int64_t back = turn;; back *= 4) {
    int64_t from = std::max(begin, v - back);
    uint64_t now = state.now;
    walkRange(loop, active, from, v, kAnyPeriod, budget);
    size_t filled = 0;
    for (uint32_t slot = 0; slot < state.size(); ++slot)
      filled += state[slot].touched > now;
    if (int64_t(filled) >= geometry.ways || from == begin ||
        steps - start > kMostBudgets * budget)
      return;
  }
}
