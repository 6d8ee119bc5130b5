//===- CompareOutputs.cpp - Whether two programs compute the same ---------===//

#include "memwall/Simulator/RunProgram.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// What numbers of a type may differ by even where few are added up: two thirds
/// of the places of wide floats, all but a few of narrow ones; nothing for
/// integers.
static double getTypeTolerance(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    type = complex.getElementType();
  auto floating = dyn_cast<FloatType>(type);
  if (!floating)
    return 0;
  int precision =
      llvm::APFloat::semanticsPrecision(floating.getFloatSemantics());
  return precision > 11 ? std::ldexp(1.0, -precision * 2 / 3)
                        : std::ldexp(8.0, -precision);
}

static double computeRootMeanSquare(const HostTensor &tensor) {
  double sum = 0;
  int64_t finite = 0;
  for (int64_t i = 0, e = tensor.elements(); i < e; ++i) {
    double number = tensor.getNumber(i);
    if (std::isfinite(number)) {
      sum += number * number;
      ++finite;
    }
  }
  return finite ? std::sqrt(sum / finite) : 0;
}

static double computeDifference(double a, double b, double scale) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double difference =
      std::abs(a - b) / std::max({std::abs(a), std::abs(b), scale});
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

/// The tolerance of outputs of a type, and its reason.
static Difference computeTolerance(Type type, const SumRounding &sums) {
  Difference result;
  std::string name;
  llvm::raw_string_ostream(name) << type;
  result.tolerance = getTypeTolerance(type);
  if (result.tolerance == 0) {
    result.reason = name + " is exact";
    return result;
  }
  result.reason = "a few roundings of " + name;
  double ofSums = 4 * std::sqrt(sums.variance);
  if (ofSums > result.tolerance) {
    result.tolerance = ofSums;
    result.reason =
        llvm::formatv("4 sqrt(n) roundings, n = {0:f0} terms are added up in "
                      "{1} on the way to an element",
                      sums.terms, sums.elementType);
  }
  return result;
}

std::optional<Difference> memwall::compareOutputs(ArrayRef<HostTensor> before,
                                                  ArrayRef<HostTensor> after,
                                                  const SumRounding &sums) {
  if (before.size() != after.size())
    return std::nullopt;
  Difference result;
  for (auto [a, b] : llvm::zip(before, after)) {
    if (a.shape != b.shape || a.elementType != b.elementType)
      return std::nullopt;
    Difference here = computeTolerance(a.elementType, sums);
    double scale = computeRootMeanSquare(a);
    for (int64_t i = 0, e = a.elements(); i < e; ++i)
      here.largest =
          std::max(here.largest,
                   computeDifference(a.getNumber(i), b.getNumber(i), scale));
    // The output that is furthest from its own tolerance decides.
    if (here.largest - here.tolerance >= result.largest - result.tolerance ||
        result.reason.empty())
      result = std::move(here);
  }
  return result;
}
