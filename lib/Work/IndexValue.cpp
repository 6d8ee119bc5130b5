//===- IndexValue.cpp - Integers as forms of the enclosing loops ----------===//

#include "IndexValue.h"
#include "IntegerOps.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace memwall;

std::optional<int64_t> IndexValue::getConstant() const {
  if (isAffine() && forms.front().terms.empty())
    return forms.front().constant;
  return std::nullopt;
}

IndexValue IndexValue::constant(int64_t value) {
  IndexValue result;
  result.forms.emplace_back();
  result.forms.front().constant = value;
  return result;
}

IndexValue IndexValue::loop(LoopId loop) {
  IndexValue result = constant(0);
  result.forms.front().terms.push_back({loop, 1});
  return result;
}

IndexValue IndexValue::data(ArrayRef<LoopId> loops) {
  IndexValue result;
  result.loops.assign(loops.begin(), loops.end());
  llvm::sort(result.loops);
  result.loops.erase(llvm::unique(result.loops), result.loops.end());
  return result;
}

bool memwall::isSameForm(const AffineForm &lhs, const AffineForm &rhs) {
  if (lhs.constant != rhs.constant || lhs.terms.size() != rhs.terms.size())
    return false;
  return llvm::all_of(lhs.terms, [&](const Term &term) {
    return llvm::any_of(rhs.terms, [&](const Term &other) {
      return term.loop == other.loop && term.stride == other.stride;
    });
  });
}

AffineForm IndexArithmetic::dropDimensions(const AffineForm &form) const {
  AffineForm result;
  result.constant = form.constant;
  for (const Term &term : form.terms)
    if (loops[term.loop].kind != LoopKind::Dimension)
      result.terms.push_back(term);
  return result;
}

int64_t IndexArithmetic::checkedAdd(int64_t lhs, int64_t rhs) {
  int64_t result;
  overflowed |= llvm::AddOverflow(lhs, rhs, result);
  return result;
}

int64_t IndexArithmetic::checkedMultiply(int64_t lhs, int64_t rhs) {
  int64_t result;
  overflowed |= llvm::MulOverflow(lhs, rhs, result);
  return result;
}

AffineForm IndexArithmetic::add(const AffineForm &lhs, const AffineForm &rhs) {
  AffineForm result = lhs;
  result.constant = checkedAdd(lhs.constant, rhs.constant);
  for (const Term &term : rhs.terms) {
    auto *it = llvm::find_if(
        result.terms, [&](const Term &t) { return t.loop == term.loop; });
    if (it == result.terms.end()) {
      result.terms.push_back(term);
      continue;
    }
    it->stride = checkedAdd(it->stride, term.stride);
    if (it->stride == 0)
      result.terms.erase(it);
  }
  return result;
}

AffineForm IndexArithmetic::scale(const AffineForm &form, int64_t factor) {
  AffineForm result;
  if (factor == 0)
    return result;
  result.constant = checkedMultiply(form.constant, factor);
  for (const Term &term : form.terms)
    result.terms.push_back({term.loop, checkedMultiply(term.stride, factor)});
  return result;
}

IndexValue IndexArithmetic::merge(ArrayRef<IndexValue> values) {
  SmallVector<LoopId> all;
  for (const IndexValue &value : values) {
    all.append(value.loops.begin(), value.loops.end());
    for (const Term &term : value.moved.terms)
      all.push_back(term.loop);
    for (const AffineForm &form : value.forms)
      for (const Term &term : form.terms)
        all.push_back(term.loop);
  }
  return IndexValue::data(all);
}

/// A value that depends on all of `values`, and takes what one of them does
/// while the others stay as they are.
IndexValue IndexArithmetic::mergeSum(const IndexValue &lhs,
                                     const IndexValue &rhs) {
  IndexValue result = merge({lhs, rhs});
  for (auto [value, other] : {std::pair(&lhs, &rhs), {&rhs, &lhs}}) {
    SmallVector<LoopId, 2> fixed = merge({*other}).loops;
    if (llvm::none_of(value->loops, [&](LoopId loop) {
          return llvm::is_contained(fixed, loop);
        }))
      result.distinct = std::max(result.distinct, value->distinct);
  }
  return result;
}

/// `data` + `form`, where all terms of the form are of loops in which the data
/// dependent part does not change.
IndexValue IndexArithmetic::move(const IndexValue &data,
                                 const AffineForm &form) {
  IndexValue known;
  known.forms.push_back(form);
  for (const Term &term : form.terms)
    if (term.loop < data.firstInner ||
        llvm::is_contained(data.loops, term.loop))
      return mergeSum(data, known);
  bool before = overflowed;
  IndexValue result = data;
  result.moved = add(data.moved, form);
  return keepUnlessOverflowed(std::move(result), before, {data, known});
}

/// `result`, which depends on data, or any value where it does not fit: unlike
/// a known one it need not be exact.
IndexValue IndexArithmetic::keepUnlessOverflowed(IndexValue result, bool before,
                                                 ArrayRef<IndexValue> from) {
  bool fits = overflowed == before;
  overflowed = before;
  return fits ? result : merge(from);
}

IndexValue IndexArithmetic::add(const IndexValue &lhs, const IndexValue &rhs) {
  if (!lhs.isKnown() && rhs.isAffine())
    return move(lhs, rhs.forms.front());
  if (lhs.isAffine() && !rhs.isKnown())
    return move(rhs, lhs.forms.front());
  if (!lhs.isKnown() && !rhs.isKnown() && lhs.identity &&
      lhs.identity == rhs.identity && lhs.firstInner == rhs.firstInner) {
    bool before = overflowed;
    IndexValue result = lhs;
    result.scale = checkedAdd(lhs.scale, rhs.scale);
    result.moved = add(lhs.moved, rhs.moved);
    if (result.scale != 0 || overflowed != before)
      return keepUnlessOverflowed(std::move(result), before, {lhs, rhs});
    IndexValue known;
    known.forms.push_back(result.moved);
    return known;
  }
  if (!lhs.isKnown() || !rhs.isKnown() || (!lhs.isAffine() && !rhs.isAffine()))
    return mergeSum(lhs, rhs);
  IndexValue result;
  for (const AffineForm &a : lhs.forms)
    for (const AffineForm &b : rhs.forms)
      result.forms.push_back(add(a, b));
  return result;
}

IndexValue IndexArithmetic::subtract(const IndexValue &lhs,
                                     const IndexValue &rhs) {
  if (rhs.forms.size() > 1)
    return merge({lhs, rhs});
  return add(lhs, multiply(rhs, IndexValue::constant(-1)));
}

IndexValue IndexArithmetic::multiply(const IndexValue &lhs,
                                     const IndexValue &rhs) {
  if (!rhs.getConstant() && lhs.getConstant())
    return multiply(rhs, lhs);
  std::optional<int64_t> factor = rhs.getConstant();
  if (!factor || (*factor < 0 && lhs.forms.size() > 1))
    return merge({lhs, rhs});
  if (*factor == 0)
    return IndexValue::constant(0);
  if (!lhs.isKnown()) {
    bool before = overflowed;
    IndexValue product = lhs;
    product.scale = checkedMultiply(lhs.scale, *factor);
    product.moved = scale(lhs.moved, *factor);
    return keepUnlessOverflowed(std::move(product), before, {lhs, rhs});
  }
  IndexValue result;
  for (const AffineForm &form : lhs.forms)
    result.forms.push_back(scale(form, *factor));
  return result;
}

IndexValue IndexArithmetic::floorDivide(const IndexValue &lhs,
                                        const IndexValue &rhs) {
  std::optional<int64_t> divisor = rhs.getConstant();
  if (!divisor || *divisor <= 0)
    return merge({lhs, rhs});
  if (!lhs.isKnown()) {
    // A multiple of the divisor leaves the division.
    IndexValue moved;
    moved.forms.push_back(lhs.moved);
    IndexValue quotient = floorDivide(moved, rhs);
    if (lhs.scale % *divisor != 0 || !quotient.isAffine())
      return mergeQuotients(lhs, *divisor);
    IndexValue result = lhs;
    result.scale = lhs.scale / *divisor;
    result.moved = quotient.forms.front();
    return result;
  }
  // floor(min of forms / d) is the min of floor(form / d).
  IndexValue result;
  for (const AffineForm &form : lhs.forms) {
    // Terms that the divisor divides come out; what is left has to stay within
    // one multiple of it.
    AffineForm quotient, rest;
    quotient.constant = llvm::divideFloorSigned(form.constant, *divisor);
    rest.constant = form.constant - quotient.constant * *divisor;
    for (const Term &term : form.terms)
      if (term.stride % *divisor == 0)
        quotient.terms.push_back({term.loop, term.stride / *divisor});
      else
        rest.terms.push_back(term);
    if (getLowerBound(rest) < 0 || getUpperBound(rest) >= *divisor) {
      // Two values are affine whatever they are.
      if (rest.terms.size() != 1 ||
          loops[rest.terms.front().loop].maxTripCount != 2)
        return mergeQuotients(lhs, *divisor);
      Term step = rest.terms.front();
      step.stride = llvm::divideFloorSigned(
          checkedAdd(rest.constant, step.stride), *divisor);
      if (step.stride != 0)
        quotient.terms.push_back(step);
    }
    result.forms.push_back(std::move(quotient));
  }
  return result;
}

IndexValue IndexArithmetic::remainder(const IndexValue &lhs,
                                      const IndexValue &rhs) {
  IndexValue result = subtract(lhs, multiply(floorDivide(lhs, rhs), rhs));
  std::optional<int64_t> divisor = rhs.getConstant();
  if (result.isAffine() || !divisor || *divisor <= 0)
    return result;
  result = wrap(lhs, *divisor);
  result.extent = *divisor;
  return result;
}

/// Steps of the form that a value is, or moves by, over loops that always run
/// as often.
SmallVector<Progression> IndexArithmetic::getSteps(const IndexValue &value) {
  SmallVector<Progression> steps;
  if (value.forms.size() > 1)
    return steps;
  for (const Term &term :
       value.isKnown() ? value.forms.front().terms : value.moved.terms) {
    const Loop &loop = loops[term.loop];
    if (loop.extent.size() == 1 && loop.extent.front().terms.empty())
      steps.push_back({term.stride, loop.maxTripCount});
  }
  return steps;
}

/// Values less than a period apart stay different, so as many of them as there
/// are in one period are counted.
IndexValue IndexArithmetic::wrap(const IndexValue &value, int64_t period) {
  IndexValue result = merge({value});
  result.distinct = countWrapped(getSteps(value), period);
  result.firstInner = value.isKnown() ? 0 : value.firstInner;
  return result;
}

/// `value` floordiv `divisor`, which is no form.
IndexValue IndexArithmetic::mergeQuotients(const IndexValue &value,
                                           int64_t divisor) {
  IndexValue result = merge({value});
  std::optional<int64_t> first;
  SmallVector<Progression> steps = getSteps(value);
  if (value.isAffine() && steps.size() == value.forms.front().terms.size())
    first = getLowerBound(value.forms.front());
  result.distinct =
      std::max(countQuotients(steps, first, divisor),
               int64_t(llvm::divideCeil(value.distinct, divisor)));
  result.firstInner = value.isKnown() ? 0 : value.firstInner;
  return result;
}

int64_t memwall::countQuotients(ArrayRef<Progression> steps,
                                std::optional<int64_t> first, int64_t divisor) {
  StridedBox all(0, steps);
  if (all.fits() && all.isInterval()) {
    int64_t reach = all.last() - all.first(), end;
    if (first && !llvm::AddOverflow(*first, reach, end))
      return llvm::divideFloorSigned(end, divisor) -
             llvm::divideFloorSigned(*first, divisor) + 1;
    return reach / divisor + 1;
  }
  // Steps of a divisor and more reach another quotient each time.
  int64_t most = 1;
  for (Progression step : steps)
    if (step.stride == INT64_MIN || std::abs(step.stride) >= divisor)
      most = std::max(most, step.count);
  return most;
}

int64_t memwall::countWrapped(SmallVector<Progression> steps, int64_t period) {
  StridedBox all(0, steps);
  if (all.fits() && all.isInterval() && all.last() - all.first() >= period)
    return period;
  // Of steps alone all values until they come to the same one again.
  int64_t most = 1;
  for (Progression step : steps)
    if (step.stride != INT64_MIN && step.stride != 0)
      most = std::max(
          most, std::min(step.count, period / std::gcd(step.stride, period)));
  // Of those that reach further than the period the short steps alone.
  llvm::sort(steps, [](Progression a, Progression b) {
    return std::abs(a.stride) > std::abs(b.stride);
  });
  for (;; steps.erase(steps.begin())) {
    StridedBox box(0, steps);
    if (!box.isEmpty() && box.fits() && box.last() - box.first() < period)
      return std::max(most, box.count().elements);
    if (steps.empty())
      return most;
  }
}

/// Drops forms that never are the smallest. Of forms that dominate one another
/// one stays, a constant rather than one with terms.
void IndexArithmetic::dropDominated(IndexValue &value) {
  llvm::sort(value.forms, [](const AffineForm &a, const AffineForm &b) {
    return a.terms.size() > b.terms.size();
  });
  for (size_t i = 0; i < value.forms.size();) {
    bool dominated = false;
    for (size_t j = 0; j < value.forms.size() && !dominated; ++j)
      dominated = i != j && getLowerBound(add(value.forms[i],
                                              scale(value.forms[j], -1))) >= 0;
    if (dominated)
      value.forms.erase(value.forms.begin() + i);
    else
      ++i;
  }
}

IndexValue IndexArithmetic::minimum(const IndexValue &lhs,
                                    const IndexValue &rhs) {
  if (!lhs.isKnown() || !rhs.isKnown())
    return merge({lhs, rhs});
  IndexValue result = lhs;
  result.forms.append(rhs.forms.begin(), rhs.forms.end());
  dropDominated(result);
  return result;
}

IndexValue IndexArithmetic::maximum(const IndexValue &lhs,
                                    const IndexValue &rhs) {
  if (!lhs.isAffine() || !rhs.isAffine())
    return merge({lhs, rhs});
  AffineForm difference = add(lhs.forms.front(), scale(rhs.forms.front(), -1));
  if (getLowerBound(difference) >= 0)
    return lhs;
  if (getUpperBound(difference) <= 0)
    return rhs;
  return merge({lhs, rhs});
}

std::optional<std::pair<int64_t, int64_t>>
IndexArithmetic::getRange(const IndexValue &value) {
  if (!value.isKnown())
    return std::nullopt;
  // A minimum of forms is at least the smallest of their smallest values.
  int64_t low = INT64_MAX, high = getUpperBound(value.forms);
  for (const AffineForm &form : value.forms)
    low = std::min(low, getLowerBound(form));
  if (low == INT64_MIN || high == INT64_MAX)
    return std::nullopt;
  return std::pair(low, high);
}

bool IndexArithmetic::isNonNegative(const IndexValue &value) {
  if (value.extent > 0)
    return value.scale > 0 && getLowerBound(value.moved) >= 0;
  return value.isKnown() && llvm::all_of(value.forms, [&](auto &form) {
           return getLowerBound(form) >= 0;
         });
}

SmallVector<IndexValue, 4>
IndexArithmetic::evaluate(AffineMap map, ArrayRef<IndexValue> operands) {
  SmallVector<IndexValue, 4> results;
  for (AffineExpr expression : map.getResults())
    results.push_back(evaluateExpr(*this, expression,
                                   operands.take_front(map.getNumDims()),
                                   operands.drop_front(map.getNumDims())));
  return results;
}

int64_t IndexArithmetic::getBound(const AffineForm &form, bool upper) {
  // Saturated: a bound that does not fit is no information, not an error.
  constexpr __int128 far = (__int128)1 << 100;
  __int128 bound = form.constant;
  for (const Term &term : form.terms)
    if ((term.stride > 0) == upper) {
      bound += (__int128)term.stride *
               std::max<int64_t>(loops[term.loop].maxTripCount - 1, 0);
      bound = std::clamp(bound, -far, far);
    }
  bound = std::min<__int128>(bound, INT64_MAX);
  return (int64_t)std::max<__int128>(bound, INT64_MIN);
}

int64_t IndexArithmetic::getUpperBound(const AffineForm &form) {
  return getBound(form, /*upper=*/true);
}

int64_t IndexArithmetic::getLowerBound(const AffineForm &form) {
  return getBound(form, /*upper=*/false);
}

int64_t IndexArithmetic::getUpperBound(ArrayRef<AffineForm> minimumOf) {
  int64_t bound = INT64_MAX;
  for (const AffineForm &form : minimumOf)
    bound = std::min(bound, getUpperBound(form));
  return bound;
}

int64_t memwall::computeMaxTripCount(const SmallVectorImpl<Loop> &loops,
                                     ArrayRef<AffineForm> extent,
                                     int64_t step) {
  int64_t largest = IndexArithmetic(loops).getUpperBound(extent);
  return llvm::divideCeil(std::max<int64_t>(largest, 0), step);
}
