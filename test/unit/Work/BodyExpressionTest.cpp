//===- BodyExpressionTest.cpp - Bodies of linalg ops as plain data --------===//

#include "memwall/Work/BodyExpression.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace memwall;

namespace {

llvm::StringRef getName(ScalarKind kind) {
  static constexpr llvm::StringLiteral names[] = {
      "input", "constant", "outside", "index",  "add",  "sub",
      "mul",   "div",      "neg",     "exp",    "exp2", "log",
      "max",   "min",      "select",  "fpcast", "other"};
  return names[static_cast<unsigned>(kind)];
}

llvm::StringRef getName(Combiner combiner) {
  static constexpr llvm::StringLiteral names[] = {"=",   "add", "max",
                                                  "min", "mul", "other"};
  return names[static_cast<unsigned>(combiner)];
}

struct BodyExpressionTest : ::testing::Test {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  LoopTree tree;

  BodyExpressionTest() {
    context.loadDialect<mlir::affine::AffineDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::linalg::LinalgDialect,
                        mlir::math::MathDialect, mlir::memref::MemRefDialect,
                        mlir::tensor::TensorDialect>();
  }

  /// Builds the tree of `text`, a function, and checks all of its bodies.
  void parse(llvm::StringRef text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    module->walk([&](mlir::func::FuncOp function) {
      mlir::FailureOr<LoopTree> built = buildLoopTree(function);
      ASSERT_TRUE(mlir::succeeded(built));
      tree = std::move(*built);
    });
    for (const Node &node : tree.nodes)
      if (node.kind == Node::Kind::Nest && tree.ops[node.nest.op].body)
        check(node.nest, *tree.ops[node.nest.op].body);
  }

  /// What holds for every body: operands come first, inputs are reads of the
  /// nest, results its writes, and every node is used.
  static void check(const Nest &nest, const BodyExpression &body) {
    std::vector<bool> isUsed(body.nodes.size(), false);
    for (const auto &[number, node] : llvm::enumerate(body.nodes)) {
      for (unsigned operand : node.operands) {
        ASSERT_LT(operand, number);
        isUsed[operand] = true;
      }
      if (node.kind == ScalarKind::Input) {
        ASSERT_LT(node.access, nest.accesses.size());
        EXPECT_FALSE(nest.accesses[node.access].isWrite);
      }
      EXPECT_EQ(node.name.empty(), node.operation == nullptr);
    }
    llvm::SmallVector<unsigned> writes, described;
    for (auto [number, access] : llvm::enumerate(nest.accesses))
      if (access.isWrite)
        writes.push_back(number);
    for (const BodyResult &result : body.results) {
      ASSERT_LT(result.value, body.nodes.size());
      isUsed[result.value] = true;
      described.push_back(result.write);
    }
    EXPECT_EQ(writes, described);
    for (bool used : isUsed)
      EXPECT_TRUE(used);
  }

  const Nest &getNest(OpId op) const {
    for (const Node &node : tree.nodes)
      if (node.kind == Node::Kind::Nest && node.nest.op == op)
        return node.nest;
    llvm_unreachable("the op has no nest");
  }

  /// A node as text: inputs by the name of the buffer that they are read from.
  std::string print(const Nest &nest, const BodyExpression &body,
                    unsigned number) const {
    const ScalarNode &node = body.nodes[number];
    if (node.kind == ScalarKind::Input)
      return tree.buffers[nest.accesses[node.access].buffer].name;
    if (node.kind == ScalarKind::Constant)
      return llvm::formatv("{0}", node.constant);
    std::string text = getName(node.kind).str();
    if (node.kind == ScalarKind::Other)
      text = node.name;
    if (node.operands.empty())
      return text;
    std::string separator = "(";
    for (unsigned operand : node.operands) {
      text += separator + print(nest, body, operand);
      separator = ", ";
    }
    return text + ")";
  }

  /// What op number `op` of the tree does: "add mul(%arg0, %arg1)".
  std::string print(OpId op) const {
    const Nest &nest = getNest(op);
    const BodyExpression *body = tree.ops[op].body.get();
    if (!body)
      return "unknown";
    std::string text;
    for (const BodyResult &result : body->results)
      text += (text.empty() ? "" : "; ") + getName(result.combiner).str() +
              " " + print(nest, *body, result.value);
    return text;
  }

  /// The body `scalars` of a generic that reduces the columns of %x, reads a
  /// scalar %row of each row and starts from %init.
  std::string printReduction(const char *scalars) {
    parse(llvm::formatv(R"(
      func.func @f(%x: tensor<4x6xf32>, %row: tensor<4xf32>,
                   %init: tensor<4xf32>, %cap: f32, %n: index)
          -> tensor<4xf32> {{
        %out = arith.constant 2.5 : f32
        %low = arith.constant 0xFF800000 : f32
        %r = linalg.generic {{
            indexing_maps = [affine_map<(i, j) -> (i, j)>,
                             affine_map<(i, j) -> (i)>,
                             affine_map<(i, j) -> (i)>],
            iterator_types = ["parallel", "reduction"]}
            ins(%x, %row : tensor<4x6xf32>, tensor<4xf32>)
            outs(%init : tensor<4xf32>) {{
          ^bb0(%a: f32, %b: f32, %acc: f32):
            {0}
            linalg.yield %v : f32
        } -> tensor<4xf32>
        return %r : tensor<4xf32>
      })",
                        scalars)
              .str());
    return print(tree.ops.size() - 1);
  }
};

TEST_F(BodyExpressionTest, contractions) {
  parse(R"(
    func.func @f(%a: tensor<4x6xf32>, %b: tensor<6x8xf32>,
                 %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
      %0 = linalg.matmul ins(%a, %b : tensor<4x6xf32>, tensor<6x8xf32>)
          outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
      return %0 : tensor<4x8xf32>
    })");
  EXPECT_EQ(print(0), "add mul(%arg0, %arg1)");
  const BodyExpression &body = *tree.ops[0].body;
  EXPECT_EQ(body.nodes.size(), 3u);
  EXPECT_EQ(body.nodes[2].name, "arith.mulf");
  EXPECT_TRUE(mlir::isa<mlir::arith::MulFOp>(body.nodes[2].operation));
}

TEST_F(BodyExpressionTest, contractionsOfNarrowTypesCast) {
  parse(R"(
    func.func @f(%a: tensor<4x6xbf16>, %b: tensor<6x8xbf16>,
                 %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
      %0 = linalg.matmul ins(%a, %b : tensor<4x6xbf16>, tensor<6x8xbf16>)
          outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
      return %0 : tensor<4x8xf32>
    })");
  EXPECT_EQ(print(0), "add mul(fpcast(%arg0), fpcast(%arg1))");
}

// One buffer that is read twice is two inputs.
TEST_F(BodyExpressionTest, readsOfOneBufferAreApart) {
  parse(R"(
    func.func @f(%a: tensor<4x4xi8>, %c: tensor<4x4xi32>) -> tensor<4x4xi32> {
      %0 = linalg.matmul ins(%a, %a : tensor<4x4xi8>, tensor<4x4xi8>)
          outs(%c : tensor<4x4xi32>) -> tensor<4x4xi32>
      return %0 : tensor<4x4xi32>
    })");
  EXPECT_EQ(print(0), "add mul(arith.extsi(%arg0), arith.extsi(%arg0))");
  llvm::SmallVector<unsigned> reads;
  for (const ScalarNode &node : tree.ops[0].body->nodes)
    if (node.kind == ScalarKind::Input)
      reads.push_back(node.access);
  llvm::sort(reads);
  EXPECT_EQ(reads, (llvm::SmallVector<unsigned>{0, 1}));
}

TEST_F(BodyExpressionTest, softmaxInParts) {
  EXPECT_EQ(printReduction("%v = arith.maximumf %a, %acc : f32"), "max %arg0");
  EXPECT_EQ(printReduction("%v = arith.maxnumf %acc, %a : f32"), "max %arg0");
  EXPECT_EQ(printReduction(R"(%s = arith.subf %a, %b : f32
                              %e = math.exp %s : f32
                              %v = arith.addf %e, %acc : f32)"),
            "add exp(sub(%arg0, %arg1))");
  EXPECT_EQ(printReduction(R"(%s = arith.subf %a, %b : f32
                              %e = math.exp2 %s : f32
                              %d = arith.divf %e, %out : f32
                              %v = arith.addf %acc, %d : f32)"),
            "add div(exp2(sub(%arg0, %arg1)), 2.50)");
}

TEST_F(BodyExpressionTest, everyCombiner) {
  EXPECT_EQ(printReduction("%v = arith.minimumf %a, %acc : f32"), "min %arg0");
  EXPECT_EQ(printReduction("%v = arith.mulf %acc, %a : f32"), "mul %arg0");
  EXPECT_EQ(printReduction("%v = arith.addf %acc, %b : f32"), "add %arg1");
  EXPECT_EQ(printReduction("%v = arith.addf %a, %b : f32"),
            "= add(%arg0, %arg1)");
}

// An accumulator that is subtracted from, used twice, cast or looked at is
// combined in a way that nothing is known of.
TEST_F(BodyExpressionTest, otherCombiners) {
  EXPECT_EQ(printReduction("%v = arith.subf %acc, %a : f32"),
            "other sub(%arg2, %arg0)");
  EXPECT_EQ(printReduction("%v = arith.subf %a, %acc : f32"),
            "other sub(%arg0, %arg2)");
  EXPECT_EQ(printReduction("%v = arith.addf %acc, %acc : f32"),
            "other add(%arg2, %arg2)");
  EXPECT_EQ(printReduction(R"(%s = arith.mulf %acc, %a : f32
                              %v = arith.addf %s, %acc : f32)"),
            "other add(mul(%arg2, %arg0), %arg2)");
  EXPECT_EQ(printReduction(R"(%w = arith.extf %acc : f32 to f64
                              %x64 = arith.extf %a : f32 to f64
                              %s = arith.addf %w, %x64 : f64
                              %v = arith.truncf %s : f64 to f32)"),
            "other fpcast(add(fpcast(%arg2), fpcast(%arg0)))");
  EXPECT_EQ(printReduction("%v = math.exp %acc : f32"), "other exp(%arg2)");
}

TEST_F(BodyExpressionTest, deadScalarsAreLeftOut) {
  EXPECT_EQ(printReduction(R"(%dead = math.tanh %a : f32
                              %dead2 = arith.addf %dead, %acc : f32
                              %v = arith.addf %acc, %b : f32)"),
            "add %arg1");
  EXPECT_EQ(tree.ops.back().body->nodes.size(), 1u);
}

TEST_F(BodyExpressionTest, unknownFunctions) {
  EXPECT_EQ(printReduction(R"(%t = math.tanh %a : f32
                              %n1 = arith.negf %t : f32
                              %l = math.log %n1 : f32
                              %v = arith.addf %acc, %l : f32)"),
            "add log(neg(math.tanh(%arg0)))");
  EXPECT_EQ(printReduction(R"(%i = arith.fptosi %a : f32 to i32
                              %f = arith.sitofp %i : i32 to f32
                              %v = arith.addf %acc, %f : f32)"),
            "add arith.sitofp(arith.fptosi(%arg0))");
}

TEST_F(BodyExpressionTest, masks) {
  EXPECT_EQ(printReduction(R"(%i = linalg.index 0 : index
                              %j = linalg.index 1 : index
                              %d = arith.subi %i, %j : index
                              %k = arith.index_cast %d : index to i64
                              %z = arith.constant 0 : i64
                              %c = arith.cmpi sge, %k, %z : i64
                              %s = arith.select %c, %a, %low : f32
                              %v = arith.maximumf %s, %acc : f32)"),
            "max select(index(index(index(index, index)), 0.00), %arg0, -INF)");
  // A mask that data decides on is no index.
  EXPECT_EQ(printReduction(R"(%c = arith.cmpf oge, %a, %b : f32
                              %s = arith.select %c, %a, %low : f32
                              %v = arith.maximumf %s, %acc : f32)"),
            "max select(arith.cmpf(%arg0, %arg1), %arg0, -INF)");
}

/// The bounds of the masks of `body`: "2: -1*d0 + 1*d1 + 0" where side 2 is
/// taken where that is positive.
static std::string printMasks(const BodyExpression &body) {
  std::string text;
  for (const MaskBound &mask : body.masks) {
    EXPECT_EQ(body.nodes[mask.select].kind, ScalarKind::Select);
    text += (text.empty() ? "" : "; ") + std::to_string(mask.side) + ": ";
    for (auto [dim, coefficient] : mask.terms)
      text += llvm::formatv("{0}*d{1} + ", coefficient, dim);
    text += std::to_string(mask.constant);
  }
  return text;
}

TEST_F(BodyExpressionTest, boundsOfMasks) {
  auto read = [&](std::string condition, const char *sides = "%a, %low") {
    printReduction((R"(%i = linalg.index 0 : index
                       %j = linalg.index 1 : index
                       %w = arith.constant 3 : index
                       %t = arith.constant true
                       %e = arith.addi %j, %w : index
                       %p = arith.muli %i, %j : index
                       %l = arith.cmpi sge, %i, %j : index
                       %u = arith.cmpi slt, %i, %e : index
                       )" +
                    condition + "\n%s = arith.select %c, " + sides +
                    " : f32\n%v = arith.maximumf %s, %acc : f32")
                       .c_str());
    return printMasks(*tree.ops.back().body);
  };
  // Hidden where j > i.
  EXPECT_EQ(read("%c = arith.cmpi sge, %i, %j : index"), "2: -1*d0 + 1*d1 + 0");
  EXPECT_EQ(read("%c = arith.cmpi slt, %i, %j : index", "%low, %a"),
            "1: -1*d0 + 1*d1 + 0");
  EXPECT_EQ(read("%c = arith.cmpi uge, %i, %j : index"), "2: -1*d0 + 1*d1 + 0");
  EXPECT_EQ(read("%c = arith.xori %l, %t : i1", "%low, %a"),
            "1: -1*d0 + 1*d1 + 0");
  // Hidden where j >= i.
  EXPECT_EQ(read("%c = arith.cmpi sgt, %i, %j : index"), "2: -1*d0 + 1*d1 + 1");
  // One of two is enough to hide, or both are needed.
  EXPECT_EQ(read("%c = arith.andi %l, %u : i1"),
            "2: -1*d0 + 1*d1 + 0; 2: 1*d0 + -1*d1 + -2");
  EXPECT_EQ(read("%c = arith.ori %l, %u : i1"), "");
  EXPECT_EQ(read("%c = arith.ori %l, %u : i1", "%low, %a"),
            "1: 1*d0 + -1*d1 + 1; 1: -1*d0 + 1*d1 + 3");
  EXPECT_EQ(read("%c = arith.cmpi ne, %i, %j : index"), "");
  // No affine form, and unsigned numbers that may be large.
  EXPECT_EQ(read("%c = arith.cmpi sge, %p, %w : index"), "");
  EXPECT_EQ(read("%m = arith.subi %i, %j : index\n"
                 "%c = arith.cmpi ult, %m, %w : index"),
            "");
  EXPECT_EQ(read("%c = arith.cmpi sge, %i, %n : index"), "");
  // No constant side.
  EXPECT_EQ(read("%c = arith.cmpi sge, %i, %j : index", "%a, %b"), "");
}

TEST_F(BodyExpressionTest, scalarsFromOutside) {
  EXPECT_EQ(printReduction(R"(%s = arith.mulf %a, %cap : f32
                              %v = arith.addf %acc, %s : f32)"),
            "add mul(%arg0, outside)");
  EXPECT_EQ(printReduction(R"(%j = linalg.index 1 : index
                              %c = arith.cmpi slt, %j, %n : index
                              %s = arith.select %c, %a, %out : f32
                              %v = arith.addf %acc, %s : f32)"),
            "add select(index(index, outside), %arg0, 2.50)");
  EXPECT_EQ(printReduction(R"(%j = linalg.index 1 : index
                              %k = arith.index_cast %j : index to i32
                              %f = arith.sitofp %k : i32 to f32
                              %s = arith.mulf %f, %a : f32
                              %v = arith.addf %acc, %s : f32)"),
            "add mul(arith.sitofp(index(index)), %arg0)");
}

TEST_F(BodyExpressionTest, constantsKeepTheirValue) {
  printReduction(R"(%nan = arith.constant 0x7FC00000 : f32
                    %v = arith.addf %acc, %nan : f32)");
  EXPECT_TRUE(std::isnan(tree.ops.back().body->nodes.back().constant));
  printReduction(R"(%s = arith.mulf %low, %a : f32
                    %v = arith.addf %acc, %s : f32)");
  EXPECT_EQ(tree.ops.back().body->nodes[0].constant, -INFINITY);
  printReduction(R"(%i = arith.constant -7 : i32
                    %t = arith.constant true
                    %f = arith.sitofp %i : i32 to f32
                    %g = arith.uitofp %t : i1 to f32
                    %s = arith.addf %f, %g : f32
                    %v = arith.addf %acc, %s : f32)");
  EXPECT_EQ(print(tree.ops.size() - 1),
            "add add(arith.sitofp(-7.00), arith.uitofp(1.00))");
}

TEST_F(BodyExpressionTest, fills) {
  parse(R"(
    func.func @f(%s: f32, %t: tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>,
                                               tensor<4xf32>) {
      %z = arith.constant -0.5 : f32
      %e = tensor.empty() : tensor<4xf32>
      %0 = linalg.fill ins(%z : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      %1 = linalg.fill ins(%s : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      %2 = linalg.broadcast ins(%t : tensor<f32>) outs(%e : tensor<4xf32>)
          dimensions = [0]
      return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
    })");
  EXPECT_EQ(print(0), "= -0.50");
  EXPECT_EQ(print(1), "= outside");
  EXPECT_EQ(print(2), "= %arg1");
}

TEST_F(BodyExpressionTest, namedOps) {
  parse(R"(
    func.func @f(%a: tensor<4x6xf32>, %m: tensor<4xf32>) -> (
        tensor<4x6xf32>, tensor<6x4xf32>, tensor<4xf32>) {
      %e = tensor.empty() : tensor<4x6xf32>
      %u = tensor.empty() : tensor<6x4xf32>
      %0 = linalg.exp ins(%a : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>)
          -> tensor<4x6xf32>
      %1 = linalg.transpose ins(%a : tensor<4x6xf32>)
          outs(%u : tensor<6x4xf32>) permutation = [1, 0]
      %2 = linalg.reduce { arith.addf } ins(%a : tensor<4x6xf32>)
          outs(%m : tensor<4xf32>) dimensions = [1]
      %3 = linalg.map { arith.divf } ins(%0, %a : tensor<4x6xf32>,
          tensor<4x6xf32>) outs(%e : tensor<4x6xf32>)
      return %3, %1, %2 : tensor<4x6xf32>, tensor<6x4xf32>, tensor<4xf32>
    })");
  EXPECT_EQ(print(0), "= exp(%arg0)");
  EXPECT_EQ(print(1), "= %arg0");
  EXPECT_EQ(print(2), "add %arg0");
  EXPECT_EQ(print(3), "= div(linalg.exp#0, %arg0)");
}

// Results of an argmax: the second looks at the accumulator of the first.
TEST_F(BodyExpressionTest, severalResults) {
  parse(R"(
    func.func @f(%x: tensor<4x6xf32>, %m: tensor<4xf32>, %i: tensor<4xi32>)
        -> (tensor<4xf32>, tensor<4xi32>) {
      %0:2 = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i, j)>,
                           affine_map<(i, j) -> (i)>,
                           affine_map<(i, j) -> (i)>],
          iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<4x6xf32>)
          outs(%m, %i : tensor<4xf32>, tensor<4xi32>) {
        ^bb0(%a: f32, %best: f32, %at: i32):
          %j = linalg.index 1 : index
          %k = arith.index_cast %j : index to i32
          %c = arith.cmpf ogt, %a, %best : f32
          %v = arith.maximumf %a, %best : f32
          %w = arith.select %c, %k, %at : i32
          linalg.yield %v, %w : f32, i32
      } -> (tensor<4xf32>, tensor<4xi32>)
      return %0#0, %0#1 : tensor<4xf32>, tensor<4xi32>
    })");
  EXPECT_EQ(print(0), "max %arg0; other select(arith.cmpf(%arg0, %arg1), "
                      "index(index), %arg2)");
}

// The second result does not look at its own accumulator, but at another one.
TEST_F(BodyExpressionTest, resultsOfOtherAccumulators) {
  parse(R"(
    func.func @f(%x: tensor<4xf32>, %m: tensor<f32>, %i: tensor<f32>)
        -> (tensor<f32>, tensor<f32>) {
      %0:2 = linalg.generic {
          indexing_maps = [affine_map<(j) -> (j)>, affine_map<(j) -> ()>,
                           affine_map<(j) -> ()>],
          iterator_types = ["reduction"]}
          ins(%x : tensor<4xf32>) outs(%m, %i : tensor<f32>, tensor<f32>) {
        ^bb0(%a: f32, %sum: f32, %other: f32):
          %v = arith.addf %a, %sum : f32
          %w = arith.mulf %sum, %a : f32
          linalg.yield %v, %w : f32, f32
      } -> (tensor<f32>, tensor<f32>)
      return %0#0, %0#1 : tensor<f32>, tensor<f32>
    })");
  EXPECT_EQ(print(0), "add %arg0; other mul(%arg1, %arg0)");
}

TEST_F(BodyExpressionTest, loads) {
  parse(R"(
    func.func @f(%table: tensor<9x6xf32>, %ids: tensor<4xi32>)
        -> (tensor<4x6xf32>, tensor<4x6xf32>) {
      %e = tensor.empty() : tensor<4x6xf32>
      %0 = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i)>,
                           affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%ids : tensor<4xi32>) outs(%e : tensor<4x6xf32>) {
        ^bb0(%id: i32, %o: f32):
          %i = arith.index_cast %id : i32 to index
          %j = linalg.index 1 : index
          %v = tensor.extract %table[%i, %j] : tensor<9x6xf32>
          linalg.yield %v : f32
      } -> tensor<4x6xf32>
      %1 = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          outs(%e : tensor<4x6xf32>) {
        ^bb0(%o: f32):
          %i = linalg.index 0 : index
          %j = linalg.index 1 : index
          %v = tensor.extract %table[%i, %j] : tensor<9x6xf32>
          linalg.yield %v : f32
      } -> tensor<4x6xf32>
      return %0, %1 : tensor<4x6xf32>, tensor<4x6xf32>
    })");
  EXPECT_EQ(print(0),
            "= tensor.extract(%arg0, arith.index_cast(%arg1), index)");
  EXPECT_EQ(print(1), "= %arg0");
}

TEST_F(BodyExpressionTest, whatHasNoBody) {
  parse(R"(
    func.func @f(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
      %e = tensor.empty() : tensor<4x6xf32>
      %0 = linalg.softmax dimension(1) ins(%x : tensor<4x6xf32>)
          outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
      return %0 : tensor<4x6xf32>
    })");
  for (const OpRecord &op : tree.ops)
    EXPECT_FALSE(op.body);
}

// Results that overwrite a value that is needed later are copied first: two
// nests under one record.
TEST_F(BodyExpressionTest, opsThatCopyTheirInitHaveNone) {
  parse(R"(
    func.func @f(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %e = tensor.empty() : tensor<4xf32>
      %c = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>)
          -> tensor<4xf32>
      %0 = linalg.generic {
          indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
          iterator_types = ["parallel"]}
          ins(%x : tensor<4xf32>) outs(%c : tensor<4xf32>) {
        ^bb0(%a: f32, %o: f32):
          %v = arith.addf %o, %a : f32
          linalg.yield %v : f32
      } -> tensor<4xf32>
      return %c, %0 : tensor<4xf32>, tensor<4xf32>
    })");
  EXPECT_EQ(print(0), "= exp(%arg0)");
  unsigned nests = llvm::count_if(tree.nodes, [](const Node &node) {
    return node.kind == Node::Kind::Nest && node.nest.op == 1;
  });
  EXPECT_EQ(nests, 2u);
  EXPECT_EQ(print(1), "unknown");
}

TEST_F(BodyExpressionTest, memrefs) {
  parse(R"(
    func.func @f(%a: memref<4x6xf32>, %b: memref<6x8xf32>,
                 %c: memref<4x8xf32>) {
      linalg.matmul ins(%a, %b : memref<4x6xf32>, memref<6x8xf32>)
          outs(%c : memref<4x8xf32>)
      return
    })");
  EXPECT_EQ(print(0), "add mul(%arg0, %arg1)");
}

} // namespace
