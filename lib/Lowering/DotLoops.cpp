//===- DotLoops.cpp - Products with vectors along the reduction -----------===//

#include "DotLanes.h"
#include "RegisterLoops.h"
#include "VectorTypes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Emits the sums of `rowsAtOnce` rows and `columnsAtOnce` columns.
class DotEmitter {
public:
  DotEmitter(Location location, const ProductLoops &product, int64_t rowsAtOnce,
             int64_t columnsAtOnce, int64_t lanes)
      : location(location), product(product), rowsAtOnce(rowsAtOnce),
        columnsAtOnce(columnsAtOnce), lanes(lanes) {}

  Value emit(OpBuilder &builder, Value rowTile, Value columnTile, Value out);

private:
  /// Elements that a vector of an operand has.
  int64_t length() const {
    return product.dot ? product.dot.steps() * lanes : lanes;
  }
  /// Adds `length` products to every sum of `columns`, from `depth` on; masked
  /// where they may be fewer.
  SmallVector<Value> step(OpBuilder &builder, ArrayRef<Value> columns,
                          Value depth, bool isWhole, ValueRange sums);
  /// `length` elements of row `index` of an operand; no index: it has one row.
  Value read(OpBuilder &builder, const ProductOperand &operand, Value index,
             Value depth, bool isWhole);
  /// The sums of `columns` along the depth, of `group` where there are groups.
  SmallVector<Value> sumUp(OpBuilder &builder, ArrayRef<Value> columns);
  /// The same of all columns, side by side or one after the other.
  SmallVector<Value> sumUp(OpBuilder &builder);
  /// `totals`, to which the sums of `group` are added, times its scales.
  SmallVector<Value> addScaled(OpBuilder &builder, ValueRange totals);
  /// All sums along the reduction.
  SmallVector<Value> sumUpAll(OpBuilder &builder);
  Value addToRow(OpBuilder &builder, int64_t row, Value added, Value out);

  Location location;
  const ProductLoops &product;
  int64_t rowsAtOnce, columnsAtOnce, lanes;
  Value firstColumn;
  Value group;                      ///< Null where there are none.
  SmallVector<Value> rows, columns; ///< Indices; those beyond an edge clamped.
};

} // namespace

Value DotEmitter::read(OpBuilder &builder, const ProductOperand &operand,
                       Value index, Value depth, bool isWhole) {
  Type element = getElementTypeOrSelf(operand.tensor.getType());
  SmallVector<Value> indices{depth};
  if (group)
    indices.insert(indices.begin(), group);
  if (index)
    indices.insert(indices.begin(), index);
  if (operand.rowsAhead != 0) {
    SmallVector<Value> ahead(indices);
    ahead.front() = buildLinear(builder, location, index, 1, operand.rowsAhead);
    buildPrefetch(builder, location, operand.tensor, ahead);
  }
  Value elements = vector::TransferReadOp::create(
      builder, location, VectorType::get(length(), element), operand.tensor,
      indices, buildZero(builder, location, element), ArrayRef<bool>{isWhole});
  return convertElements(builder, location, elements,
                         product.dot ? product.dot.element : product.sumType,
                         operand.isUnsigned);
}

SmallVector<Value> DotEmitter::step(OpBuilder &builder, ArrayRef<Value> columns,
                                    Value depth, bool isWhole,
                                    ValueRange sums) {
  SmallVector<Value> left, next;
  for (int64_t row = 0; row < rowsAtOnce; ++row)
    left.push_back(read(builder, product.left,
                        rows.empty() ? Value() : rows[row], depth, isWhole));
  for (Value column : columns) {
    Value right = read(builder, product.right, column, depth, isWhole);
    for (int64_t row = 0; row < rowsAtOnce; ++row) {
      Value sum = sums[next.size()];
      next.push_back(
          product.dot
              ? buildDot(builder, location, left[row], right, sum, product.dot)
              : buildMultiplyAdd(builder, location, left[row], right, sum));
    }
  }
  return next;
}

SmallVector<Value> DotEmitter::sumUp(OpBuilder &builder) {
  if (!product.readsColumnsInTurn)
    return sumUp(builder, columns);
  SmallVector<Value> sums;
  for (Value column : columns)
    llvm::append_range(sums, sumUp(builder, column));
  return sums;
}

SmallVector<Value> DotEmitter::sumUp(OpBuilder &builder,
                                     ArrayRef<Value> columns) {
  auto type = VectorType::get(lanes, product.sumType);
  SmallVector<Value> sums(rowsAtOnce * columns.size(),
                          buildZero(builder, location, type));
  AffineExpr depth;
  bindDims(builder.getContext(), depth);
  Value whole = getValueOrCreateConstantIndexOp(
      builder, location,
      affine::makeComposedFoldedAffineApply(builder, location,
                                            depth.floorDiv(length()) * length(),
                                            {product.depth.length}));
  sums = llvm::to_vector(buildLoop(
      builder, location, whole, length(), sums,
      [&](OpBuilder &inside, Value depth, ValueRange carried) {
        return step(inside, columns, depth, /*isWhole=*/true, carried);
      }));
  if (!product.depth.isMultipleOf(length()))
    sums = step(builder, columns, whole, /*isWhole=*/false, sums);
  return sums;
}

SmallVector<Value> DotEmitter::addScaled(OpBuilder &builder,
                                         ValueRange totals) {
  SmallVector<Value> next, sums = sumUp(builder);
  for (int64_t column = 0; column < columnsAtOnce; ++column) {
    SmallVector<Value> indices{columns[column]};
    if (group)
      indices.push_back(group);
    Value scale =
        tensor::ExtractOp::create(builder, location, product.scales, indices);
    scale = convertElements(builder, location, scale, product.sumType);
    scale = vector::BroadcastOp::create(builder, location, sums[0].getType(),
                                        scale);
    for (int64_t row = 0; row < rowsAtOnce; ++row) {
      int64_t at = column * rowsAtOnce + row;
      next.push_back(
          buildMultiplyAdd(builder, location, scale, sums[at], totals[at]));
    }
  }
  return next;
}

SmallVector<Value> DotEmitter::sumUpAll(OpBuilder &builder) {
  if (!product.scales)
    return sumUp(builder);
  SmallVector<Value> totals(
      rowsAtOnce * columnsAtOnce,
      buildZero(builder, location, VectorType::get(lanes, product.sumType)));
  if (!product.groups)
    return addScaled(builder, totals);
  Value groups = product.groups->getValue(builder, location);
  return llvm::to_vector(
      buildLoop(builder, location, groups, 1, totals,
                [&](OpBuilder &inside, Value index, ValueRange carried) {
                  group = index;
                  return addScaled(inside, carried);
                }));
}

/// Adds up the lanes of every vector: element i of the result is the sum of
/// vector i. Two vectors become one whose halves hold half of the lanes of
/// each, and so on, which takes three operations for two vectors instead of two
/// for every halving of each.
static Value addAcross(OpBuilder &builder, Location location,
                       SmallVector<Value> sums) {
  int64_t count = sums.size();
  // Lanes of each vector that `a` and `b` are made of, one vector after
  // another.
  int64_t lanes = cast<VectorType>(sums[0].getType()).getNumElements();
  auto addHalves = [&](Value a, Value b, int64_t vectors) -> Value {
    SmallVector<int64_t> first, second;
    for (int64_t vector = 0; vector < vectors; ++vector)
      for (int64_t lane = 0; lane < lanes / 2; ++lane) {
        first.push_back(vector * lanes + lane);
        second.push_back(vector * lanes + lanes / 2 + lane);
      }
    return vector::makeArithReduction(
        builder, location, vector::CombiningKind::ADD,
        vector::ShuffleOp::create(builder, location, a, b, first),
        vector::ShuffleOp::create(builder, location, a, b, second));
  };
  int64_t inOne = 1; // Vectors whose lanes are in one value.
  for (; sums.size() > 1 && lanes > 1; lanes /= 2, inOne *= 2) {
    SmallVector<Value> pairs;
    if (sums.size() % 2 != 0)
      sums.push_back(sums.back());
    for (size_t pair = 0; pair < sums.size(); pair += 2)
      pairs.push_back(addHalves(sums[pair], sums[pair + 1], 2 * inOne));
    sums = std::move(pairs);
  }
  // More vectors than lanes, or lanes than vectors.
  Value all = sums[0];
  for (; lanes > 1; lanes /= 2)
    all = addHalves(all, all, inOne);
  for (Value more : llvm::drop_begin(sums)) {
    SmallVector<int64_t> both = llvm::to_vector(llvm::seq<int64_t>(
        0, cast<VectorType>(all.getType()).getNumElements() + inOne));
    all = vector::ShuffleOp::create(builder, location, all, more, both);
  }
  if (cast<VectorType>(all.getType()).getNumElements() == count)
    return all;
  return vector::ShuffleOp::create(
      builder, location, all, all,
      llvm::to_vector(llvm::seq<int64_t>(0, count)));
}

/// Adds sums of columns to a row of `out`.
Value DotEmitter::addToRow(OpBuilder &builder, int64_t row, Value added,
                           Value out) {
  Type element = getElementTypeOrSelf(out.getType());
  SmallVector<Value> indices{firstColumn};
  if (!rows.empty())
    indices.insert(indices.begin(), rows[row]);
  bool isWhole[] = {product.columns.isMultipleOf(columnsAtOnce)};
  ArrayRef<bool> inBounds(isWhole);
  auto type = VectorType::get(columnsAtOnce, element);
  Value before;
  if (product.start)
    before =
        vector::BroadcastOp::create(builder, location, type, product.start);
  else
    before = vector::TransferReadOp::create(
        builder, location, type, out, indices,
        buildZero(builder, location, element), inBounds);
  before = convertElements(builder, location, before, product.sumType);
  added = vector::makeArithReduction(builder, location,
                                     vector::CombiningKind::ADD, before, added);
  added = convertElements(builder, location, added, element);
  return vector::TransferWriteOp::create(builder, location, added, out, indices,
                                         inBounds)
      .getResult();
}

Value DotEmitter::emit(OpBuilder &builder, Value rowTile, Value columnTile,
                       Value out) {
  firstColumn = buildLinear(builder, location, columnTile, columnsAtOnce);
  for (int64_t column = 0; column < columnsAtOnce; ++column)
    columns.push_back(buildClamped(builder, location, columnTile, columnsAtOnce,
                                   column, product.columns));
  if (product.rows)
    for (int64_t row = 0; row < rowsAtOnce; ++row)
      rows.push_back(buildLinear(builder, location, rowTile, rowsAtOnce, row));
  Value sums = addAcross(builder, location, sumUpAll(builder));
  for (int64_t row = 0; row < rowsAtOnce; ++row) {
    SmallVector<int64_t> lanesOfRow;
    for (int64_t column = 0; column < columnsAtOnce; ++column)
      lanesOfRow.push_back(column * rowsAtOnce + row);
    Value mine = rowsAtOnce == 1
                     ? sums
                     : vector::ShuffleOp::create(builder, location, sums, sums,
                                                 lanesOfRow)
                           .getResult();
    out = addToRow(builder, row, mine, out);
  }
  return out;
}

Value memwall::buildDotLoops(OpBuilder &builder, Location location,
                             const ProductLoops &product, int64_t rowsAtOnce,
                             int64_t columnsAtOnce, int64_t lanes) {
  Value columnTiles =
      product.columns.countTiles(builder, location, columnsAtOnce)
          .getValue(builder, location);
  Value rowTiles = arith::ConstantIndexOp::create(builder, location, 1);
  if (product.rows)
    rowTiles = product.rows->countTiles(builder, location, rowsAtOnce)
                   .getValue(builder, location);
  return buildLoop(builder, location, columnTiles, 1, product.out,
                   [&](OpBuilder &b, Value column, ValueRange out) {
                     return SmallVector<Value>{buildLoop(
                         b, location, rowTiles, 1, out,
                         [&](OpBuilder &inner, Value row, ValueRange innerOut) {
                           DotEmitter emitter(location, product, rowsAtOnce,
                                              columnsAtOnce, lanes);
                           return SmallVector<Value>{
                               emitter.emit(inner, row, column, innerOut[0])};
                         })[0]};
                   })[0];
}
