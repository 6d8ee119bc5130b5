//===- PackedAccess.cpp - Addresses in a packed operand -------------------===//

#include "PackedAccess.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace memwall;

static int64_t getExtent(const LoopTree &tree, LoopId loop) {
  const Loop &data = tree.loops[loop];
  bool isConstant = data.extent.size() == 1 && data.extent[0].terms.empty();
  return isConstant ? data.extent[0].constant : 0;
}

llvm::SmallVector<unsigned, 4> memwall::findTensorDims(const LoopTree &tree,
                                                       const Nest &nest,
                                                       const Access &access) {
  if (!access.gathers.empty())
    return {};
  struct TensorDim {
    int64_t stride, extent;
    unsigned dim;
  };
  llvm::SmallVector<TensorDim, 4> found;
  for (const Term &term : access.element.terms) {
    auto loop = llvm::find(nest.loops, term.loop);
    if (loop == nest.loops.end())
      continue; // A loop around the nest moves the slice.
    int64_t extent = getExtent(tree, term.loop);
    if (extent < 1 || term.stride <= 0)
      return {};
    found.push_back({term.stride, extent, unsigned(loop - nest.loops.begin())});
  }
  // Outermost first: a dimension steps over all of those inside of it, so of
  // two with equal strides the inner one has a single position.
  llvm::stable_sort(found, [](const TensorDim &a, const TensorDim &b) {
    return a.stride != b.stride ? a.stride > b.stride : a.extent > b.extent;
  });
  int64_t room = std::numeric_limits<int64_t>::max();
  llvm::SmallVector<unsigned, 4> dims;
  for (const TensorDim &entry : found) {
    if (entry.extent > room / entry.stride)
      return {};
    room = entry.stride;
    dims.push_back(entry.dim);
  }
  return dims;
}

static const char *const notRowMajor =
    "operand %u cannot be packed: expected an input that is a row-major "
    "tensor or a slice of one, with a dimension of the op per dimension";

/// Whether the tile loops of `dim` fall into those that step over whole tiles
/// of `tile` and those within one.
static bool fitsBands(const Schedule &schedule, unsigned dim, int64_t extent,
                      int64_t tile) {
  bool isCut = tile >= extent;
  for (const TileBand &band : schedule.bands) {
    int64_t size = band.sizes[dim];
    if (size == 0)
      continue;
    if (size >= tile && size % tile != 0)
      return false;
    isCut |= size == tile;
  }
  return isCut;
}

/// Strides of the packed tensor: outer dimensions in the order of the
/// permutation, then the inner tiles.
static bool layOut(PackedAccess &packed) {
  const PackedOperand &pack = *packed.pack;
  int64_t stride = 1;
  auto grow = [&](int64_t extent) {
    std::optional<int64_t> product = llvm::checkedMul(stride, extent);
    stride = product.value_or(stride);
    return product.has_value();
  };
  for (auto [dim, tile] :
       llvm::reverse(llvm::zip_equal(pack.innerDims, pack.innerTiles))) {
    packed.dims[dim].innerStride = stride;
    if (!grow(tile))
      return false;
  }
  for (size_t i = packed.dims.size(); i-- > 0;) {
    PackedDim &dim =
        packed
            .dims[pack.outerPermutation.empty() ? i : pack.outerPermutation[i]];
    dim.outerStride = stride;
    if (!grow(llvm::divideCeil(dim.extent, dim.tile)))
      return false;
  }
  packed.elements = stride;
  return true;
}

using GroupTiles = llvm::ArrayRef<llvm::SmallVector<int64_t, 2>>;

/// What one tile of the group needs of a dimension of the op.
static int64_t getTile(GroupTiles groupTiles, unsigned dim, int64_t extent) {
  if (groupTiles.empty())
    return extent;
  for (int64_t size : groupTiles[dim])
    extent = std::min(extent, size);
  return extent;
}

llvm::Expected<PackedAccess> memwall::packAccess(const LoopTree &tree,
                                                 const Nest &nest,
                                                 const Schedule &schedule,
                                                 const PackedOperand &pack,
                                                 GroupTiles groupTiles) {
  PackedAccess packed;
  packed.pack = &pack;
  // 1. The access: inputs come first, in the order of the operands.
  packed.access = pack.operand;
  auto isWritten = [&](BufferId buffer) {
    return llvm::any_of(nest.accesses, [&](const Access &access) {
      return access.isWrite && access.buffer == buffer;
    });
  };
  if (pack.operand >= nest.accesses.size() ||
      nest.accesses[pack.operand].isWrite ||
      isWritten(nest.accesses[pack.operand].buffer))
    return llvm::createStringError(notRowMajor, pack.operand);
  // 2. Its tensor.
  llvm::SmallVector<unsigned, 4> dims =
      findTensorDims(tree, nest, nest.accesses[pack.operand]);
  for (unsigned dim : dims) {
    LoopId loop = nest.loops[dim];
    const auto *term = llvm::find_if(
        nest.accesses[pack.operand].element.terms,
        [&](const Term &candidate) { return candidate.loop == loop; });
    packed.dims.push_back(
        {dim, getTile(groupTiles, dim, getExtent(tree, loop)), term->stride});
  }
  auto isDim = [&](int64_t d) { return d >= 0 && d < int64_t(dims.size()); };
  if (dims.empty() || !llvm::all_of(pack.innerDims, isDim) ||
      !llvm::all_of(pack.outerPermutation, isDim))
    return llvm::createStringError(notRowMajor, pack.operand);
  // 3. Its tiles.
  for (auto [d, tile] : llvm::zip_equal(pack.innerDims, pack.innerTiles)) {
    PackedDim &dim = packed.dims[d];
    dim.tile = tile;
    if (!groupTiles.empty() && !groupTiles[dim.dim].empty())
      return llvm::createStringError(
          "operand %u is packed in tiles along dimension %lld, which the loops "
          "of its group cut",
          pack.operand, (long long)d);
    if (!fitsBands(schedule, dim.dim, dim.extent, tile))
      return llvm::createStringError(
          "operand %u is packed in tiles of %lld along dimension %lld, which "
          "the tile sizes of the bands do not keep whole",
          pack.operand, (long long)tile, (long long)d);
  }
  if (!layOut(packed))
    return llvm::createStringError("packed operand %u is too large",
                                   pack.operand);
  return packed;
}
