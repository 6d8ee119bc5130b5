#include "memwall/Work/CountArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace mlir;

namespace {

struct CountArithmeticTest : ::testing::Test {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;

  void SetUp() override {
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        math::MathDialect, vector::VectorDialect>();
  }

  Block &parse(llvm::StringRef arguments, llvm::StringRef body) {
    std::string text =
        ("func.func @f(" + arguments + ") {" + body + "\nreturn }").str();
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    return (*module->getOps<func::FuncOp>().begin()).getBody().front();
  }

  /// The first op of a function with one.
  void expect(llvm::StringRef arguments, llvm::StringRef op, int64_t flops,
              int64_t transcendentals, int64_t intOps) {
    std::optional<Arithmetic> count =
        countArithmetic(&parse(arguments, op).front());
    ASSERT_TRUE(count) << op.str();
    EXPECT_EQ(count->flops, flops) << op.str();
    EXPECT_EQ(count->transcendentals, transcendentals) << op.str();
    EXPECT_EQ(count->intOps, intOps) << op.str();
  }
};

TEST_F(CountArithmeticTest, vectorsCountEveryLane) {
  expect("%a: vector<8xf32>", "%0 = arith.addf %a, %a : vector<8xf32>", 8, 0,
         0);
  expect("%a: vector<2x4xf32>", "%0 = math.exp %a : vector<2x4xf32>", 8, 8, 0);
  expect("%a: vector<8xi32>", "%0 = arith.muli %a, %a : vector<8xi32>", 0, 0,
         8);
  expect("%a: vector<8xindex>", "%0 = arith.muli %a, %a : vector<8xindex>", 0,
         0, 0);
  expect("%a: vector<8xf32>", "%0 = vector.fma %a, %a, %a : vector<8xf32>", 16,
         0, 0);
}

// K terms count K, whether or not there is an accumulator.
TEST_F(CountArithmeticTest, vectorReductions) {
  expect("%a: vector<16xf32>",
         "%0 = vector.reduction <add>, %a : vector<16xf32> into f32", 16, 0, 0);
  expect("%a: vector<16xi32>",
         "%0 = vector.reduction <maxsi>, %a : vector<16xi32> into i32", 0, 0,
         16);
  expect("%a: vector<4x8xf32>, %b: vector<4xf32>",
         "%0 = vector.multi_reduction <add>, %a, %b [1] : vector<4x8xf32> to "
         "vector<4xf32>",
         32, 0, 0);
}

// 4 x 8 x 16 points of a multiply-add.
TEST_F(CountArithmeticTest, vectorContraction) {
  expect("%a: vector<4x16xf32>, %b: vector<16x8xf32>, %c: vector<4x8xf32>",
         "%0 = vector.contract {indexing_maps = [affine_map<(m, n, k) -> (m, "
         "k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, "
         "n)>], iterator_types = [\"parallel\", \"parallel\", \"reduction\"]} "
         "%a, %b, %c : vector<4x16xf32>, vector<16x8xf32> into vector<4x8xf32>",
         1024, 0, 0);
}

TEST_F(CountArithmeticTest, vectorOuterProducts) {
  expect("%a: vector<4xf32>, %b: vector<8xf32>, %c: vector<4x8xf32>",
         "%0 = vector.outerproduct %a, %b, %c : vector<4xf32>, vector<8xf32>",
         64, 0, 0);
  expect("%a: vector<4xf32>, %b: vector<8xf32>",
         "%0 = vector.outerproduct %a, %b : vector<4xf32>, vector<8xf32>", 32,
         0, 0);
}

TEST_F(CountArithmeticTest, movingLanesIsFree) {
  expect(
      "%a: vector<4x8xf32>",
      "%0 = vector.transpose %a, [1, 0] : vector<4x8xf32> to vector<8x4xf32>",
      0, 0, 0);
  expect("%a: f32", "%0 = vector.broadcast %a : f32 to vector<8xf32>", 0, 0, 0);
}

TEST_F(CountArithmeticTest, anUnknownOpHasNoCount) {
  Block &block = parse("%a: f32", "func.call @f(%a) : (f32) -> ()");
  EXPECT_FALSE(countArithmetic(&block.front()));
}

// What a body yields decides: nothing here.
TEST_F(CountArithmeticTest, deadBodyCountsNothing) {
  Block &block = parse("%a: f32", "%0 = arith.addf %a, %a : f32");
  std::optional<Arithmetic> count = countBody(block);
  ASSERT_TRUE(count);
  EXPECT_EQ(count->flops, 0);
}

} // namespace
