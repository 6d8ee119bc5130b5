//===- VectorizeOp.cpp - Linalg ops one vector at a time ------------------===//

#include "VectorizeOp.h"
#include "StoreAround.h"
#include "VectorTypes.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Whether vectors can do everything in the body.
static bool canVectorize(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op.getNumLoops() == 0 ||
      op->getNumResults() == 0)
    return false;
  auto isGood = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return isVectorElement(element) || element.isIndex() ||
           element.isInteger(1);
  };
  for (Value operand : op->getOperands()) {
    Type element = getElementTypeOrSelf(operand.getType());
    // In memory, a truth value is a byte, in registers it is a bit.
    if (!isGood(element) ||
        (element.isInteger(1) && isa<ShapedType>(operand.getType())))
      return false;
  }
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return false;
  WalkResult result = op.getBlock()->walk([&](Operation *inside) {
    bool isFine = llvm::all_of(inside->getResultTypes(), isGood) &&
                  inside->getNumRegions() == 0 &&
                  !isa<tensor::ExtractOp>(inside);
    return isFine ? WalkResult::advance() : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}

/// The dimension that is innermost in memory of an operand; nullopt for
/// scalars.
static std::optional<unsigned> getInnermostDim(AffineMap map,
                                               ArrayRef<int64_t> extents) {
  for (AffineExpr result : llvm::reverse(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(result);
        dim && extents[dim.getPosition()] != 1)
      return dim.getPosition();
  return std::nullopt;
}

namespace {
/// How an op is cut into vectors.
struct VectorTiling {
  unsigned dim = 0;                  ///< That vectors go along.
  std::optional<unsigned> transpose; ///< The other side of square tiles.
  bool isReduction = false;          ///< Whether `dim` is one.
};
} // namespace

static std::optional<VectorTiling> chooseTiling(linalg::LinalgOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  AffineMap outMap = maps[op.getNumDpsInputs()];
  std::optional<unsigned> out = getInnermostDim(outMap, extents);
  std::optional<unsigned> other;
  for (unsigned input = 0; input < unsigned(op.getNumDpsInputs()); ++input) {
    std::optional<unsigned> dim = getInnermostDim(maps[input], extents);
    // A broadcast operand that lacks the dimension has nothing against it.
    if (dim && dim != out &&
        (!out || maps[input].isFunctionOfDim(*out) ||
         kinds[*dim] == utils::IteratorType::reduction))
      other = dim;
  }
  if (other && kinds[*other] == utils::IteratorType::reduction)
    return VectorTiling{*other, std::nullopt, true};
  if (out)
    return VectorTiling{*out, other, false};
  if (other)
    return VectorTiling{*other, std::nullopt, false};
  return std::nullopt;
}

/// The widest element of the op decides how many fit into a register.
static int64_t computeLanes(linalg::LinalgOp op, const VectorOptions &options) {
  int64_t bits = 8;
  auto widen = [&](Type type) {
    Type element = getElementTypeOrSelf(type);
    if (element.isIntOrFloat())
      bits = std::max<int64_t>(bits, element.getIntOrFloatBitWidth());
  };
  llvm::for_each(op->getOperandTypes(), widen);
  op.getBlock()->walk([&](Operation *inside) {
    llvm::for_each(inside->getResultTypes(), widen);
  });
  return options.registers.getLanes(bits);
}

/// Splits off the last iteration of a loop whose steps do not divide its
/// range.
static void splitPartialStep(RewriterBase &rewriter, LoopLikeOpInterface loop) {
  auto forLoop = dyn_cast<scf::ForOp>(loop.getOperation());
  scf::ForOp partial;
  if (forLoop)
    (void)scf::peelForLoopAndSimplifyBounds(rewriter, forLoop, partial);
}

/// Tiles by `sizes`, loops over reductions innermost. Returns the op of a tile.
static FailureOr<Operation *>
tile(RewriterBase &rewriter, Operation *op, ArrayRef<int64_t> sizes,
     ArrayRef<int64_t> order, SmallVectorImpl<LoopLikeOpInterface> &loops) {
  scf::SCFTilingOptions options;
  options.setTileSizes(getAsIndexOpFoldResult(op->getContext(), sizes));
  options.setInterchange(order);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> result =
      scf::tileUsingSCF(rewriter, cast<TilingInterface>(op), options);
  if (failed(result))
    return failure();
  rewriter.replaceOp(op, result->replacements);
  llvm::append_range(loops, result->loops);
  return result->tiledOps.back();
}

/// Tiles the reduction `dim` into partial results, one per lane.
static FailureOr<Operation *>
tilePartially(RewriterBase &rewriter, Operation *op, unsigned dim,
              int64_t lanes, SmallVectorImpl<Operation *> &merges,
              SmallVectorImpl<LoopLikeOpInterface> &loops) {
  SmallVector<int64_t> sizes(cast<linalg::LinalgOp>(op).getNumLoops(), 0);
  sizes[dim] = lanes;
  scf::SCFTilingOptions options;
  options.setTileSizes(getAsIndexOpFoldResult(op->getContext(), sizes));
  options.setReductionTilingStrategy(
      ReductionTilingStrategy::PartialReductionOuterReduction);
  options.setReductionDims({dim});
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> result =
      scf::tileUsingSCF(rewriter, cast<TilingInterface>(op), options);
  if (failed(result))
    return failure();
  for (Value initial : result->initialValues)
    if (Operation *fill = initial.getDefiningOp())
      merges.push_back(fill);
  llvm::append_range(merges, result->mergeOps);
  rewriter.replaceOp(op, result->replacements);
  llvm::append_range(loops, result->loops);
  return result->tiledOps.back();
}

static void noteSizes(Operation *op, ArrayRef<int64_t> sizes) {
  if (isa<linalg::LinalgOp>(op))
    op->setAttr(vectorSizesName,
                Builder(op->getContext()).getDenseI64ArrayAttr(sizes));
}

/// Dimensions in the order of loops: parallel ones, then reductions.
static SmallVector<int64_t> orderLoops(linalg::LinalgOp op) {
  SmallVector<unsigned> order, reductions;
  op.getParallelDims(order);
  op.getReductionDims(reductions);
  llvm::append_range(order, reductions);
  return SmallVector<int64_t>(order.begin(), order.end());
}

/// Whether every result is reduced by one operation, which partial results
/// need: not so an argmax.
static bool hasSimpleCombiners(linalg::LinalgOp op) {
  for (int64_t init = 0; init < op.getNumDpsInits(); ++init) {
    SmallVector<Operation *> combiners;
    if (!matchReduction(op.getRegionOutputArgs(), init, combiners) ||
        combiners.size() != 1)
      return false;
  }
  return true;
}

/// The lanes of vectors along a reduction are partial results.
static void tileReduction(RewriterBase &rewriter, linalg::LinalgOp op,
                          unsigned dim, int64_t lanes) {
  SmallVector<int64_t> sizes(op.getNumLoops(), 1);
  sizes[dim] = 0;
  if (!hasSimpleCombiners(op))
    return;
  SmallVector<LoopLikeOpInterface> loops;
  SmallVector<Operation *> merges;
  FailureOr<Operation *> one = op.getOperation();
  if (op.getNumLoops() > 1)
    one = tile(rewriter, op, sizes, orderLoops(op), loops);
  if (failed(one))
    return;
  loops.clear();
  // Four sums hide the latency of an addition.
  int64_t wide = 4 * lanes;
  FailureOr<Operation *> tiled =
      tilePartially(rewriter, *one, dim, wide, merges, loops);
  if (failed(tiled))
    return;
  sizes[dim] = wide;
  noteSizes(*tiled, sizes);
  for (Operation *merge : merges)
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(merge))
      noteSizes(merge, linalgOp.getStaticLoopRanges());
  if (!loops.empty())
    splitPartialStep(rewriter, loops.back());
}

/// A matrix that is summed down its columns is read in blocks of so many rows,
/// each from left to right: a core follows about as many streams, and a walk
/// down a column would find every row in another page. Sums are read and
/// written once per block.
static constexpr int64_t rowsOfBlock = 16;

/// Cuts the only reduction of `op`, whose vectors go along `dim`, into blocks.
/// Returns the op of a block; `op` where there is nothing to cut.
static linalg::LinalgOp tileRows(RewriterBase &rewriter, linalg::LinalgOp op,
                                 unsigned dim, int64_t lanes) {
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  if (reductions.size() != 1 || extents[reductions.front()] <= rowsOfBlock ||
      extents[dim] <= lanes)
    return op;
  SmallVector<int64_t> sizes(op.getNumLoops(), 0);
  sizes[reductions.front()] = rowsOfBlock;
  SmallVector<LoopLikeOpInterface> loops;
  FailureOr<Operation *> block =
      tile(rewriter, op, sizes, orderLoops(op), loops);
  return succeeded(block) ? cast<linalg::LinalgOp>(*block) : op;
}

/// Operands that are read across their rows find every row in another page. So
/// many rows are taken at a time: any core remembers the translations of as
/// many addresses, and rows of so many elements are long enough.
static constexpr int64_t rowsOfStrip = 256;

/// Cuts `op`, of square tiles along two dimensions, into strips of the one
/// whose loop is further in.
static linalg::LinalgOp tileColumns(RewriterBase &rewriter, linalg::LinalgOp op,
                                    unsigned dim, unsigned other) {
  SmallVector<int64_t> order = orderLoops(op);
  bool isOtherInside = llvm::find(order, other) > llvm::find(order, dim);
  unsigned inside = isOtherInside ? other : dim;
  // Strips of unknown size would have masks everywhere.
  int64_t extent = op.getStaticLoopRanges()[inside];
  if (extent <= rowsOfStrip || extent % rowsOfStrip != 0)
    return op;
  SmallVector<int64_t> sizes(op.getNumLoops(), 0);
  sizes[inside] = rowsOfStrip;
  SmallVector<LoopLikeOpInterface> loops;
  FailureOr<Operation *> strip = tile(rewriter, op, sizes, order, loops);
  return succeeded(strip) ? cast<linalg::LinalgOp>(*strip) : op;
}

void memwall::tileForVectors(RewriterBase &rewriter, linalg::LinalgOp op,
                             const VectorOptions &options) {
  if (!canVectorize(op))
    return;
  std::optional<VectorTiling> tiling = chooseTiling(op);
  if (!tiling)
    return;
  int64_t lanes = computeLanes(op, options);
  if (tiling->isReduction)
    return tileReduction(rewriter, op, tiling->dim, lanes);
  op = tiling->transpose
           ? tileColumns(rewriter, op, tiling->dim, *tiling->transpose)
           : tileRows(rewriter, op, tiling->dim, lanes);
  SmallVector<int64_t> sizes(op.getNumLoops(), 1);
  sizes[tiling->dim] = lanes;
  if (tiling->transpose)
    sizes[*tiling->transpose] = lanes;
  SmallVector<LoopLikeOpInterface> loops;
  SmallVector<int64_t> order = orderLoops(op);
  FailureOr<Operation *> tiled = tile(rewriter, op, sizes, order, loops);
  if (failed(tiled))
    return;
  noteSizes(*tiled, sizes);
  if ((*tiled)->hasAttr(kNontemporalAttrName) && !loops.empty())
    loops.back()->setAttr(storesAroundName, rewriter.getUnitAttr());
  auto position = llvm::find(order, int64_t(tiling->dim)) - order.begin();
  if (!tiling->transpose && loops.size() == order.size())
    splitPartialStep(rewriter, loops[position]);
}

void memwall::vectorizeTiles(RewriterBase &rewriter, Operation *root) {
  SmallVector<linalg::LinalgOp> tiles;
  root->walk([&](linalg::LinalgOp op) {
    if (op->hasAttr(vectorSizesName))
      tiles.push_back(op);
  });
  for (linalg::LinalgOp op : tiles) {
    auto sizes = op->getAttrOfType<DenseI64ArrayAttr>(vectorSizesName);
    op->removeAttr(vectorSizesName);
    bool isStatic = !op.hasDynamicShape();
    rewriter.setInsertionPoint(op);
    // As many flags as sizes, or types of masks differ from what they should
    // be.
    SmallVector<bool> isScalable(isStatic ? 0 : sizes.size(), false);
    FailureOr<linalg::VectorizationResult> result = linalg::vectorize(
        rewriter, op, isStatic ? ArrayRef<int64_t>() : sizes.asArrayRef(),
        isScalable);
    if (succeeded(result))
      rewriter.replaceOp(op, result->replacements);
  }
}
