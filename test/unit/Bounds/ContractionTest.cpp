//===- ContractionTest.cpp - The contraction bound against schedules ------===//

#include "memwall/Bounds/Contraction.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace memwall;

/// A[m, k], B[k, n], C[m, n] with a, b, c bytes per element.
static ContractionShape makeMatmul(double m, double n, double k, double a,
                                   double b, double c) {
  ContractionShape shape;
  shape.dims = {m, n, k};
  shape.operands = {{a, 0b101}, {b, 0b110}, {c, 0b011}};
  return shape;
}

/// Every operand once.
static double computeCompulsory(const ContractionShape &shape) {
  double total = 0;
  for (ContractionOperand operand : shape.operands) {
    double volume = operand.bytesPerElement;
    for (unsigned i = 0; i < shape.dims.size(); ++i)
      volume *= (operand.dims >> i & 1) ? shape.dims[i] : 1;
    total += volume;
  }
  return total;
}

/// Bytes of the best schedule that keeps one operand's tile and streams the
/// others, C zero-initialised. Rows and columns index the kept operand.
static double bestTiling(double m, double n, double k, double a, double b,
                         double c, double capacity) {
  double best = std::numeric_limits<double>::infinity();
  // rows x columns of the kept operand and the depth that streams by; sizes of
  // its own element and of those that run along its rows and columns.
  auto search = [&](double rows, double columns, double depth, double kept,
                    double rowElement, double columnElement, auto cost) {
    for (double t = 1; t <= rows; ++t) {
      // One slice of each streamed operand per step of the depth.
      double left = capacity - t * rowElement;
      double u =
          std::min(columns, std::floor(left / (t * kept + columnElement)));
      if (u >= 1)
        best =
            std::min(best, cost(std::ceil(rows / t), std::ceil(columns / u)));
    }
  };
  search(m, n, k, c, a, b, [&](double tilesM, double tilesN) {
    return m * n * c + tilesN * m * k * a + tilesM * k * n * b;
  });
  search(m, k, n, a, c, b, [&](double tilesM, double tilesK) {
    return m * k * a + tilesM * k * n * b + (2 * tilesK - 1) * m * n * c;
  });
  search(k, n, m, b, a, c, [&](double tilesK, double tilesN) {
    return k * n * b + tilesN * m * k * a + (2 * tilesK - 1) * m * n * c;
  });
  return best;
}

TEST(Contraction, NeverAboveATiledMatmul) {
  std::mt19937 random(5);
  auto draw = [&](double low, double high) {
    return std::floor(std::exp(std::uniform_real_distribution<double>(
        std::log(low), std::log(high + 1))(random)));
  };
  double widths[] = {0.5, 1, 2, 4};
  double worst = 0;
  for (int i = 0; i < 1500; ++i) {
    double m = draw(1, 500), n = draw(1, 500), k = draw(1, 500);
    double a = widths[random() % 4], b = widths[random() % 4],
           c = widths[random() % 4];
    double capacity = draw(16, 65536);
    double cost = bestTiling(m, n, k, a, b, c, capacity);
    double compulsory = m * k * a + k * n * b + m * n * c;
    double bound =
        std::max(compulsory,
                 maximizeChargedBytes(makeMatmul(m, n, k, a, b, c), capacity));
    ASSERT_LE(bound, cost * (1 + 1e-9))
        << m << "x" << n << "x" << k << " in " << capacity;
    if (capacity >= 4096)
      worst = std::max(worst, cost / bound);
  }
  // Tight, not only true: a plain tiling is never far above it.
  EXPECT_LT(worst, 1.6);
}

TEST(Contraction, EqualsTheClosedForms) {
  // Where all dims exceed the tiles of the closed form it is the maximum.
  struct Case {
    double m, n, k, a, b, c, capacity;
  };
  for (Case t :
       {Case{4096, 4096, 4096, 2, 2, 2, 1 << 20},
        Case{4096, 4096, 4096, 2, 0.5, 4, 1 << 18},
        Case{1e5, 1e5, 16, 2, 2, 2, 4096}, Case{1e5, 1e5, 30, 2, 1, 4, 4096},
        Case{8, 1e6, 1e6, 2, 2, 4, 1 << 16},
        Case{1e6, 4, 1e6, 4, 4, 4, 1 << 14}}) {
    double found = maximizeChargedBytes(
        makeMatmul(t.m, t.n, t.k, t.a, t.b, t.c), t.capacity);
    double closed =
        computeMatmulChargedBytes(t.m, t.n, t.k, t.a, t.b, t.c, t.capacity);
    EXPECT_NEAR(found / closed, 1, 1e-6);
  }
  // The cube: 2 mnk sqrt(abc / S), by hand: 2 * 2^36 * sqrt(8 / 2^20).
  EXPECT_NEAR(computeMatmulChargedBytes(4096, 4096, 4096, 2, 2, 2, 1 << 20),
              std::pow(2, 37) * std::sqrt(8.0) / 1024, 1);
}

TEST(Contraction, ClosedFormsNeverExceedTheSearch) {
  std::mt19937 random(6);
  double widths[] = {0.5, 1, 2, 4};
  for (int i = 0; i < 400; ++i) {
    double m = 1 + random() % 300, n = 1 + random() % 300,
           k = 1 + random() % 300, capacity = 16 + random() % 20000;
    double a = widths[random() % 4], b = widths[random() % 4],
           c = widths[random() % 4];
    double compulsory = m * k * a + k * n * b + m * n * c;
    double found =
        std::max(compulsory,
                 maximizeChargedBytes(makeMatmul(m, n, k, a, b, c), capacity));
    EXPECT_LE(computeMatmulChargedBytes(m, n, k, a, b, c, capacity),
              found * (1 + 1e-6));
  }
}

TEST(Contraction, FallsWithCapacityAndBeatsRandomExponents) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1.2);
  for (int i = 0; i < 200; ++i) {
    // Any operands, up to four, over up to five dims.
    ContractionShape shape;
    for (int d = random() % 4 + 2; d > 0; --d)
      shape.dims.push_back(1 + random() % 100);
    for (int j = random() % 3 + 2; j > 0; --j)
      shape.operands.push_back(
          {0.5 * (1 << random() % 4),
           (uint32_t)(1 + random() % ((1 << shape.dims.size()) - 1))});
    double compulsory = computeCompulsory(shape);
    double previous = std::numeric_limits<double>::infinity();
    for (double capacity = 32; capacity < 1e6; capacity *= 1.7) {
      double found =
          std::max(compulsory, maximizeChargedBytes(shape, capacity));
      EXPECT_LE(found, previous * (1 + 1e-5));
      previous = found;
      llvm::SmallVector<double, 4> s;
      for (unsigned j = 0; j < shape.operands.size(); ++j)
        s.push_back(uniform(random));
      EXPECT_LE(computeChargedBytes(shape, capacity, s), found * (1 + 1e-5));
    }
  }
}

TEST(Contraction, BatchesAddUp) {
  ContractionShape one = makeMatmul(64, 80, 96, 2, 2, 4);
  ContractionShape many = one;
  many.dims.push_back(12);
  for (ContractionOperand &operand : many.operands)
    operand.dims |= 0b1000;
  EXPECT_NEAR(maximizeChargedBytes(many, 2048),
              12 * maximizeChargedBytes(one, 2048), 1);
}

TEST(Contraction, ExponentsThatSumBelowOneSayNothing) {
  ContractionShape shape = makeMatmul(64, 64, 64, 2, 2, 2);
  EXPECT_EQ(computeChargedBytes(shape, 1024, {0.2, 0.2, 0.2}), 0);
  EXPECT_EQ(computeChargedBytes(shape, 1024, {-1, 1, 1}), 0);
  // s = 1 on one operand: that operand is moved once.
  EXPECT_NEAR(computeChargedBytes(shape, 1024, {1, 0, 0}), 64 * 64 * 2, 1e-6);
  llvm::SmallVector<double, 3> s;
  double found = maximizeChargedBytes(shape, 1024, &s);
  EXPECT_NEAR(computeChargedBytes(shape, 1024, s), found, 1e-6 * found);
}
