//===- Scatter.cpp - Sums into rows that data names -----------------------===//

#include "Scatter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

namespace {
/// value[position, ...], a view with the rest of the dimensions.
struct Row {
  Row(OpBuilder &builder, Value value, ValueRange position) {
    ArrayRef<int64_t> shape = Emitter::getShape(value);
    rest = shape.drop_front(position.size());
    offsets.assign(position.begin(), position.end());
    offsets.append(rest.size(), builder.getIndexAttr(0));
    sizes.assign(position.size(), builder.getIndexAttr(1));
    for (int64_t size : rest)
      sizes.push_back(builder.getIndexAttr(size));
    ones.assign(shape.size(), builder.getIndexAttr(1));
  }
  Value slice(OpBuilder &builder, Value value) const {
    auto type = RankedTensorType::get(rest, Emitter::getElementType(value));
    return tensor::ExtractSliceOp::create(builder, builder.getUnknownLoc(),
                                          type, value, offsets, sizes, ones);
  }
  Value insert(OpBuilder &builder, Value row, Value value) const {
    return tensor::InsertSliceOp::create(builder, builder.getUnknownLoc(), row,
                                         value, offsets, sizes, ones);
  }

  ArrayRef<int64_t> rest;
  SmallVector<OpFoldResult> offsets, sizes, ones;
};
} // namespace

static Value sliceRow(OpBuilder &builder, Value value, ValueRange position) {
  return Row(builder, value, position).slice(builder, value);
}

/// Runs `body` for every position of `shape`, the last dimension innermost. It
/// gets the positions and the table so far, and gives the table that follows.
static Value
buildLoops(OpBuilder &builder, ArrayRef<int64_t> shape, Value table,
           llvm::function_ref<Value(ValueRange position, Value table)> body) {
  Location loc = builder.getUnknownLoc();
  OpBuilder::InsertionGuard guard(builder);
  auto makeIndex = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value zero = makeIndex(0), one = makeIndex(1);
  SmallVector<Value> ends, position;
  for (int64_t size : shape)
    ends.push_back(makeIndex(size));
  SmallVector<scf::ForOp> loops;
  for (Value end : ends) {
    loops.push_back(scf::ForOp::create(builder, loc, zero, end, one, table));
    builder.setInsertionPointToStart(loops.back().getBody());
    position.push_back(loops.back().getInductionVar());
    table = loops.back().getRegionIterArg(0);
  }
  Value next = body(position, table);
  for (scf::ForOp loop : llvm::reverse(loops)) {
    builder.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(builder, loc, next);
    next = loop.getResult(0);
  }
  return next;
}

/// The row of `table` that an element of `ids` names, with what `update` makes
/// of it in its place.
static Value updateRow(OpBuilder &builder, Value table, Value ids,
                       ValueRange position,
                       llvm::function_ref<Value(Value)> update) {
  Location loc = builder.getUnknownLoc();
  Value id = tensor::ExtractOp::create(builder, loc, ids, position);
  Value index =
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), id);
  Row row(builder, table, index);
  return row.insert(builder, update(row.slice(builder, table)), table);
}

Value memwall::scatterAdd(Emitter &emitter, Value table, Value ids,
                          Value rows) {
  OpBuilder &builder = emitter.getBuilder();
  return buildLoops(
      builder, Emitter::getShape(ids), table,
      [&](ValueRange position, Value sums) {
        return updateRow(builder, sums, ids, position, [&](Value sum) {
          Value row = sliceRow(builder, rows, position);
          return emitter
              .update("d", Lettered{row, "d"}, sum,
                      [](ScalarBuilder &s, ValueRange in) {
                        return SmallVector<Value>{s.add(in[0], in[1])};
                      })
              .front();
        });
      });
}

Value memwall::scatterProducts(Emitter &emitter, Value table, Value ids,
                               Value left, Value right) {
  OpBuilder &builder = emitter.getBuilder();
  return buildLoops(
      builder, Emitter::getShape(ids), table,
      [&](ValueRange position, Value sums) {
        auto pick = [&](Value rows) {
          size_t dims = Emitter::getShape(rows).size() - 1;
          return sliceRow(builder, rows, position.take_front(dims));
        };
        Value column = pick(left), row = pick(right);
        column = emitter.reshape(column, {Emitter::getShape(column)[0], 1});
        row = emitter.reshape(row, {1, Emitter::getShape(row)[0]});
        return updateRow(builder, sums, ids, position, [&](Value sum) {
          return emitter.addProduct(column, row, sum);
        });
      });
}
