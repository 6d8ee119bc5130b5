//===- RegisterLoops.cpp - Products in register tiles ---------------------===//

#include "RegisterLoops.h"
#include "VectorTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace memwall;

/// A line of the caches of x86-64, and of most other cores.
static constexpr int64_t kLineBits = 512;

namespace {

/// Emits one register tile.
class TileEmitter {
public:
  TileEmitter(Location location, const ProductLoops &product,
              const RegisterTile &tile, int64_t lanes)
      : location(location), product(product), tile(tile), lanes(lanes) {
    if (!product.rows)
      this->tile.rows = 1;
  }

  /// The tile (rowTile, columnTile) of `out`, to which the steps of the
  /// reduction from `begin` to `end` are added. Its columns are in right panel
  /// `panel`, if there are panels.
  Value emit(OpBuilder &builder, Value rowTile, Value columnTile, Value panel,
             Value begin, Value end, Value out);

private:
  /// The sums up to step `begin` of the reduction, row by row, one value per
  /// register; what is beyond the edge does not matter.
  SmallVector<Value> readSums(OpBuilder &builder, Value begin, Value out);
  /// Adds what a raised left operand will make the sums too large by, negated,
  /// to them: it is in panels of the right one, behind step `end`.
  void correct(OpBuilder &builder, Value end, SmallVectorImpl<Value> &sums);
  Value writeSums(OpBuilder &builder, ValueRange sums, Value out);
  /// One step along the reduction.
  SmallVector<Value> step(OpBuilder &builder, Value depth, ValueRange sums);
  Value readRight(OpBuilder &builder, Value depth, int64_t vector);
  Value readPanel(OpBuilder &builder, Value depth, int64_t vector);
  /// A register of row `depth` of a right operand that is not packed.
  Value readRow(OpBuilder &builder, Value depth, int64_t vector);
  Value readLeft(OpBuilder &builder, Value depth, int64_t row);
  /// Registers of a row of sums that are read and written together. One
  /// register of all rows after the other took 1.47 times as long as whole rows
  /// (65536x64x64 i8, EPYC with AVX-512). Masks are for single registers.
  int64_t getRegistersAtOnce() const {
    return isWholeWidth() ? tile.vectors : 1;
  }
  /// Where so many registers of all rows, the first of them `vector`, are in
  /// `out`; their types there and in registers.
  SmallVector<Value> getCorner(int64_t vector) const {
    if (product.rows)
      return {firstRow, firstColumns[vector]};
    return {firstColumns[vector]};
  }
  VectorType getSumsType(Type element) const {
    int64_t width = getRegistersAtOnce() * lanes;
    return product.rows ? VectorType::get({tile.rows, width}, element)
                        : VectorType::get({width}, element);
  }
  VectorType getRegistersType() const {
    return VectorType::get({tile.rows, getRegistersAtOnce(), lanes},
                           product.sumType);
  }
  SmallVector<bool> getInBounds() const {
    SmallVector<bool> inBounds;
    if (product.rows)
      inBounds.push_back(product.rows->isMultipleOf(tile.rows));
    inBounds.push_back(isWholeWidth());
    return inBounds;
  }

  bool isWholeWidth() const {
    return product.columns.isMultipleOf(tile.vectors * lanes);
  }

  Location location;
  const ProductLoops &product;
  RegisterTile tile;
  int64_t lanes;
  Value rowTile, panel, firstRow;
  SmallVector<Value> firstColumns; ///< By register.
  SmallVector<Value> rowIndices;   ///< Of a left operand that is not packed.
};

} // namespace

SmallVector<Value> TileEmitter::readSums(OpBuilder &builder, Value begin,
                                         Value out) {
  Type element = getElementTypeOrSelf(out.getType());
  SmallVector<Value> sums(tile.sums());
  Value start;
  if (product.start)
    start = vector::BroadcastOp::create(
        builder, location, VectorType::get(lanes, product.sumType),
        convertElements(builder, location, product.start, product.sumType));
  if (start && product.depthAtOnce == 0)
    return SmallVector<Value>(tile.sums(), start);
  int64_t atOnce = getRegistersAtOnce();
  for (int64_t first = 0; first < tile.vectors; first += atOnce) {
    Value block = vector::TransferReadOp::create(
        builder, location, getSumsType(element), out, getCorner(first),
        buildZero(builder, location, element), ArrayRef<bool>(getInBounds()));
    block = convertElements(builder, location, block, product.sumType);
    block = vector::ShapeCastOp::create(builder, location, getRegistersType(),
                                        block);
    for (int64_t row = 0; row < tile.rows; ++row)
      for (int64_t i = 0; i < atOnce; ++i)
        sums[row * tile.vectors + first + i] = vector::ExtractOp::create(
            builder, location, block, ArrayRef<int64_t>{row, i});
  }
  if (!start)
    return sums;
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  Value isFirst = arith::CmpIOp::create(builder, location,
                                        arith::CmpIPredicate::eq, begin, zero);
  for (Value &sum : sums)
    sum = arith::SelectOp::create(builder, location, isFirst, start, sum);
  return sums;
}

Value TileEmitter::writeSums(OpBuilder &builder, ValueRange sums, Value out) {
  Type element = getElementTypeOrSelf(out.getType());
  int64_t atOnce = getRegistersAtOnce();
  for (int64_t first = 0; first < tile.vectors; first += atOnce) {
    Value block = buildZero(builder, location, getRegistersType());
    for (int64_t row = 0; row < tile.rows; ++row)
      for (int64_t i = 0; i < atOnce; ++i)
        block = vector::InsertOp::create(builder, location,
                                         sums[row * tile.vectors + first + i],
                                         block, ArrayRef<int64_t>{row, i});
    block = vector::ShapeCastOp::create(builder, location,
                                        getSumsType(product.sumType), block);
    block = convertElements(builder, location, block, element);
    out = vector::TransferWriteOp::create(builder, location, block, out,
                                          getCorner(first),
                                          ArrayRef<bool>(getInBounds()))
              .getResult();
  }
  return out;
}

Value TileEmitter::readRow(OpBuilder &builder, Value depth, int64_t vector) {
  Value tensor = product.right.tensor;
  Type element = getElementTypeOrSelf(tensor.getType());
  bool isFirstOfLine =
      vector * lanes * element.getIntOrFloatBitWidth() % kLineBits == 0;
  if (product.right.rowsAhead != 0 && isFirstOfLine)
    buildPrefetch(
        builder, location, tensor,
        {buildLinear(builder, location, depth, 1, product.right.rowsAhead),
         firstColumns[vector]});
  return vector::TransferReadOp::create(
      builder, location, VectorType::get(lanes, element), tensor,
      ValueRange{depth, firstColumns[vector]},
      buildZero(builder, location, element), ArrayRef<bool>{isWholeWidth()});
}

Value TileEmitter::readPanel(OpBuilder &builder, Value depth, int64_t vector) {
  Value panels = product.right.tensor;
  Type element = getElementTypeOrSelf(panels.getType());
  Value inTile =
      arith::ConstantIndexOp::create(builder, location, vector * lanes);
  return vector::TransferReadOp::create(
      builder, location, VectorType::get(lanes, element), panels,
      ValueRange{panel, depth, inTile}, buildZero(builder, location, element),
      ArrayRef<bool>{true});
}

Value TileEmitter::readRight(OpBuilder &builder, Value depth, int64_t vector) {
  if (product.right.isPacked)
    return readPanel(builder, depth, vector);
  bool isUnsigned = product.right.isUnsigned;
  if (!product.dot)
    return convertElements(builder, location, readRow(builder, depth, vector),
                           product.sumType, isUnsigned);
  SmallVector<Value> rows;
  int64_t steps = product.dot.steps();
  for (int64_t step = 0; step < steps; ++step)
    rows.push_back(readRow(
        builder, buildLinear(builder, location, depth, steps, step), vector));
  return buildLanes(builder, location, rows, product.dot, isUnsigned);
}

void TileEmitter::correct(OpBuilder &builder, Value end,
                          SmallVectorImpl<Value> &sums) {
  if (!product.dot || !product.dot.isLeftRaised)
    return;
  for (int64_t vector = 0; vector < tile.vectors; ++vector) {
    Value correction = readPanel(builder, end, vector);
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value &sum = sums[row * tile.vectors + vector];
      sum = arith::AddIOp::create(builder, location, sum, correction);
    }
  }
}

Value TileEmitter::readLeft(OpBuilder &builder, Value depth, int64_t row) {
  const ProductOperand &left = product.left;
  SmallVector<Value> indices{depth};
  if (left.isPacked)
    indices = {rowTile, depth,
               arith::ConstantIndexOp::create(builder, location, row)};
  else if (product.rows)
    indices.insert(indices.begin() + left.across, rowIndices[row]);
  if (product.dot && !left.isPacked) {
    int64_t steps = product.dot.steps();
    indices.back() = buildLinear(builder, location, depth, steps);
    Type element = getElementTypeOrSelf(left.tensor.getType());
    Value lane = vector::TransferReadOp::create(
        builder, location, VectorType::get(steps, element), left.tensor,
        indices, buildZero(builder, location, element), ArrayRef<bool>{true});
    lane = convertElements(builder, location, lane, product.dot.element,
                           left.isUnsigned);
    lane = vector::BitCastOp::create(
        builder, location, VectorType::get(1, builder.getI32Type()), lane);
    lane = vector::ExtractOp::create(builder, location, lane, 0);
    return product.dot.isLeftRaised ? raiseLanes(builder, location, lane)
                                    : lane;
  }
  Value scalar =
      tensor::ExtractOp::create(builder, location, left.tensor, indices);
  if (left.isPacked)
    return scalar;
  return convertElements(builder, location, scalar, product.sumType,
                         left.isUnsigned);
}

SmallVector<Value> TileEmitter::step(OpBuilder &builder, Value depth,
                                     ValueRange sums) {
  SmallVector<Value> right, next;
  for (int64_t vector = 0; vector < tile.vectors; ++vector)
    right.push_back(readRight(builder, depth, vector));
  for (int64_t row = 0; row < tile.rows; ++row) {
    Value left = vector::BroadcastOp::create(
        builder, location, right[0].getType(), readLeft(builder, depth, row));
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      Value sum = sums[row * tile.vectors + vector];
      next.push_back(product.dot ? buildDot(builder, location, left,
                                            right[vector], sum, product.dot)
                                 : buildMultiplyAdd(builder, location, left,
                                                    right[vector], sum));
    }
  }
  return next;
}

Value TileEmitter::emit(OpBuilder &builder, Value rowTile, Value columnTile,
                        Value panel, Value begin, Value end, Value out) {
  this->rowTile = rowTile;
  this->panel = panel;
  for (int64_t vector = 0; vector < tile.vectors; ++vector)
    firstColumns.push_back(buildLinear(builder, location, columnTile,
                                       tile.vectors * lanes, vector * lanes));
  if (product.rows) {
    firstRow = buildLinear(builder, location, rowTile, tile.rows);
    if (!product.left.isPacked)
      for (int64_t row = 0; row < tile.rows; ++row)
        rowIndices.push_back(buildClamped(builder, location, rowTile, tile.rows,
                                          row, *product.rows));
  }
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  SmallVector<Value> starts = readSums(builder, begin, out);
  correct(builder, end, starts);
  ValueRange sums =
      buildLoop(builder, location, begin, end, one, starts,
                [&](OpBuilder &inside, Value depth, ValueRange carried) {
                  return step(inside, depth, carried);
                });
  return writeSums(builder, sums, out);
}

/// All tiles, for a part of the reduction.
static Value buildTiles(OpBuilder &builder, Location location,
                        const ProductLoops &product, const RegisterTile &tile,
                        int64_t lanes, Value begin, Value end, Value out) {
  Value columnTiles =
      product.columns.countTiles(builder, location, tile.vectors * lanes)
          .getValue(builder, location);
  Value rowTiles;
  if (product.rows)
    rowTiles = product.rows->countTiles(builder, location, tile.rows)
                   .getValue(builder, location);
  ProductLoops here = product;
  // All rows of a tile of columns.
  auto emitRows = [&](OpBuilder &b, Value column, Value panel,
                      ValueRange carried) {
    auto emit = [&](OpBuilder &inner, Value row, Value tileOut) {
      TileEmitter emitter(location, here, tile, lanes);
      return SmallVector<Value>{
          emitter.emit(inner, row, column, panel, begin, end, tileOut)};
    };
    if (!product.rows)
      return emit(b, {}, carried[0]);
    return SmallVector<Value>{
        buildLoop(b, location, rowTiles, 1, carried,
                  [&](OpBuilder &inner, Value row, ValueRange innerCarried) {
                    return emit(inner, row, innerCarried[0]);
                  })[0]};
  };
  if (!product.rightSource)
    return buildLoop(builder, location, columnTiles, 1, out,
                     [&](OpBuilder &b, Value column, ValueRange carried) {
                       return emitRows(b, column, column, carried);
                     })[0];
  int64_t count = product.panelsAtOnce;
  return buildLoop(
      builder, location, columnTiles, count, out,
      [&](OpBuilder &b, Value first, ValueRange carried) {
        here.right.tensor = packSomePanels(b, location, *product.rightSource,
                                           tile.vectors * lanes, lanes, first,
                                           count, product.right.tensor);
        Value length = arith::SubIOp::create(b, location, columnTiles, first);
        length = arith::MinUIOp::create(
            b, location, length,
            arith::ConstantIndexOp::create(b, location, count));
        return SmallVector<Value>{buildLoop(
            b, location, length, 1, carried,
            [&](OpBuilder &inner, Value panel, ValueRange innerCarried) {
              Value column =
                  arith::AddIOp::create(inner, location, first, panel);
              return emitRows(inner, column, panel, innerCarried);
            })[0]};
      })[0];
}

Value memwall::buildRegisterLoops(OpBuilder &builder, Location location,
                                  const ProductLoops &product,
                                  const RegisterTile &tile, int64_t lanes) {
  Value depth = product.depth.getValue(builder, location);
  if (product.depthAtOnce == 0) {
    Value zero = arith::ConstantIndexOp::create(builder, location, 0);
    return buildTiles(builder, location, product, tile, lanes, zero, depth,
                      product.out);
  }
  bool divides = product.depth.isMultipleOf(product.depthAtOnce);
  return buildLoop(
      builder, location, depth, product.depthAtOnce, product.out,
      [&](OpBuilder &b, Value begin, ValueRange out) {
        Value end = buildLinear(b, location, begin, 1, product.depthAtOnce);
        if (!divides)
          end = arith::MinUIOp::create(b, location, end, depth);
        return SmallVector<Value>{
            buildTiles(b, location, product, tile, lanes, begin, end, out[0])};
      })[0];
}
