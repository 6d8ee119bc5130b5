//===- ReductionAlgebraTest.cpp - One pass over dependent reductions ------===//

#include "memwall/Work/ReductionAlgebra.h"
#include "MaskedScores.h"
#include "gtest/gtest.h"
#include <cfloat>
#include <cmath>

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr double kLog2E = 1.4426950408889634;
using Kind = ScalarKind;

llvm::SmallVector<StreamRole, 8> analyze(const StreamedProgram &program) {
  auto roles = program.analyze();
  if (!roles) {
    ADD_FAILURE() << llvm::toString(roles.takeError());
    return {};
  }
  return std::move(*roles);
}

/// Whether the sinks of the program are the same in tiles of 1, of 3, of all.
void expectSame(const StreamedProgram &program) {
  llvm::SmallVector<StreamRole, 8> roles = analyze(program);
  ASSERT_EQ(roles.size(), program.ops.size());
  std::vector<RowValues> expected = program.evaluate();
  for (unsigned tile : {1u, 3u, program.extent}) {
    std::vector<RowValues> made = program.evaluateInTiles(roles, tile);
    for (auto [op, each] : llvm::enumerate(program.ops)) {
      if (!each.streamed.isSink)
        continue;
      ASSERT_EQ(made[op].size(), expected[op].size()) << each.streamed.where;
      for (unsigned i = 0; i < made[op].size(); ++i) {
        double want = expected[op][i];
        bool isSame = made[op][i] == want ||
                      std::fabs(made[op][i] - want) <=
                          1e-5 * std::max(1.0, std::fabs(want)) ||
                      (std::isnan(made[op][i]) && std::isnan(want));
        EXPECT_TRUE(isSame)
            << each.streamed.where << ", element " << i << ", tile " << tile
            << ": " << made[op][i] << ", expected " << want;
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// What is streamed
//===----------------------------------------------------------------------===//

// m = max x, l = sum exp(x - m), p = exp(x - m) / l, o = sum p v: the weights
// are computed in one op, as most programs spell it.
TEST(ReductionAlgebra, attention) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l, p, o;
  {
    OpBuilder op(program, OpBuilder::Column);
    p = op.finish(addKernel(op, m));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    l = op.finish(op.read(p), Combiner::Add);
  }
  unsigned normalized;
  {
    OpBuilder op(program, OpBuilder::Column);
    unsigned weight = op.read(p);
    normalized = op.finish(op.make(Kind::Divide, {weight, op.read(l)}));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = op.make(Kind::FloatCast, op.read(normalized));
    o = op.finish(op.make(Kind::Multiply, {weight, op.read(kColumn)}),
                  Combiner::Add);
  }
  program.ops[o].streamed.isSink = true;
  auto roles = analyze(program);
  ASSERT_EQ(roles.size(), 5u);
  for (const StreamRole &role : roles) {
    EXPECT_EQ(role.place, StreamPlace::Inside);
    EXPECT_FALSE(role.isInSecondLoop);
    EXPECT_FALSE(role.isClamped);
  }
  EXPECT_TRUE(roles[m].isReference && roles[m].startsFinite);
  EXPECT_FALSE(roles[l].isReference);
  for (unsigned sum : {l, o}) {
    ASSERT_EQ(roles[sum].kernels.size(), 1u);
    EXPECT_EQ(roles[sum].kernels[0].op, p);
    EXPECT_EQ(roles[sum].kernels[0].getMainRow(), m);
    EXPECT_EQ(program.ops[p].body->nodes[roles[sum].kernels[0].node].kind,
              Kind::Exp);
  }
  EXPECT_TRUE(roles[l].factors.empty());
  ASSERT_EQ(roles[o].factors.size(), 1u);
  EXPECT_TRUE(roles[o].factors[0].isDivided);
  EXPECT_EQ(roles[o].factors[0].term.op, normalized);
  // Nothing is left of the division in the loop.
  ASSERT_EQ(roles[normalized].dropped.size(), 1u);
  EXPECT_EQ(roles[normalized].forwarded, 0u);
  EXPECT_EQ(roles[p].forwarded, std::nullopt);
  expectSame(program);
}

// o / l once for the row, after the sum: the division is a row op, and nothing
// is deferred.
TEST(ReductionAlgebra, attentionThatDividesAfterwards) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m), o;
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = addKernel(op, m);
    o = op.finish(op.make(Kind::Multiply, {op.read(kColumn), weight}),
                  Combiner::Add);
  }
  OpBuilder op(program, OpBuilder::Row);
  unsigned sum = op.read(o);
  unsigned row = op.finish(op.make(Kind::Divide, {sum, op.read(l)}));
  program.ops[row].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_EQ(roles[row].place, StreamPlace::After);
  EXPECT_TRUE(roles[o].factors.empty());
  EXPECT_EQ(roles[o].kernels.size(), 1u);
  expectSame(program);
}

// p * (1 / l), 1 / l in a row op of its own.
TEST(ReductionAlgebra, reciprocals) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m), inverse, o;
  {
    OpBuilder op(program, OpBuilder::Row);
    unsigned one = op.constant(1);
    inverse = op.finish(op.make(Kind::Divide, {one, op.read(l)}));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = addKernel(op, m);
    weight = op.make(Kind::Multiply, {weight, op.read(inverse)});
    o = op.finish(op.make(Kind::Multiply, {weight, op.read(kColumn)}),
                  Combiner::Add);
  }
  program.ops[o].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_EQ(roles[inverse].place, StreamPlace::After);
  ASSERT_EQ(roles[o].factors.size(), 1u);
  EXPECT_FALSE(roles[o].factors[0].isDivided);
  EXPECT_EQ(roles[o].dropped.size(), 1u);
  expectSame(program);
}

// exp(x - (m + log l)): the reference is minus infinity while all is masked.
TEST(ReductionAlgebra, logSumExp) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m), reference, o;
  {
    OpBuilder op(program, OpBuilder::Row);
    unsigned log = op.make(Kind::Log, op.read(l));
    reference = op.finish(op.make(Kind::Add, {op.read(m), log}));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = addKernel(op, reference);
    o = op.finish(op.make(Kind::Multiply, {weight, op.read(kColumn)}),
                  Combiner::Add);
  }
  program.ops[o].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_EQ(roles[reference].place, StreamPlace::Inside);
  EXPECT_TRUE(roles[reference].isReference && roles[reference].isClamped);
  EXPECT_EQ(roles[o].kernels[0].getMainRow(), reference);
  EXPECT_EQ(roles[l].kernels[0].getMainRow(), m);
  expectSame(program);
}

TEST(ReductionAlgebra, powersOfTwoAndMasks) {
  for (int spelling = 0; spelling < 5; ++spelling) {
    StreamedProgram program = makeProgram();
    unsigned m = addMaximum(program);
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned scores = op.read(kScores), row = op.read(m);
    unsigned mask = op.index({0, 0, 0, 1, 1, 0, 1});
    unsigned exponent = op.make(Kind::Subtract, {scores, row});
    unsigned value;
    if (spelling == 0) {
      exponent = op.make(Kind::Multiply, {op.constant(kLog2E), exponent});
      value = op.make(Kind::Exp2, exponent);
    } else if (spelling == 1) {
      exponent =
          op.make(Kind::Select, {mask, exponent, op.constant(-INFINITY)});
      value = op.make(Kind::Exp, exponent);
    } else if (spelling == 2) {
      value = op.make(Kind::Select,
                      {mask, op.make(Kind::Exp, exponent), op.constant(0)});
    } else if (spelling == 3) {
      unsigned scale = op.constant(kLog2E);
      unsigned left = op.make(Kind::Multiply, {scores, scale});
      unsigned right = op.make(Kind::Multiply, {scale, row});
      value = op.make(Kind::Exp2, op.make(Kind::Subtract, {left, right}));
    } else {
      exponent = op.make(Kind::Subtract, {row, scores});
      exponent = op.make(Kind::FloatCast, op.make(Kind::Negate, exponent));
      value = op.make(Kind::Exp, exponent);
    }
    unsigned l = op.finish(value, Combiner::Add);
    program.ops[l].streamed.isSink = true;
    EXPECT_EQ(analyze(program)[l].kernels.size(), 1u);
    expectSame(program);
  }
}

// ss = sum x^2, o = sum x rsqrt(ss / n + eps) w: one factor, no reference.
TEST(ReductionAlgebra, rootMeanSquareIntoContraction) {
  StreamedProgram program = makeProgram();
  unsigned ss, root, o;
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned x = op.read(kColumn);
    ss = op.finish(op.make(Kind::Multiply, {x, x}), Combiner::Add);
  }
  {
    OpBuilder op(program, OpBuilder::Row);
    unsigned mean = op.make(Kind::Divide, {op.read(ss), op.constant(7)});
    mean = op.make(Kind::Add, {mean, op.constant(1e-5)});
    root = op.finish(op.other("math.rsqrt", mean));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned x = op.make(Kind::Multiply, {op.read(kColumn), op.read(root)});
    o = op.finish(op.make(Kind::Multiply, {x, op.read(kColumn)}),
                  Combiner::Add);
  }
  program.ops[o].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_EQ(roles[root].place, StreamPlace::After);
  EXPECT_TRUE(roles[o].kernels.empty());
  EXPECT_EQ(roles[o].factors.size(), 1u);
  expectSame(program);
}

// A softmax alone: what is used outside needs final rows, in a second loop.
TEST(ReductionAlgebra, softmaxAlone) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m);
  OpBuilder op(program, OpBuilder::Column);
  unsigned weight = addKernel(op, m);
  unsigned sink = op.finish(op.make(Kind::Divide, {weight, op.read(l)}));
  program.ops[sink].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_TRUE(roles[sink].isInSecondLoop);
  EXPECT_EQ(roles[sink].place, StreamPlace::After);
  EXPECT_FALSE(roles[m].isInSecondLoop || roles[l].isInSecondLoop);
  expectSame(program);
}

// Weights that are both summed and used outside run in both loops; scores that
// no row is in only in the first one, unless the second one reads them.
TEST(ReductionAlgebra, columnsInBothLoops) {
  StreamedProgram program = makeProgram();
  unsigned scores, m, p, l;
  {
    OpBuilder op(program, OpBuilder::Column);
    unsigned scaled =
        op.make(Kind::Multiply, {op.read(kScores), op.constant(0.5)});
    scores = op.finish(scaled);
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    m = op.finish(op.read(scores), Combiner::Maximum, -INFINITY);
  }
  {
    OpBuilder op(program, OpBuilder::Column);
    unsigned x = op.read(scores);
    p = op.finish(op.make(Kind::Exp, op.make(Kind::Subtract, {x, op.read(m)})));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    l = op.finish(op.read(p), Combiner::Add);
  }
  program.ops[p].streamed.isSink = program.ops[l].streamed.isSink = true;
  auto roles = analyze(program);
  for (unsigned both : {scores, p}) {
    EXPECT_EQ(roles[both].place, StreamPlace::Inside);
    EXPECT_TRUE(roles[both].isInSecondLoop);
  }
  expectSame(program);
  program.ops[p].streamed.isSink = false;
  program.ops[scores].streamed.isSink = true;
  EXPECT_FALSE(analyze(program)[scores].isInSecondLoop);
  expectSame(program);
}

// Rows before, inside and after; a start that is finite already.
TEST(ReductionAlgebra, places) {
  StreamedProgram program = makeProgram();
  unsigned before, m, l, after;
  {
    OpBuilder op(program, OpBuilder::Row);
    before = op.finish(op.make(Kind::Negate, op.read(RowValues{2})));
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned x = op.make(Kind::Add, {op.read(kScores), op.read(before)});
    m = op.finish(x, Combiner::Maximum, -1e30);
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned x = op.make(Kind::Add, {op.read(kScores), op.read(before)});
    l = op.finish(op.make(Kind::Exp, op.make(Kind::Subtract, {x, op.read(m)})),
                  Combiner::Add);
  }
  {
    OpBuilder op(program, OpBuilder::Row);
    unsigned log = op.make(Kind::Log, op.read(l));
    after = op.finish(op.make(Kind::Add, {log, op.read(m)}));
  }
  program.ops[after].streamed.isSink = true;
  auto roles = analyze(program);
  EXPECT_EQ(roles[before].place, StreamPlace::Before);
  EXPECT_EQ(roles[m].place, StreamPlace::Inside);
  EXPECT_FALSE(roles[m].startsFinite);
  EXPECT_EQ(roles[after].place, StreamPlace::After);
  EXPECT_FALSE(roles[after].isReference);
  expectSame(program);
}

// A row without any score that counts divides 0 by 0, as it did before.
TEST(ReductionAlgebra, deadRows) {
  StreamedProgram program = makeProgram();
  RowValues masked(7, -INFINITY);
  unsigned m, l, o;
  auto addWeight = [&](OpBuilder &op) {
    unsigned x = op.read(masked);
    return op.make(Kind::Exp, op.make(Kind::Subtract, {x, op.read(m)}));
  };
  {
    OpBuilder op(program, OpBuilder::Reduction);
    m = op.finish(op.read(masked), Combiner::Maximum, -INFINITY);
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    l = op.finish(addWeight(op), Combiner::Add);
  }
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = op.make(Kind::Divide, {addWeight(op), op.read(l)});
    o = op.finish(op.make(Kind::Multiply, {weight, op.read(kColumn)}),
                  Combiner::Add);
  }
  program.ops[o].streamed.isSink = true;
  EXPECT_TRUE(std::isnan(program.evaluate()[o][0]));
  expectSame(program);
}

//===----------------------------------------------------------------------===//
// Inputs and operations
//===----------------------------------------------------------------------===//

// exp(x - m) * m / l: l is left out, and of m only the factor.
TEST(ReductionAlgebra, inputsThatAreLeft) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m);
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned x = op.read(kScores), row = op.read(m), sum = op.read(l);
  unsigned weight = op.make(Kind::Exp, op.make(Kind::Subtract, {x, row}));
  weight = op.make(Kind::Multiply, {weight, row});
  unsigned o = op.finish(op.make(Kind::Divide, {weight, sum}), Combiner::Add);
  program.ops[o].streamed.isSink = true;
  auto roles = analyze(program);
  ASSERT_EQ(roles.size(), 3u);
  const BodyExpression &body = *program.ops[o].body;
  using Accesses = llvm::SmallVector<unsigned, 2>;
  unsigned value = body.results[0].value;
  EXPECT_EQ(findInputs(body, value), (Accesses{0, 1, 2}));
  EXPECT_EQ(roles[o].dropped.size(), 2u);
  EXPECT_EQ(findInputsWithout(body, value, roles[o].dropped), (Accesses{0, 1}));
  EXPECT_EQ(countOperations(body, value).flops, 4);
  EXPECT_EQ(countOperations(body, value).transcendentals, 1);
  expectSame(program);
}

} // namespace
