//===- Emitter.cpp - Elementwise ops, reductions and views ----------------===//

#include "WeightFormat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/SaveAndRestore.h"
#include <limits>

using namespace mlir;
using namespace memwall;
using utils::IteratorType;

ArrayRef<int64_t> Emitter::getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

Type Emitter::getElementType(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

void Emitter::markStep(Operation *op) {
  if (!step.empty())
    op->setAttr("memwall.step", builder.getStringAttr(step));
}

void Emitter::setInterconnectBytes(Value value, int64_t bytes) {
  value.getDefiningOp()->setAttr("memwall.interconnect_bytes",
                                 builder.getI64IntegerAttr(bytes));
}

/// The number in a type; the lowest finite number for -inf where there is none.
static FloatAttr getFloatAttr(Type type, double value) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type).getFloatSemantics();
  if (value == -std::numeric_limits<double>::infinity() &&
      !llvm::APFloat::semanticsHasInf(semantics))
    return FloatAttr::get(type, llvm::APFloat::getLargest(semantics, true));
  return FloatAttr::get(type, value);
}

//===----------------------------------------------------------------------===//
// linalg.generic
//===----------------------------------------------------------------------===//

/// (loops) -> (letters)
static AffineMap getMap(MLIRContext *context, StringRef loops,
                        StringRef letters) {
  SmallVector<AffineExpr> results;
  for (char letter : letters)
    results.push_back(getAffineDimExpr(loops.find(letter), context));
  return AffineMap::get(loops.size(), 0, results, context);
}

linalg::GenericOp Emitter::generic(
    StringRef loops, ArrayRef<Lettered> inputs, ArrayRef<Lettered> outputs,
    llvm::function_ref<SmallVector<Value>(ScalarBuilder &, ValueRange)> body) {
  SmallVector<Value> inputValues, outputValues;
  SmallVector<AffineMap> maps;
  for (const Lettered &input : inputs) {
    inputValues.push_back(input.value);
    maps.push_back(getMap(builder.getContext(), loops, input.letters));
  }
  for (const Lettered &output : outputs) {
    outputValues.push_back(output.value);
    maps.push_back(getMap(builder.getContext(), loops, output.letters));
  }
  SmallVector<IteratorType> iterators;
  for (char letter : loops)
    iterators.push_back(outputs.front().letters.contains(letter)
                            ? IteratorType::parallel
                            : IteratorType::reduction);
  return mark(linalg::GenericOp::create(
      builder, loc, ValueRange(outputValues).getTypes(), inputValues,
      outputValues, maps, iterators,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        SmallVector<Value> wide;
        for (Value argument : arguments) {
          auto type = dyn_cast<FloatType>(argument.getType());
          bool isNarrow = widens && type && type.getWidth() < 32;
          wide.push_back(
              isNarrow ? castElement(nested, loc, argument, nested.getF32Type())
                       : argument);
        }
        ScalarBuilder scalars(nested, loc, loops);
        SmallVector<Value> results = body(scalars, wide);
        for (auto [result, output] : llvm::zip_equal(results, outputValues))
          result = castElement(nested, loc, result, getElementType(output));
        linalg::YieldOp::create(nested, loc, results);
      }));
}

Value Emitter::mapShape(StringRef result, ArrayRef<int64_t> shape,
                        ArrayRef<Lettered> inputs, Type type, ElementBody body,
                        Value destination) {
  if (!destination)
    destination = empty(shape, type);
  linalg::GenericOp op =
      generic(result, inputs, {{destination, result}},
              [&](ScalarBuilder &scalars, ValueRange arguments) {
                return SmallVector<Value>{body(scalars, arguments.drop_back())};
              });
  if (style != Style::TorchLike)
    return op.getResult(0);
  IRRewriter rewriter(builder);
  return splitIntoScalarOps(rewriter, op).front();
}

/// Sizes of letters, from the operands that have them.
static SmallVector<int64_t> getSizes(StringRef letters,
                                     ArrayRef<Lettered> operands) {
  SmallVector<int64_t> sizes;
  for (char letter : letters)
    for (const Lettered &operand : operands)
      if (size_t position = operand.letters.find(letter);
          position != StringRef::npos) {
        sizes.push_back(Emitter::getShape(operand.value)[position]);
        break;
      }
  return sizes;
}

Value Emitter::map(StringRef result, ArrayRef<Lettered> inputs, Type type,
                   ElementBody body, Value destination) {
  return mapShape(result, getSizes(result, inputs), inputs, type, body,
                  destination);
}

SmallVector<Value> Emitter::update(
    StringRef letters, ArrayRef<Lettered> inputs, ArrayRef<Value> states,
    llvm::function_ref<SmallVector<Value>(ScalarBuilder &, ValueRange)> body) {
  SmallVector<Lettered> operands(inputs), outputs;
  for (Value state : states)
    outputs.push_back({state, letters});
  if (style != Style::TorchLike)
    return llvm::to_vector_of<Value>(
        generic(letters, operands, outputs, body).getResults());
  llvm::append_range(operands, outputs);
  for (Lettered &output : outputs)
    output.value = empty(getShape(output.value), getElementType(output.value));
  linalg::GenericOp op =
      generic(letters, operands, outputs,
              [&](ScalarBuilder &scalars, ValueRange arguments) {
                return body(scalars, arguments.drop_back(outputs.size()));
              });
  IRRewriter rewriter(builder);
  return splitIntoScalarOps(rewriter, op);
}

Value Emitter::reduce(StringRef result, ArrayRef<Lettered> inputs, Type type,
                      Reduction kind, ElementBody body) {
  // The letters of the widest input, in its order.
  Lettered term = *llvm::max_element(inputs, [](const auto &a, const auto &b) {
    return a.letters.size() < b.letters.size();
  });
  if (style == Style::TorchLike) {
    term.value = map(term.letters, inputs, type, body);
    inputs = term;
  }
  double neutral =
      kind == Reduction::Sum ? 0 : -std::numeric_limits<double>::infinity();
  Value init = fill(empty(getSizes(result, inputs), type), neutral);
  linalg::GenericOp op =
      generic(term.letters, inputs, {{init, result}},
              [&](ScalarBuilder &scalars, ValueRange arguments) {
                Value value = style == Style::TorchLike
                                  ? arguments.front()
                                  : body(scalars, arguments.drop_back());
                Value so_far = arguments.back();
                return SmallVector<Value>{kind == Reduction::Sum
                                              ? scalars.add(so_far, value)
                                              : scalars.max(so_far, value)};
              });
  return op.getResult(0);
}

Value Emitter::softmax(Lettered input) {
  Type type = getElementType(input.value);
  ArrayRef<int64_t> shape = getShape(input.value);
  // No machine takes the exponential of an f8.
  bool isComputable = type.getIntOrFloatBitWidth() >= 16;
  if (style == Style::Named && isComputable)
    return mark(linalg::SoftmaxOp::create(
                    builder, loc, TypeRange{input.value.getType()}, input.value,
                    empty(shape, type), uint64_t(shape.size() - 1)))
        ->getResult(0);
  llvm::SaveAndRestore keep(widens, !isComputable);
  auto same = [](ScalarBuilder &, ValueRange x) { return x[0]; };
  StringRef letters = input.letters, rows = letters.drop_back();
  Value largest = reduce(rows, input, type, Reduction::Max, same);
  Value powers = map(
      letters, {input, {largest, rows}}, type,
      [](ScalarBuilder &s, ValueRange x) { return s.exp(s.sub(x[0], x[1])); });
  Value sums =
      reduce(rows, Lettered{powers, letters}, type, Reduction::Sum, same);
  return map(letters, {{powers, letters}, {sums, rows}}, type,
             [](ScalarBuilder &s, ValueRange x) { return s.div(x[0], x[1]); });
}

Value Emitter::softmaxWithSink(Lettered input, Lettered sink) {
  Type type = getElementType(input.value);
  auto same = [](ScalarBuilder &, ValueRange x) { return x[0]; };
  StringRef letters = input.letters, rows = letters.drop_back();
  Value largest = reduce(rows, input, type, Reduction::Max, same);
  largest =
      map(rows, {{largest, rows}, sink}, type,
          [](ScalarBuilder &s, ValueRange x) { return s.max(x[0], x[1]); });
  Value powers = map(
      letters, {input, {largest, rows}}, type,
      [](ScalarBuilder &s, ValueRange x) { return s.exp(s.sub(x[0], x[1])); });
  Value sums =
      reduce(rows, Lettered{powers, letters}, type, Reduction::Sum, same);
  sums = map(rows, {{sums, rows}, {largest, rows}, sink}, type,
             [](ScalarBuilder &s, ValueRange x) {
               return s.add(x[0], s.exp(s.sub(x[2], x[1])));
             });
  return map(letters, {{powers, letters}, {sums, rows}}, type,
             [](ScalarBuilder &s, ValueRange x) { return s.div(x[0], x[1]); });
}

std::pair<Value, Value> Emitter::argmax(StringRef result, Lettered input) {
  SmallVector<int64_t> shape = getSizes(result, input);
  Value best = fill(empty(shape, builder.getF32Type()),
                    -std::numeric_limits<double>::infinity());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
  Value position =
      mark(linalg::FillOp::create(builder, loc, zero,
                                  empty(shape, builder.getI64Type())))
          .getResult(0);
  char reduced = *llvm::find_if(
      input.letters, [&](char letter) { return !result.contains(letter); });
  linalg::GenericOp op =
      generic(input.letters, input, {{best, result}, {position, result}},
              [&](ScalarBuilder &s, ValueRange x) {
                Value isLarger = s.greater(x[0], x[1]);
                Value here =
                    s.toInteger(s.index(reduced), builder.getI64Type());
                return SmallVector<Value>{s.select(isLarger, x[0], x[1]),
                                          s.select(isLarger, here, x[2])};
              });
  return {op.getResult(0), op.getResult(1)};
}

/// table[row, ...], the other positions being those of the loops.
static Value extractRow(ScalarBuilder &s, Value row, const Lettered &table,
                        int64_t distinctRows = 0) {
  SmallVector<Value> position = {s.toIndex(row)};
  for (char letter : table.letters.drop_front())
    position.push_back(s.index(letter));
  return s.extract(table.value, position, distinctRows);
}

Value Emitter::contractGathered(Lettered lhs, Lettered rows, Lettered table,
                                const StoredMatrix &stored, StringRef loops,
                                StringRef result, Type type,
                                int64_t distinctRows) {
  int64_t in = getShape(table.value).back();
  bool hasGroups = stored.format.hasParts() && !stored.format.isPerRow(in);
  std::string lhsLetters, tableLetters, partLetters[4], order = loops.str();
  SmallVector<Lettered, 4> parts;
  if (hasGroups) {
    char inner = table.letters.back();
    InputGroups groups(stored.format, in, inner);
    order.replace(order.find(inner), 1, groups.letters);
    StringRef front = table.letters.drop_back();
    lhs = groups.split(*this, lhs, lhsLetters);
    table = groups.split(*this, table, tableLetters);
    for (auto [index, part] : llvm::enumerate(stored.parts))
      parts.push_back(
          groups.splitPart(*this, index, part, front, partLetters[index]));
  }
  Value init = zeros(getSizes(result, {lhs, rows, table}), type);
  return generic(order, {lhs, rows}, {{init, result}},
                 [&](ScalarBuilder &s, ValueRange x) {
                   auto pick = [&](const Lettered &from) {
                     return extractRow(s, x[1], from, distinctRows);
                   };
                   Value weight = pick(table);
                   SmallVector<Value> shared(llvm::map_range(parts, pick));
                   weight = stored.format.widen(s, weight, shared);
                   return SmallVector<Value>{s.add(x[2], s.mul(x[0], weight))};
                 })
      .getResult(0);
}

Value Emitter::gatherStored(Lettered rows, const StoredMatrix &stored,
                            Type type) {
  if (!stored.format.hasParts()) {
    Lettered table = {stored.elements, ".d"};
    std::string letters = rows.letters.str() + "d";
    return mapShape(letters, getSizes(letters, {rows, table}), rows, type,
                    [&](ScalarBuilder &s, ValueRange x) {
                      return extractRow(s, x[0], table);
                    });
  }
  int64_t in = getShape(stored.elements).back();
  SmallVector<int64_t> shape(getShape(rows.value)), whole(shape);
  whole.push_back(in);
  InputGroups groups(stored.format, in, 'd');
  llvm::append_range(shape, groups.sizes);
  std::string tableLetters, partLetters[4];
  Lettered table = groups.split(*this, {stored.elements, ".d"}, tableLetters);
  SmallVector<Lettered, 4> parts;
  for (auto [index, part] : llvm::enumerate(stored.parts))
    parts.push_back(
        groups.splitPart(*this, index, part, ".", partLetters[index]));
  Value value =
      mapShape(rows.letters.str() + groups.letters, shape, rows, type,
               [&](ScalarBuilder &s, ValueRange x) {
                 auto pick = [&](const Lettered &from) {
                   return extractRow(s, x[0], from);
                 };
                 SmallVector<Value> shared(llvm::map_range(parts, pick));
                 return stored.format.widen(s, pick(table), shared);
               });
  return reshape(value, whole);
}

Value Emitter::gather(Lettered rows, Lettered table, StringRef result) {
  return mapShape(result, getSizes(result, {rows, table}), rows,
                  getElementType(table.value),
                  [&](ScalarBuilder &s, ValueRange x) {
                    return extractRow(s, x[0], table);
                  });
}

Value Emitter::convert(Lettered input, StringRef result, Type type,
                       Value destination) {
  if (!destination && result == input.letters &&
      getElementType(input.value) == type)
    return input.value;
  return map(
      result, input, type, [](ScalarBuilder &, ValueRange x) { return x[0]; },
      destination);
}

Value Emitter::add(Value lhs, Value rhs, StringRef letters, Type type) {
  bool isNamed = style == Style::Named && getElementType(lhs) == type &&
                 getElementType(rhs) == type;
  if (isNamed)
    return mark(linalg::AddOp::create(builder, loc, ValueRange{lhs, rhs},
                                      ValueRange{empty(getShape(lhs), type)}))
        .getResult(0);
  return map(letters, {{lhs, letters}, {rhs, letters}}, type,
             [](ScalarBuilder &s, ValueRange x) { return s.add(x[0], x[1]); });
}

//===----------------------------------------------------------------------===//
// Storage and views
//===----------------------------------------------------------------------===//

Value Emitter::empty(ArrayRef<int64_t> shape, Type type) {
  return tensor::EmptyOp::create(builder, loc, shape, type);
}

Value Emitter::fill(Value destination, double value) {
  Value number = arith::ConstantOp::create(
      builder, loc, getFloatAttr(getElementType(destination), value));
  return mark(linalg::FillOp::create(builder, loc, number, destination))
      .getResult(0);
}

Value Emitter::zeros(ArrayRef<int64_t> shape, Type type) {
  return fill(empty(shape, type), 0);
}

Value Emitter::reshape(Value value, ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(value.getType());
  if (from.getShape() == shape)
    return value;
  auto to = RankedTensorType::get(shape, from.getElementType());
  auto reassociation = getReassociationIndicesForReshape(from, to);
  if (reassociation && from.getRank() > to.getRank())
    return tensor::CollapseShapeOp::create(builder, loc, to, value,
                                           *reassociation);
  if (reassociation)
    return tensor::ExpandShapeOp::create(builder, loc, to, value,
                                         *reassociation);
  return reshape(reshape(value, {from.getNumElements()}), shape);
}

static SmallVector<OpFoldResult> getFoldResults(Builder &builder,
                                                ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(builder.getContext(), values);
}

Value Emitter::slice(Value value, ArrayRef<int64_t> offsets,
                     ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> ones(sizes.size(), 1);
  return tensor::ExtractSliceOp::create(
      builder, loc, value, getFoldResults(builder, offsets),
      getFoldResults(builder, sizes), getFoldResults(builder, ones));
}

Value Emitter::insert(Value value, Value destination, ArrayRef<int64_t> offsets,
                      ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> ones(sizes.size(), 1);
  return mark(tensor::InsertSliceOp::create(
      builder, loc, value, destination, getFoldResults(builder, offsets),
      getFoldResults(builder, sizes), getFoldResults(builder, ones)));
}

Value Emitter::concat(ArrayRef<Value> parts, int64_t dim) {
  return mark(tensor::ConcatOp::create(builder, loc, dim, parts));
}

Lettered Emitter::repeat(Lettered input, StringRef result,
                         ArrayRef<int64_t> shape) {
  if (style != Style::TorchLike || input.letters == result)
    return input;
  SmallVector<int64_t> added;
  for (auto [position, letter] : llvm::enumerate(result))
    if (!input.letters.contains(letter))
      added.push_back(position);
  auto op = mark(linalg::BroadcastOp::create(
      builder, loc, input.value, empty(shape, getElementType(input.value)),
      added));
  return {op->getResult(0), result};
}
