//===- LowerProduct.cpp - Products in vector code -------------------------===//

#include "LowerProduct.h"
#include "PackPanels.h"
#include "RegisterLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Rows of a right operand that is read once, by a product of one row, are read
/// so many at a time, side by side: enough to read and write the sums seldom,
/// and few enough for the streams that a prefetcher follows (16 or more on
/// cores of the last ten years).
static constexpr int64_t rowsReadAtOnce = 8;

/// Of one that several tiles of columns read, by few rows, as many rows as a
/// core follows pages of (16 on Zen 4, docs/Targets.md, "Page cache"). Eight
/// rows of 4096 columns took 0.71 (f32), 0.90 (bf16) and 0.48 (i8) of the time
/// that they take with all 4096 rows for each tile, with AVX2 registers 0.35;
/// 8 and 32 rows at a time took up to 1.5 times as long.
static constexpr int64_t rowsFollowed = 16;

/// Of a right operand that several tiles of few rows read one after the other,
/// so many rows are read at a time: 32 rows of 128 f32 stay in an L1. Attention
/// of four queries per key (cache of 67 MB, EPYC with AVX-512) took 0.98 of the
/// time that it takes with all 512 rows of a tile at once, and 0.92 in bf16.
static constexpr int64_t rowsReadAgain = 32;

/// A row of so many vectors is short. Reading eight rows of 128 f32 side by
/// side took 1.45 times as long as one after the other (keys of a cache of 67
/// MB, one query per head, EPYC with AVX-512).
static constexpr int64_t vectorsOfShortRow = 16;

/// What is read of a short row asks for the same place of the next page:
/// prefetchers stop at the end of a page, and take their time to follow the
/// next one. Attention of one and four queries per key took 0.93 and 0.90 of
/// the time (f32, cache of 67 MB, EPYC with AVX-512); in bf16, where arithmetic
/// takes as long as the memory, 1.05 and 1.02. Half a page ahead took 1.2 times
/// as long, four pages as long in f32 and 1.15 times in bf16.
static constexpr int64_t bytesAhead = 4096;

/// So many bytes of a row are packed together, into one panel or several: the
/// rows of a wide matrix are a page each, and its lines come faster in runs. 64
/// rows and 4096 columns took 0.82 of the time in panels of 24 f32 (registers
/// of AVX2) and 0.9 in i8 (AVX-512); 256 bytes took as long, 1024 no less.
static constexpr int64_t packedRun = 512;

/// Registers of so many bits have panels of a left operand that could be read
/// where it lies. With AVX2, panels of six rows cost more than they save: with
/// them, 65536x64x64 f32 took 1.18 times as long, 512x768x3072 1.15 times. With
/// AVX-512 a layer in f32 (512 tokens, hidden 1024) took 1.08 times as long
/// without (EPYC, Zen 4).
static constexpr int64_t bitsWithLeftPanels = 512;

namespace {

class ProductLowering {
public:
  ProductLowering(RewriterBase &rewriter, const Product &product,
                  const VectorOptions &options)
      : rewriter(rewriter), product(product), op(product.op),
        location(op.getLoc()), options(options),
        maps(op.getIndexingMapsArray()) {}

  void run();

private:
  /// The part of an operand where the loops over `others` stand at `indices`,
  /// without their dimensions.
  Value slice(Value tensor, unsigned operand, ValueRange indices);
  /// The product of what `slice` leaves.
  Value lowerSlices(ValueRange indices, Value out);
  /// Panels of an operand, at the place that `getPackingPoint` says; of lanes
  /// with `dot`.
  Value pack(unsigned operand, ValueRange indices, int64_t width,
             const DotType &dot);
  PanelSource getSource(unsigned operand, ValueRange indices,
                        const DotType &dot);
  Operation *getPackingPoint(unsigned operand);
  /// Whether loops around the product leave an operand as it is, so that its
  /// panels are packed outside of them.
  bool isReusedByLoops(unsigned operand);
  bool dependsOnOthers(unsigned operand);
  /// The position that a dimension of the op has in an operand without the
  /// dimensions of `others`.
  std::optional<unsigned> getPosition(unsigned operand, unsigned dim);
  /// Whether elements that follow one another along `dim` do in memory.
  bool isInnermost(unsigned operand, unsigned dim);
  /// The length of a dimension of the op.
  Extent getDimExtent(unsigned dim);
  RegisterTile chooseTile(const ProductLoops &loops, int64_t lanes);
  bool shouldPackRight(const ProductLoops &loops, const RegisterTile &tile);
  bool shouldPackLeft(const ProductLoops &loops, const RegisterTile &tile,
                      int64_t lanes);
  /// What dot instructions of up to so many steps take of both operands.
  DotType getDotType(int64_t mostSteps);
  /// Decides whether register tiles have dot instructions, and packs a left
  /// operand for them that would not be packed otherwise.
  void chooseDot(ProductLoops &loops);

  RewriterBase &rewriter;
  const Product &product;
  linalg::LinalgOp op;
  Location location;
  const VectorOptions &options;
  SmallVector<AffineMap> maps;
};

} // namespace

bool ProductLowering::dependsOnOthers(unsigned operand) {
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  return llvm::any_of(product.others, [&](unsigned dim) {
    return extents[dim] != 1 && maps[operand].isFunctionOfDim(dim);
  });
}

std::optional<unsigned> ProductLowering::getPosition(unsigned operand,
                                                     unsigned dim) {
  unsigned position = 0;
  for (AffineExpr result : maps[operand].getResults()) {
    unsigned here = cast<AffineDimExpr>(result).getPosition();
    if (here == dim)
      return position;
    position += !llvm::is_contained(product.others, here);
  }
  return std::nullopt;
}

bool ProductLowering::isInnermost(unsigned operand, unsigned dim) {
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  for (AffineExpr result : llvm::reverse(maps[operand].getResults())) {
    unsigned here = cast<AffineDimExpr>(result).getPosition();
    if (here == dim)
      return true;
    // Dimensions of length 1 are gone from slices where they are others.
    if (extents[here] != 1 || !llvm::is_contained(product.others, here))
      return false;
  }
  return false;
}

Extent ProductLowering::getDimExtent(unsigned dim) {
  for (unsigned operand = 0; operand < 3; ++operand)
    for (auto [position, result] : llvm::enumerate(maps[operand].getResults()))
      if (cast<AffineDimExpr>(result).getPosition() == dim)
        return getExtent(rewriter, location, op->getOperand(operand), position);
  llvm_unreachable("every dimension of the op is one of an operand");
}

Value ProductLowering::slice(Value tensor, unsigned operand,
                             ValueRange indices) {
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<int64_t> shape;
  auto type = cast<RankedTensorType>(tensor.getType());
  for (auto [position, result] : llvm::enumerate(maps[operand].getResults())) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    auto other = llvm::find(product.others, dim);
    if (other != product.others.end()) {
      offsets.push_back(
          indices.empty()
              ? rewriter.getIndexAttr(0)
              : OpFoldResult(indices[other - product.others.begin()]));
      sizes.push_back(rewriter.getIndexAttr(1));
      continue;
    }
    offsets.push_back(rewriter.getIndexAttr(0));
    sizes.push_back(tensor::getMixedSize(rewriter, location, tensor, position));
    shape.push_back(type.getDimSize(position));
  }
  if (int64_t(shape.size()) == type.getRank())
    return tensor;
  SmallVector<OpFoldResult> strides(offsets.size(), rewriter.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      rewriter, location, RankedTensorType::get(shape, type.getElementType()),
      tensor, offsets, sizes, strides);
}

/// The outermost op around `op` that the operand is visible at, but none
/// outside of an scf.forall: its iterations pack for themselves.
Operation *ProductLowering::getPackingPoint(unsigned operand) {
  Value value = op->getOperand(operand);
  Operation *point = op;
  while (point->getBlock() != value.getParentBlock()) {
    Operation *around = point->getParentOp();
    if (!isa<scf::ForOp>(around))
      return point;
    point = around;
  }
  return point;
}

Value ProductLowering::pack(unsigned operand, ValueRange indices, int64_t width,
                            const DotType &dot) {
  OpBuilder::InsertionGuard guard(rewriter);
  if (!dependsOnOthers(operand)) {
    Operation *point = getPackingPoint(operand);
    // The loops over `others`, in which this is, stand before the op.
    Operation *here = rewriter.getInsertionBlock()->getParentOp();
    if (point == op && rewriter.getInsertionBlock() != op->getBlock())
      point = op->getBlock()->findAncestorOpInBlock(*here);
    rewriter.setInsertionPoint(point);
    indices = {};
  }
  int64_t lanes =
      options.registers.getLanes(product.sumType.getIntOrFloatBitWidth());
  return packPanels(rewriter, location, getSource(operand, indices, dot), width,
                    dot ? rewriter.getI32Type() : product.sumType, lanes);
}

PanelSource ProductLowering::getSource(unsigned operand, ValueRange indices,
                                       const DotType &dot) {
  PanelSource source;
  source.tensor = slice(op->getOperand(operand), operand, indices);
  source.across = 1 - *getPosition(operand, product.depth);
  source.acrossExtent =
      getExtent(rewriter, location, source.tensor, source.across);
  source.depthExtent =
      getExtent(rewriter, location, source.tensor, 1 - source.across);
  source.isUnsigned = product.isUnsigned[operand];
  source.dot = dot;
  (operand == product.left ? source.isRaised : source.hasCorrection) =
      dot.isLeftRaised;
  return source;
}

bool ProductLowering::isReusedByLoops(unsigned operand) {
  if (dependsOnOthers(operand))
    return false;
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  return getPackingPoint(operand) != op ||
         llvm::any_of(product.others,
                      [&](unsigned dim) { return extents[dim] != 1; });
}

/// `most`, or as many less as divide `count` into parts that are as alike as
/// possible, and no more parts.
static int64_t spreadEvenly(int64_t count, int64_t most) {
  most = std::max<int64_t>(most, 1);
  return llvm::divideCeil(count, llvm::divideCeil(count, most));
}

RegisterTile ProductLowering::chooseTile(const ProductLoops &loops,
                                         int64_t lanes) {
  RegisterTile tile =
      chooseRegisterTile(loops.rows ? loops.rows->bound : 1,
                         loops.columns.bound, lanes, options.registers);
  // With one row there is nothing to reuse: a part of a row that is long enough
  // for a few lines will do.
  if (!loops.rows) {
    tile.vectors = std::min<int64_t>(tile.vectors, 8);
  } else if (tile.rows <= kMostRowsOfDot && loops.rows->bound <= tile.rows &&
             isInnermost(product.right, product.column)) {
    // Few rows read the right operand from far away. Whole rows of it, one
    // after the other, are what prefetchers follow: attention of four queries
    // per key and 128 columns of f32 values took 0.91 of the time in tiles of
    // 2x128 instead of 4x64 (cache of 67 MB, EPYC with AVX-512), although the
    // values are read once more then, from a near cache.
    int64_t widest = llvm::divideCeil(loops.columns.bound, lanes);
    int64_t rows = (options.registers.count - 1 - widest) / widest;
    if (rows >= 2) {
      tile = {spreadEvenly(loops.rows->bound, rows), widest};
    } else {
      // Otherwise parts as long as registers allow: 0.85 of the time with 64
      // columns instead of 32.
      tile.vectors =
          spreadEvenly(widest, (options.registers.count - 1) / (tile.rows + 1));
    }
  }
  if (options.tileRows && loops.rows)
    tile.rows = options.tileRows;
  if (options.tileVectors)
    tile.vectors = options.tileVectors;
  return tile;
}

bool ProductLowering::shouldPackRight(const ProductLoops &loops,
                                      const RegisterTile &tile) {
  if (!isInnermost(product.right, product.column))
    return true;
  return loops.rows &&
         loops.rows->bound > tile.rows * (kFewestUsesOfPacked - 1);
}

bool ProductLowering::shouldPackLeft(const ProductLoops &loops,
                                     const RegisterTile &tile, int64_t lanes) {
  Type element = getElementTypeOrSelf(op->getOperand(product.left).getType());
  bool isReadAsItLies = isInnermost(product.left, product.depth) &&
                        element == product.sumType && !loops.dot &&
                        options.registers.bits < bitsWithLeftPanels;
  return loops.rows && !isReadAsItLies &&
         loops.columns.bound > tile.vectors * lanes * (kFewestUsesOfPacked - 1);
}

DotType ProductLowering::getDotType(int64_t mostSteps) {
  auto getSource = [&](unsigned operand) {
    return DotSource{getElementTypeOrSelf(op->getOperand(operand).getType()),
                     product.isUnsigned[operand]};
  };
  return chooseDotType(getSource(product.left), getSource(product.right),
                       product.sumType, options.registers, mostSteps);
}

void ProductLowering::chooseDot(ProductLoops &loops) {
  DotType dot = getDotType(/*mostSteps=*/4);
  // What is not packed is read where it lies, whole lanes at a time.
  auto isWhole = [&] { return loops.depth.isMultipleOf(dot.steps()); };
  if (dot && !loops.right.isPacked && (dot.isLeftRaised || !isWhole()))
    dot = getDotType(/*mostSteps=*/2);
  if (!dot)
    return;
  bool hasLeftLanes = isWhole() && isInnermost(product.left, product.depth);
  if ((!loops.right.isPacked && !isWhole()) || (!loops.rows && !hasLeftLanes))
    return;
  loops.dot = dot;
  loops.left.isPacked |= !hasLeftLanes;
  loops.depth = loops.depth.countTiles(rewriter, location, dot.steps());
}

static int64_t getElementBits(Value tensor) {
  return getElementTypeOrSelf(tensor.getType()).getIntOrFloatBitWidth();
}

/// How many rows of `length` elements of a tensor `bytesAhead` are.
static int64_t getRowsAhead(Value tensor, int64_t length) {
  return llvm::divideCeil(bytesAhead * 8, length * getElementBits(tensor));
}

Value ProductLowering::lowerSlices(ValueRange indices, Value out) {
  ProductLoops loops;
  loops.out = slice(out, 2, indices);
  loops.start = product.start;
  loops.sumType = product.sumType;
  loops.columns = getDimExtent(product.column);
  loops.depth = getDimExtent(product.depth);
  if (product.row)
    loops.rows = getDimExtent(*product.row);
  int64_t lanes =
      options.registers.getLanes(product.sumType.getIntOrFloatBitWidth());
  loops.left = {{}, false, 0, product.isUnsigned[product.left]};
  loops.right = {{}, false, 1, product.isUnsigned[product.right]};

  // 1. Few rows of weights that have the reduction innermost.
  int64_t rows = loops.rows ? loops.rows->getConstant().value_or(INT64_MAX) : 1;
  if (rows <= kMostRowsOfDot && isInnermost(product.right, product.depth) &&
      isInnermost(product.left, product.depth)) {
    loops.left.tensor =
        slice(op->getOperand(product.left), product.left, indices);
    loops.right.tensor =
        slice(op->getOperand(product.right), product.right, indices);
    // As many sums as hide the latency of a multiply-add, and as many rows of
    // the right operand are read side by side. Short rows are read one after
    // the other, as they lie: the next ones begin before their sums are done.
    // Sums of several rows are added across their lanes when they fill a
    // vector: four rows of bf16 took 0.82 of the time from an L2 (EPYC with
    // AVX-512), one row took as long.
    loops.dot = getDotType(/*mostSteps=*/2);
    int64_t length = loops.dot ? loops.dot.steps() * lanes : lanes;
    int64_t sums = 8;
    if (loops.depth.bound <= vectorsOfShortRow * length) {
      loops.readsColumnsInTurn = true;
      loops.right.rowsAhead =
          getRowsAhead(loops.right.tensor, loops.depth.bound);
      sums = rows == 1 ? rows : lanes;
    }
    int64_t columns = std::min<int64_t>(loops.columns.bound,
                                        std::max<int64_t>(sums / rows, 1));
    return buildDotLoops(rewriter, location, loops, rows, columns, lanes);
  }

  // 2. Register tiles.
  RegisterTile tile = chooseTile(loops, lanes);
  int64_t width = tile.vectors * lanes;
  loops.right.isPacked = shouldPackRight(loops, tile);
  chooseDot(loops);
  loops.left.isPacked |= shouldPackLeft(loops, tile, lanes);
  auto get = [&](unsigned operand, bool isPacked, int64_t panelWidth) {
    return isPacked ? pack(operand, indices, panelWidth, loops.dot)
                    : slice(op->getOperand(operand), operand, indices);
  };
  if (loops.right.isPacked && !isReusedByLoops(product.right)) {
    loops.rightSource = getSource(product.right, indices, loops.dot);
    if (loops.rightSource->across != 0)
      loops.panelsAtOnce = std::clamp<int64_t>(
          packedRun * 8 / (width * getElementBits(loops.rightSource->tensor)),
          1, llvm::divideCeil(loops.columns.bound, width));
    loops.right.tensor =
        createSomePanels(rewriter, location, *loops.rightSource, width,
                         loops.dot ? rewriter.getI32Type() : product.sumType,
                         lanes, loops.panelsAtOnce);
  } else {
    loops.right.tensor = get(product.right, loops.right.isPacked, width);
  }
  loops.left.tensor = get(product.left, loops.left.isPacked, tile.rows);
  if (!loops.right.isPacked) {
    int64_t steps = loops.dot ? loops.dot.steps() : 1;
    bool isShort = loops.columns.bound <= vectorsOfShortRow * lanes;
    if (!loops.rows)
      loops.depthAtOnce = rowsReadAtOnce / steps;
    else if (!isShort && loops.columns.bound > width &&
             getElementTypeOrSelf(loops.out.getType()) == product.sumType)
      loops.depthAtOnce = rowsFollowed / steps;
    else if (loops.rows->bound <= kMostRowsOfDot &&
             (loops.rows->bound > tile.rows || loops.columns.bound > width))
      loops.depthAtOnce = rowsReadAgain / steps;
    if (loops.depthAtOnce != 0 && isShort)
      loops.right.rowsAhead =
          getRowsAhead(loops.right.tensor, loops.columns.bound);
  }
  if (product.row)
    loops.left.across = *getPosition(product.left, *product.row);
  return buildRegisterLoops(rewriter, location, loops, tile, lanes);
}

void ProductLowering::run() {
  rewriter.setInsertionPoint(op);
  SmallVector<Value> begins, ends, steps;
  for (unsigned dim : product.others) {
    begins.push_back(arith::ConstantIndexOp::create(rewriter, location, 0));
    ends.push_back(getDimExtent(dim).getValue(rewriter, location));
    steps.push_back(arith::ConstantIndexOp::create(rewriter, location, 1));
  }
  scf::LoopNest nest = scf::buildLoopNest(
      rewriter, location, begins, ends, steps, op.getDpsInits(),
      [&](OpBuilder &inside, Location, ValueRange indices, ValueRange outs) {
        OpBuilder::InsertionGuard guard(rewriter);
        rewriter.setInsertionPoint(inside.getInsertionBlock(),
                                   inside.getInsertionPoint());
        Value result = lowerSlices(indices, outs[0]);
        if (result.getType() != outs[0].getType())
          if (auto taken = slice(outs[0], 2, indices)
                               .getDefiningOp<tensor::ExtractSliceOp>()) {
            result = tensor::InsertSliceOp::create(
                rewriter, location, result, outs[0], taken.getMixedOffsets(),
                taken.getMixedSizes(), taken.getMixedStrides());
          }
        inside.setInsertionPoint(rewriter.getInsertionBlock(),
                                 rewriter.getInsertionPoint());
        return SmallVector<Value>{result};
      });
  rewriter.replaceOp(op, nest.results);
}

void memwall::lowerProduct(RewriterBase &rewriter, const Product &product,
                           const VectorOptions &options) {
  ProductLowering(rewriter, product, options).run();
}
