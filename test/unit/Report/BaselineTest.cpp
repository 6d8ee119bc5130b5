//===- BaselineTest.cpp - Which op was which, and what changed ------------===//

#include "memwall/Report/Baseline.h"
#include "memwall/Report/Render.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace memwall;

/// An op that moves so many bytes at the one level of the one target.
static OpFigures makeOp(llvm::StringRef step, llvm::StringRef location,
                        llvm::StringRef name, int64_t bytes) {
  OpFigures op;
  op.step = step.str();
  op.location = location.str();
  op.name = name.str();
  op.shape = "8";
  op.compulsory = {8, 8};
  TargetFigures &target = op.targets.emplace_back();
  target.name = "box";
  target.boundBy = target.boundByAsScheduled = "dram";
  LevelFigures &level = target.levels.emplace_back();
  level.name = "dram";
  level.scheduled = {bytes, 0};
  return op;
}

static Report makeReport(llvm::ArrayRef<OpFigures> ops) {
  Report report;
  FunctionFigures &function = report.functions.emplace_back();
  function.name = "main";
  TargetFigures &total = function.targets.emplace_back();
  total.name = "box";
  total.boundBy = total.boundByAsScheduled = "dram";
  total.levels.emplace_back().name = "dram";
  total.secondsAsScheduled = 0;
  for (const OpFigures &op : ops) {
    function.ops.push_back(op);
    function.ops.back().index = function.ops.size() - 1;
    Bytes moved = op.targets[0].levels[0].scheduled;
    total.levels[0].scheduled.add(moved);
    *total.secondsAsScheduled += (double)moved.read;
  }
  return report;
}

static Baseline makeBaseline(llvm::ArrayRef<OpFigures> ops) {
  return makeBaseline(makeReport(ops));
}

/// "1 0 -": positions in `before` of the ops of `now`.
static std::string match(llvm::ArrayRef<OpFigures> before,
                         llvm::ArrayRef<OpFigures> now) {
  std::string text;
  for (std::optional<size_t> position :
       matchOps(makeBaseline(now).functions[0].ops,
                makeBaseline(before).functions[0].ops))
    text += (text.empty() ? "" : " ") +
            (position ? std::to_string(*position) : "-");
  return text;
}

static Comparison compare(llvm::ArrayRef<OpFigures> before,
                          llvm::ArrayRef<OpFigures> now) {
  return llvm::cantFail(
      compareReports(makeBaseline(now), makeBaseline(before), "before.json"));
}

TEST(MatchOps, StepsFollowOpsThatMoveAndGetOtherNames) {
  OpFigures q = makeOp("q", "a.mlir:1:1", "linalg.matmul", 16);
  OpFigures k = makeOp("k", "a.mlir:2:1", "linalg.matmul", 16);
  OpFigures v = makeOp("v", "a.mlir:3:1", "linalg.matmul", 16);
  EXPECT_EQ(match({q, k, v}, {v, q, k}), "2 0 1");
  OpFigures renamed = k;
  renamed.name = "linalg.generic";
  renamed.location = "b.mlir:1:1";
  EXPECT_EQ(match({q, k, v}, {renamed, v, q}), "1 2 0");
  EXPECT_EQ(match({q, k}, {q, v, k}), "0 - 1");
}

TEST(MatchOps, PlacesFollowOpsThatGetOtherNames) {
  OpFigures a = makeOp("", "a.mlir:1:1", "linalg.matmul", 16);
  OpFigures b = makeOp("", "a.mlir:2:1", "linalg.matmul", 16);
  OpFigures generic = a;
  generic.name = "linalg.generic";
  generic.location = "copy/b.mlir:1:1";
  EXPECT_EQ(match({a, b}, {b, generic}), "1 0");
}

// Without either, equal ops go in order; then those of the same name.
TEST(MatchOps, OrderDecidesTheRest) {
  OpFigures a = makeOp("", "unknown", "linalg.exp", 16);
  OpFigures b = a, c = makeOp("", "unknown", "linalg.exp", 16);
  c.compulsory.read = 1000;
  EXPECT_EQ(match({a, b, c}, {c, a, b}), "2 0 1");
  OpFigures larger = c;
  larger.compulsory.read = 2000;
  EXPECT_EQ(match({a, c}, {larger, a}), "1 0");
}

TEST(CompareReports, AReportAgainstItselfHasNoChange) {
  OpFigures q = makeOp("q", "a.mlir:1:1", "linalg.matmul", 16);
  OpFigures k = makeOp("", "a.mlir:2:1", "linalg.exp", kTooManyBytes);
  Comparison none = compare({q, k}, {q, k});
  EXPECT_FALSE(none.isChanged());
  EXPECT_EQ(none.functions[0].matched, 2u);
  std::string text;
  llvm::raw_string_ostream os(text);
  renderComparisonText(none, os);
  EXPECT_NE(text.find("\nno change\n"), std::string::npos) << text;
}

TEST(CompareReports, ListsTheLargestChangeFirstAndWhatCameAndWent) {
  OpFigures q = makeOp("q", "a.mlir:1:1", "linalg.matmul", 100);
  OpFigures k = makeOp("k", "a.mlir:2:1", "linalg.matmul", 100);
  OpFigures gone = makeOp("rope", "a.mlir:3:1", "math.sin", 7);
  OpFigures come = makeOp("norm", "a.mlir:4:1", "math.rsqrt", 8);
  OpFigures more = q, less = k;
  more.targets[0].levels[0].scheduled.read = 105;
  less.targets[0].levels[0].scheduled.read = 40;
  Comparison changes = compare({q, k, gone}, {more, less, come});
  const TargetChange &target = changes.functions[0].targets[0];
  ASSERT_EQ(target.ops.size(), 4u);
  EXPECT_EQ(target.ops[0].label, "k: matmul 8");
  EXPECT_EQ(target.ops[1].kind, OpChange::Kind::Added);
  EXPECT_EQ(target.ops[2].kind, OpChange::Kind::Removed);
  EXPECT_EQ(target.ops[3].label, "q: matmul 8");
  EXPECT_EQ(target.growth(), 0); // 207 before, 153 now.
  // The differences of the ops are that of the function.
  int64_t sum = 0;
  for (const OpChange &op : target.ops)
    sum += op.levels[0].after.total() - op.levels[0].before.total();
  EXPECT_EQ(sum, 153 - 207);
}

TEST(CompareReports, GrowthIsTheLargerOfBytesAndTime) {
  OpFigures small = makeOp("q", "a.mlir:1:1", "linalg.matmul", 100);
  OpFigures large = makeOp("q", "a.mlir:1:1", "linalg.matmul", 150);
  EXPECT_DOUBLE_EQ(compare({small}, {large}).functions[0].targets[0].growth(),
                   0.5);
  EXPECT_TRUE(
      std::isinf(compare({}, {large}).functions[0].targets[0].growth()));
}

// Reports that say what moves of every operand say which one changed most.
TEST(CompareReports, NamesTheOperandThatChangedMost) {
  auto makeWith = [](Bytes x, Bytes w) {
    Baseline baseline = makeBaseline(
        {makeOp("q", "a.mlir:1:1", "linalg.matmul", x.total() + w.total())});
    OpOfBaseline &op = baseline.functions[0].ops[0];
    op.operands = {"x", "q.weight"};
    op.targets[0].levels[0].operands = {x, w};
    return baseline;
  };
  auto find = [&](const Baseline &before, const Baseline &after) {
    return llvm::cantFail(compareReports(after, before, "before.json"))
        .functions[0]
        .targets[0]
        .ops[0]
        .operand;
  };
  Baseline before = makeWith({10, 0}, {10, 0});
  EXPECT_EQ(find(before, makeWith({5, 0}, {40, 0})), "q.weight");
  EXPECT_EQ(find(before, makeWith({2, 0}, {12, 0})), "x");
  EXPECT_EQ(find(makeBaseline({makeOp("q", "a.mlir:1:1", "m", 9)}),
                 makeWith({2, 0}, {12, 0})),
            "");
}

TEST(ParseBaseline, RejectsWhatIsNoReport) {
  for (const char *text : {"", "[]", "{}", "{\"schema\": \"memwall.run/1\"}"})
    EXPECT_TRUE(llvm::errorToBool(parseBaseline(text).takeError())) << text;
}
