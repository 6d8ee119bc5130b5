//===- SetSampling.cpp - Loops over budget, sampled in time ---------------===//

#include "SetWalk.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <map>

using namespace memwall;

static constexpr int64_t kAnyPeriod = std::numeric_limits<int64_t>::max();

/// Walks the rest of a loop in part. Its iterations are grouped by which
/// accesses touch the set; some blocks of each group are walked and stand for
/// the group. `each` is what an iteration has cost so far.
void SetWalk::sampleRest(unsigned loop, Active active, Rest rest, double each,
                         double budget) {
  const SetNode &node = program.nodes[loop];
  sampled = true;
  ++samplings;
  if (isGivenUp())
    return;
  auto [begin, v, end] = rest;
  // Blocks keep the iterations that share a line together: what is fetched and
  // what becomes dirty once per line would hardly be met otherwise. A block of
  // one costs two with the way up to it, so at most a part is walked.
  int64_t length =
      std::clamp<int64_t>((end - v) / 4, 1, countLineIterations(node, active));
  // Of a loop that is dealt out, other instances run most iterations.
  double own = node.deals ? each * double(program.countInstances()) : each;
  double affordable = budget / 2 / (2 * own * double(length));
  int64_t most =
      std::clamp(int64_t(std::min(affordable, 1e9)), int64_t(1),
                 std::min(kBlocks, (end - v - 1) / (4 * length) + 1));
  std::vector<Block> blocks =
      chooseBlocks(node, active,
                   groupIterations(node, active, {begin, v, end}, most, budget),
                   length, most);
  // One part of the budget for each block and each way up to it.
  double part = budget / 2 / double(2 * blocks.size() + 1);
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
/// most frequent groups first, at most `mostGroups`. Looking at all of them may
/// cost more than the budget: then only the first ones of some equal parts of
/// the loop are looked at, and stand for their part.
std::vector<SetWalk::Group> SetWalk::groupIterations(const SetNode &loop,
                                                     Active active, Rest rest,
                                                     int64_t mostGroups,
                                                     double budget) {
  constexpr int64_t kParts = 8, kLeastSegments = 32;
  constexpr int64_t kMostGroups = 6;
  int64_t v = rest.v, end = rest.end;
  int64_t most = std::max(kLeastSegments, int64_t(budget / 4)) / kParts;
  // Any signature may occur, which llvm::DenseMap does not allow.
  llvm::MapVector<uint64_t, Group, std::map<uint64_t, unsigned>> groups;
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
  size_t kept = std::min(kMostGroups, mostGroups);
  while (result.size() > kept) {
    Group &rare = result[kept - 1];
    llvm::append_range(rare.segments, result.back().segments);
    rare.total += result.back().total;
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
  if (!random)
    random.emplace(uint32_t(set * 31 + instance));
  std::vector<Block> blocks;
  for (const Group &group : groups) {
    int64_t parts = std::min<int64_t>(most, std::ceil(group.total));
    for (int64_t part = 0; part < parts; ++part) {
      double each = group.total / double(parts);
      double place =
          (double(part) + double((*random)()) / double(random->max())) * each;
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

/// The last loop of a body that touches the set, with its accesses; none where
/// there is none.
std::pair<unsigned, SetWalk::Active>
SetWalk::findLastLoop(const SetNode &node, Active active) const {
  for (unsigned n : llvm::reverse(node.children)) {
    const SetNode &child = program.nodes[n];
    if (child.isAccess)
      continue;
    Active mine = active.drop_while(
        [&](unsigned access) { return access < child.firstAccess; });
    mine = mine.take_while(
        [&](unsigned access) { return access < child.endAccess; });
    if (!mine.empty())
      return {n, mine};
  }
  return {0, {}};
}

/// Walks the end of an iteration: of the last loop of its body the last
/// `tail.iterations`, after going `tail.depth` loops further in.
void SetWalk::walkTail(const SetNode &node, Active active, Tail tail,
                       double budget) {
  auto [n, mine] = findLastLoop(node, active);
  if (mine.empty())
    return walkChildren(node, active, budget);
  const SetNode &child = program.nodes[n];
  if (tail.depth == 0)
    return walkRange(n, mine,
                     std::max<int64_t>(0, child.tripCount - tail.iterations),
                     child.tripCount, kAnyPeriod, budget);
  --tail.depth;
  iterate(n, child.tripCount - 1, mine, budget, &tail);
}

/// Whether as many lines were touched after `since` as the set has ways: then
/// it holds the same whatever it held before.
bool SetWalk::isFilledSince(uint64_t since) {
  int64_t filled = 0;
  for (uint32_t slot = 0; slot < state.size(); ++slot)
    filled += state[slot].touched > since;
  return filled >= geometry.ways;
}

/// Brings the set to what it holds when iteration `v` begins: goes back until
/// as many lines were touched as the set has ways, or to the begin. The end of
/// the iteration before may do: of the innermost loops first, then of those
/// around them.
void SetWalk::warmUp(unsigned loop, Active active, int64_t begin, int64_t v,
                     double budget) {
  // A loop whose lines all fit leaves them all behind: going back to its begin
  // is worth more than a block is.
  constexpr double kMostBudgets = 2;
  constexpr int64_t kGrowth = 4;
  const SetNode &node = program.nodes[loop];
  double start = steps;
  weight = 0;
  auto isDone = [&](uint64_t since) {
    return isFilledSince(since) || steps - start > kMostBudgets * budget;
  };
  // 1. Ends of the iteration before.
  llvm::SmallVector<unsigned, 8> inside;
  if (!node.deals && !node.isInnermost && v > begin)
    for (auto [n, mine] = findLastLoop(node, active); !mine.empty();
         std::tie(n, mine) = findLastLoop(program.nodes[n], mine))
      inside.push_back(n);
  for (unsigned depth = inside.size(); depth-- > 0;) {
    int64_t tripCount = program.nodes[inside[depth]].tripCount;
    for (int64_t back = 1; back < tripCount; back *= kGrowth) {
      uint64_t now = state.now;
      Tail tail{depth, back};
      iterate(loop, v - 1, active, budget, &tail);
      if (isDone(now))
        return;
    }
  }
  // 2. Whole iterations.
  int64_t turn = node.deals ? program.units / program.unitsPerInstance : 1;
  for (int64_t back = turn;; back *= kGrowth) {
    int64_t from = std::max(begin, v - back);
    uint64_t now = state.now;
    walkRange(loop, active, from, v, kAnyPeriod, budget, /*maySample=*/false);
    if (from == begin || isDone(now))
      return;
  }
}
