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

/// What is computed of a register tile along one dimension: a tile that ends
/// with the extent has fewer rows or registers, which are masked where it is
/// not known how many.
struct TilePart {
  int64_t count;         ///< Rows, or registers of columns.
  bool isWhole;          ///< All of them are in the extent, to the last lane;
  bool isCounted = true; ///< otherwise: all but the last one.
};

/// Emits one register tile.
class TileEmitter {
public:
  /// The tile has `rows` and `vectors` of those that `tile` has.
  TileEmitter(Location location, const ProductLoops &product,
              const RegisterTile &tile, const TilePart &rows,
              const TilePart &vectors, int64_t lanes)
      : location(location), product(product), whole(tile), rows(rows),
        vectors(vectors), tile{rows.count, vectors.count}, lanes(lanes) {}

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
    return vectors.isWhole ? tile.vectors : 1;
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
  /// Of the registers that are read and written together with `vector`.
  SmallVector<bool> getInBounds(int64_t vector) const {
    SmallVector<bool> inBounds;
    if (product.rows)
      inBounds.push_back(rows.isWhole);
    inBounds.push_back(isWholeVector(vector));
    return inBounds;
  }
  bool isWholeVector(int64_t vector) const {
    return vectors.isWhole || (vectors.isCounted && vector < tile.vectors - 1);
  }

  Location location;
  const ProductLoops &product;
  RegisterTile whole; ///< That the extents are cut into.
  TilePart rows, vectors;
  RegisterTile tile; ///< Of which so much is computed.
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
        buildZero(builder, location, element),
        ArrayRef<bool>(getInBounds(first)));
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
                                          ArrayRef<bool>(getInBounds(first)))
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
  return vector::TransferReadOp::create(builder, location,
                                        VectorType::get(lanes, element), tensor,
                                        ValueRange{depth, firstColumns[vector]},
                                        buildZero(builder, location, element),
                                        ArrayRef<bool>{isWholeVector(vector)});
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
                                       whole.vectors * lanes, vector * lanes));
  if (product.rows) {
    firstRow = buildLinear(builder, location, rowTile, whole.rows);
    if (!product.left.isPacked)
      for (int64_t row = 0; row < tile.rows; ++row)
        rowIndices.push_back(
            rows.isWhole
                ? buildLinear(builder, location, rowTile, whole.rows, row)
                : buildClamped(builder, location, rowTile, whole.rows, row,
                               *product.rows));
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

namespace {
/// Emits all tiles, for a part of the reduction. Tiles that are whole have
/// loops of their own: with masks in every tile, 1024 columns in tiles of 24
/// f32 took 1.07 times as long (registers of AVX2), of which panels of rows are
/// a part.
class TileLoops {
public:
  TileLoops(Location location, const ProductLoops &product,
            const RegisterTile &tile, int64_t lanes, Value begin, Value end)
      : location(location), product(product), tile(tile), lanes(lanes),
        begin(begin), end(end) {
    if (!product.rows)
      this->tile.rows = 1;
  }

  Value emit(OpBuilder &builder, Value out);

private:
  /// Tiles of columns, the first of which is `first`, in right panels `from` to
  /// `to`: all rows of one after the other.
  Value emitColumns(OpBuilder &builder, Value first, Value from, Value to,
                    const TilePart &vectors, Value out);
  Value emitRows(OpBuilder &builder, Value column, Value panel,
                 const TilePart &vectors, Value out);
  /// What is left of `extent` behind whole tiles of `count` times `unit`.
  static TilePart getRest(const Extent &extent, int64_t count, int64_t unit);

  Location location;
  ProductLoops product;
  RegisterTile tile;
  int64_t lanes;
  Value begin, end; ///< Of the reduction.
};
} // namespace

TilePart TileLoops::getRest(const Extent &extent, int64_t count, int64_t unit) {
  std::optional<int64_t> constant = extent.getConstant();
  if (!constant)
    return {count, /*isWhole=*/false, /*isCounted=*/false};
  int64_t rest = *constant % (count * unit);
  return {int64_t(llvm::divideCeil(rest, unit)), rest % unit == 0};
}

Value TileLoops::emitRows(OpBuilder &builder, Value column, Value panel,
                          const TilePart &vectors, Value out) {
  auto emitTiles = [&](Value from, Value to, const TilePart &rows, Value init) {
    Value one = arith::ConstantIndexOp::create(builder, location, 1);
    return buildLoop(
        builder, location, from, to, one, init,
        [&](OpBuilder &b, Value row, ValueRange carried) {
          TileEmitter emitter(location, product, tile, rows, vectors, lanes);
          return SmallVector<Value>{
              emitter.emit(b, row, column, panel, begin, end, carried[0])};
        })[0];
  };
  if (!product.rows)
    return TileEmitter(location, product, tile, {1, true}, vectors, lanes)
        .emit(builder, {}, column, panel, begin, end, out);
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  Value tiles = product.rows->countTiles(builder, location, tile.rows)
                    .getValue(builder, location);
  TilePart rest = getRest(*product.rows, tile.rows, 1);
  // A mask per row costs little, less than code without.
  if (!rest.isWhole)
    return emitTiles(zero, tiles, rest, out);
  Value whole = product.rows->countWhole(builder, location, tile.rows)
                    .getValue(builder, location);
  out = emitTiles(zero, whole, {tile.rows, true}, out);
  return rest.count == 0 ? out : emitTiles(whole, tiles, rest, out);
}

Value TileLoops::emitColumns(OpBuilder &builder, Value first, Value from,
                             Value to, const TilePart &vectors, Value out) {
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  return buildLoop(builder, location, from, to, one, out,
                   [&](OpBuilder &b, Value panel, ValueRange carried) {
                     Value column = first ? arith::AddIOp::create(b, location,
                                                                  first, panel)
                                          : panel;
                     return SmallVector<Value>{
                         emitRows(b, column, panel, vectors, carried[0])};
                   })[0];
}

Value TileLoops::emit(OpBuilder &builder, Value out) {
  int64_t width = tile.vectors * lanes;
  Value tiles = product.columns.countTiles(builder, location, width)
                    .getValue(builder, location);
  Value whole = product.columns.countWhole(builder, location, width)
                    .getValue(builder, location);
  Value zero = arith::ConstantIndexOp::create(builder, location, 0);
  TilePart rest = getRest(product.columns, tile.vectors, lanes);
  auto emitAll = [&](OpBuilder &b, Value first, Value wholeOnes, Value all,
                     Value init) {
    init = emitColumns(b, first, zero, wholeOnes, {tile.vectors, true}, init);
    return rest.count == 0 ? init
                           : emitColumns(b, first, wholeOnes, all, rest, init);
  };
  if (!product.rightSource)
    return emitAll(builder, {}, whole, tiles, out);
  int64_t count = product.panelsAtOnce;
  Value panels = product.right.tensor;
  return buildLoop(
      builder, location, tiles, count, out,
      [&](OpBuilder &b, Value first, ValueRange carried) {
        product.right.tensor =
            packSomePanels(b, location, *product.rightSource, width, lanes,
                           first, count, panels);
        Value most = arith::ConstantIndexOp::create(b, location, count);
        auto countFrom = [&](Value end) -> Value {
          Value length = arith::SubIOp::create(b, location, end, first);
          return arith::MinUIOp::create(b, location, length, most);
        };
        return SmallVector<Value>{
            emitAll(b, first, countFrom(whole), countFrom(tiles), carried[0])};
      })[0];
}

Value memwall::buildRegisterLoops(OpBuilder &builder, Location location,
                                  const ProductLoops &product,
                                  const RegisterTile &tile, int64_t lanes) {
  Value depth = product.depth.getValue(builder, location);
  if (product.depthAtOnce == 0) {
    Value zero = arith::ConstantIndexOp::create(builder, location, 0);
    return TileLoops(location, product, tile, lanes, zero, depth)
        .emit(builder, product.out);
  }
  bool divides = product.depth.isMultipleOf(product.depthAtOnce);
  return buildLoop(builder, location, depth, product.depthAtOnce, product.out,
                   [&](OpBuilder &b, Value begin, ValueRange out) {
                     Value end = buildLinear(b, location, begin, 1,
                                             product.depthAtOnce);
                     if (!divides)
                       end = arith::MinUIOp::create(b, location, end, depth);
                     return SmallVector<Value>{
                         TileLoops(location, product, tile, lanes, begin, end)
                             .emit(b, out[0])};
                   })[0];
}
