//===- ReductionRefusalsTest.cpp - What cannot be one pass ----------------===//

#include "MaskedScores.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace memwall;
using namespace memwall::test;

namespace {

using Kind = ScalarKind;

/// The refusal of sum_t `build`(x, m).
std::string refuseSum(
    llvm::function_ref<unsigned(OpBuilder &, unsigned x, unsigned m)> build,
    Combiner combiner = Combiner::Add, double start = 0) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program);
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned x = op.read(kScores), row = op.read(m);
  op.finish(build(op, x, row), combiner, start);
  return program.getRefusal();
}

TEST(ReductionRefusals, refusesFunctionsThatMix) {
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              return op.other("math.tanh", op.make(Kind::Subtract, {x, m}));
            }),
            "math.tanh in op 1 mixes a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned weight =
                  op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
              return op.other("arith.fptosi", weight);
            }),
            "arith.fptosi in op 1 mixes a row with what is reduced");
  // The variance, by its literal mean.
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned centered = op.make(Kind::Subtract, {x, m});
              return op.make(Kind::Multiply, {centered, centered});
            }),
            "scalar 3 in op 1 mixes a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned weight =
                  op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
              return op.make(Kind::Exp, weight);
            }),
            "scalar 4 in op 1 mixes a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              return op.make(Kind::Divide, {x, op.make(Kind::Add, {x, m})});
            }),
            "scalar 3 in op 1 mixes a row with what is reduced");
  // A threshold.
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned isLess = op.other("arith.cmpf", {x, m});
              return op.make(Kind::Select, {isLess, x, op.constant(0)});
            }),
            "arith.cmpf in op 1 mixes a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned weight =
                  op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
              return op.make(Kind::Add, {weight, x});
            }),
            "scalar 4 in op 1 mixes a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned weight =
                  op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
              return op.make(Kind::Divide, {x, weight});
            }),
            "scalar 4 in op 1 mixes a row with what is reduced");
}

TEST(ReductionRefusals, refusesSumsOfDifferences) {
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              return op.make(Kind::Subtract, {x, m});
            }),
            "op 1 sums a row with what is reduced");
  EXPECT_EQ(refuseSum([](OpBuilder &, unsigned, unsigned m) { return m; }),
            "op 1 spreads a row over what is reduced");
}

TEST(ReductionRefusals, refusesCombiners) {
  auto getInput = [](OpBuilder &, unsigned x, unsigned) { return x; };
  auto getWeight = [](OpBuilder &op, unsigned x, unsigned m) {
    return op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
  };
  EXPECT_EQ(refuseSum(getInput, Combiner::Multiply, 1),
            "op 1 reduces by a product");
  EXPECT_EQ(refuseSum(getInput, Combiner::Other),
            "op 1 reduces in a way that is not known");
  EXPECT_EQ(refuseSum(getInput, Combiner::None),
            "op 1 reduces in a way that is not known");
  EXPECT_EQ(refuseSum(getWeight, Combiner::Maximum),
            "op 1 takes the largest or smallest of what refers to rows");
  EXPECT_EQ(refuseSum(getWeight, Combiner::Minimum),
            "op 1 takes the largest or smallest of what refers to rows");
  EXPECT_EQ(refuseSum(getInput, Combiner::Minimum), "");
}

TEST(ReductionRefusals, refusesStarts) {
  auto getInput = [](OpBuilder &, unsigned x, unsigned) { return x; };
  auto getWeight = [](OpBuilder &op, unsigned x, unsigned m) {
    return op.make(Kind::Exp, op.make(Kind::Subtract, {x, m}));
  };
  EXPECT_EQ(refuseSum(getWeight, Combiner::Add, 1),
            "op 1 starts from 1, not from the identity of its sum");
  // Without a row nothing is corrected: any start will do.
  EXPECT_EQ(refuseSum(getInput, Combiner::Add, 1), "");

  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m);
  EXPECT_EQ(program.getRefusal(), "");
  program.ops[l].streamed.start.reset();
  EXPECT_EQ(program.getRefusal(), "op 1 starts from what is no known number, "
                                  "not from the identity of its sum");
  program.ops[l].streamed.startsUndefined = true;
  EXPECT_EQ(program.getRefusal(), "op 1 starts from undefined content");
  program.ops[l].streamed.startsUndefined = false;
  program.ops[l].streamed.start = 0;
  program.ops[m].streamed.start.reset();
  EXPECT_EQ(program.getRefusal(), "op 0 starts from what is no known number");
}

TEST(ReductionRefusals, refusesUnknownBodies) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m);
  program.ops[l].body->results.push_back({3, Combiner::Add, 0});
  EXPECT_EQ(program.getRefusal(), "op 1 has 2 results, expected one");
  program.ops[l].body.reset();
  EXPECT_EQ(program.getRefusal(), "what op 1 computes is not known");
}

TEST(ReductionRefusals, refusesSumsInExponents) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m);
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned x = op.make(Kind::Subtract, {op.read(kScores), op.read(m)});
  unsigned log = op.make(Kind::Log, op.read(l));
  op.finish(op.make(Kind::Exp, op.make(Kind::Subtract, {x, log})),
            Combiner::Add);
  EXPECT_EQ(program.getRefusal(), "op 2 refers to op 1, which is no maximum");
}

// Weights that are divided inside cannot be what corrects other sums.
TEST(ReductionRefusals, refusesReferencesThatAreDeferred) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), l = addSum(program, m), o, row;
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = addKernel(op, m);
    o = op.finish(op.make(Kind::Divide, {weight, op.read(l)}), Combiner::Add);
  }
  {
    OpBuilder op(program, OpBuilder::Row);
    row = op.finish(op.make(Kind::Log, op.read(o)));
  }
  addSum(program, row);
  EXPECT_EQ(program.getRefusal(),
            "op 4 refers to op 2, which is known after the loop only");
}

// A partial sum is no reference: exp(x - sum / n) can overflow before the sum
// is complete, though it does not afterwards.
TEST(ReductionRefusals, refusesReferencesToSums) {
  StreamedProgram program = makeProgram();
  unsigned sum, mean;
  {
    OpBuilder op(program, OpBuilder::Reduction);
    sum = op.finish(op.read(kColumn), Combiner::Add);
  }
  {
    OpBuilder op(program, OpBuilder::Row);
    mean = op.finish(op.make(Kind::Divide, {op.read(sum), op.constant(7)}));
  }
  unsigned direct = addSum(program, sum);
  EXPECT_EQ(program.getRefusal(), "op 2 refers to op 0, which is no maximum");
  program.ops.resize(direct);
  addSum(program, mean);
  EXPECT_EQ(program.getRefusal(),
            "op 2 refers to op 0, a sum that is not complete");
}

// exp(r - x) grows with its row: sums at smaller rows underflow.
TEST(ReductionRefusals, refusesExponentsThatGrowWithTheirRow) {
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              return op.make(Kind::Exp, op.make(Kind::Subtract, {m, x}));
            }),
            "scalar 3 in op 1 grows with the row of op 0");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned minus = op.make(Kind::Negate, m);
              unsigned exponent = op.make(Kind::Subtract, {x, minus});
              return op.make(Kind::Exp, exponent);
            }),
            "scalar 4 in op 1 grows with the row of op 0");
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned exponent = op.make(Kind::Subtract, {x, m});
              exponent = op.make(Kind::Multiply, {op.constant(-2), exponent});
              return op.make(Kind::Exp, exponent);
            }),
            "scalar 5 in op 1 grows with the row of op 0");
  // Two signs are none.
  EXPECT_EQ(refuseSum([](OpBuilder &op, unsigned x, unsigned m) {
              unsigned exponent = op.make(Kind::Subtract, {m, x});
              exponent = op.make(Kind::Divide, {exponent, op.constant(-2)});
              return op.make(Kind::Exp, exponent);
            }),
            "");
}

// A difference that another op computes is no exponential.
TEST(ReductionRefusals, refusesSumsOfColumnsThatAreDifferences) {
  StreamedProgram program = makeProgram();
  unsigned m = addMaximum(program), centered;
  {
    OpBuilder op(program, OpBuilder::Column);
    unsigned x = op.read(kScores);
    centered = op.finish(op.make(Kind::Subtract, {x, op.read(m)}));
  }
  OpBuilder op(program, OpBuilder::Reduction);
  op.finish(op.read(centered), Combiner::Add);
  EXPECT_EQ(program.getRefusal(), "op 2 sums a row with what is reduced");
}

// Nobody knows the lowest number times that scale.
TEST(ReductionRefusals, refusesUnknownScalesOfRows) {
  auto scale = [](bool isRowScaled) {
    return refuseSum([&](OpBuilder &op, unsigned x, unsigned m) {
      unsigned by = op.read(RowValues{0.5});
      if (isRowScaled)
        m = op.make(Kind::Multiply, {m, by});
      unsigned difference = op.make(Kind::Subtract, {x, m});
      if (!isRowScaled)
        difference = op.make(Kind::Multiply, {difference, by});
      return op.make(Kind::Exp, difference);
    });
  };
  EXPECT_EQ(scale(/*isRowScaled=*/false), "");
  EXPECT_NE(scale(/*isRowScaled=*/true), "");
}

} // namespace
