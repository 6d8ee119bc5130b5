//===- GroupCost.cpp - Traffic of a group in closed form ------------------===//

#include "GroupCost.h"
#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

using namespace memwall;

GroupCost::GroupCost(const IsolatedGroup &group, const GroupShape &shape)
    : shape(shape), buffers(group.tree.buffers.size()) {
  const LoopTree &tree = group.tree;
  for (auto [member, node] : llvm::enumerate(group.nodes)) {
    const Nest &nest = tree.nodes[node].nest;
    extents.emplace_back();
    for (LoopId loop : nest.loops)
      extents.back().push_back(tree.loops[loop].maxTripCount);
    for (const Access &access : nest.accesses) {
      GroupBuffer &buffer = buffers[access.buffer];
      Touched touched{unsigned(member),
                      double(tree.buffers[access.buffer].elementBits),
                      {},
                      {}};
      for (const Term &term : access.element.terms) {
        auto loop = llvm::find(nest.loops, term.loop);
        if (loop == nest.loops.end())
          continue;
        touched.dims.push_back(loop - nest.loops.begin());
        touched.steps.push_back(
            {std::abs(term.stride) * tree.buffers[access.buffer].elementBits,
             touched.dims.back()});
      }
      llvm::sort(touched.steps);
      buffer.touched.push_back(std::move(touched));
      buffer.reads += !access.isWrite;
      buffer.isLocal |= access.isWrite && !tree.buffers[access.buffer].liveOut;
    }
  }
}

bool GroupCost::isMovedBy(const GroupBuffer &buffer, unsigned rootDim) const {
  return llvm::all_of(buffer.touched, [&](const Touched &touched) {
    return llvm::any_of(touched.dims, [&](unsigned dim) {
      return shape.rootDims[touched.member][dim] == rootDim;
    });
  });
}

/// Iterations of a member's dimension inside of the loops `outer`.
int64_t GroupCost::countIterations(const Touched &touched, unsigned dim,
                                   LoopsOfTile outer) const {
  int64_t extent = extents[touched.member][dim];
  for (auto [rootDim, size] : outer)
    // A reshape may leave a member several iterations for one of the root.
    if (shape.rootDims[touched.member][dim] == rootDim)
      extent = std::min(extent, extents[touched.member][dim] /
                                    getExtent(rootDim) * size);
  return extent;
}

/// Bytes of a buffer that are touched inside of the loops `outer`.
double GroupCost::countTouched(const GroupBuffer &buffer,
                               LoopsOfTile outer) const {
  double most = 0;
  for (const Touched &touched : buffer.touched) {
    double bits = touched.bits;
    for (unsigned dim : touched.dims)
      bits *= double(countIterations(touched, dim, outer));
    most = std::max(most, bits);
  }
  return most / 8;
}

bool GroupCost::computesOnce(LoopsOfTile loops) const {
  return llvm::all_of(shape.rootDims, [&](const auto &dims) {
    bool moves = true;
    for (auto [dim, size] : loops) {
      bool now = llvm::is_contained(dims, std::optional(dim));
      if (now && !moves)
        return false;
      moves = now;
    }
    return true;
  });
}

/// Bytes of all buffers that are touched inside of `outer`, the first of
/// `loops`: buffers of the group itself are as large as a tile of all loops.
double GroupCost::countTouchedInside(LoopsOfTile outer,
                                     LoopsOfTile loops) const {
  double bytes = 0;
  for (const GroupBuffer &buffer : buffers)
    if (!buffer.touched.empty())
      bytes += countTouched(buffer, buffer.isLocal ? loops : outer);
  return bytes;
}

double GroupCost::estimateCrowding(LoopsOfTile loops,
                                   const Target &target) const {
  // All of a cache more than half costs what a hundredth at DRAM does.
  constexpr double kWholeCache = 0.01;
  const Level &cache = target.levels[target.levels.size() - 2];
  double share = countTouchedInside(loops, loops) / double(cache.capacityBytes);
  return kWholeCache * std::max(0.0, 2 * share - 1);
}

int64_t GroupCost::countBusyUnits(LoopsOfTile loops,
                                  const Target &target) const {
  int64_t busy = 1;
  for (auto [dim, size] : loops)
    if (!shape.stream || dim != shape.getStreamDim())
      busy = std::min(
          target.units,
          busy * std::min<int64_t>(target.units,
                                   llvm::divideCeil(getExtent(dim), size)));
  return busy;
}

double GroupCost::estimateVisible(LoopsOfTile loops) const {
  if (!shape.stream || loops.back().first != shape.getStreamDim())
    return 1;
  // Blocks of rows, evenly spread, are looked at; a mask moves evenly, too.
  constexpr int kBlocks = 64;
  auto getSize = [&](unsigned dim) {
    for (auto [cut, size] : loops)
      if (cut == dim)
        return size;
    return getExtent(dim);
  };
  // The value of a limit in a block, the largest or the smallest of its rows.
  auto evaluate = [&](const StreamLimit &limit, int block, bool isLargest) {
    double value = double(limit.constant);
    for (auto [dim, coefficient] : limit.terms) {
      int64_t size = getSize(dim),
              count = llvm::divideCeil(getExtent(dim), size);
      double first =
          double((count - 1) * block / std::max(kBlocks - 1, 1)) * double(size);
      double last = std::min(first + double(size), double(getExtent(dim))) - 1;
      bool takesLast = (coefficient > 0) == isLargest;
      value += double(coefficient) * (takesLast ? last : first);
    }
    return value;
  };
  double size = double(loops.back().second);
  double tiles = std::ceil(double(shape.stream->extent) / size);
  double visible = 0;
  for (int block = 0; block < kBlocks; ++block) {
    double first = 0, end = tiles;
    for (const StreamLimit &limit : shape.stream->ends)
      end = std::min(end, std::ceil(evaluate(limit, block, true) / size));
    for (const StreamLimit &limit : shape.stream->begins)
      first = std::max(first, std::floor(evaluate(limit, block, false) / size));
    visible += std::max(0.0, end - first) / tiles;
  }
  return visible / kBlocks;
}

/// Where the lines fall that are touched of `buffer` inside of the loops
/// `outer`: rows of a tile that are a power of two apart in few sets.
GroupCost::SetLoad GroupCost::countSetLoad(const GroupBuffer &buffer,
                                           LoopsOfTile outer,
                                           const Level &cache) const {
  const int64_t lineBits = cache.lineBytes * 8, sets = cache.sets();
  SetLoad load;
  for (const Touched &touched : buffer.touched) {
    llvm::SmallVector<Progression, 4> steps;
    for (auto [stride, dim] : touched.steps)
      if (int64_t count = countIterations(touched, dim, outer); count > 1)
        steps.push_back({stride, count});
    Runs runs = splitRuns(int64_t(touched.bits), steps, lineBits);
    double rows = runs.count(),
           inRow = std::ceil(double(runs.length) / double(lineBits));
    if (rows <= 1)
      continue;
    // Rows begin in every so-manieth set.
    double apart = double(std::gcd(runs.steps.front().stride / lineBits, sets));
    double lines =
        std::ceil(rows * apart / double(sets) * std::ceil(inRow / apart));
    if (lines > load.lines)
      load = {lines, std::min(1.0, rows * inRow / lines / double(sets))};
  }
  return load;
}

/// The part of what stays in `cache` from one iteration of loop `outer` to the
/// next that its sets lose on the way. What the iteration touches of other
/// buffers falls into few sets where their rows are a power of two apart: a
/// tile of 2048 rows of a result of 4096 columns of bf16 puts 8 lines into each
/// set that it falls into, of 16 ways of which 8 are taken by the operand that
/// stays (an L3 of 32 MiB).
double GroupCost::estimateDisplaced(LoopsOfTile loops, size_t outer,
                                    double inside, const Level &cache) const {
  if (cache.sets() <= 1)
    return 0;
  // Lines in every set, and in the sets with the most.
  double even = inside / double(cache.lineBytes) / double(cache.sets());
  double uneven = 0, share = 0;
  bool isSpread = outer + 1 < loops.size();
  for (const GroupBuffer &buffer : buffers) {
    if (buffer.touched.empty() || buffer.isLocal ||
        !isMovedBy(buffer, loops[outer].first))
      continue;
    SetLoad load = countSetLoad(buffer, loops.take_front(outer + 1), cache);
    // In most sets: then the others have little less.
    if (load.share > 0.75)
      continue;
    even -= load.lines * load.share;
    uneven += load.lines;
    share = std::max(share, load.share);
    isSpread = isSpread && isMovedBy(buffer, loops[outer + 1].first);
  }
  double room = double(cache.associativity) - even;
  if (uneven <= std::max(room, 0.0))
    return 0;
  // With loops inside that move what stays and what falls into few sets, the
  // lines of a set come one after the other: of a tile in the middle half of
  // them come before it is needed again, and half after it was.
  double lost = isSpread ? 2 * (1 - std::max(room, 0.0) / uneven) : 1;
  return share * std::min(lost, 1.0);
}

double GroupCost::estimate(LoopsOfTile loops, const Level &cache, double share,
                           bool isOutermost) const {
  const double capacity = share * double(cache.capacityBytes);
  // Bytes that are touched inside of the first i loops.
  llvm::SmallVector<double, 4> inside(loops.size() + 1, 0);
  for (size_t i = 0; i <= loops.size(); ++i)
    inside[i] = countTouchedInside(loops.take_front(i), loops);
  // Where all that is touched fits, what sets lose of it nevertheless. In the
  // caches further in, tiles of the members decide.
  llvm::SmallVector<double, 4> displaced(loops.size(), 0);
  for (size_t i = 0; i < loops.size(); ++i)
    if (isOutermost && inside[i + 1] <= capacity)
      displaced[i] = estimateDisplaced(loops, i, inside[i + 1], cache);
  double total = 0, visible = estimateVisible(loops);
  for (const GroupBuffer &buffer : buffers) {
    if (buffer.touched.empty())
      continue;
    double bytes = countTouched(buffer, loops);
    if (shape.stream && !buffer.isLocal &&
        isMovedBy(buffer, shape.getStreamDim()))
      bytes *= visible;
    for (size_t i = loops.size(); i-- > 0;) {
      auto [dim, size] = loops[i];
      bool comesAgain =
          buffer.isLocal ? inside.back() > capacity
                         : isMovedBy(buffer, dim) || inside[i + 1] > capacity;
      double trips = std::ceil(double(getExtent(dim)) / double(size));
      if (comesAgain)
        bytes *= trips;
      else if (!buffer.isLocal)
        bytes *= 1 + displaced[i] * (trips - 1);
    }
    if (buffer.isLocal)
      bytes *= inside.back() > capacity ? 1 + buffer.reads : 0;
    total += bytes;
  }
  return total;
}
