//===- MissShareTest.cpp - Miss shares against integration ----------------===//

#include "RandomTree.h"
#include "ReuseAnalysis.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <limits>

using namespace memwall;
using namespace memwall::test;

namespace {

/// The distance at position `p` of a sweep: linear between the samples. Beyond
/// the first and the last one a sweep that only rises, or only falls, carries
/// on (to no less than 1 line); any other stays as it is.
double distanceAt(const Samples &distances, double p) {
  bool isMonotone =
      llvm::is_sorted(distances) || llvm::is_sorted(llvm::reverse(distances));
  unsigned i = 0;
  while (i + 2 < kSamples && p > kPositions[i + 1])
    ++i;
  bool isOutside = p < kPositions.front() || p > kPositions.back();
  if (isOutside && !isMonotone)
    return p < kPositions.front() ? distances.front() : distances.back();
  // The ends are extrapolated first, and the curve goes straight to them.
  auto onLine = [&](double at) {
    return distances[i] + (distances[i + 1] - distances[i]) *
                              (at - kPositions[i]) /
                              (kPositions[i + 1] - kPositions[i]);
  };
  if (!isOutside)
    return onLine(p);
  double end = p < kPositions.front() ? 0 : 1;
  unsigned sample = p < kPositions.front() ? 0 : kSamples - 1;
  double share = (p - kPositions[sample]) / (end - kPositions[sample]);
  return distances[sample] +
         share * (std::max(1.0, onLine(end)) - distances[sample]);
}

/// A distance of D + f lines is D, or with probability f one line more.
TEST(MissShare, RandomDistancesAgainstIntegration) {
  Random random(1);
  constexpr int kSteps = 20000;
  for (int i = 0; i < 300; ++i) {
    Samples distances;
    int64_t range = pick(random, 1, 50);
    for (double &distance : distances)
      distance = double(pick(random, 4, 4 + 4 * range)) / 4;
    if (pick(random, 0, 1))
      llvm::sort(distances);
    double lines = double(pick(random, 1, range + 3)), integral = 0, least = 1;
    for (int step = 0; step < kSteps; ++step) {
      double p = (step + 0.5) / kSteps;
      integral += std::clamp(distanceAt(distances, p) - lines, 0.0, 1.0);
    }
    double share = computeMissShare(distances, lines);
    EXPECT_NEAR(share, integral / kSteps, 1e-3);
    for (int64_t more = 0; more < 60; more += 3) {
      double next = computeMissShare(distances, lines + double(more));
      EXPECT_LE(next, least + 1e-12); // Never more with a larger cache.
      least = next;
    }
  }
}

TEST(MissShare, WholeDistancesAreAThreshold) {
  Samples distances;
  for (int64_t lines = 1; lines < 100; ++lines) {
    distances.fill(double(lines));
    EXPECT_EQ(computeMissShare(distances, double(lines)), 0);
    EXPECT_EQ(computeMissShare(distances, double(lines - 1)), 1);
  }
  distances.fill(std::numeric_limits<double>::infinity());
  EXPECT_EQ(computeMissShare(distances, 1e18), 1);
}

} // namespace
