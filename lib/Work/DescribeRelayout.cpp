//===- DescribeRelayout.cpp - linalg.pack and linalg.unpack ---------------===//
//
// Both are copies between a plain tensor and a tiled one, in which dimension d
// of n elements is (outer, inner) with position = outer * tile + inner. Where
// the last tile is partial the box is cut into pieces, so that nothing outside
// of the plain tensor is counted:
//
//   full    outer in [0, n / tile),   inner in [0, tile)
//   partial outer = n / tile,         inner in [0, n mod tile)
//   padding outer = n / tile,         inner in [n mod tile, tile)
//   empty   outer in (last, extent),  inner in [0, tile)
//
// One nest per combination of pieces of all tiled dimensions. Only pack writes
// padding and empty tiles, and reads nothing there.
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace memwall {

namespace {

/// A part of one tiled dimension: a box of (outer, inner).
struct Piece {
  int64_t outerStart = 0, outerExtent = 0; ///< Extent may be kDynamic.
  int64_t innerStart = 0, innerExtent = 0;
  bool isPadding = false;
};

/// The two sides of a relayout op.
struct Relayout {
  unsigned plain, tiled; ///< Operand positions.
  unsigned tiledSource;  ///< The operand with the shape of the tiled side.
  bool isPack;
  ShapedType plainType, tiledType;
  SmallVector<int64_t> tiles;      ///< Of dimensions innerDims.
  SmallVector<int64_t> innerDims;  ///< Plain dimension of inner tile i.
  SmallVector<int64_t> outerOrder; ///< Plain dimension of outer dimension i.

  std::optional<unsigned> getTile(int64_t plainDim) const {
    auto it = llvm::find(innerDims, plainDim);
    if (it == innerDims.end())
      return std::nullopt;
    return it - innerDims.begin();
  }
  unsigned getOuter(int64_t plainDim) const {
    return llvm::find(outerOrder, plainDim) - outerOrder.begin();
  }

  SmallVector<Piece> cut(unsigned tile, bool mayPad) const;
  WorkNest makeNest(const WorkNest &empty, ArrayRef<Piece> pieces) const;
};

} // namespace

/// The pieces of the dimension that inner tile `tile` belongs to.
SmallVector<Piece> Relayout::cut(unsigned tile, bool mayPad) const {
  int64_t extent = plainType.getDimSize(innerDims[tile]);
  int64_t outer = tiledType.getDimSize(getOuter(innerDims[tile]));
  int64_t size = tiles[tile];
  if (ShapedType::isDynamic(extent))
    return {{0, outer, 0, size, false}};
  if (ShapedType::isDynamic(outer))
    outer = llvm::divideCeil(extent, size);
  int64_t full = std::min(extent / size, outer);
  int64_t rest = extent % size;
  SmallVector<Piece> pieces;
  if (full > 0)
    pieces.push_back({0, full, 0, size, false});
  if (rest > 0 && full < outer) {
    pieces.push_back({full, 1, 0, rest, false});
    if (mayPad)
      pieces.push_back({full, 1, rest, size - rest, true});
    ++full;
  }
  if (mayPad && full < outer)
    pieces.push_back({full, outer - full, 0, size, true});
  // A dimension without elements still needs a nest, one that runs never.
  if (pieces.empty())
    pieces.push_back({});
  return pieces;
}

/// The nest of one combination, `pieces[i]` of inner tile i. Dimensions in the
/// order of the side that is written.
WorkNest Relayout::makeNest(const WorkNest &empty,
                            ArrayRef<Piece> pieces) const {
  WorkNest nest = empty;
  unsigned rank = plainType.getRank();
  NestAccess plainAccess, tiledAccess;
  plainAccess.indices.resize(rank);
  tiledAccess.indices.resize(tiledType.getRank());
  auto addDim = [&](int64_t extent, unsigned dim) {
    nest.dims.push_back({extent, tiledSource, dim, /*isReduction=*/false});
    return nest.dims.size() - 1;
  };
  auto addOuter = [&](int64_t plainDim) {
    unsigned outer = getOuter(plainDim);
    std::optional<unsigned> tile = getTile(plainDim);
    int64_t start = tile ? pieces[*tile].outerStart : 0;
    unsigned d = addDim(
        tile ? pieces[*tile].outerExtent : tiledType.getDimSize(outer), outer);
    tiledAccess.indices[outer] = makeDimIndex(d, 1, start);
    NestIndex &plainIndex = plainAccess.indices[plainDim];
    plainIndex.terms.push_back({d, tile ? tiles[*tile] : 1});
    plainIndex.constant += tile ? start * tiles[*tile] : 0;
  };
  auto addInner = [&](unsigned tile) {
    unsigned d = addDim(pieces[tile].innerExtent, rank + tile);
    nest.dims[d].isInnerTile = isPack;
    tiledAccess.indices[rank + tile] =
        makeDimIndex(d, 1, pieces[tile].innerStart);
    NestIndex &plainIndex = plainAccess.indices[innerDims[tile]];
    plainIndex.terms.push_back({d, 1});
    plainIndex.constant += pieces[tile].innerStart;
  };
  if (isPack) {
    for (int64_t plainDim : outerOrder)
      addOuter(plainDim);
    for (unsigned tile = 0; tile < tiles.size(); ++tile)
      addInner(tile);
  } else {
    for (unsigned plainDim = 0; plainDim < rank; ++plainDim) {
      addOuter(plainDim);
      if (std::optional<unsigned> tile = getTile(plainDim))
        addInner(*tile);
    }
  }
  plainAccess.operand = plain;
  tiledAccess.operand = tiled;
  NestAccess &load = isPack ? plainAccess : tiledAccess;
  NestAccess &store = isPack ? tiledAccess : plainAccess;
  store.isWrite = true;
  if (llvm::none_of(pieces, [](const Piece &p) { return p.isPadding; }))
    nest.accesses.push_back(load);
  nest.accesses.push_back(store);
  return nest;
}

template <typename OpTy>
static std::optional<Relayout> readRelayout(OpTy op, WorkNest &empty) {
  Relayout relayout;
  relayout.isPack = std::is_same_v<OpTy, linalg::PackOp>;
  if (!isCountable(op.getSource().getType()) ||
      !isCountable(op.getDest().getType()))
    return std::nullopt;
  unsigned source = addOperand(empty, op.getSource());
  unsigned dest = addOperand(empty, op.getDest());
  unsigned written = addOperand(empty, getWritten(op, op.getDest()));
  relayout.plain = relayout.isPack ? source : written;
  relayout.tiled = relayout.isPack ? written : source;
  relayout.tiledSource = relayout.isPack ? dest : source;
  relayout.plainType = empty.operands[relayout.plain].type;
  relayout.tiledType = empty.operands[relayout.tiled].type;
  llvm::append_range(relayout.tiles, op.getStaticInnerTiles());
  llvm::append_range(relayout.innerDims, op.getInnerDimsPos());
  llvm::append_range(relayout.outerOrder, op.getOuterDimsPerm());
  if (relayout.outerOrder.empty())
    for (int64_t i = 0; i < relayout.plainType.getRank(); ++i)
      relayout.outerOrder.push_back(i);
  bool known = llvm::all_of(relayout.tiles, [](int64_t tile) {
    return tile > 0 && !ShapedType::isDynamic(tile);
  });
  if (!known)
    return std::nullopt;
  return relayout;
}

std::optional<StructuredOp> describeRelayout(Operation *op) {
  WorkNest empty;
  std::optional<Relayout> relayout;
  bool pads = false;
  if (auto pack = dyn_cast<linalg::PackOp>(op)) {
    relayout = readRelayout(pack, empty);
    pads = static_cast<bool>(pack.getPaddingValue());
  } else if (auto unpack = dyn_cast<linalg::UnPackOp>(op)) {
    relayout = readRelayout(unpack, empty);
  }
  if (!relayout)
    return std::nullopt;
  // Whether the last tile of a dynamic dimension is partial is not known.
  bool isDynamic = llvm::any_of(relayout->innerDims, [&](int64_t dim) {
    return relayout->plainType.isDynamicDim(dim);
  });
  if (isDynamic && (pads || !relayout->isPack))
    return std::nullopt;

  SmallVector<SmallVector<Piece>> combinations = {{}};
  for (unsigned tile = 0; tile < relayout->tiles.size(); ++tile) {
    SmallVector<SmallVector<Piece>> longer;
    for (const SmallVector<Piece> &prefix : combinations)
      for (const Piece &piece : relayout->cut(tile, relayout->isPack)) {
        longer.push_back(prefix);
        longer.back().push_back(piece);
      }
    combinations = std::move(longer);
    if (combinations.size() > 1024)
      return std::nullopt;
  }
  StructuredOp described;
  described.kind = OpKind::Copy;
  described.computeType =
      getElementTypeName(relayout->plainType.getElementType());
  for (const SmallVector<Piece> &pieces : combinations)
    described.nests.push_back(relayout->makeNest(empty, pieces));
  return described;
}

} // namespace memwall
