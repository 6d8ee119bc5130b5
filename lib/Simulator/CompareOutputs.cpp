//===- CompareOutputs.cpp - Whether two programs compute the same ---------===//

#include "memwall/Simulator/RunProgram.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// What a reordered sum of some thousand terms may differ by: the square root
/// of the type's last place for wide floats, a few places for narrow ones;
/// nothing for integers.
static double getTolerance(Type type) {
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

std::optional<Difference> memwall::compareOutputs(ArrayRef<HostTensor> before,
                                                  ArrayRef<HostTensor> after) {
  if (before.size() != after.size())
    return std::nullopt;
  Difference result;
  for (auto [a, b] : llvm::zip(before, after)) {
    if (a.shape != b.shape || a.elementType != b.elementType)
      return std::nullopt;
    double tolerance = getTolerance(a.elementType);
    double scale = computeRootMeanSquare(a);
    double largest = 0;
    for (int64_t i = 0, e = a.elements(); i < e; ++i)
      largest = std::max(
          largest, computeDifference(a.getNumber(i), b.getNumber(i), scale));
    // The output that is furthest from its own tolerance decides.
    if (largest - tolerance >= result.largest - result.tolerance ||
        (result.largest == 0 && result.tolerance == 0))
      result = {largest, tolerance};
  }
  return result;
}
