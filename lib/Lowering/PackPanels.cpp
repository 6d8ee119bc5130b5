//===- PackPanels.cpp - Operands in the order that products read ----------===//

#include "PackPanels.h"
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
/// Panels have room for `more` rows behind the last `depthStep` ones.
static Value createWorkspace(OpBuilder &builder, Location location,
                             const Extent &tiles, const Extent &depth,
                             int64_t width, Type type, int64_t depthStep,
                             int64_t more) {
  OpFoldResult inner = builder.getIndexAttr(width);
  Extent steps = depth.countTiles(builder, location, depthStep);
  if (!tiles.isBounded() || !depth.isBounded()) {
    Value length = buildLinear(
        builder, location, steps.getValue(builder, location), depthStep, more);
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
      ArrayRef<int64_t>{tiles.bound, steps.bound * depthStep + more, width},
      type);
}

namespace {
/// The rows of `count` panels lie side by side in the source: they are copied
/// one after another, or as many at a time as a lane has steps.
class RowCopier {
public:
  RowCopier(Location location, const PanelSource &source, int64_t width,
            int64_t block, Value tile, Value panel, int64_t count)
      : location(location), source(source), width(width), block(block),
        tile(tile), panel(panel), count(count) {}

  Value copy(OpBuilder &builder, Value panels);

private:
  /// `block` elements of each row of the source that is in row `depth` of the
  /// panels, from `column` of the first tile on. `isPartial`: the source may
  /// end before the last of these rows, and zeros are behind it.
  SmallVector<Value> read(OpBuilder &builder, Value depth, int64_t column,
                          bool isPartial);
  /// Rows `begin` to `end` of the panel.
  Value copyRows(OpBuilder &builder, Value begin, Value end, bool isPartial,
                 Value panels);

  Location location;
  const PanelSource &source;
  int64_t width, block;
  Value tile, panel; ///< The first ones.
  int64_t count;
};
} // namespace

SmallVector<Value> RowCopier::read(OpBuilder &builder, Value depth,
                                   int64_t column, bool isPartial) {
  Type from = getElementTypeOrSelf(source.tensor.getType());
  Value padding = buildZero(builder, location, from);
  Value first = buildLinear(builder, location, tile, width, column);
  bool isWhole = source.acrossExtent.isMultipleOf(width * count);
  int64_t steps = source.steps();
  SmallVector<Value> rows;
  if (isPartial) {
    Value all = vector::TransferReadOp::create(
        builder, location, VectorType::get({steps, block}, from), source.tensor,
        ValueRange{buildLinear(builder, location, depth, steps), first},
        padding, ArrayRef<bool>{false, isWhole});
    for (int64_t step = 0; step < steps; ++step)
      rows.push_back(vector::ExtractOp::create(builder, location, all, step));
    return rows;
  }
  for (int64_t step = 0; step < steps; ++step)
    rows.push_back(vector::TransferReadOp::create(
        builder, location, VectorType::get(block, from), source.tensor,
        ValueRange{buildLinear(builder, location, depth, steps, step), first},
        padding, ArrayRef<bool>{isWhole}));
  return rows;
}

Value RowCopier::copyRows(OpBuilder &builder, Value begin, Value end,
                          bool isPartial, Value panels) {
  Type type = getElementTypeOrSelf(panels.getType());
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  return buildLoop(
      builder, location, begin, end, one, panels,
      [&](OpBuilder &b, Value depth, ValueRange carried) {
        Value out = carried[0];
        for (int64_t column = 0; column < count * width; column += block) {
          SmallVector<Value> rows = read(b, depth, column, isPartial);
          Value row = source.dot ? buildLanes(b, location, rows, source.dot,
                                              source.isUnsigned)
                                 : convertElements(b, location, rows[0], type,
                                                   source.isUnsigned);
          if (source.isRaised)
            row = raiseLanes(b, location, row);
          Value here = buildLinear(b, location, panel, 1, column / width);
          Value inTile =
              arith::ConstantIndexOp::create(b, location, column % width);
          out = vector::TransferWriteOp::create(b, location, row, out,
                                                ValueRange{here, depth, inTile},
                                                ArrayRef<bool>{true})
                    .getResult();
        }
        return SmallVector<Value>{out};
      })[0];
}

Value RowCopier::copy(OpBuilder &builder, Value panels) {
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  int64_t steps = source.steps();
  Value whole = source.depthExtent.countWhole(builder, location, steps)
                    .getValue(builder, location);
  panels = copyRows(builder, zero, whole, /*isPartial=*/false, panels);
  if (source.depthExtent.isMultipleOf(steps))
    return panels;
  // One more row or none.
  Value end = source.depthExtent.countTiles(builder, location, steps)
                  .getValue(builder, location);
  return copyRows(builder, whole, end, /*isPartial=*/true, panels);
}

/// The source has the reduction innermost: blocks of `block` rows and `step`
/// columns, or lanes of columns, are transposed in registers.
static Value transposeBlocks(OpBuilder &builder, Location location,
                             const PanelSource &source, Value panels,
                             int64_t width, int64_t block, int64_t step,
                             Value tile, Value panel) {
  Type from = getElementTypeOrSelf(source.tensor.getType());
  Type type = getElementTypeOrSelf(panels.getType());
  Value padding = buildZero(builder, location, from);
  int64_t inOne = source.steps();
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
                                 source.dot ? source.dot.element : type,
                                 source.isUnsigned);
          if (source.dot)
            read = vector::BitCastOp::create(
                b, location, VectorType::get({block, step}, type), read);
          if (source.isRaised)
            read = raiseLanes(b, location, read);
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

/// Behind the steps of `panel`: -128 times the sum of its elements, of i8, that
/// every column has along the depth.
static Value addCorrection(OpBuilder &builder, Location location,
                           const PanelSource &source, int64_t width,
                           int64_t lanes, Value panel, Value panels) {
  auto type = VectorType::get(lanes, builder.getI32Type());
  Value zero = buildZero(builder, location, type);
  Value raisedZero = raiseLanes(builder, location, zero);
  Value padding = buildZero(builder, location, builder.getI32Type());
  auto getIndices = [&](OpBuilder &b, Value depth, int64_t vector) {
    return SmallVector<Value>{
        panel, depth,
        arith::ConstantIndexOp::create(b, location, vector * lanes)};
  };
  // 128 times every element, as the raised zeros of a left operand.
  DotType dot = source.dot;
  Value end = source.depthExtent.countTiles(builder, location, dot.steps())
                  .getValue(builder, location);
  ValueRange sums = buildLoop(
      builder, location, end, 1, SmallVector<Value>(width / lanes, zero),
      [&](OpBuilder &b, Value depth, ValueRange carried) {
        SmallVector<Value> next;
        for (auto [vector, sum] : llvm::enumerate(carried)) {
          Value row = vector::TransferReadOp::create(
              b, location, type, panels, getIndices(b, depth, vector), padding,
              ArrayRef<bool>{true});
          next.push_back(buildDot(b, location, raisedZero, row, sum, dot));
        }
        return next;
      });
  for (auto [vector, sum] : llvm::enumerate(sums))
    panels = vector::TransferWriteOp::create(
                 builder, location,
                 arith::SubIOp::create(builder, location, zero, sum), panels,
                 getIndices(builder, end, vector), ArrayRef<bool>{true})
                 .getResult();
  return panels;
}

namespace {
/// How panels of a width are packed.
struct Packing {
  Packing(const PanelSource &source, int64_t width, int64_t lanes)
      : source(source), width(width), lanes(lanes),
        isTransposed(source.across == 0),
        block(width % lanes == 0 ? lanes : width),
        step(isTransposed ? lanes : 1) {}

  Value createPanels(OpBuilder &builder, Location location, const Extent &tiles,
                     Type type) const {
    return createWorkspace(
        builder, location, tiles,
        source.depthExtent.countTiles(builder, location, source.steps()), width,
        type, step, source.hasCorrection);
  }
  /// `count` tiles of the source, from `tile` on, become as many panels.
  Value copy(OpBuilder &builder, Location location, Value tile, Value panel,
             int64_t count, Value panels) const {
    if (!isTransposed)
      panels = RowCopier(location, source, width, block, tile, panel, count)
                   .copy(builder, panels);
    for (int64_t i = 0; i < count; ++i) {
      Value to = buildLinear(builder, location, panel, 1, i);
      if (isTransposed)
        panels = transposeBlocks(
            builder, location, source, panels, width, block, step,
            buildLinear(builder, location, tile, 1, i), to);
      if (source.hasCorrection)
        panels =
            addCorrection(builder, location, source, width, lanes, to, panels);
    }
    return panels;
  }

  const PanelSource &source;
  int64_t width, lanes;
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
                         packing.copy(b, location, tile, tile, 1, carried[0])};
                   })[0];
}

Value memwall::createSomePanels(OpBuilder &builder, Location location,
                                const PanelSource &source, int64_t width,
                                Type type, int64_t lanes, int64_t count) {
  Extent tiles{builder.getIndexAttr(count), count};
  return Packing(source, width, lanes)
      .createPanels(builder, location, tiles, type);
}

Value memwall::packSomePanels(OpBuilder &builder, Location location,
                              const PanelSource &source, int64_t width,
                              int64_t lanes, Value first, int64_t count,
                              Value panels) {
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  return Packing(source, width, lanes)
      .copy(builder, location, first, zero, count, panels);
}
