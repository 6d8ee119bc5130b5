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

static AffineMap getIdentity(RewriterBase &rewriter, Value tensor) {
  return rewriter.getMultiDimIdentityMap(
      cast<RankedTensorType>(tensor.getType()).getRank());
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

Value memwall::createStorage(RewriterBase &rewriter, Value row) {
  auto type = cast<RankedTensorType>(row.getType());
  if (type.hasStaticShape())
    return tensor::EmptyOp::create(rewriter, row.getLoc(), type.getShape(),
                                   type.getElementType());
  return tensor::EmptyOp::create(
      rewriter, row.getLoc(),
      tensor::getMixedSizes(rewriter, row.getLoc(), row),
      type.getElementType());
}

Value memwall::clampRow(RewriterBase &rewriter, Value row, double divisor) {
  return createElementwise(
      rewriter, {}, {}, row,
      [&](OpBuilder &builder, Location loc, ValueRange elements) -> Value {
        Value lowest = createLargest(builder, loc, elements[0].getType(),
                                     /*isNegative=*/true, divisor);
        return arith::MaximumFOp::create(builder, loc, elements[0], lowest);
      });
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

//===----------------------------------------------------------------------===//
// Exponents
//===----------------------------------------------------------------------===//

/// Copies `value` and what it depends on in `body`, but for what `mapping` has.
static Value copyScalar(OpBuilder &builder, IRMapping &mapping, Block *body,
                        Value value) {
  Operation *op = value.getDefiningOp();
  if (mapping.contains(value) || !op || op->getBlock() != body)
    return mapping.lookupOrDefault(value);
  for (Value operand : op->getOperands())
    copyScalar(builder, mapping, body, operand);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

namespace {

/// The part of an exponent that one argument makes.
struct RowPart {
  Value value; ///< Null: none.
  bool isNegative = false;
};

/// Builds the part of an exponent that `reference` makes, with `row` in its
/// place.
class ExponentReader {
public:
  ExponentReader(OpBuilder &builder, Location loc, BlockArgument reference,
                 Value row)
      : builder(builder), loc(loc), reference(reference) {
    mapping.map(reference, row);
  }

  RowPart read(Value value);

private:
  bool dependsOn(Value value, bool others) const;
  Value copy(Value value) {
    return copyScalar(builder, mapping, reference.getOwner(), value);
  }
  RowPart readSum(Operation *op, RowPart a, RowPart b);

  OpBuilder &builder;
  Location loc;
  BlockArgument reference;
  IRMapping mapping;
};

} // namespace

/// Whether `value` depends on the reference; or else on other arguments.
bool ExponentReader::dependsOn(Value value, bool others) const {
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == reference.getOwner())
    return (argument == reference) != others;
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != reference.getOwner())
    return false;
  if (op->getNumOperands() == 0 && !op->hasTrait<OpTrait::ConstantLike>())
    return others; // linalg.index.
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    return dependsOn(operand, others);
  });
}

RowPart ExponentReader::readSum(Operation *op, RowPart a, RowPart b) {
  if (isa<arith::SubFOp>(op) && b.value)
    b.isNegative = !b.isNegative;
  if (!a.value || !b.value)
    return a.value ? a : b;
  if (a.isNegative == b.isNegative)
    return {arith::AddFOp::create(builder, loc, a.value, b.value),
            a.isNegative};
  return {arith::SubFOp::create(builder, loc, a.value, b.value), a.isNegative};
}

RowPart ExponentReader::read(Value value) {
  if (!dependsOn(value, /*others=*/false))
    return {};
  if (!dependsOn(value, /*others=*/true))
    return {copy(value), false};
  Operation *op = value.getDefiningOp();
  if (isa<arith::AddFOp, arith::SubFOp>(op)) {
    RowPart left = read(op->getOperand(0));
    return readSum(op, left, read(op->getOperand(1)));
  }
  // Constant factors, signs, casts and masks.
  for (unsigned side = 0; side < op->getNumOperands(); ++side) {
    RowPart part = read(op->getOperand(side));
    if (!part.value)
      continue;
    if (isa<arith::NegFOp>(op))
      return {part.value, !part.isNegative};
    if (isa<arith::ExtFOp, arith::TruncFOp>(op))
      return {convertFloat(builder, loc, part.value, value.getType()),
              part.isNegative};
    if (isa<arith::MulFOp, arith::DivFOp>(op)) {
      IRMapping scaled;
      scaled.map(op->getOperand(side), part.value);
      Value other = op->getOperand(1 - side);
      scaled.map(other, copy(other));
      return {builder.clone(*op, scaled)->getResult(0), part.isNegative};
    }
    return part;
  }
  return {};
}

/// R(`row`), an element.
static Value readExponent(OpBuilder &builder, Location loc,
                          const ExponentOfRow &kernel, Value row) {
  RowPart part = ExponentReader(builder, loc, kernel.reference, row)
                     .read(kernel.exponential->getOperand(0));
  Value exponent = part.value;
  if (part.isNegative)
    exponent = arith::NegFOp::create(builder, loc, exponent);
  if (!kernel.isHeld)
    return exponent;
  Value largest =
      createLargest(builder, loc, exponent.getType(), /*isNegative=*/false);
  return arith::MinimumFOp::create(builder, loc, exponent, largest);
}

Value memwall::createExponent(RewriterBase &rewriter,
                              const ExponentOfRow &kernel, Value row,
                              Value storage) {
  return createElementwise(
      rewriter, row, getIdentity(rewriter, row), storage,
      [&](OpBuilder &builder, Location loc, ValueRange elements) {
        return convertFloat(builder, loc,
                            readExponent(builder, loc, kernel, elements[0]),
                            elements[1].getType());
      });
}

Value memwall::createCorrection(RewriterBase &rewriter,
                                const ExponentOfRow &kernel, Value old,
                                Value row, bool perPart) {
  AffineMap map = getIdentity(rewriter, row);
  if (perPart)
    map = map.shiftDims(1);
  return createElementwise(
      rewriter, row, map, old,
      [&](OpBuilder &builder, Location loc, ValueRange elements) -> Value {
        Value now = readExponent(builder, loc, kernel, elements[0]);
        Value before = convertFloat(builder, loc, elements[1], now.getType());
        Value change = arith::SubFOp::create(builder, loc, now, before);
        IRMapping mapping;
        mapping.map(kernel.exponential->getOperand(0), change);
        Value correction =
            builder.clone(*kernel.exponential, mapping)->getResult(0);
        return convertFloat(builder, loc, correction, elements[1].getType());
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
        Value factor =
            convertFloat(builder, loc, elements[0], elements[1].getType());
        return arith::MulFOp::create(builder, loc, elements[1], factor);
      });
}

Value memwall::applyFactor(RewriterBase &rewriter, Value sum, Value term,
                           bool isDivided, ArrayRef<RowOperand> rows) {
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
        Value factor = copyScalar(builder, mapping,
                                  rows.front().argument.getOwner(), term);
        factor = convertFloat(builder, loc, factor, elements.back().getType());
        if (isDivided)
          return arith::DivFOp::create(builder, loc, elements.back(), factor);
        return arith::MulFOp::create(builder, loc, elements.back(), factor);
      });
}
