#include "memwall/Work/IndexAnalysis.h"
#include "EnumerateIndices.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;
using namespace mlir;

namespace {

struct IndexAnalysisTest : ::testing::Test {
  MLIRContext context;

  AffineExpr dim(unsigned position) {
    return getAffineDimExpr(position, &context);
  }
};

int64_t evaluateAt(const NestIndex &index, ArrayRef<int64_t> point) {
  int64_t value = index.constant;
  for (auto [dim, coefficient] : index.terms)
    value += coefficient * point[dim];
  return value;
}

int64_t evaluateAt(AffineExpr expr, ArrayRef<int64_t> point) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return point[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs = evaluateAt(binary.getLHS(), point);
  int64_t rhs = evaluateAt(binary.getRHS(), point);
  // All divisors are positive.
  int64_t remainder = expr.getKind() == AffineExprKind::Add ||
                              expr.getKind() == AffineExprKind::Mul
                          ? 0
                          : ((lhs % rhs) + rhs) % rhs;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::Mod:
    return remainder;
  case AffineExprKind::FloorDiv:
    return (lhs - remainder) / rhs;
  default:
    return (lhs - remainder) / rhs + (remainder ? 1 : 0);
  }
}

// Random expressions over a 6 x 4 x 5 box: wherever the analysis says affine,
// it agrees with the expression at every point; where it says gather, it names
// every dim that the expression uses after simplification.
TEST_F(IndexAnalysisTest, affineMeansEqualAtEveryPoint) {
  std::mt19937 random(7);
  SmallVector<int64_t> sizes = {6, 4, 5};
  SmallVector<NestIndex> dims = {makeDimIndex(0), makeDimIndex(1),
                                 makeDimIndex(2)};
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int affine = 0, gathers = 0;
  for (int i = 0; i < 2000; ++i) {
    AffineExpr expr = getAffineConstantExpr(draw(-3, 9), &context);
    for (unsigned d = 0; d < 3; ++d)
      expr = expr + dim(d) * draw(-4, 8);
    int64_t divisor = draw(1, 9);
    if (int64_t kind = draw(0, 3); kind == 1)
      expr = expr.floorDiv(divisor);
    else if (kind == 2)
      expr = expr % divisor;
    else if (kind == 3)
      expr = expr.ceilDiv(divisor);
    expr = expr * draw(1, 3) + dim(draw(0, 2));
    IndexAnalysis analysis(sizes, dims);
    NestIndex index = analysis.evaluate(expr);
    (index.gatherDims ? gathers : affine) += 1;
    if (index.gatherDims) {
      for (unsigned d = 0; d < 3; ++d)
        EXPECT_TRUE(!expr.isFunctionOfDim(d) ||
                    llvm::is_contained(*index.gatherDims, d));
      continue;
    }
    for (int64_t a = 0; a < 6; ++a)
      for (int64_t b = 0; b < 4; ++b)
        for (int64_t c = 0; c < 5; ++c)
          ASSERT_EQ(evaluateAt(index, {a, b, c}), evaluateAt(expr, {a, b, c}));
  }
  EXPECT_GT(affine, 500);
  EXPECT_GT(gathers, 200);
}

/// Calls `visit` with the access indices of all nests in [first, last), in the
/// order of execution, below loop `depth` of the box.
void walk(ArrayRef<WorkNest> nests, SmallVector<int64_t> &point,
          llvm::function_ref<void(SmallVector<int64_t>)> visit) {
  size_t depth = point.size();
  while (!nests.empty()) {
    size_t count = 1;
    while (count < nests.size() && nests[count].joined > depth)
      ++count;
    ArrayRef<WorkNest> together = nests.take_front(count);
    nests = nests.drop_front(count);
    if (depth == together.front().dims.size()) {
      SmallVector<int64_t> values;
      for (const NestAccess &access : together.front().accesses)
        for (const NestIndex &index : access.indices)
          values.push_back(evaluateAt(index, point));
      visit(std::move(values));
      continue;
    }
    for (int64_t i = 0; i < together.front().dims[depth].size; ++i) {
      point.push_back(i);
      walk(together, point, visit);
      point.pop_back();
    }
  }
}

// Sums of quotients and remainders of random expressions: the pieces give the
// positions of the box, point by point in its order. d1 is in none of them.
TEST_F(IndexAnalysisTest, piecesAreTheBoxInItsOrder) {
  std::mt19937 random(11);
  SmallVector<int64_t> sizes = {7, 2, 24};
  SmallVector<NestIndex> dims = {makeDimIndex(0), makeDimIndex(1),
                                 makeDimIndex(2)};
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  Block body;
  int cut = 0, whole = 0;
  for (int i = 0; i < 500; ++i) {
    SmallVector<IndexSource, 4> sources;
    SmallVector<AffineExpr> expressions;
    WorkNest nest;
    nest.accesses.resize(1);
    for (int64_t size : sizes)
      nest.dims.push_back({size});
    IndexAnalysis analysis(sizes, dims);
    for (int e = draw(1, 2); e > 0; --e) {
      AffineExpr expr = dim(2) * draw(-2, 2) + draw(0, 30);
      if (draw(0, 2) == 0)
        expr = expr + dim(0) * draw(1, 8);
      expr = draw(0, 1) ? expr.floorDiv(draw(1, 9)) : expr % draw(1, 30);
      expressions.push_back(expr + dim(draw(0, 2)) * draw(0, 2));
    }
    expressions.push_back(dim(0) * 100 + dim(1) * 30 + dim(2));
    for (AffineExpr expr : expressions) {
      sources.push_back(expr);
      nest.accesses[0].indices.push_back(analysis.evaluate(expr));
    }
    PointEvaluator evaluator(body, {});
    SmallVector<WorkNest, 1> nests =
        enumerateIndices(nest, {sources}, dims, evaluator);
    if (llvm::any_of(nests.front().accesses[0].indices, [](auto &index) {
          return index.gatherDims.has_value();
        })) {
      ++whole;
      continue;
    }
    cut += nests.size() > 1;
    std::vector<SmallVector<int64_t>> expected, actual;
    for (int64_t a = 0; a < sizes[0]; ++a)
      for (int64_t b = 0; b < sizes[1]; ++b)
        for (int64_t c = 0; c < sizes[2]; ++c) {
          expected.emplace_back();
          for (AffineExpr expr : expressions)
            expected.back().push_back(evaluateAt(expr, {a, b, c}));
        }
    SmallVector<int64_t> point;
    walk(nests, point, [&](SmallVector<int64_t> values) {
      actual.push_back(std::move(values));
    });
    ASSERT_EQ(actual, expected);
  }
  EXPECT_GT(cut, 200);
  EXPECT_GT(whole, 0);
}

// d0 floordiv 2 of 6 wants inner parts of 2; of 5 or unknown nothing helps.
TEST_F(IndexAnalysisTest, wishesForSplits) {
  for (auto [size, wishes] :
       {std::pair<int64_t, size_t>{6, 1}, {5, 0}, {ShapedType::kDynamic, 0}}) {
    SmallVector<int64_t> sizes = {size};
    SmallVector<NestIndex> dims = {makeDimIndex(0)};
    IndexAnalysis analysis(sizes, dims);
    EXPECT_TRUE(analysis.evaluate(dim(0).floorDiv(2)).gatherDims);
    ASSERT_EQ(analysis.getSplits().size(), wishes);
    if (wishes) {
      EXPECT_EQ(analysis.getSplits().front(), std::make_pair(0u, int64_t(2)));
    }
  }
}

// Coefficients that do not fit 64 bits are not known, instead of wrong.
TEST_F(IndexAnalysisTest, overflowIsAGather) {
  SmallVector<int64_t> sizes = {4};
  SmallVector<NestIndex> dims = {makeDimIndex(0, INT64_MAX / 2)};
  IndexAnalysis analysis(sizes, dims);
  EXPECT_FALSE(analysis.evaluate(dim(0) * 2).gatherDims);
  EXPECT_TRUE(analysis.evaluate(dim(0) * 4).gatherDims);
}

} // namespace
