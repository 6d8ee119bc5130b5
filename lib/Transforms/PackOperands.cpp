//===- PackOperands.cpp - Operands that are laid out in tiles -------------===//
//
//   %p = linalg.pack %b inner_dims_pos = [0, 1] inner_tiles = [16, 64]
//   ...
//   %t = tensor.extract_slice %b[%k, %j] [16, 64]
//   // becomes
//   %t = tensor.extract_slice %p[%k floordiv 16, %j floordiv 64, 0, 0]
//            [1, 1, 16, 64]
//
//===----------------------------------------------------------------------===//

#include "PackOperands.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Which packs can be read
//===----------------------------------------------------------------------===//

/// The tile of dimension `dim` of the op in the innermost loop over it; 0
/// without one.
static int64_t getInnermostTile(const Schedule &schedule, unsigned dim) {
  for (const TileBand &band : llvm::reverse(schedule.bands))
    if (band.sizes[dim] != 0)
      return band.sizes[dim];
  return 0;
}

/// Whether the slices that the innermost loops take of dimension `dim` of the
/// op, of `extent` iterations, each lie in one of the tiles of `innerTile`.
static bool staysInside(const Schedule &schedule, unsigned dim, int64_t extent,
                        int64_t innerTile) {
  int64_t innermost = getInnermostTile(schedule, dim);
  if (extent >= 0 && extent <= innerTile)
    return true;
  if (innermost == 0)
    return false;
  // All tiles start at multiples of the innermost.
  bool startsAligned = llvm::all_of(schedule.bands, [&](const TileBand &band) {
    return band.sizes[dim] % innermost == 0;
  });
  return startsAligned && innerTile % innermost == 0;
}

static LogicalResult checkPack(linalg::LinalgOp op, const Schedule &schedule,
                               const PackedOperand &pack) {
  auto error = [&] {
    return op->emitOpError("cannot have operand ") << pack.operand << " packed";
  };
  OpOperand &operand = op->getOpOperand(pack.operand);
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  if (!type || !op.isDpsInput(&operand))
    return error() << ": it is no input tensor";
  if (!type.hasStaticShape())
    return error() << ": its shape is not static";
  if (pack.ahead && !isa<BlockArgument>(operand.get()) &&
      !matchPattern(operand.get(), m_Constant()))
    return error() << " ahead: it is no argument or constant";
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  for (auto [dim, tile] : llvm::zip(pack.innerDims, pack.innerTiles)) {
    auto expression = dyn_cast<AffineDimExpr>(map.getResult(dim));
    if (!expression)
      return error() << ": its dimension " << dim
                     << " is not one dimension of the op";
    unsigned loop = expression.getPosition();
    if (!staysInside(schedule, loop, extents[loop], tile))
      return error() << ": tiles of dimension " << loop
                     << " of the op do not stay inside packed tiles of "
                     << tile;
  }
  return success();
}

LogicalResult memwall::checkPacks(TilingInterface op,
                                  const Schedule &schedule) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op.getOperation());
  if (!linalgOp && !schedule.packs.empty())
    return op->emitOpError("cannot have operands packed: it is no structured "
                           "linalg op");
  for (const PackedOperand &pack : schedule.packs)
    if (failed(checkPack(linalgOp, schedule, pack)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// A zero to fill up the last tiles with, where tiles do not divide.
static Value createPadding(RewriterBase &rewriter, Location location,
                           RankedTensorType type, const PackedOperand &pack) {
  for (auto [dim, tile] : llvm::zip(pack.innerDims, pack.innerTiles))
    if (type.getDimSize(dim) % tile != 0)
      return arith::ConstantOp::create(
          rewriter, location, rewriter.getZeroAttr(type.getElementType()));
  return {};
}

SmallVector<PackedSource> memwall::packSources(RewriterBase &rewriter,
                                               TilingInterface tileable,
                                               const Schedule &schedule) {
  SmallVector<PackedSource> sources;
  if (schedule.packs.empty())
    return sources;
  auto op = cast<linalg::LinalgOp>(tileable.getOperation());
  for (const PackedOperand &pack : schedule.packs) {
    Value source = op->getOperand(pack.operand);
    rewriter.setInsertionPoint(op);
    if (pack.ahead)
      rewriter.setInsertionPointAfterValue(source);
    Location location = op->getLoc();
    auto tiles = getAsIndexOpFoldResult(op->getContext(), pack.innerTiles);
    Value empty = linalg::PackOp::createDestinationTensor(
        rewriter, location, source, tiles, pack.innerDims,
        pack.outerPermutation);
    auto type = cast<RankedTensorType>(source.getType());
    Value padding = createPadding(rewriter, location, type, pack);
    auto packed = linalg::PackOp::create(
        rewriter, location, source, empty, pack.innerDims, tiles,
        padding ? std::optional<Value>(padding) : std::nullopt,
        pack.outerPermutation);
    if (pack.ahead)
      packed->setAttr(kPackedAheadAttrName, rewriter.getUnitAttr());
    PackedSource &added = sources.emplace_back();
    added = {pack, source, packed.getResult(), {}};
    AffineMap map = op.getMatchingIndexingMap(&op->getOpOperand(pack.operand));
    for (auto [dim, tile] : llvm::zip(pack.innerDims, pack.innerTiles)) {
      unsigned loop = map.getDimPosition(dim);
      int64_t innermost = getInnermostTile(schedule, loop);
      added.startsTile.push_back(innermost == 0 || innermost == tile);
    }
  }
  return sources;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// A part of a tensor, strides 1.
struct Slice {
  SmallVector<OpFoldResult> offsets;
  SmallVector<OpFoldResult> sizes;
};
} // namespace

/// The part of `source` that `value`, a slice of slices of it, is; nullopt when
/// it is something else.
static std::optional<Slice> findSlice(RewriterBase &rewriter, Value value,
                                      Value source) {
  auto type = cast<RankedTensorType>(source.getType());
  MLIRContext *context = source.getContext();
  Slice slice;
  slice.offsets.assign(type.getRank(), rewriter.getIndexAttr(0));
  slice.sizes = getAsIndexOpFoldResult(context, type.getShape());
  AffineExpr first, second;
  bindDims(context, first, second);
  for (bool isInnermost = true; value != source; isInnermost = false) {
    auto extract = value.getDefiningOp<tensor::ExtractSliceOp>();
    if (!extract || !extract.hasUnitStride() ||
        extract.getType().getRank() != type.getRank())
      return std::nullopt;
    if (isInnermost)
      slice.sizes = extract.getMixedSizes();
    for (auto [sum, offset] :
         llvm::zip(slice.offsets, extract.getMixedOffsets()))
      sum = affine::makeComposedFoldedAffineApply(
          rewriter, extract.getLoc(), first + second, {sum, offset});
    value = extract.getSource();
  }
  return slice;
}

/// `slice` of the source as a slice of the packed tensor, without the
/// dimensions that number tiles. `dims` gets the dimensions of the source that
/// the dimensions of the result are.
static Value createPackedSlice(RewriterBase &rewriter, Location location,
                               const PackedSource &from, const Slice &slice,
                               SmallVectorImpl<int64_t> &dims) {
  ArrayRef<int64_t> innerDims = from.pack.innerDims;
  auto sourceType = cast<RankedTensorType>(from.source.getType());
  int64_t rank = sourceType.getRank();
  SmallVector<int64_t> outer(ArrayRef<int64_t>(from.pack.outerPermutation));
  if (outer.empty())
    outer = llvm::to_vector(llvm::seq(rank));
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<int64_t> shape;
  auto addDim = [&](OpFoldResult offset, int64_t dim) {
    offsets.push_back(offset);
    sizes.push_back(slice.sizes[dim]);
    shape.push_back(
        getConstantIntValue(slice.sizes[dim]).value_or(ShapedType::kDynamic));
    dims.push_back(dim);
  };
  AffineExpr offset;
  bindDims(rewriter.getContext(), offset);
  auto apply = [&](AffineExpr expression, int64_t dim) {
    return affine::makeComposedFoldedAffineApply(rewriter, location, expression,
                                                 {slice.offsets[dim]});
  };
  for (int64_t dim : outer) {
    auto inner = llvm::find(innerDims, dim);
    if (inner == innerDims.end()) {
      addDim(slice.offsets[dim], dim);
      continue;
    }
    int64_t tile = from.pack.innerTiles[inner - innerDims.begin()];
    offsets.push_back(apply(offset.floorDiv(tile), dim));
    sizes.push_back(rewriter.getIndexAttr(1));
  }
  for (auto [position, dim] : llvm::enumerate(innerDims))
    addDim(from.startsTile[position]
               ? OpFoldResult(rewriter.getIndexAttr(0))
               : apply(offset % from.pack.innerTiles[position], dim),
           dim);
  SmallVector<OpFoldResult> strides(offsets.size(), rewriter.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      rewriter, location,
      RankedTensorType::get(shape, sourceType.getElementType()), from.packed,
      offsets, sizes, strides);
}

/// Makes operand `number` of `op` the value `packed`, whose dimension i is
/// dimension dims[i] of what it replaces.
static LogicalResult setTransposedOperand(RewriterBase &rewriter,
                                          Operation *&op, unsigned number,
                                          Value packed,
                                          ArrayRef<int64_t> dims) {
  if (llvm::is_sorted(dims)) {
    rewriter.modifyOpInPlace(op, [&] { op->setOperand(number, packed); });
    return success();
  }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic) {
    DictionaryAttr attributes = op->getDiscardableAttrDictionary();
    FailureOr<linalg::GenericOp> made =
        linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op));
    if (failed(made))
      return op->emitOpError("cannot be made generic to read a packed operand");
    generic = *made;
    generic->setDiscardableAttrs(attributes);
    op = generic;
  }
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  SmallVector<AffineExpr> results = llvm::map_to_vector(
      dims, [&](int64_t dim) { return maps[number].getResult(dim); });
  maps[number] = AffineMap::get(maps[number].getNumDims(), 0, results,
                                rewriter.getContext());
  rewriter.modifyOpInPlace(generic, [&] {
    generic->setOperand(number, packed);
    generic.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
  return success();
}

LogicalResult memwall::readPackedSources(RewriterBase &rewriter, Operation *&op,
                                         ArrayRef<PackedSource> sources) {
  for (const PackedSource &from : sources) {
    rewriter.setInsertionPoint(op);
    std::optional<Slice> slice =
        findSlice(rewriter, op->getOperand(from.pack.operand), from.source);
    if (!slice)
      return op->emitOpError("reads no slice of the operand that is packed");
    SmallVector<int64_t> dims;
    Value packed =
        createPackedSlice(rewriter, op->getLoc(), from, *slice, dims);
    rewriter.setInsertionPoint(op);
    if (failed(setTransposedOperand(rewriter, op, from.pack.operand, packed,
                                    dims)))
      return failure();
  }
  return success();
}
