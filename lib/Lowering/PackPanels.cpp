//===- PackPanels.cpp - Operands in the order that products read ----------===//

#include "PackPanels.h"
#include "PairDot.h"
#include "VectorTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace memwall;

/// A tensor without content for the panels. Where no bound of its size is known
/// it is made here, else at the start of the function or scf.forall.
static Value createWorkspace(OpBuilder &builder, Location location,
                             const Extent &tiles, const Extent &depth,
                             int64_t width, Type type, int64_t depthStep) {
  OpFoldResult inner = builder.getIndexAttr(width);
  Extent steps = depth.countTiles(builder, location, depthStep);
  if (!tiles.isBounded() || !depth.isBounded()) {
    Value length = buildLinear(builder, location,
                               steps.getValue(builder, location), depthStep);
    return tensor::EmptyOp::create(builder, location,
                                   {tiles.length, length, inner}, type);
  }
  OpBuilder::InsertionGuard guard(builder);
  Operation *around = builder.getInsertionBlock()->getParentOp();
  while (!isa<FunctionOpInterface, scf::ForallOp>(around))
    around = around->getParentOp();
  builder.setInsertionPointToStart(&around->getRegion(0).front());
  return tensor::EmptyOp::create(
      builder, location,
      ArrayRef<int64_t>{tiles.bound, steps.bound * depthStep, width}, type);
}

namespace {
/// The rows of a panel lie side by side in the source: they are copied one
/// after another, or two at a time.
class RowCopier {
public:
  RowCopier(Location location, const PanelSource &source, int64_t width,
            int64_t block, Value tile, Value panel)
      : location(location), source(source), width(width), block(block),
        tile(tile), panel(panel) {}

  Value copy(OpBuilder &builder, Value panels);

private:
  /// `block` elements of row `depth` of the source, from `column` of the tile
  /// on.
  Value read(OpBuilder &builder, Value depth, int64_t column);
  /// Rows `begin` to `end` of the panel. `isHalf`: the source has only the
  /// first row of a pair.
  Value copyRows(OpBuilder &builder, Value begin, Value end, bool isHalf,
                 Value panels);

  Location location;
  const PanelSource &source;
  int64_t width, block;
  Value tile, panel;
};
} // namespace

Value RowCopier::read(OpBuilder &builder, Value depth, int64_t column) {
  Type from = getElementTypeOrSelf(source.tensor.getType());
  return vector::TransferReadOp::create(
      builder, location, VectorType::get(block, from), source.tensor,
      ValueRange{depth, buildLinear(builder, location, tile, width, column)},
      buildZero(builder, location, from),
      ArrayRef<bool>{source.acrossExtent.isMultipleOf(width)});
}

Value RowCopier::copyRows(OpBuilder &builder, Value begin, Value end,
                          bool isHalf, Value panels) {
  Type type = getElementTypeOrSelf(panels.getType());
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  return buildLoop(
      builder, location, begin, end, one, panels,
      [&](OpBuilder &b, Value depth, ValueRange carried) {
        Value out = carried[0];
        Value first = depth, second;
        if (source.pairType) {
          first = buildLinear(b, location, depth, 2);
          second = buildLinear(b, location, depth, 2, 1);
        }
        for (int64_t column = 0; column < width; column += block) {
          Value row = read(b, first, column);
          if (source.pairType) {
            Value next = isHalf ? buildZero(b, location, row.getType())
                                : read(b, second, column);
            row = buildPairs(b, location, row, next, source.pairType,
                             source.isUnsigned);
          } else {
            row = convertElements(b, location, row, type, source.isUnsigned);
          }
          Value inTile = arith::ConstantIndexOp::create(b, location, column);
          out = vector::TransferWriteOp::create(
                    b, location, row, out, ValueRange{panel, depth, inTile},
                    ArrayRef<bool>{true})
                    .getResult();
        }
        return SmallVector<Value>{out};
      })[0];
}

Value RowCopier::copy(OpBuilder &builder, Value panels) {
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  Value end = source.depthExtent.getValue(builder, location);
  if (!source.pairType)
    return copyRows(builder, zero, end, /*isHalf=*/false, panels);
  Value pairs = source.depthExtent.countWhole(builder, location, 2)
                    .getValue(builder, location);
  panels = copyRows(builder, zero, pairs, /*isHalf=*/false, panels);
  if (source.depthExtent.isMultipleOf(2))
    return panels;
  // One more row or none.
  end = source.depthExtent.countTiles(builder, location, 2)
            .getValue(builder, location);
  return copyRows(builder, pairs, end, /*isHalf=*/true, panels);
}

/// The source has the reduction innermost: blocks of `block` rows and `step`
/// columns, or pairs of columns, are transposed in registers.
static Value transposeBlocks(OpBuilder &builder, Location location,
                             const PanelSource &source, Value panels,
                             int64_t width, int64_t block, int64_t step,
                             Value tile, Value panel) {
  Type from = getElementTypeOrSelf(source.tensor.getType());
  Type type = getElementTypeOrSelf(panels.getType());
  Value padding = buildZero(builder, location, from);
  int64_t inOne = source.pairType ? 2 : 1; // Columns of an element of a panel.
  bool isInBounds[] = {source.acrossExtent.isMultipleOf(width),
                       source.depthExtent.isMultipleOf(step * inOne)};
  Value end = source.depthExtent.countTiles(builder, location, inOne)
                  .getValue(builder, location);
  return buildLoop(
      builder, location, end, step, panels,
      [&](OpBuilder &b, Value depth, ValueRange carried) {
        Value out = carried[0];
        for (int64_t row = 0; row < width; row += block) {
          Value first = buildLinear(b, location, tile, width, row);
          Value read = vector::TransferReadOp::create(
              b, location, VectorType::get({block, step * inOne}, from),
              source.tensor,
              ValueRange{first, buildLinear(b, location, depth, inOne)},
              padding, ArrayRef<bool>(isInBounds));
          read = convertElements(b, location, read,
                                 source.pairType ? source.pairType : type,
                                 source.isUnsigned);
          if (source.pairType)
            read = vector::BitCastOp::create(
                b, location, VectorType::get({block, step}, type), read);
          Value turned = vector::TransposeOp::create(b, location, read,
                                                     ArrayRef<int64_t>{1, 0});
          Value inTile = arith::ConstantIndexOp::create(b, location, row);
          out = vector::TransferWriteOp::create(
                    b, location, turned, out, ValueRange{panel, depth, inTile},
                    ArrayRef<bool>{true, true})
                    .getResult();
        }
        return SmallVector<Value>{out};
      })[0];
}

namespace {
/// How panels of a width are packed.
struct Packing {
  Packing(const PanelSource &source, int64_t width, int64_t lanes)
      : source(source), width(width), isTransposed(source.across == 0),
        block(width % lanes == 0 ? lanes : width),
        step(isTransposed ? lanes : 1) {}

  Value createPanels(OpBuilder &builder, Location location, const Extent &tiles,
                     Type type) const {
    return createWorkspace(builder, location, tiles,
                           source.depthExtent.countTiles(
                               builder, location, source.pairType ? 2 : 1),
                           width, type, step);
  }
  /// Tile `tile` of the source becomes panel `panel`.
  Value copy(OpBuilder &builder, Location location, Value tile, Value panel,
             Value panels) const {
    if (isTransposed)
      return transposeBlocks(builder, location, source, panels, width, block,
                             step, tile, panel);
    return RowCopier(location, source, width, block, tile, panel)
        .copy(builder, panels);
  }

  const PanelSource &source;
  int64_t width;
  bool isTransposed;
  /// Square blocks where the width allows: these have the best shuffles.
  int64_t block, step;
};
} // namespace

Value memwall::packPanels(OpBuilder &builder, Location location,
                          const PanelSource &source, int64_t width, Type type,
                          int64_t lanes) {
  Packing packing(source, width, lanes);
  Extent tiles = source.acrossExtent.countTiles(builder, location, width);
  Value panels = packing.createPanels(builder, location, tiles, type);
  return buildLoop(builder, location, tiles.getValue(builder, location), 1,
                   panels, [&](OpBuilder &b, Value tile, ValueRange carried) {
                     return SmallVector<Value>{
                         packing.copy(b, location, tile, tile, carried[0])};
                   })[0];
}

Value memwall::createPanel(OpBuilder &builder, Location location,
                           const PanelSource &source, int64_t width, Type type,
                           int64_t lanes) {
  Extent one{builder.getIndexAttr(1), 1};
  return Packing(source, width, lanes)
      .createPanels(builder, location, one, type);
}

Value memwall::packPanel(OpBuilder &builder, Location location,
                         const PanelSource &source, int64_t width,
                         int64_t lanes, Value tile, Value panel) {
  Value first = arith::ConstantIndexOp::create(builder, location, 0);
  return Packing(source, width, lanes)
      .copy(builder, location, tile, first, panel);
}
