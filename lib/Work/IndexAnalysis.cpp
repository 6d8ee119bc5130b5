//===- IndexAnalysis.cpp - Positions as affine forms of a box -------------===//

#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace memwall {

//===----------------------------------------------------------------------===//
// Building indices
//===----------------------------------------------------------------------===//

NestIndex makeGatherIndex(ArrayRef<unsigned> dims) {
  NestIndex index;
  index.gatherDims.emplace(dims.begin(), dims.end());
  llvm::sort(*index.gatherDims);
  index.gatherDims->erase(llvm::unique(*index.gatherDims),
                          index.gatherDims->end());
  return index;
}

NestIndex makeDimIndex(unsigned dim, int64_t coefficient, int64_t constant) {
  NestIndex index;
  index.constant = constant;
  if (coefficient != 0)
    index.terms.push_back({dim, coefficient});
  return index;
}

NestIndex makeConstantIndex(int64_t constant) {
  NestIndex index;
  index.constant = constant;
  return index;
}

SmallVector<unsigned, 2> getDimsOf(const NestIndex &index) {
  SmallVector<unsigned, 2> dims;
  if (index.gatherDims)
    dims = *index.gatherDims;
  for (auto [dim, coefficient] : index.terms)
    dims.push_back(dim);
  llvm::sort(dims);
  return dims;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

NestIndex IndexAnalysis::mergeAsGather(ArrayRef<NestIndex> parts) const {
  SmallVector<unsigned, 4> dims;
  for (const NestIndex &part : parts)
    llvm::append_range(dims, getDimsOf(part));
  return makeGatherIndex(dims);
}

/// Adds `coefficient * key` to a sum that keeps its keys in order of first use.
template <typename Terms, typename Key>
static bool addTerm(Terms &terms, Key key, int64_t coefficient) {
  auto *it =
      llvm::find_if(terms, [&](auto &term) { return term.first == key; });
  if (it == terms.end()) {
    terms.push_back({key, coefficient});
    return true;
  }
  std::optional<int64_t> sum = llvm::checkedAdd(it->second, coefficient);
  if (!sum)
    return false;
  it->second = *sum;
  if (*sum == 0)
    terms.erase(it);
  return true;
}

NestIndex IndexAnalysis::add(const NestIndex &lhs, const NestIndex &rhs) const {
  if (lhs.gatherDims || rhs.gatherDims)
    return mergeAsGather({lhs, rhs});
  NestIndex sum = lhs;
  std::optional<int64_t> constant =
      llvm::checkedAdd(lhs.constant, rhs.constant);
  bool fits = constant.has_value();
  sum.constant = constant.value_or(0);
  for (auto [dim, coefficient] : rhs.terms)
    fits &= addTerm(sum.terms, dim, coefficient);
  for (auto [value, coefficient] : rhs.outerTerms)
    fits &= addTerm(sum.outerTerms, value, coefficient);
  return fits ? sum : mergeAsGather({lhs, rhs});
}

NestIndex IndexAnalysis::multiply(const NestIndex &index,
                                  int64_t factor) const {
  if (factor == 0)
    return makeConstantIndex(0);
  if (index.gatherDims)
    return index;
  NestIndex product = index;
  bool fits = true;
  auto scale = [&](int64_t &coefficient) {
    std::optional<int64_t> scaled = llvm::checkedMul(coefficient, factor);
    fits &= scaled.has_value();
    coefficient = scaled.value_or(0);
  };
  scale(product.constant);
  for (auto &term : product.terms)
    scale(term.second);
  for (auto &term : product.outerTerms)
    scale(term.second);
  return fits ? product : mergeAsGather({index});
}

static bool isConstant(const NestIndex &index) {
  return !index.gatherDims && index.terms.empty() && index.outerTerms.empty();
}

NestIndex IndexAnalysis::multiply(const NestIndex &lhs,
                                  const NestIndex &rhs) const {
  if (isConstant(rhs))
    return multiply(lhs, rhs.constant);
  if (isConstant(lhs))
    return multiply(rhs, lhs.constant);
  return mergeAsGather({lhs, rhs});
}

std::optional<std::pair<int64_t, int64_t>>
IndexAnalysis::getRange(const NestIndex &index) const {
  if (index.gatherDims || !index.outerTerms.empty())
    return std::nullopt;
  __int128 low = index.constant, high = index.constant;
  for (auto [dim, coefficient] : index.terms) {
    if (ShapedType::isDynamic(sizes[dim]) || sizes[dim] <= 0)
      return std::nullopt;
    __int128 reach = static_cast<__int128>(coefficient) * (sizes[dim] - 1);
    (coefficient < 0 ? low : high) += reach;
  }
  if (low < INT64_MIN || high > INT64_MAX)
    return std::nullopt;
  return std::make_pair(static_cast<int64_t>(low), static_cast<int64_t>(high));
}

bool IndexAnalysis::isNonNegative(const NestIndex &index) const {
  if (auto range = getRange(index))
    return range->first >= 0;
  return !index.gatherDims && index.outerTerms.empty() && index.constant >= 0 &&
         llvm::all_of(index.terms, [](auto &term) { return term.second > 0; });
}

NestIndex IndexAnalysis::floorDivide(const NestIndex &index, int64_t divisor) {
  if (index.gatherDims || divisor <= 0)
    return mergeAsGather({index});
  // 1. Terms that are multiples of the divisor leave the division.
  NestIndex quotient, rest;
  for (auto [dim, coefficient] : index.terms) {
    if (coefficient % divisor == 0)
      quotient.terms.push_back({dim, coefficient / divisor});
    else
      rest.terms.push_back({dim, coefficient});
  }
  for (auto [value, coefficient] : index.outerTerms) {
    if (coefficient % divisor == 0)
      quotient.outerTerms.push_back({value, coefficient / divisor});
    else
      rest.outerTerms.push_back({value, coefficient});
  }
  quotient.constant = llvm::divideFloorSigned(index.constant, divisor);
  rest.constant = llvm::mod(index.constant, divisor);
  // 2. What remains is often within one multiple of it.
  if (auto range = getRange(rest)) {
    int64_t low = llvm::divideFloorSigned(range->first, divisor);
    if (low == llvm::divideFloorSigned(range->second, divisor))
      return add(quotient, makeConstantIndex(low));
  }
  // 3. d floordiv 2 is a dimension of the box once d is split in 2s.
  if (rest.terms.size() == 1 && rest.outerTerms.empty() && !rest.constant) {
    auto [dim, coefficient] = rest.terms.front();
    if (coefficient > 0 && divisor % coefficient == 0 &&
        !ShapedType::isDynamic(sizes[dim]) &&
        sizes[dim] % (divisor / coefficient) == 0)
      splits.insert({dim, divisor / coefficient});
  }
  return mergeAsGather({index});
}

NestIndex IndexAnalysis::remainder(const NestIndex &index, int64_t divisor) {
  NestIndex quotient = floorDivide(index, divisor);
  if (quotient.gatherDims || divisor <= 0)
    return mergeAsGather({index});
  return add(index, multiply(quotient, -divisor));
}

//===----------------------------------------------------------------------===//
// Affine expressions
//===----------------------------------------------------------------------===//

NestIndex IndexAnalysis::evaluateExpr(AffineExpr expression,
                                      ArrayRef<NestIndex> dims,
                                      ArrayRef<NestIndex> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return makeConstantIndex(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return symbol.getPosition() < symbols.size() ? symbols[symbol.getPosition()]
                                                 : makeGatherIndex({});
  auto binary = cast<AffineBinaryOpExpr>(expression);
  NestIndex lhs = evaluateExpr(binary.getLHS(), dims, symbols);
  NestIndex rhs = evaluateExpr(binary.getRHS(), dims, symbols);
  AffineExprKind kind = expression.getKind();
  if (kind == AffineExprKind::Add)
    return add(lhs, rhs);
  if (kind == AffineExprKind::Mul)
    return multiply(lhs, rhs);
  if (!isConstant(rhs))
    return mergeAsGather({lhs, rhs});
  if (kind == AffineExprKind::FloorDiv)
    return floorDivide(lhs, rhs.constant);
  if (kind == AffineExprKind::Mod)
    return remainder(lhs, rhs.constant);
  return floorDivide(add(lhs, makeConstantIndex(rhs.constant - 1)),
                     rhs.constant);
}

NestIndex IndexAnalysis::evaluate(AffineExpr expression) {
  return evaluateExpr(expression, opDims, {});
}

SmallVector<NestIndex, 4> IndexAnalysis::evaluate(AffineMap map) {
  SmallVector<NestIndex, 4> indices;
  for (AffineExpr result : map.getResults())
    indices.push_back(evaluate(result));
  return indices;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

NestIndex IndexAnalysis::evaluate(Value value, Block &body) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  llvm::APInt constant;
  NestIndex index;
  Operation *op = value.getDefiningOp();
  if (auto split = dyn_cast_or_null<affine::AffineDelinearizeIndexOp>(op);
      split && op->getBlock() == &body) {
    delinearize(op, evaluate(split.getLinearIndex(), body));
    return known[value];
  }
  if (matchPattern(value, m_ConstantInt(&constant)))
    index = constant.getSignificantBits() <= 64
                ? makeConstantIndex(constant.getSExtValue())
                : makeGatherIndex({});
  else if (op && op->getBlock() == &body)
    index = evaluateOp(op, body);
  else if (value.getType().isIntOrIndex())
    index.outerTerms.push_back({value, 1});
  else
    index = makeGatherIndex({});
  known[value] = index;
  return index;
}

NestIndex IndexAnalysis::evaluateOp(Operation *op, Block &body) {
  if (auto dim = dyn_cast<linalg::IndexOp>(op))
    return opDims[dim.getDim()];
  SmallVector<NestIndex, 4> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<ShapedType>(operand.getType())
                           ? makeGatherIndex({})
                           : evaluate(operand, body));
  if (isa<arith::AddIOp>(op))
    return add(operands[0], operands[1]);
  if (isa<arith::SubIOp>(op))
    return add(operands[0], multiply(operands[1], -1));
  if (isa<arith::MulIOp>(op))
    return multiply(operands[0], operands[1]);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(op))
    return operands[0];
  if (auto join = dyn_cast<affine::AffineLinearizeIndexOp>(op)) {
    ArrayRef<int64_t> basis = join.getStaticBasis();
    if (llvm::is_contained(basis, ShapedType::kDynamic))
      return mergeAsGather(operands);
    NestIndex sum = makeConstantIndex(0);
    size_t count = join.getMultiIndex().size();
    for (size_t i = 0; i < count; ++i) {
      // Before the first index stands no factor, even where a bound is given.
      if (i > 0)
        sum = multiply(sum, basis[basis.size() - count + i]);
      sum = add(sum, operands[i]);
    }
    return sum;
  }
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    AffineMap map = apply.getAffineMap();
    ArrayRef<NestIndex> inputs(operands);
    return evaluateExpr(map.getResult(0), inputs.take_front(map.getNumDims()),
                        inputs.drop_front(map.getNumDims()));
  }
  if (isa<arith::MaxSIOp, arith::MinSIOp>(op))
    return evaluateExtreme(op, operands);
  if (isa<arith::FloorDivSIOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp,
          arith::RemUIOp>(op))
    return evaluateDivision(op, operands);
  return mergeAsGather(operands);
}

/// A clamp that never acts is one of its operands.
NestIndex IndexAnalysis::evaluateExtreme(Operation *op,
                                         ArrayRef<NestIndex> operands) {
  auto lhs = getRange(operands[0]), rhs = getRange(operands[1]);
  if (!lhs || !rhs)
    return mergeAsGather(operands);
  bool isMaximum = isa<arith::MaxSIOp>(op);
  if (lhs->first >= rhs->second)
    return operands[isMaximum ? 0 : 1];
  if (rhs->first >= lhs->second)
    return operands[isMaximum ? 1 : 0];
  return mergeAsGather(operands);
}

NestIndex IndexAnalysis::evaluateDivision(Operation *op,
                                          ArrayRef<NestIndex> operands) {
  if (!isConstant(operands[1]))
    return mergeAsGather(operands);
  int64_t divisor = operands[1].constant;
  if (isa<arith::FloorDivSIOp>(op))
    return floorDivide(operands[0], divisor);
  // Truncation is the floor of what is not negative.
  if (!isNonNegative(operands[0]))
    return mergeAsGather(operands);
  return isa<arith::DivSIOp, arith::DivUIOp>(op)
             ? floorDivide(operands[0], divisor)
             : remainder(operands[0], divisor);
}

void IndexAnalysis::delinearize(Operation *op, NestIndex linear) {
  auto delinearize = cast<affine::AffineDelinearizeIndexOp>(op);
  ArrayRef<int64_t> basis = delinearize.getStaticBasis();
  size_t count = op->getNumResults();
  for (size_t i = count; i-- > 0;) {
    // The first result takes what is left, whether or not its bound is given.
    size_t fromEnd = count - 1 - i;
    if (i == 0) {
      known[op->getResult(0)] = linear;
    } else if (int64_t extent = basis[basis.size() - 1 - fromEnd];
               ShapedType::isDynamic(extent)) {
      known[op->getResult(i)] = linear = mergeAsGather({linear});
    } else {
      known[op->getResult(i)] = remainder(linear, extent);
      linear = floorDivide(linear, extent);
    }
  }
}

} // namespace memwall
