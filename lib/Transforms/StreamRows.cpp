//===- StreamRows.cpp - Corrections of what is summed in a stream ---------===//

#include "StreamRows.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace memwall;

/// An elementwise op over `init`, which it overwrites or changes in place.
/// `build` gets the elements of the inputs and of the init.
static Value createElementwise(
    RewriterBase &rewriter, ValueRange inputs, ArrayRef<AffineMap> maps,
    Value init,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> build) {
  auto type = cast<RankedTensorType>(init.getType());
  SmallVector<AffineMap> all(maps);
  all.push_back(rewriter.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> loops(type.getRank(),
                                         utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(
      rewriter, init.getLoc(), type, inputs, init, all, loops,
      [&](OpBuilder &builder, Location loc, ValueRange elements) {
        linalg::YieldOp::create(builder, loc, build(builder, loc, elements));
      });
  op->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return op.getResult(0);
}

/// The largest finite number of either sign, divided by `divisor` > 0.
static Value createLargest(OpBuilder &builder, Location loc, Type type,
                           bool isNegative, double divisor = 1) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type).getFloatSemantics();
  APFloat number = APFloat::getLargest(semantics, isNegative);
  APFloat by(divisor);
  bool isInexact;
  by.convert(semantics, APFloat::rmTowardPositive, &isInexact);
  number.divide(by, APFloat::rmTowardZero);
  return arith::ConstantOp::create(builder, loc,
                                   builder.getFloatAttr(type, number));
}

Value memwall::convertFloat(OpBuilder &builder, Location loc, Value value,
                            Type type) {
  if (value.getType() == type)
    return value;
  bool isWider =
      value.getType().getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth();
  if (isWider)
    return arith::ExtFOp::create(builder, loc, type, value);
  return arith::TruncFOp::create(builder, loc, type, value);
}

Type memwall::getWideType(Type type) {
  return type.getIntOrFloatBitWidth() < 32 ? Float32Type::get(type.getContext())
                                           : type;
}

Value memwall::createExponentStorage(RewriterBase &rewriter, Value row) {
  auto type = cast<RankedTensorType>(row.getType());
  Type element = getWideType(type.getElementType());
  return tensor::EmptyOp::create(
      rewriter, row.getLoc(),
      tensor::getMixedSizes(rewriter, row.getLoc(), row), element);
}

Value memwall::fillWithLowest(RewriterBase &rewriter, Location loc, Value init,
                              double divisor) {
  Value lowest = createLargest(
      rewriter, loc, cast<ShapedType>(init.getType()).getElementType(),
      /*isNegative=*/true, divisor);
  auto fill = linalg::FillOp::create(rewriter, loc, lowest, init);
  fill->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return fill.getResult(0);
}

Value memwall::fillWithMinusInfinity(RewriterBase &rewriter, Location loc,
                                     Value init) {
  auto type = cast<FloatType>(getElementTypeOrSelf(init.getType()));
  Value infinity = arith::ConstantOp::create(
      rewriter, loc,
      rewriter.getFloatAttr(type, APFloat::getInf(type.getFloatSemantics(),
                                                  /*Negative=*/true)));
  auto fill = linalg::FillOp::create(rewriter, loc, infinity, init);
  fill->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  return fill.getResult(0);
}

/// max(element, lowest).
static Value holdElement(OpBuilder &builder, Location loc, Value element,
                         double divisor) {
  Value lowest = createLargest(builder, loc, element.getType(),
                               /*isNegative=*/true, divisor);
  return arith::MaximumFOp::create(builder, loc, element, lowest);
}

Value memwall::clampRow(RewriterBase &rewriter, Value row, double divisor) {
  return createElementwise(
      rewriter, {}, {}, row,
      [&](OpBuilder &builder, Location loc, ValueRange elements) {
        return holdElement(builder, loc, elements[0], divisor);
      });
}

void memwall::holdRow(RewriterBase &rewriter, linalg::LinalgOp op,
                      OpOperand &row, double divisor) {
  OpBuilder::InsertionGuard guard(rewriter);
  BlockArgument argument = op.getMatchingBlockArgument(&row);
  rewriter.setInsertionPointToStart(argument.getOwner());
  Value held = holdElement(rewriter, op.getLoc(), argument, divisor);
  rewriter.replaceAllUsesExcept(argument, held, held.getDefiningOp());
}

//===----------------------------------------------------------------------===//
// Exponents
//===----------------------------------------------------------------------===//

/// Copies `value` and what it depends on in bodies of ops, but for what
/// `mapping` has.
static Value copyScalar(OpBuilder &builder, IRMapping &mapping, Value value) {
  Operation *op = value.getDefiningOp();
  bool isInBody = op && isa<linalg::LinalgOp>(op->getParentOp());
  if (mapping.contains(value) || !isInBody)
    return mapping.lookupOrDefault(value);
  for (Value operand : op->getOperands())
    copyScalar(builder, mapping, operand);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

namespace {

/// The part of an exponent that rows make.
struct RowPart {
  Value value; ///< Null: none.
  bool isNegative = false;
};

/// Builds the part of an exponent that rows make, in a wide type: what is
/// rounded to a narrow one on the way is the sum, and not this part of it.
class ExponentReader {
public:
  ExponentReader(OpBuilder &builder, Location loc, const ExponentOfRows &kernel,
                 ValueRange elements)
      : builder(builder), loc(loc), kernel(kernel) {
    for (auto [input, element] : llvm::zip_equal(kernel.inputs, elements))
      mapping.map(input.argument, element);
  }

  RowPart read(Value value);

private:
  bool isRow(Value value) const {
    return llvm::any_of(kernel.inputs, [&](const ExponentInput &input) {
      return input.isRow && input.argument == value;
    });
  }
  const Value *findColumn(Value value) const {
    for (const auto &[argument, yielded] : kernel.columns)
      if (argument == value)
        return &yielded;
    return nullptr;
  }
  bool hasRows(Value value) const;
  bool hasOthers(Value value) const;
  Value copy(Value value) {
    Value made = copyScalar(builder, mapping, value);
    return convertFloat(builder, loc, made, getWideType(made.getType()));
  }
  RowPart readSum(Operation *op, RowPart a, RowPart b);
  RowPart scale(Operation *op, unsigned side, RowPart part);

  OpBuilder &builder;
  Location loc;
  const ExponentOfRows &kernel;
  IRMapping mapping;
};

} // namespace

/// Whether `value` depends on rows.
bool ExponentReader::hasRows(Value value) const {
  if (isRow(value) || findColumn(value))
    return true;
  Operation *op = value.getDefiningOp();
  return op && isa<linalg::LinalgOp>(op->getParentOp()) &&
         llvm::any_of(op->getOperands(),
                      [&](Value operand) { return hasRows(operand); });
}

/// Whether `value` depends on anything in a body that is no row.
bool ExponentReader::hasOthers(Value value) const {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isa<linalg::LinalgOp>(argument.getOwner()->getParentOp()) &&
           !isRow(value);
  Operation *op = value.getDefiningOp();
  if (!isa<linalg::LinalgOp>(op->getParentOp()))
    return false;
  if (op->getNumOperands() == 0 && !op->hasTrait<OpTrait::ConstantLike>())
    return true; // linalg.index.
  return llvm::any_of(op->getOperands(),
                      [&](Value operand) { return hasOthers(operand); });
}

RowPart ExponentReader::readSum(Operation *op, RowPart a, RowPart b) {
  if (isa<arith::SubFOp>(op) && b.value)
    b.isNegative = !b.isNegative;
  if (!a.value || !b.value)
    return a.value ? a : b;
  Type type = a.value.getType();
  if (b.value.getType().getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth())
    type = b.value.getType();
  Value left = convertFloat(builder, loc, a.value, type);
  Value right = convertFloat(builder, loc, b.value, type);
  if (a.isNegative == b.isNegative)
    return {arith::AddFOp::create(builder, loc, left, right), a.isNegative};
  return {arith::SubFOp::create(builder, loc, left, right), a.isNegative};
}

/// The part times, or divided by, the other operand of `op`.
RowPart ExponentReader::scale(Operation *op, unsigned side, RowPart part) {
  Type type = part.value.getType();
  IRMapping scaled;
  scaled.map(op->getOperand(side), part.value);
  Value other = op->getOperand(1 - side);
  scaled.map(other, convertFloat(builder, loc, copy(other), type));
  Operation *made = builder.clone(*op, scaled);
  made->getResult(0).setType(type);
  return {made->getResult(0), part.isNegative};
}

RowPart ExponentReader::read(Value value) {
  if (const Value *yielded = findColumn(value))
    return read(*yielded);
  if (!hasRows(value))
    return {};
  if (!hasOthers(value))
    return {copy(value), false};
  Operation *op = value.getDefiningOp();
  if (isa<arith::AddFOp, arith::SubFOp>(op)) {
    RowPart left = read(op->getOperand(0));
    return readSum(op, left, read(op->getOperand(1)));
  }
  // Factors, signs, casts and masks.
  for (unsigned side = 0; side < op->getNumOperands(); ++side) {
    RowPart part = read(op->getOperand(side));
    if (!part.value)
      continue;
    if (isa<arith::NegFOp>(op))
      return {part.value, !part.isNegative};
    if (isa<arith::MulFOp, arith::DivFOp>(op))
      return scale(op, side, part);
    return part;
  }
  return {};
}

/// R of the elements of rows.
static Value readExponent(OpBuilder &builder, Location loc,
                          const ExponentOfRows &kernel, ValueRange elements) {
  SmallVector<Value> held(elements);
  for (auto [input, element] : llvm::zip_equal(kernel.inputs, held))
    if (input.isHeld)
      element = holdElement(builder, loc, element, input.lowestDivisor);
  RowPart part = ExponentReader(builder, loc, kernel, held)
                     .read(kernel.exponential->getOperand(0));
  Value exponent = part.value;
  if (part.isNegative)
    exponent = arith::NegFOp::create(builder, loc, exponent);
  if (!kernel.isHeld && !kernel.isSignUnknown)
    return exponent;
  Value largest =
      createLargest(builder, loc, exponent.getType(), /*isNegative=*/false);
  if (kernel.isHeld)
    exponent = arith::MinimumFOp::create(builder, loc, exponent, largest);
  auto choose = [&](arith::CmpFPredicate predicate, const ExponentInput &input,
                    Value element, Value chosen) {
    Value lowest = createLargest(builder, loc, element.getType(),
                                 /*isNegative=*/true, input.lowestDivisor);
    Value holds =
        arith::CmpFOp::create(builder, loc, predicate, element, lowest);
    exponent = arith::SelectOp::create(builder, loc, holds, chosen, exponent);
  };
  for (auto [input, element] : llvm::zip_equal(kernel.inputs, held))
    if (kernel.isSignUnknown && input.isRow)
      choose(arith::CmpFPredicate::OEQ, input, element, largest);
  auto type = cast<FloatType>(exponent.getType());
  for (auto [input, element] : llvm::zip_equal(kernel.inputs, elements))
    if (kernel.isReleased && input.isHeld)
      choose(arith::CmpFPredicate::OLT, input, element,
             arith::ConstantOp::create(
                 builder, loc,
                 builder.getFloatAttr(
                     type, APFloat::getInf(type.getFloatSemantics()))));
  return exponent;
}

/// The maps of the inputs, in an op over the main row; with `perPart` there is
/// a dimension of parts in front of it, which rows move with if `haveParts`.
static SmallVector<AffineMap> getInputMaps(OpBuilder &builder,
                                           const ExponentOfRows &kernel,
                                           bool perPart, bool haveParts) {
  SmallVector<AffineMap> maps;
  for (const ExponentInput &input : kernel.inputs) {
    AffineMap map = perPart ? input.map.shiftDims(1) : input.map;
    if (input.isRow && haveParts)
      map = map.insertResult(builder.getAffineDimExpr(0), 0);
    maps.push_back(map);
  }
  return maps;
}

Value memwall::createExponent(RewriterBase &rewriter,
                              const ExponentOfRows &kernel, ValueRange rows,
                              Value storage, bool perPart) {
  return createElementwise(
      rewriter, rows, getInputMaps(rewriter, kernel, perPart, perPart), storage,
      [&](OpBuilder &builder, Location loc, ValueRange elements) {
        Value exponent =
            readExponent(builder, loc, kernel, elements.drop_back());
        return convertFloat(builder, loc, exponent, elements.back().getType());
      });
}

Value memwall::createCorrection(RewriterBase &rewriter,
                                const ExponentOfRows &kernel, Value old,
                                ValueRange rows, bool perPart) {
  return createElementwise(
      rewriter, rows,
      getInputMaps(rewriter, kernel, perPart, /*haveParts=*/false), old,
      [&](OpBuilder &builder, Location loc, ValueRange elements) -> Value {
        Value now = readExponent(builder, loc, kernel, elements.drop_back());
        Value before =
            convertFloat(builder, loc, elements.back(), now.getType());
        Value change = arith::SubFOp::create(builder, loc, now, before);
        IRMapping mapping;
        mapping.map(kernel.exponential->getOperand(0), change);
        Operation *correction = builder.clone(*kernel.exponential, mapping);
        correction->getResult(0).setType(change.getType());
        return convertFloat(builder, loc, correction->getResult(0),
                            elements.back().getType());
      });
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

Value memwall::scaleSum(RewriterBase &rewriter, Value sum, Value correction,
                        AffineMap map) {
  return createElementwise(
      rewriter, correction, map, sum,
      [](OpBuilder &builder, Location loc, ValueRange elements) -> Value {
        Type type = elements[1].getType(), wide = getWideType(type);
        Value factor = convertFloat(builder, loc, elements[0], wide);
        Value whole = convertFloat(builder, loc, elements[1], wide);
        Value scaled = arith::MulFOp::create(builder, loc, whole, factor);
        return convertFloat(builder, loc, scaled, type);
      });
}

Value memwall::applyFactor(RewriterBase &rewriter, Value sum, Value term,
                           const RowFactor &by, ArrayRef<RowOperand> rows) {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const RowOperand &operand : rows) {
    inputs.push_back(operand.row);
    maps.push_back(operand.map);
  }
  return createElementwise(
      rewriter, inputs, maps, sum,
      [&](OpBuilder &builder, Location loc, ValueRange elements) -> Value {
        IRMapping mapping;
        for (auto [operand, element] :
             llvm::zip_equal(rows, elements.drop_back()))
          mapping.map(operand.argument, element);
        Value factor = copyScalar(builder, mapping, term);
        if (by.isCondition) {
          Value zero = arith::ConstantOp::create(
              builder, loc, builder.getZeroAttr(elements.back().getType()));
          bool staysIfTrue = by.kept == 1;
          return arith::SelectOp::create(builder, loc, factor,
                                         staysIfTrue ? elements.back() : zero,
                                         staysIfTrue ? zero : elements.back());
        }
        factor = convertFloat(builder, loc, factor, elements.back().getType());
        if (by.isDivided)
          return arith::DivFOp::create(builder, loc, elements.back(), factor);
        return arith::MulFOp::create(builder, loc, elements.back(), factor);
      });
}
