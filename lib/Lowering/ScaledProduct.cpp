//===- ScaledProduct.cpp - Products with weights of few bits --------------===//

#include "ScaledProduct.h"
#include "DotLanes.h"
#include "RegisterLoops.h"
#include "VectorTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace memwall;

/// Sums that hide the latency of a multiply-add, and rows of the left operand
/// of them at most.
static constexpr int64_t sumsAtOnce = 8, mostRowsAtOnce = 4;

/// Collects the inputs that `value` is the product of, each through a
/// conversion; false where it is anything else.
static bool collectFactors(Value value, Block *body,
                           SmallVectorImpl<unsigned> &inputs,
                           bool &isUnsigned) {
  if (auto mul = value.getDefiningOp<arith::MulFOp>())
    return collectFactors(mul.getLhs(), body, inputs, isUnsigned) &&
           collectFactors(mul.getRhs(), body, inputs, isUnsigned);
  if (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::ExtFOp, arith::SIToFPOp, arith::UIToFPOp>(op))
      return false;
    isUnsigned |= isa<arith::UIToFPOp>(op);
    value = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != body)
    return false;
  inputs.push_back(argument.getArgNumber());
  return true;
}

/// Whether the body is the sum of `out` and of the product of all three inputs.
static bool isScaledMultiplyAdd(linalg::LinalgOp op, bool &isUnsigned) {
  Block *body = op.getBlock();
  auto yield = cast<linalg::YieldOp>(body->getTerminator());
  auto add = yield.getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add)
    return false;
  Value out = body->getArgument(3);
  Value factors = add.getLhs() == out ? add.getRhs() : add.getLhs();
  SmallVector<unsigned> inputs;
  if ((add.getLhs() != out && add.getRhs() != out) ||
      !collectFactors(factors, body, inputs, isUnsigned))
    return false;
  llvm::sort(inputs);
  return inputs == SmallVector<unsigned>{0, 1, 2};
}

/// In memory, weights of fewer bits have a byte each, which vectors read where
/// they know that nobody frees it meanwhile.
static bool isOfArgument(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
             tensor::ExtractSliceOp, tensor::CastOp>(op))
      return false;
    tensor = op->getOperand(0);
  }
  auto argument = cast<BlockArgument>(tensor);
  return isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
}

static bool areWeights(Value tensor) {
  Type element = getElementTypeOrSelf(tensor.getType());
  if (!element.isSignlessInteger())
    return false;
  unsigned bits = element.getIntOrFloatBitWidth();
  return bits == 8 || (bits > 1 && bits < 8 && isOfArgument(tensor));
}

/// The dimensions of an operand, in its order.
static SmallVector<unsigned> getDims(AffineMap map) {
  SmallVector<unsigned> dims;
  for (AffineExpr result : map.getResults())
    dims.push_back(cast<AffineDimExpr>(result).getPosition());
  return dims;
}

/// Whether the operands have the dimensions that a scaled product asks for.
static bool matchDims(ScaledProduct &product) {
  linalg::LinalgOp op = product.op;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<unsigned> out = getDims(maps[3]);
  SmallVector<unsigned> weights = getDims(maps[product.weights]);
  if (out.empty() || out.size() > 2 || weights.size() < 2 ||
      weights.size() > 3 || weights.front() != out.back())
    return false;
  product.hasRows = out.size() == 2;
  product.hasGroups = weights.size() == 3;
  SmallVector<unsigned> left(ArrayRef(weights).drop_front());
  if (product.hasRows)
    left.insert(left.begin(), out.front());
  return getDims(maps[product.left]) == left &&
         getDims(maps[product.scales]) ==
             SmallVector<unsigned>(ArrayRef(weights).drop_back()) &&
         op.getNumLoops() == left.size() + 1 &&
         op.getNumReductionLoops() == weights.size() - 1;
}

std::optional<ScaledProduct> memwall::matchScaledProduct(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 3 || op.getNumDpsInits() != 1 ||
      !op.hasPureTensorSemantics() || op.hasIndexSemantics() ||
      !llvm::all_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>) ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return std::nullopt;
  ScaledProduct product;
  product.op = op;
  for (unsigned operand = 0; operand < 3; ++operand)
    if (areWeights(op->getOperand(operand)))
      product.weights = operand;
  SmallVector<unsigned, 2> others;
  for (unsigned operand = 0; operand < 3; ++operand)
    if (operand != product.weights)
      others.push_back(operand);
  auto isFloat = [&](unsigned operand) {
    Type type = getElementTypeOrSelf(op->getOperand(operand).getType());
    return isa<FloatType>(type) && isVectorElement(type);
  };
  if (!areWeights(op->getOperand(product.weights)) || !isFloat(others[0]) ||
      !isFloat(others[1]) ||
      !getElementTypeOrSelf(op->getOperand(3).getType()).isF32() ||
      !isScaledMultiplyAdd(op, product.isUnsigned))
    return std::nullopt;
  for (bool isSwapped : {false, true}) {
    product.left = others[isSwapped];
    product.scales = others[!isSwapped];
    if (matchDims(product))
      break;
    if (isSwapped)
      return std::nullopt;
  }
  // Rows of the left operand are read without masks.
  if (product.hasRows &&
      ShapedType::isDynamic(
          cast<ShapedType>(op->getOperand(product.left).getType())
              .getDimSize(0)))
    return std::nullopt;
  return product;
}

void memwall::lowerScaledProduct(RewriterBase &rewriter,
                                 const ScaledProduct &product, Value start,
                                 const VectorOptions &options) {
  linalg::LinalgOp op = product.op;
  Location location = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value weights = op->getOperand(product.weights);
  auto getWeightsExtent = [&](int64_t dim) {
    return getExtent(rewriter, location, weights, dim);
  };
  ProductLoops loops;
  loops.left.tensor = op->getOperand(product.left);
  loops.right.tensor = weights;
  loops.right.isUnsigned = product.isUnsigned;
  loops.scales = op->getOperand(product.scales);
  loops.out = op.getDpsInits()[0];
  loops.start = start;
  loops.columns = getWeightsExtent(0);
  loops.depth = getWeightsExtent(product.hasGroups ? 2 : 1);
  if (product.hasGroups)
    loops.groups = getWeightsExtent(1);
  loops.sumType = rewriter.getF32Type();
  loops.dot = chooseDotType({getElementTypeOrSelf(loops.left.tensor.getType())},
                            {getElementTypeOrSelf(weights.getType())},
                            loops.sumType, options.registers, /*mostSteps=*/2);
  int64_t rowsAtOnce = 1;
  if (product.hasRows) {
    loops.rows = getExtent(rewriter, location, loops.left.tensor, 0);
    for (int64_t rows = 2; rows <= mostRowsAtOnce; ++rows)
      if (loops.rows->isMultipleOf(rows))
        rowsAtOnce = rows;
  }
  int64_t columnsAtOnce = std::max<int64_t>(
      1, std::min(loops.columns.bound, sumsAtOnce / rowsAtOnce));
  rewriter.replaceOp(op, buildDotLoops(rewriter, location, loops, rowsAtOnce,
                                       columnsAtOnce,
                                       options.registers.getLanes(32)));
}
