//===- RandomStreamsTest.cpp - Random programs, plainly and in one pass ---===//
//
// Programs made of what the algebra says it can stream: scores that are scaled,
// biased, capped or masked; weights in several spellings; sums of weights with
// divisions before, in and after them; references of logarithms; norms; results
// of sums, rows and columns. One pass over tiles computes what they compute.
//
//===----------------------------------------------------------------------===//

#include "StreamedProgram.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cfloat>
#include <cmath>
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

using Kind = ScalarKind;

/// Draws one program.
class ProgramMaker {
public:
  explicit ProgramMaker(unsigned seed) : random(seed) {}

  StreamedProgram make();
  bool isDead = false; ///< All scores are masked.

private:
  int64_t draw(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  bool flip() { return draw(0, 1); }
  RowValues drawValues(double size);
  RowValues drawMask();

  void makeScores();
  void makeMaximum();
  void makeSumOfWeights();
  unsigned makeInverse();
  void makeReference();
  void makeDifferences();
  void makeWeights();
  void makeContext();
  void makeNorm();
  unsigned addScore(OpBuilder &op);
  unsigned addDifference(OpBuilder &op);
  unsigned addWeight(OpBuilder &op);
  unsigned addNormalized(OpBuilder &op);
  unsigned divide(OpBuilder &op, unsigned weight);
  unsigned multiply(OpBuilder &op, unsigned weight);
  void setSink(unsigned op) { program.ops[op].streamed.isSink = true; }

  std::mt19937 random;
  StreamedProgram program;
  RowValues data, mask;
  RowValues otherData; ///< Scores of a second maximum, if there is one.
  std::optional<unsigned> otherMaximum;
  bool areScoresComputed = false;
  unsigned scores = 0, maximum = 0, reference = 0;
  /// How a weight is spelled, whether one op computes it for all, and that op.
  int spelling = 0;
  double temperature = 1; ///< What a difference is multiplied by.
  /// x - m, where one op computes it; log l, where weights subtract it as well.
  std::optional<unsigned> differences, logarithm;
  std::optional<unsigned> weights;
  unsigned sum = 0;
  std::optional<unsigned> inverse; ///< 1 / sum, as a row op.
  enum {
    Divided,
    Inverted,
    Logarithm,
    TwoRows,
    Late,
    Never
  } division = Divided;
};

} // namespace

RowValues ProgramMaker::drawValues(double size) {
  std::normal_distribution<double> normal(0, size);
  RowValues values;
  for (unsigned i = 0; i < program.extent; ++i)
    values.push_back(normal(random));
  return values;
}

/// 1 where a score counts: everywhere, before or after some element, in a
/// window, anywhere, nowhere.
RowValues ProgramMaker::drawMask() {
  int64_t kind = draw(0, 5), extent = program.extent;
  int64_t begin = draw(0, extent - 1), end = draw(begin + 1, extent);
  RowValues made;
  for (int64_t i = 0; i < extent; ++i) {
    bool counts[] = {
        true, i < end, i >= begin, i >= begin && i < end, draw(0, 2) == 0,
        false};
    made.push_back(counts[kind]);
  }
  isDead = llvm::none_of(made, [](double each) { return each != 0; });
  return made;
}

/// The scores, which another op has computed or which come from outside.
unsigned ProgramMaker::addScore(OpBuilder &op) {
  if (areScoresComputed)
    return op.read(scores);
  RowValues masked = data;
  for (unsigned i = 0; i < program.extent; ++i)
    masked[i] = mask[i] != 0 ? data[i] : -INFINITY;
  return op.read(masked);
}

void ProgramMaker::makeScores() {
  areScoresComputed = flip();
  if (!areScoresComputed)
    return;
  OpBuilder op(program, OpBuilder::Column);
  unsigned score = op.read(data);
  if (flip())
    score = op.make(Kind::Multiply, {score, op.constant(0.125)});
  if (draw(0, 3) == 0) { // A soft cap.
    unsigned cap = op.constant(30);
    score = op.other("math.tanh", op.make(Kind::Divide, {score, cap}));
    score = op.make(Kind::Multiply, {score, cap});
  }
  if (flip()) // ALiBi.
    score =
        op.make(Kind::Subtract,
                {score, op.make(Kind::Multiply, {op.index(drawValues(3)),
                                                 op.read(RowValues{0.25})})});
  unsigned low = op.constant(-INFINITY);
  score = op.make(Kind::Select, {op.index(mask), score, low});
  scores = op.finish(score);
  // Some programs write their scores, too.
  if (draw(0, 4) == 0)
    setSink(scores);
}

void ProgramMaker::makeMaximum() {
  double starts[] = {-INFINITY, -FLT_MAX, NAN, -1e30};
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned score = addScore(op);
  maximum = op.finish(score, Combiner::Maximum, starts[draw(0, 2)]);
  reference = maximum;
}

/// score - reference, or score - maximum - log sum.
unsigned ProgramMaker::addDifference(OpBuilder &op) {
  unsigned difference;
  if (differences) {
    difference = op.read(*differences);
  } else {
    unsigned score = addScore(op);
    difference = op.make(Kind::Subtract, {score, op.read(reference)});
  }
  if (logarithm)
    difference = op.make(Kind::Subtract, {difference, op.read(*logarithm)});
  return difference;
}

/// exp(score - reference) in one of its spellings.
unsigned ProgramMaker::addWeight(OpBuilder &op) {
  // Exponents of base 2 have no logarithm of a sum in them.
  if (logarithm && spelling != 3 && spelling != 4 && spelling != 5)
    return op.make(Kind::Exp, addDifference(op));
  unsigned score = addScore(op), row = op.read(reference);
  unsigned log2e = op.constant(1.4426950408889634);
  unsigned difference = addDifference(op);
  switch (spelling) {
  case 0:
    return op.make(Kind::Exp, difference);
  case 1:
    difference = op.make(Kind::Multiply, {difference, log2e});
    return op.make(Kind::Exp2, difference);
  case 2:
    difference =
        op.make(Kind::Subtract, {op.make(Kind::Multiply, {score, log2e}),
                                 op.make(Kind::Multiply, {row, log2e})});
    return op.make(Kind::Exp2, difference);
  case 3:
    if (!differences && !logarithm)
      difference = op.make(Kind::Negate, op.make(Kind::Subtract, {row, score}));
    return op.make(Kind::FloatCast, op.make(Kind::Exp, difference));
  case 4:
    difference = op.make(Kind::Select,
                         {op.index(mask), difference, op.constant(-INFINITY)});
    return op.make(Kind::Exp, op.make(Kind::FloatCast, difference));
  case 5:
    return op.make(
        Kind::Select,
        {op.index(mask), op.make(Kind::Exp, difference), op.constant(0)});
  case 6: {
    unsigned factor = op.read(RowValues{temperature});
    return op.make(Kind::Exp, op.make(flip() ? Kind::Multiply : Kind::Divide,
                                      {difference, factor}));
  }
  default:
    difference = op.make(Kind::Divide, {difference, op.constant(2)});
    unsigned root = op.make(Kind::Exp, difference);
    return op.make(Kind::Multiply, {root, root});
  }
}

void ProgramMaker::makeSumOfWeights() {
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned weight = weights ? op.read(*weights) : addWeight(op);
  sum = op.finish(weight, Combiner::Add);
}

unsigned ProgramMaker::makeInverse() {
  OpBuilder op(program, OpBuilder::Row);
  unsigned one = op.constant(1);
  return op.finish(op.make(Kind::Divide, {one, op.read(sum)}));
}

/// maximum + log sum.
void ProgramMaker::makeReference() {
  OpBuilder op(program, OpBuilder::Row);
  unsigned log = op.make(Kind::Log, op.read(sum));
  reference = op.finish(op.make(Kind::Add, {op.read(maximum), log}));
}

/// One op that computes score - reference for all who read it.
void ProgramMaker::makeDifferences() {
  OpBuilder op(program, OpBuilder::Column);
  unsigned difference = addDifference(op);
  differences = op.finish(difference);
}

/// One op that computes the weights for all who read them.
void ProgramMaker::makeWeights() {
  OpBuilder op(program, OpBuilder::Column);
  unsigned weight = addWeight(op);
  weights = op.finish(weight);
}

unsigned ProgramMaker::divide(OpBuilder &op, unsigned weight) {
  if (division == Divided) {
    unsigned by = op.read(sum);
    int64_t kind = draw(0, 4);
    if (kind == 1)
      by = op.make(Kind::Add, {by, op.constant(1e-6)});
    if (kind == 2) // Twice the same row.
      weight = op.make(Kind::Divide, {weight, by});
    if (kind == 3) // A row that is reference and factor.
      weight = op.make(Kind::Multiply, {weight, op.read(sum)});
    return op.make(Kind::Divide, {weight, by});
  }
  if (division == Inverted)
    return op.make(Kind::Multiply, {op.read(*inverse), weight});
  return weight;
}

unsigned ProgramMaker::addNormalized(OpBuilder &op) {
  unsigned weight = divide(op, weights ? op.read(*weights) : addWeight(op));
  if (draw(0, 4) != 0)
    return weight;
  // Nothing of a row that is masked out.
  unsigned low = op.constant(-1e30), row = op.read(maximum);
  unsigned zero = op.constant(0);
  if (flip())
    return op.make(Kind::Select,
                   {op.other("arith.cmpf", {row, low}), zero, weight});
  return op.make(Kind::Select,
                 {op.other("arith.cmpf", {low, row}), weight, zero});
}

/// A weight times a column, times a column, or times the weights of other
/// scores.
unsigned ProgramMaker::multiply(OpBuilder &op, unsigned weight) {
  unsigned column = op.read(drawValues(2));
  unsigned product = op.make(Kind::Multiply, {column, weight});
  if (draw(0, 3) == 0) {
    unsigned other = op.make(Kind::Multiply, {weight, op.read(drawValues(2))});
    return op.make(Kind::Subtract, {product, other});
  }
  if (!otherMaximum)
    return product;
  unsigned score = op.read(otherData), row = op.read(*otherMaximum);
  unsigned other = op.make(Kind::Exp, op.make(Kind::Subtract, {score, row}));
  return op.make(Kind::Multiply, {other, product});
}

/// Sums of weights times columns, of one op that normalizes or of each.
void ProgramMaker::makeContext() {
  std::optional<unsigned> normalized;
  if (flip()) {
    OpBuilder op(program, OpBuilder::Column);
    unsigned weight = addNormalized(op);
    if (flip())
      weight = op.make(Kind::FloatCast, weight);
    normalized = op.finish(weight);
    if (draw(0, 2) == 0)
      setSink(*normalized);
  }
  for (int64_t count = draw(1, 2); count-- > 0;) {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned weight = normalized ? op.read(*normalized) : addNormalized(op);
    unsigned context = op.finish(multiply(op, weight), Combiner::Add);
    if (division != Late) {
      setSink(context);
      continue;
    }
    OpBuilder late(program, OpBuilder::Row);
    unsigned whole = late.read(context);
    setSink(late.finish(late.make(Kind::Divide, {whole, late.read(sum)})));
  }
}

/// An RMS norm of the same elements, into a sum and a column.
void ProgramMaker::makeNorm() {
  RowValues x = drawValues(5), eps = {1e-3};
  unsigned squares, root;
  {
    OpBuilder op(program, OpBuilder::Reduction);
    unsigned value = op.read(x);
    squares = op.finish(op.make(Kind::Multiply, {value, value}), Combiner::Add,
                        draw(0, 2));
  }
  {
    OpBuilder op(program, OpBuilder::Row);
    unsigned mean =
        op.make(Kind::Divide, {op.read(squares), op.constant(program.extent)});
    mean = op.make(Kind::Add, {mean, op.read(eps)});
    root = op.finish(op.other("math.rsqrt", mean));
  }
  auto addNormal = [&](OpBuilder &op) {
    unsigned value = op.read(x);
    return op.make(Kind::Multiply, {value, op.read(root)});
  };
  if (flip()) {
    OpBuilder op(program, OpBuilder::Column);
    setSink(op.finish(addNormal(op)));
  }
  OpBuilder op(program, OpBuilder::Reduction);
  unsigned value = op.make(Kind::Multiply, {addNormal(op), op.read(x)});
  // Two rows at once: the softmax's as well.
  if (division == Divided && !isDead && flip())
    value = op.make(Kind::Divide, {value, op.read(sum)});
  setSink(op.finish(value, Combiner::Add));
}

StreamedProgram ProgramMaker::make() {
  double sizes[] = {1, 30, 1e18};
  program.extent = draw(1, 13);
  data = drawValues(sizes[draw(0, 2)]);
  mask = drawMask();
  spelling = draw(0, 7);
  division = static_cast<decltype(division)>(draw(0, 5));
  double temperatures[] = {0.25, 1, 3, -0.5};
  // By a negative one, what is masked would become infinite, and a sum whose
  // logarithm is subtracted.
  bool isMasked = llvm::is_contained(mask, 0.0) || division == TwoRows;
  temperature = temperatures[draw(0, isMasked ? 2 : 3)];
  // Nobody scales a reference that is a logarithm.
  if (spelling == 6 && division == Logarithm)
    division = Divided;
  makeScores();
  makeMaximum();
  if (draw(0, 5) == 0)
    setSink(maximum);
  if (draw(0, 4) == 0)
    makeDifferences();
  if (flip())
    makeWeights();
  makeSumOfWeights();
  if (draw(0, 3) == 0) {
    otherData = drawValues(30);
    OpBuilder op(program, OpBuilder::Reduction);
    otherMaximum = op.finish(op.read(otherData), Combiner::Maximum, -INFINITY);
  }
  if (division == Inverted)
    inverse = makeInverse();
  if (division == TwoRows) {
    weights.reset();
    OpBuilder op(program, OpBuilder::Row);
    logarithm = op.finish(op.make(Kind::Log, op.read(sum)));
    if (flip())
      makeWeights();
  }
  if (division == Logarithm) {
    weights.reset();
    differences.reset();
    makeReference();
    if (flip())
      makeWeights();
  }
  makeContext();
  if (flip())
    makeNorm();
  return std::move(program);
}

namespace {

bool isClose(double made, double expected) {
  return made == expected || (std::isnan(made) && std::isnan(expected)) ||
         std::fabs(made - expected) <=
             1e-5 * std::max(1.0, std::fabs(expected));
}

/// What differs from the program when it runs in tiles; empty: nothing.
std::string findDifference(const StreamedProgram &program,
                           llvm::ArrayRef<StreamRole> roles) {
  std::vector<RowValues> expected = program.evaluate();
  for (unsigned tile : {1u, 3u, program.extent}) {
    std::vector<RowValues> made = program.evaluateInTiles(roles, tile);
    for (auto [op, each] : llvm::enumerate(program.ops)) {
      if (!each.streamed.isSink)
        continue;
      if (made[op].size() != expected[op].size())
        return each.streamed.where + " has other elements";
      for (unsigned i = 0; i < made[op].size(); ++i)
        if (!isClose(made[op][i], expected[op][i]))
          return llvm::formatv("{0}, element {1}, tile {2}: {3}, expected {4}",
                               each.streamed.where, i, tile, made[op][i],
                               expected[op][i]);
    }
  }
  return "";
}

llvm::SmallVector<StreamRole, 8> analyze(const StreamedProgram &program) {
  auto roles = program.analyze();
  if (roles)
    return std::move(*roles);
  ADD_FAILURE() << llvm::toString(roles.takeError());
  return {};
}

TEST(RandomStreams, onePassComputesTheSame) {
  unsigned second = 0, dead = 0;
  for (unsigned seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    ProgramMaker maker(seed);
    StreamedProgram program = maker.make();
    auto roles = analyze(program);
    ASSERT_EQ(roles.size(), program.ops.size()) << "seed " << seed;
    EXPECT_EQ(findDifference(program, roles), "") << "seed " << seed;
    dead += maker.isDead;
    for (const StreamRole &role : roles)
      second += role.isInSecondLoop;
  }
  EXPECT_GT(dead, 100u);
  EXPECT_GT(second, 100u);
}

// Without any one part of a role some programs go wrong.
TEST(RandomStreams, everyPartOfARoleMatters) {
  using Change = void (*)(StreamRole &);
  std::pair<const char *, Change> changes[] = {
      {"the finite start", [](StreamRole &role) { role.startsFinite = false; }},
      {"the lowest number", [](StreamRole &role) { role.lowestDivisor = 1; }},
      {"the clamp", [](StreamRole &role) { role.isClamped = false; }},
      {"the correction", [](StreamRole &role) { role.kernels.clear(); }},
      {"holding the exponent",
       [](StreamRole &role) {
         for (StreamKernel &kernel : role.kernels)
           kernel.isHeld = false;
       }},
      {"releasing dead rows",
       [](StreamRole &role) {
         for (StreamKernel &kernel : role.kernels)
           kernel.isMasked = true;
       }},
      {"masks that keep dead rows at 0",
       [](StreamRole &role) {
         for (StreamKernel &kernel : role.kernels)
           kernel.isMasked = false;
       }},
      {"minus infinity of dead rows",
       [](StreamRole &role) {
         role.keepsInfinity = false;
         role.heldAccesses.clear();
         for (StreamKernel &kernel : role.kernels)
           for (KernelInput &input : kernel.inputs)
             input.isHeld = false;
       }},
      {"reading them held",
       [](StreamRole &role) { role.heldAccesses.clear(); }},
      {"the sign of a factor",
       [](StreamRole &role) {
         for (StreamKernel &kernel : role.kernels)
           kernel.isSignUnknown = false;
       }},
      {"the deferred factor", [](StreamRole &role) { role.factors.clear(); }},
      {"its direction",
       [](StreamRole &role) {
         for (RowFactor &factor : role.factors)
           factor.isDivided = !factor.isDivided;
       }},
      {"which side of a condition stays",
       [](StreamRole &role) {
         for (RowFactor &factor : role.factors)
           if (factor.isCondition)
             factor.kept = 3 - factor.kept;
       }},
      {"leaving it out", [](StreamRole &role) { role.dropped.clear(); }},
      {"the second loop",
       [](StreamRole &role) { role.isInSecondLoop = false; }},
  };
  for (auto [what, change] : changes) {
    unsigned wrong = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
      StreamedProgram program = ProgramMaker(seed).make();
      auto roles = analyze(program);
      for (StreamRole &role : roles)
        change(role);
      wrong += !findDifference(program, roles).empty();
    }
    EXPECT_GT(wrong, 0u) << "nothing needs " << what;
    RecordProperty(what, int(wrong));
  }
}

} // namespace
