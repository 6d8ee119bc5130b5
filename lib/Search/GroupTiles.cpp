//===- GroupTiles.cpp - Tiles of a group, ranked by closed forms ----------===//

#include "GroupTiles.h"
#include "GroupCost.h"
#include "memwall/Search/Objective.h"
#include "memwall/Target/RegisterTile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace memwall;

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
  const Level &outermost = target.levels[target.levels.size() - 2];
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
            1 + cost.estimate(loops, level, kShare, &level == &outermost));
    double besides = cost.estimateCrowding(loops, target);
    if (options.parallel)
      besides +=
          computeIdleCost(cost.countBusyUnits(loops, target), target.units);
    rated.push_back(
        {loops,
         objective.computeScore(bytes) + 1e-4 * loops.size() + besides +
             shape.arithmeticWeight *
                 std::log(std::max(cost.estimateVisible(loops), 1e-9)),
         cost.estimate(loops, outermost, 1, true), besides});
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

bool memwall::isNextSmaller(const IsolatedGroup &group, const GroupTile &tile,
                            const GroupTile &from) {
  const Nest &root = group.tree.nodes[group.nodes.back()].nest;
  auto getSize = [&](const GroupTile &of, unsigned dim) {
    for (auto [cut, size] : of.loops)
      if (cut == dim)
        return size;
    return group.tree.loops[root.loops[dim]].maxTripCount;
  };
  // A loop that only one of them has is inside of the others.
  if (tile.loops.size() < from.loops.size())
    return false;
  for (auto [mine, theirs] : llvm::zip(tile.loops, from.loops))
    if (mine.first != theirs.first)
      return false;
  unsigned smaller = 0;
  for (auto [dim, size] : tile.loops) {
    if (dim >= root.loops.size())
      return false; // A stream, which is no dimension of the root.
    int64_t whole = getSize(from, dim);
    if (size > whole || 2 * size < whole)
      return false;
    smaller += size < whole;
  }
  return smaller == 1;
}
