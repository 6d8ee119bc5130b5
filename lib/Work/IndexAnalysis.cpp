//===- IndexAnalysis.cpp - Positions as affine forms of a box -------------===//

#include "memwall/Work/IndexAnalysis.h"
#include "IndexValue.h"
#include "IntegerOps.h"
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

NestIndex IndexAnalysis::merge(ArrayRef<NestIndex> parts) const {
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
  if (lhs.gatherDims || rhs.gatherDims) {
    for (auto [index, other] : {std::pair(&lhs, &rhs), {&rhs, &lhs}})
      if (std::optional<int64_t> moved = getConstant(*other);
          moved && llvm::checkedAdd(index->constant, *moved)) {
        NestIndex sum = *index;
        sum.constant += *moved;
        return sum;
      }
    // The sum takes what one of them does while the other stays as it is.
    NestIndex sum = merge({lhs, rhs});
    for (auto [index, other] : {std::pair(&lhs, &rhs), {&rhs, &lhs}}) {
      SmallVector<unsigned, 2> fixed = getDimsOf(*other);
      if (llvm::none_of(getDimsOf(*index), [&](unsigned dim) {
            return llvm::is_contained(fixed, dim);
          }))
        sum.distinct = std::max(sum.distinct, index->distinct);
    }
    return sum;
  }
  NestIndex sum = lhs;
  std::optional<int64_t> constant =
      llvm::checkedAdd(lhs.constant, rhs.constant);
  bool fits = constant.has_value();
  sum.constant = constant.value_or(0);
  for (auto [dim, coefficient] : rhs.terms)
    fits &= addTerm(sum.terms, dim, coefficient);
  for (auto [value, coefficient] : rhs.outerTerms)
    fits &= addTerm(sum.outerTerms, value, coefficient);
  return fits ? sum : merge({lhs, rhs});
}

NestIndex IndexAnalysis::multiply(const NestIndex &index,
                                  int64_t factor) const {
  if (factor == 0)
    return makeConstantIndex(0);
  if (index.gatherDims) {
    NestIndex product = merge({index});
    product.distinct = index.distinct;
    return product;
  }
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
  return fits ? product : merge({index});
}

std::optional<int64_t> IndexAnalysis::getConstant(const NestIndex &index) {
  if (index.gatherDims || !index.terms.empty() || !index.outerTerms.empty())
    return std::nullopt;
  return index.constant;
}

NestIndex IndexAnalysis::subtract(const NestIndex &lhs,
                                  const NestIndex &rhs) const {
  return add(lhs, multiply(rhs, -1));
}

NestIndex IndexAnalysis::multiply(const NestIndex &lhs,
                                  const NestIndex &rhs) const {
  if (std::optional<int64_t> factor = getConstant(rhs))
    return multiply(lhs, *factor);
  if (std::optional<int64_t> factor = getConstant(lhs))
    return multiply(rhs, *factor);
  return merge({lhs, rhs});
}

/// A clamp that never acts is one of its operands.
NestIndex IndexAnalysis::minimum(const NestIndex &lhs,
                                 const NestIndex &rhs) const {
  auto difference = getRange(subtract(lhs, rhs));
  if (difference && difference->second <= 0)
    return lhs;
  return difference && difference->first >= 0 ? rhs : merge({lhs, rhs});
}

NestIndex IndexAnalysis::maximum(const NestIndex &lhs,
                                 const NestIndex &rhs) const {
  auto difference = getRange(subtract(lhs, rhs));
  if (difference && difference->first >= 0)
    return lhs;
  return difference && difference->second <= 0 ? rhs : merge({lhs, rhs});
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
  if (index.extent > 0)
    return index.constant >= 0;
  return !index.gatherDims && index.outerTerms.empty() && index.constant >= 0 &&
         llvm::all_of(index.terms, [](auto &term) { return term.second > 0; });
}

NestIndex IndexAnalysis::floorDivide(const NestIndex &index,
                                     const NestIndex &by) {
  int64_t divisor = getConstant(by).value_or(0);
  if (index.gatherDims && divisor > 0) {
    NestIndex quotients = merge({index});
    quotients.distinct = llvm::divideCeil(index.distinct, divisor);
    return quotients;
  }
  if (divisor <= 0)
    return merge({index, by});
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
  NestIndex result = merge({index});
  auto range = getRange(index);
  result.distinct = countQuotients(
      getSteps(index), range ? std::optional(range->first) : std::nullopt,
      divisor);
  return result;
}

SmallVector<Progression> IndexAnalysis::getSteps(const NestIndex &index) const {
  SmallVector<Progression> steps;
  for (auto [dim, coefficient] : index.terms)
    if (!ShapedType::isDynamic(sizes[dim]))
      steps.push_back({coefficient, sizes[dim]});
  return steps;
}

NestIndex IndexAnalysis::remainder(const NestIndex &index,
                                   const NestIndex &by) {
  NestIndex quotient = floorDivide(index, by);
  std::optional<int64_t> divisor = getConstant(by);
  if (!quotient.gatherDims)
    return subtract(index, multiply(quotient, by));
  if (!divisor || *divisor <= 0)
    return merge({index, by});
  NestIndex result = wrap(index, *divisor);
  result.extent = *divisor;
  return result;
}

NestIndex IndexAnalysis::wrap(const NestIndex &index, int64_t period) const {
  NestIndex result = merge({index});
  result.distinct = countWrapped(getSteps(index), period);
  return result;
}

//===----------------------------------------------------------------------===//
// Affine expressions
//===----------------------------------------------------------------------===//

NestIndex IndexAnalysis::evaluate(AffineExpr expression) {
  return evaluateExpr(*this, expression, opDims, ArrayRef<NestIndex>());
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
    index = getInteger(constant) ? makeConstantIndex(*getInteger(constant))
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
  if (auto join = dyn_cast<affine::AffineLinearizeIndexOp>(op)) {
    ArrayRef<int64_t> basis = join.getStaticBasis();
    if (llvm::is_contained(basis, ShapedType::kDynamic))
      return merge(operands);
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
  if (op->getNumResults() == 1 && op->getResult(0).getType().isIntOrIndex())
    if (auto value = evaluateIntegerOp(*this, op, ArrayRef(operands)))
      return *value;
  return merge(operands);
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
      known[op->getResult(i)] = linear = merge({linear});
    } else {
      NestIndex divisor = makeConstantIndex(extent);
      known[op->getResult(i)] = remainder(linear, divisor);
      linear = floorDivide(linear, divisor);
    }
  }
}

} // namespace memwall
