//===- GroupTiles.cpp - Tiles of a group, ranked by closed forms ----------===//

#include "GroupTiles.h"
#include "memwall/Search/Objective.h"
#include "memwall/Target/RegisterTile.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

namespace {

/// What one member touches of a buffer.
struct Touched {
  unsigned member = 0;
  double bits = 0;                     ///< Of one iteration.
  llvm::SmallVector<unsigned, 4> dims; ///< Of the member that move it.
};

/// A buffer and all accesses of the group to it.
struct GroupBuffer {
  llvm::SmallVector<Touched, 4> touched;
  bool isLocal = false; ///< Made by a member for others, and for nobody else.
  unsigned reads = 0;
};

/// Estimates the bytes of one group at one level.
class GroupCost {
public:
  GroupCost(const IsolatedGroup &group, const GroupShape &shape);

  /// Bytes that a cache of `capacity` lets through.
  double estimate(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
                  double capacity) const;
  int64_t getExtent(unsigned rootDim) const {
    return rootDim == shape.getStreamDim() ? shape.stream->extent
                                           : extents.back()[rootDim];
  }
  /// What the group's loops touch of the outermost cache beyond half of it, as
  /// a part of a score. The rest of the cache is what an op finds there of the
  /// ops in front of the group, and what ops behind it find of its operands: a
  /// group is measured alone, from cold, and sees neither. A norm's result that
  /// three projections of 4096 columns read (h100-sxm, 2048 rows) comes in once
  /// with tiles of 512 columns and again with tiles of 1024, for 3 % at DRAM.
  double estimateCrowding(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
                          const Target &target) const;
  /// How many units have work when every tile but those of a stream is for one.
  int64_t countBusyUnits(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
                         const Target &target) const;
  /// The share of the tiles of the stream that masks leave to the tiles of the
  /// rows, on average; 1 without a stream.
  double
  estimateVisible(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const;
  /// Whether no loop repeats a member that it does not move: one that is inside
  /// of it for the sake of another.
  bool computesOnce(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const;

private:
  double countTouched(const GroupBuffer &buffer,
                      llvm::ArrayRef<std::pair<unsigned, int64_t>> outer) const;
  double
  countTouchedInside(llvm::ArrayRef<std::pair<unsigned, int64_t>> outer,
                     llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const;
  bool isMovedBy(const GroupBuffer &buffer, unsigned rootDim) const;

  const GroupShape &shape;
  llvm::SmallVector<llvm::SmallVector<int64_t, 6>, 8> extents; ///< By member.
  llvm::SmallVector<GroupBuffer, 0> buffers;
};

} // namespace

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
                      {}};
      for (const Term &term : access.element.terms) {
        auto loop = llvm::find(nest.loops, term.loop);
        if (loop != nest.loops.end())
          touched.dims.push_back(loop - nest.loops.begin());
      }
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

/// Bytes of a buffer that are touched inside of the loops `outer`.
double GroupCost::countTouched(
    const GroupBuffer &buffer,
    llvm::ArrayRef<std::pair<unsigned, int64_t>> outer) const {
  double most = 0;
  for (const Touched &touched : buffer.touched) {
    double bits = touched.bits;
    for (unsigned dim : touched.dims) {
      int64_t extent = extents[touched.member][dim];
      for (auto [rootDim, size] : outer)
        // A reshape may leave a member several iterations for one of the root.
        if (shape.rootDims[touched.member][dim] == rootDim)
          extent = std::min(extent, extents[touched.member][dim] /
                                        getExtent(rootDim) * size);
      bits *= double(extent);
    }
    most = std::max(most, bits);
  }
  return most / 8;
}

bool GroupCost::computesOnce(
    llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const {
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
double GroupCost::countTouchedInside(
    llvm::ArrayRef<std::pair<unsigned, int64_t>> outer,
    llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const {
  double bytes = 0;
  for (const GroupBuffer &buffer : buffers)
    if (!buffer.touched.empty())
      bytes += countTouched(buffer, buffer.isLocal ? loops : outer);
  return bytes;
}

double
GroupCost::estimateCrowding(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
                            const Target &target) const {
  // All of a cache more than half costs what a hundredth at DRAM does.
  constexpr double kWholeCache = 0.01;
  const Level &cache = target.levels[target.levels.size() - 2];
  double share = countTouchedInside(loops, loops) / double(cache.capacityBytes);
  return kWholeCache * std::max(0.0, 2 * share - 1);
}

int64_t
GroupCost::countBusyUnits(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
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

double GroupCost::estimateVisible(
    llvm::ArrayRef<std::pair<unsigned, int64_t>> loops) const {
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

double GroupCost::estimate(llvm::ArrayRef<std::pair<unsigned, int64_t>> loops,
                           double capacity) const {
  // Bytes that are touched inside of the first i loops.
  llvm::SmallVector<double, 4> inside(loops.size() + 1, 0);
  for (size_t i = 0; i <= loops.size(); ++i)
    inside[i] = countTouchedInside(loops.take_front(i), loops);
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
      if (comesAgain)
        bytes *= std::ceil(double(getExtent(dim)) / double(size));
    }
    if (buffer.isLocal)
      bytes *= inside.back() > capacity ? 1 + buffer.reads : 0;
    total += bytes;
  }
  return total;
}

/// Sizes that are tried: the whole, then halves that divide as long as they do,
/// in whole `units`.
static llvm::SmallVector<int64_t, 12> listSizes(int64_t extent, int64_t unit) {
  llvm::SmallVector<int64_t, 12> sizes = {extent};
  for (int64_t size = extent; size > unit;) {
    int64_t half =
        size % 2 == 0 ? size / 2 : int64_t(llvm::bit_floor(uint64_t(size - 1)));
    // Rounding up may leave what it was: 3 units become 2.
    size = std::min(int64_t(llvm::alignTo(half, unit)),
                    int64_t(llvm::alignDown(size - 1, unit)));
    if (size == 0)
      break;
    sizes.push_back(size);
  }
  return sizes;
}

/// The dimension of the root along which its result lies in memory.
static std::optional<unsigned> findColumn(const IsolatedGroup &group) {
  const Nest &root = group.tree.nodes[group.nodes.back()].nest;
  for (const Access &access : root.accesses)
    for (const Term &term : access.element.terms)
      if (access.isWrite && std::abs(term.stride) == 1)
        return llvm::find(root.loops, term.loop) - root.loops.begin();
  return std::nullopt;
}

namespace {
/// What vector code makes of the tiles of a group with products.
struct VectorTiles {
  /// The fewest rows and columns of a tile: four register tiles of f32, or what
  /// is widened to it.
  int64_t leastSize = 1;
  /// Columns of a tile are whole registers of that: of 22 columns, products
  /// compute 32 (gate and up of 2816 columns, 512 rows, EPYC with AVX-512: a
  /// layer took 1.18 times as long as with 32).
  int64_t columnUnit = 1;
};
} // namespace

static VectorTiles chooseVectorTiles(const IsolatedGroup &group,
                                     const Target &target) {
  bool hasProduct = llvm::any_of(group.ops, [&](OpId op) {
    return group.tree.ops[op].kind == OpKind::Contraction;
  });
  if (!target.vectorRegisters || !target.vectorBits || !hasProduct)
    return {};
  VectorRegisters registers = getVectorRegisters(target);
  int64_t lanes = registers.getLanes(32);
  int64_t rows =
      chooseRegisterTile(INT64_MAX, INT64_MAX, lanes, registers).rows;
  return {4 * rows, lanes};
}

int64_t memwall::getLeastStreamed(const Target &target) {
  // Rows are corrected once per tile, by d multiplications where an attention
  // of depth d has 4 d operations per column: 32 columns make that less than a
  // hundredth.
  // Vector code makes panels of them, and adds up across its lanes once per row
  // and tile: attention of 8192 rows (128 at a time, depth 64, f32, AVX-512)
  // runs at 66, 90 and 96 GFLOP/s with 64, 128 and 192 columns, and 1024 rows
  // of 16 columns at 30 (docs/Speed.md).
  return target.vectorRegisters ? 128 : 32;
}

llvm::SmallVector<GroupTile, 0> memwall::rankTiles(const IsolatedGroup &group,
                                                   const GroupShape &shape,
                                                   const Target &target,
                                                   const SearchOptions &options,
                                                   unsigned most) {
  GroupCost cost(group, shape);
  const Objective objective(options.objective, target, group.tree.ops);
  // Of more dimensions, those in front are cut to single iterations: heads and
  // batches, which share nothing.
  constexpr size_t kSized = 2;
  llvm::SmallVector<std::pair<unsigned, int64_t>, 4> front;
  llvm::SmallVector<unsigned, 4> sized(shape.cutDims);
  while (sized.size() > kSized) {
    front.push_back({sized.front(), 1});
    sized.erase(sized.begin());
  }
  llvm::SmallVector<GroupTile, 0> tiles, streamed;
  // A quarter of a cache is left to what is streamed through it.
  constexpr double kShare = 0.75;
  using Loops = llvm::SmallVector<std::pair<unsigned, int64_t>, 4>;
  auto rate = [&](llvm::SmallVectorImpl<GroupTile> &rated, const Loops &loops) {
    llvm::SmallVector<double, 4> bytes;
    for (const Level &level : target.levels)
      if (level.kind != LevelKind::Memory)
        bytes.push_back(
            1 + cost.estimate(loops, kShare * double(level.capacityBytes)));
    double besides = cost.estimateCrowding(loops, target);
    if (options.parallel)
      besides +=
          computeIdleCost(cost.countBusyUnits(loops, target), target.units);
    rated.push_back(
        {loops,
         objective.computeScore(bytes) + 1e-4 * loops.size() + besides +
             shape.arithmeticWeight *
                 std::log(std::max(cost.estimateVisible(loops), 1e-9)),
         cost.estimate(
             loops,
             double(target.levels[target.levels.size() - 2].capacityBytes)),
         besides});
  };
  const int64_t leastStreamed = getLeastStreamed(target);
  llvm::SmallVector<int64_t, 12> streamSizes;
  if (shape.stream)
    streamSizes = listSizes(shape.stream->extent, 1);
  llvm::erase_if(streamSizes, [&](int64_t size) {
    return size < leastStreamed || size == shape.stream->extent;
  });
  // Products of vector code pack what four register tiles and more read.
  const VectorTiles vectors = chooseVectorTiles(group, target);
  const std::optional<unsigned> column = findColumn(group);
  auto list = [&](unsigned dim) {
    return listSizes(cost.getExtent(dim),
                     dim == column ? vectors.columnUnit : 1);
  };
  const int64_t leastSize = vectors.leastSize;
  auto isTooSmall = [&](const std::pair<unsigned, int64_t> &loop) {
    return loop.second < leastSize && cost.getExtent(loop.first) >= leastSize;
  };
  auto add = [&](Loops loops) {
    if (llvm::any_of(llvm::drop_begin(loops, front.size()), isTooSmall))
      return;
    llvm::erase_if(loops, [&](const auto &loop) {
      return loop.second >= cost.getExtent(loop.first);
    });
    if (loops.empty() || !cost.computesOnce(loops))
      return;
    if (llvm::any_of(tiles, [&](const GroupTile &other) {
          return other.loops == loops;
        }))
      return;
    rate(tiles, loops);
    if (!shape.stream)
      return;
    loops.push_back({shape.getStreamDim(), 0});
    for (int64_t size : streamSizes) {
      loops.back().second = size;
      rate(streamed, loops);
    }
  };
  auto addSizes = [&](llvm::ArrayRef<unsigned> dims) {
    llvm::SmallVector<int64_t, 12> first = list(dims[0]);
    llvm::SmallVector<int64_t, 12> second =
        dims.size() > 1 ? list(dims[1]) : llvm::SmallVector<int64_t, 12>{0};
    for (int64_t a : first)
      for (int64_t b : second) {
        auto loops = front;
        loops.push_back({dims[0], a});
        if (b != 0)
          loops.push_back({dims[1], b});
        add(loops);
      }
  };
  if (sized.empty())
    return tiles;
  addSizes(sized);
  if (sized.size() == 2)
    addSizes({sized[1], sized[0]});
  for (auto *each : {&tiles, &streamed}) {
    llvm::stable_sort(*each, [](const GroupTile &a, const GroupTile &b) {
      return a.score < b.score;
    });
    if (each->size() > most)
      each->resize(most);
  }
  llvm::append_range(tiles, streamed);
  return tiles;
}
