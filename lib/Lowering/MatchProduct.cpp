//===- MatchProduct.cpp - Which ops are products --------------------------===//

#include "MatchProduct.h"
#include "VectorTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace memwall;

/// The input that `value` is, through a widening; fails for anything else.
static std::optional<unsigned> findInput(Value value, Block *body,
                                         bool &isUnsigned) {
  isUnsigned = false;
  if (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp>(op))
      return std::nullopt;
    isUnsigned = isa<arith::ExtUIOp>(op);
    value = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != body || argument.getArgNumber() > 1)
    return std::nullopt;
  return argument.getArgNumber();
}

/// Whether the body is `out + in0 * in1`, with inputs that may be widened.
static bool isMultiplyAdd(linalg::LinalgOp op, Product &product) {
  Block *body = op.getBlock();
  auto yield = cast<linalg::YieldOp>(body->getTerminator());
  Operation *add = yield.getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(add))
    return false;
  Value out = body->getArgument(2);
  unsigned outPosition = add->getOperand(0) == out ? 0 : 1;
  Operation *mul = add->getOperand(1 - outPosition).getDefiningOp();
  if (add->getOperand(outPosition) != out ||
      !isa_and_nonnull<arith::MulFOp, arith::MulIOp>(mul))
    return false;
  bool isUnsigned[2];
  auto first = findInput(mul->getOperand(0), body, isUnsigned[0]);
  auto second = findInput(mul->getOperand(1), body, isUnsigned[1]);
  if (!first || !second || *first == *second)
    return false;
  product.isUnsigned[*first] = isUnsigned[0];
  product.isUnsigned[*second] = isUnsigned[1];
  return true;
}

namespace {
/// Who uses a dimension of the op.
struct DimUse {
  bool inputs[2] = {false, false};
  bool output = false;
};
} // namespace

static SmallVector<DimUse> findUses(linalg::LinalgOp op) {
  SmallVector<DimUse> uses(op.getNumLoops());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned operand = 0; operand < 3; ++operand)
    for (AffineExpr result : maps[operand].getResults()) {
      DimUse &use = uses[cast<AffineDimExpr>(result).getPosition()];
      (operand == 2 ? use.output : use.inputs[operand]) = true;
    }
  return uses;
}

/// The innermost dimension of the result that is longer than 1.
static std::optional<unsigned> findColumn(AffineMap map,
                                          ArrayRef<int64_t> extents) {
  std::optional<unsigned> column;
  for (AffineExpr result : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    if (!column || extents[dim] != 1)
      column = dim;
  }
  return column;
}

/// The longest of the dimensions that `belongs` holds for; of equal ones the
/// last, which is closer to the elements' order in memory.
static std::optional<unsigned>
findLongest(ArrayRef<int64_t> extents,
            llvm::function_ref<bool(unsigned)> belongs) {
  std::optional<unsigned> longest;
  auto getLength = [&](unsigned dim) {
    return ShapedType::isDynamic(extents[dim]) ? INT64_MAX : extents[dim];
  };
  for (unsigned dim = 0; dim < extents.size(); ++dim)
    if (belongs(dim) && (!longest || getLength(dim) >= getLength(*longest)))
      longest = dim;
  return longest;
}

/// Gives every dimension its part; false when there is no column or depth.
static bool assignDims(Product &product) {
  linalg::LinalgOp op = product.op;
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  SmallVector<DimUse> uses = findUses(op);
  std::optional<unsigned> column =
      findColumn(op.getIndexingMapsArray()[2], extents);
  if (!column || uses[*column].inputs[0] == uses[*column].inputs[1])
    return false;
  product.column = *column;
  product.right = uses[*column].inputs[0] ? 0 : 1;
  product.left = 1 - product.right;
  std::optional<unsigned> depth = findLongest(extents, [&](unsigned dim) {
    return uses[dim].inputs[0] && uses[dim].inputs[1] && !uses[dim].output;
  });
  if (!depth)
    return false;
  product.depth = *depth;
  product.row = findLongest(extents, [&](unsigned dim) {
    return uses[dim].output && uses[dim].inputs[product.left] &&
           !uses[dim].inputs[product.right] && extents[dim] != 1;
  });
  for (unsigned dim = 0; dim < extents.size(); ++dim)
    if (dim != product.column && dim != product.depth && product.row != dim)
      product.others.push_back(dim);
  return true;
}

std::optional<Product> memwall::matchProduct(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      !op.hasPureTensorSemantics() || op.hasIndexSemantics() ||
      !llvm::all_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>) ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return std::nullopt;
  Product product;
  product.op = op;
  for (Value operand : op->getOperands())
    if (!isVectorElement(getElementTypeOrSelf(operand.getType())))
      return std::nullopt;
  if (!isMultiplyAdd(op, product) || !assignDims(product))
    return std::nullopt;
  Type type = getElementTypeOrSelf(op.getDpsInits()[0].getType());
  product.sumType = isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32
                        ? Float32Type::get(op.getContext())
                        : type;
  return product;
}
