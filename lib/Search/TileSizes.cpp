//===- TileSizes.cpp - Tile sizes that can matter -------------------------===//

#include "TileSizes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

llvm::SmallVector<int64_t, 0>
memwall::listTileSizes(int64_t extent, llvm::ArrayRef<int64_t> multiples) {
  // Few tiles: remainders are a good part, and what fits differs in them.
  constexpr int64_t kFew = 16;
  // 8192 sizes, which take milliseconds to compare. Larger extents have a part
  // of theirs, whose neighbours differ by a 256th: as many tiles, but for one
  // in 256.
  constexpr int64_t kAllSizes = int64_t(1) << 24;
  constexpr int64_t kRatio = 256;
  llvm::SmallVector<int64_t, 0> sizes;
  for (int64_t size = 1; size <= extent && extent <= kFew; ++size)
    sizes.push_back(size);
  for (int64_t size = extent; size >= 1;) {
    sizes.push_back(size);
    for (int64_t multiple : multiples)
      sizes.push_back(
          std::min<uint64_t>(extent, llvm::alignTo(uint64_t(size), multiple)));
    if (size == 1)
      break;
    // The next smaller size with more tiles, brought down to where it is the
    // smallest with so many.
    int64_t smaller = size - 1;
    if (extent > kAllSizes)
      smaller -= (size - 1) / kRatio;
    int64_t tiles = llvm::divideCeil(extent, smaller);
    size = llvm::divideCeil(extent, tiles);
  }
  llvm::sort(sizes);
  sizes.erase(llvm::unique(sizes), sizes.end());
  return sizes;
}

llvm::SmallVector<int64_t, 2> memwall::countLineIterations(const OpShape &op,
                                                           unsigned dim,
                                                           const Level &level) {
  int64_t least = std::numeric_limits<int64_t>::max(), most = 1;
  if (level.kind == LevelKind::Explicit)
    return {};
  for (const OperandShape &operand : op.operands)
    for (const OperandTerm &term : operand.terms)
      if (term.dim == dim && !operand.isPacked &&
          term.strideBits < level.lineBytes * 8) {
        int64_t iterations = level.lineBytes * 8 / term.strideBits;
        least = std::min(least, iterations);
        most = std::max(most, iterations);
      }
  if (most == 1)
    return {};
  if (least == most)
    return {most};
  return {least, most};
}

llvm::SmallVector<DimGroup, 4>
memwall::findGroups(const OpShape &op, llvm::ArrayRef<int64_t> extents,
                    bool cutOnly) {
  llvm::SmallVector<DimGroup, 4> groups;
  for (unsigned d = 0; d < op.tiledRank; ++d) {
    if (extents[d] <= 1 || (cutOnly && !op.canCut(d)))
      continue;
    uint32_t operands = 0;
    for (auto [o, operand] : llvm::enumerate(op.operands))
      operands |= uint32_t(operand.movesWith(d)) << o;
    auto known = llvm::find_if(groups, [&](const DimGroup &group) {
      return group.operands == operands;
    });
    if (known == groups.end()) {
      groups.push_back({{}, operands});
      known = std::prev(groups.end());
    }
    known->dims.push_back(d);
  }
  // Innermost in storage: the smallest step that any operand takes.
  auto step = [&](unsigned d) {
    int64_t least = std::numeric_limits<int64_t>::max();
    for (const OperandShape &operand : op.operands)
      for (const OperandTerm &term : operand.terms)
        if (term.dim == d)
          least = std::min(least, term.strideBits);
    return least;
  };
  for (DimGroup &group : groups)
    llvm::sort(group.dims, [&](unsigned a, unsigned b) {
      return step(a) != step(b) ? step(a) < step(b) : a > b;
    });
  return groups;
}

/// Makes `sizes` those that a register band allows.
static void fillRegisters(const RegisterDim &dim, int64_t extent,
                          llvm::SmallVectorImpl<int64_t> &sizes) {
  for (int64_t &size : sizes)
    size = std::min<int64_t>(
        extent, llvm::alignTo(uint64_t(std::max(size, dim.least)), dim.step));
  sizes.erase(llvm::unique(sizes), sizes.end());
}

GroupTiles::GroupTiles(const OpShape &op, const DimGroup &group,
                       llvm::ArrayRef<int64_t> extents, const Level &level,
                       const RegisterBand *band)
    : group(group), whole(extents.begin(), extents.end()) {
  double inner = 1; // Iterations of the dimensions before.
  for (auto [i, dim] : llvm::enumerate(group.dims)) {
    llvm::SmallVector<int64_t, 0> sizes =
        listTileSizes(whole[dim], countLineIterations(op, dim, level));
    if (const RegisterDim *registers = band ? band->find(dim) : nullptr)
      fillRegisters(*registers, whole[dim], sizes);
    for (int64_t size : sizes)
      if (size > 1 || tiles.empty())
        tiles.push_back({unsigned(i), size, inner * double(size)});
    inner *= double(whole[dim]);
  }
}

void GroupTiles::apply(unsigned index, TileExtents &extents) const {
  const GroupTile &tile = tiles[index];
  for (unsigned i = 0; i < group.dims.size(); ++i)
    extents[group.dims[i]] = i < tile.dim    ? whole[group.dims[i]]
                             : i == tile.dim ? tile.size
                                             : 1;
}

unsigned GroupTiles::findVolume(double volume) const {
  unsigned low = 0, high = count();
  while (high - low > 1) {
    unsigned middle = (low + high) / 2;
    (getVolume(middle) <= volume ? low : high) = middle;
  }
  return low;
}

llvm::SmallVector<unsigned, 0> GroupTiles::thin(unsigned most) const {
  llvm::SmallVector<unsigned, 0> indices;
  double all = std::log(getVolume(count() - 1));
  for (unsigned i = 0; i < most; ++i) {
    unsigned index =
        findVolume(std::exp(all * i / std::max(1u, most - 1)) * (1 + 1e-9));
    if (indices.empty() || indices.back() != index)
      indices.push_back(index);
  }
  return indices;
}
