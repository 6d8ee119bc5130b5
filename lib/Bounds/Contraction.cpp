//===- Contraction.cpp - I/O lower bound of a contraction -----------------===//
//
// docs/Model.md, B6: every s gives a true bound, so the search below may stop
// anywhere; it works on logarithms.
//
//===----------------------------------------------------------------------===//

#include "memwall/Bounds/Contraction.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace memwall;

/// Operands beyond these, smallest first, get s = 0.
static constexpr unsigned kMaxOperands = 4;

namespace {

using Exponents = std::array<double, kMaxOperands>;

/// A shape with loops of equal membership merged, in logarithms.
class LogShape {
public:
  LogShape(const ContractionShape &shape, double capacityBytes);

  unsigned operands() const { return positions.size(); }
  /// Index in the shape of operand `j` here.
  unsigned position(unsigned j) const { return positions[j]; }
  /// log LB_s; minus infinity when s is not allowed.
  double evaluate(const Exponents &s) const;

private:
  struct Dim {
    unsigned operands; ///< Bit j: operand j is indexed by it.
    double logSize;
  };

  double iterations = 0; ///< Of dims that some operand is indexed by.
  double logCapacity;
  llvm::SmallVector<unsigned, kMaxOperands> positions;
  llvm::SmallVector<double, kMaxOperands> logBytes;
  llvm::SmallVector<Dim, 8> dims;
};

} // namespace

/// log of the bytes of a whole operand.
static double computeLogVolume(const ContractionShape &shape, unsigned j) {
  double volume = std::log(shape.operands[j].bytesPerElement);
  for (unsigned i = 0; i < shape.dims.size(); ++i)
    if (shape.operands[j].dims >> i & 1)
      volume += std::log(shape.dims[i]);
  return volume;
}

LogShape::LogShape(const ContractionShape &shape, double capacityBytes)
    : logCapacity(std::log(capacityBytes)) {
  // 1. The largest operands.
  llvm::SmallVector<std::pair<double, unsigned>, 8> bySize;
  for (unsigned j = 0; j < shape.operands.size(); ++j)
    if (shape.operands[j].bytesPerElement > 0 && shape.operands[j].dims != 0)
      bySize.push_back({-computeLogVolume(shape, j), j});
  llvm::sort(bySize);
  bySize.truncate(std::min<size_t>(bySize.size(), kMaxOperands));
  llvm::sort(bySize, llvm::less_second());
  for (auto [volume, j] : bySize) {
    positions.push_back(j);
    logBytes.push_back(std::log(shape.operands[j].bytesPerElement));
  }
  // 2. Loops by membership.
  for (unsigned i = 0; i < shape.dims.size(); ++i) {
    unsigned members = 0;
    for (unsigned j = 0; j < positions.size(); ++j)
      members |= (shape.operands[positions[j]].dims >> i & 1) << j;
    if (members == 0)
      continue; // mu = 1 cancels it.
    double logSize = std::log(shape.dims[i]);
    iterations += logSize;
    auto *same = llvm::find_if(
        dims, [&](const Dim &dim) { return dim.operands == members; });
    if (same == dims.end())
      dims.push_back({members, logSize});
    else
      same->logSize += logSize;
  }
}

double LogShape::evaluate(const Exponents &s) const {
  double lambda = 0, value = iterations;
  for (unsigned j = 0; j < operands(); ++j) {
    if (s[j] < 0)
      return -std::numeric_limits<double>::infinity();
    lambda += s[j];
    if (s[j] > 0)
      value += s[j] * (logBytes[j] - std::log(s[j]));
  }
  double excess = lambda - 1;
  if (excess < 0)
    return -std::numeric_limits<double>::infinity();
  if (excess > 0)
    value += excess * (std::log(excess) - logCapacity);
  for (const Dim &dim : dims) {
    double cover = 0;
    for (unsigned j = 0; j < operands(); ++j)
      if (dim.operands >> j & 1)
        cover += s[j];
    if (cover < 1)
      value -= (1 - cover) * dim.logSize;
  }
  return value;
}

double memwall::computeChargedBytes(const ContractionShape &shape,
                                    double capacityBytes,
                                    llvm::ArrayRef<double> s) {
  LogShape logShape(shape, capacityBytes);
  Exponents exponents{};
  double given = 0, used = 0;
  for (double exponent : s)
    given += exponent;
  for (unsigned j = 0; j < logShape.operands(); ++j)
    used += exponents[j] = s[logShape.position(j)];
  // An s on an operand that was dropped is not what the caller asked for.
  return used < given ? 0 : std::exp(logShape.evaluate(exponents));
}

namespace {

/// The best s so far.
struct Best {
  Exponents s{};
  double value = -std::numeric_limits<double>::infinity();

  bool offer(const LogShape &shape, const Exponents &candidate) {
    double found = shape.evaluate(candidate);
    if (!(found > value + 1e-12))
      return false;
    s = candidate;
    value = found;
    return true;
  }
};

} // namespace

/// Calls `visit` with every point of {0, ..., points - 1}^operands.
template <typename Fn>
static void visitGrid(unsigned operands, unsigned points, Fn visit) {
  std::array<unsigned, kMaxOperands> at{};
  for (bool more = operands > 0; more;) {
    visit(at);
    more = false;
    for (unsigned j = 0; j < operands && !more; ++j) {
      at[j] = (at[j] + 1) % points;
      more = at[j] != 0;
    }
  }
}

/// The s of the closed forms B7: operand `whole` has all of it but theta, which
/// the two others share equally.
static void offerClosedForms(const LogShape &shape, Best &best) {
  if (shape.operands() != 3)
    return;
  for (unsigned whole = 0; whole < 3; ++whole) {
    // log LB = const + theta log(u/theta) + (1 - theta) log(c/(1 - theta)) is
    // largest at theta = u / (u + c); u/c follows from two of its values.
    auto at = [&](double theta) {
      Exponents s{theta, theta, theta, 0};
      s[whole] = 1 - theta;
      return s;
    };
    double atZero = shape.evaluate(at(0)), atHalf = shape.evaluate(at(0.5));
    double ratio = std::exp(2 * (atHalf - atZero - std::log(2.0)));
    best.offer(shape, at(std::min(0.5, ratio / (1 + ratio))));
  }
}

/// Steps in all directions of {-1, 0, 1}^operands, on as long as that helps,
/// then halves the step. The optimum often lies where several covers are 1;
/// these directions stay there.
static void polish(const LogShape &shape, Best &best) {
  for (double step = 1.0 / 8; step > 1e-6; step /= 2)
    visitGrid(shape.operands(), 3, [&](const auto &direction) {
      for (double stride = step;; stride *= 2) {
        Exponents candidate = best.s;
        for (unsigned j = 0; j < shape.operands(); ++j)
          candidate[j] += stride * ((double)direction[j] - 1);
        if (!best.offer(shape, candidate))
          break;
      }
    });
}

double memwall::maximizeChargedBytes(const ContractionShape &shape,
                                     double capacityBytes,
                                     llvm::SmallVectorImpl<double> *bestS) {
  LogShape logShape(shape, capacityBytes);
  if (logShape.operands() == 0)
    return 0;
  Best best;
  constexpr unsigned points = 5;
  visitGrid(logShape.operands(), points, [&](const auto &at) {
    Exponents candidate{};
    for (unsigned j = 0; j < logShape.operands(); ++j)
      candidate[j] = (double)at[j] / (points - 1);
    best.offer(logShape, candidate);
  });
  // Near a sum of 1 there are other local maxima, but B6 is below compulsory
  // there.
  polish(logShape, best);
  offerClosedForms(logShape, best);
  if (bestS) {
    bestS->assign(shape.operands.size(), 0);
    for (unsigned j = 0; j < logShape.operands(); ++j)
      (*bestS)[logShape.position(j)] = best.s[j];
  }
  return std::exp(best.value);
}

double memwall::computeMatmulChargedBytes(double m, double n, double k,
                                          double a, double b, double c,
                                          double capacityBytes) {
  double s = capacityBytes;
  double best = 2 * m * n * k * std::sqrt(a * b * c / s);
  if (a * b * k * k <= c * s)
    best = std::max(best, m * n * (c + a * b * k * k / s));
  if (a * c * m * m <= b * s)
    best = std::max(best, k * n * (b + a * c * m * m / s));
  if (b * c * n * n <= a * s)
    best = std::max(best, m * k * (a + b * c * n * n / s));
  return std::max(best, m * k * a + k * n * b + m * n * c);
}
