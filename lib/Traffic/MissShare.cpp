//===- MissShare.cpp - Share of a sweep that misses -----------------------===//

#include "ReuseAnalysis.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

/// Integral of clamp(x - lines, 0, 1) up to `x`: a distance of D + f lines is
/// D lines, or with probability f one more (unaligned rows average).
static double integrateMisses(double x, double lines) {
  double excess = x - lines;
  if (excess <= 0)
    return 0;
  return excess >= 1 ? excess - 0.5 : excess * excess / 2;
}

/// The distance at position `at` on the line through two samples.
static double extrapolate(const Samples &distances, unsigned from, unsigned to,
                          double at) {
  double slope =
      (distances[to] - distances[from]) / (kPositions[to] - kPositions[from]);
  return std::max(1.0, distances[from] + slope * (at - kPositions[from]));
}

/// Share of a stretch between two distances that exceeds `lines`.
static double stretchMissShare(double a, double b, double lines) {
  double low = std::min(a, b), high = std::max(a, b);
  if (high - low < 1e-3 || low >= lines + 1)
    return std::clamp(low - lines, 0.0, 1.0);
  if (high <= lines)
    return 0;
  return (integrateMisses(high, lines) - integrateMisses(low, lines)) /
         (high - low);
}

double memwall::computeMissShare(const Samples &distances, double lines) {
  constexpr unsigned last = kSamples - 1;
  if (std::isinf(distances[0]))
    return 1;
  double share = 0;
  for (unsigned i = 0; i < last; ++i)
    share += stretchMissShare(distances[i], distances[i + 1], lines) *
             (kPositions[i + 1] - kPositions[i]);
  // The ends of a sweep carry on as it begins and ends, if it is one sweep.
  bool isMonotone = llvm::is_sorted(distances) ||
                    llvm::is_sorted(distances, std::greater<double>());
  double first = distances[0], end = distances[last];
  if (isMonotone) {
    first = extrapolate(distances, 0, 1, 0);
    end = extrapolate(distances, last, last - 1, 1);
  }
  share += stretchMissShare(first, distances[0], lines) * kPositions[0];
  share +=
      stretchMissShare(distances[last], end, lines) * (1 - kPositions[last]);
  return share;
}
