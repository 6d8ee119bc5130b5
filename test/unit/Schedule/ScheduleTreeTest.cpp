//===- ScheduleTreeTest.cpp - The tree of a scheduled program -------------===//
//
// A tree with a schedule applied is the tree of the program tiled by hand: the
// same text, and so the same traffic.
//
//===----------------------------------------------------------------------===//

#include "memwall/Schedule/ScheduleTree.h"
#include "LoopTreePrinter.h"
#include "WalkTree.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace memwall;

namespace {

mlir::MLIRContext &getContext() {
  static mlir::MLIRContext context;
  context.loadDialect<mlir::affine::AffineDialect, mlir::arith::ArithDialect,
                      mlir::func::FuncDialect, mlir::linalg::LinalgDialect,
                      mlir::scf::SCFDialect, mlir::tensor::TensorDialect>();
  return context;
}

LoopTree parseTree(llvm::StringRef text) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &getContext());
  EXPECT_TRUE(module);
  LoopTree tree;
  module->walk(
      [&](mlir::func::FuncOp function) { tree = *buildLoopTree(function); });
  return tree;
}

/// Buffers have the name of the op that made them, of which there are other
/// numbers; forms may come in another order.
std::string print(LoopTree tree) {
  for (Buffer &buffer : tree.buffers)
    buffer.name.clear();
  for (OpRecord &op : tree.ops)
    op.name.clear();
  for (Loop &loop : tree.loops)
    llvm::sort(loop.extent, [](const AffineForm &a, const AffineForm &b) {
      return a.terms.size() != b.terms.size() ? a.terms.size() < b.terms.size()
                                              : a.constant < b.constant;
    });
  for (Node &node : tree.nodes)
    for (Access &access : node.nest.accesses)
      llvm::sort(access.element.terms,
                 [](const Term &a, const Term &b) { return a.loop < b.loop; });
  std::string text;
  llvm::raw_string_ostream stream(text);
  printLoopTree(tree, stream);
  return text;
}

constexpr const char *kMatmul = R"(
func.func @f(%a: tensor<100x70xf32>, %b: tensor<70x90xf32>)
    -> tensor<100x90xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<100x90xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<100x90xf32>)
      -> tensor<100x90xf32>
  %r = linalg.matmul ins(%a, %b : tensor<100x70xf32>, tensor<70x90xf32>)
      outs(%f : tensor<100x90xf32>) -> tensor<100x90xf32>
  return %r : tensor<100x90xf32>
})";

/// Rows by 32 with the fill inside, then k by 16.
constexpr const char *kTiledMatmul = R"(
func.func @f(%a: tensor<100x70xf32>, %b: tensor<70x90xf32>)
    -> tensor<100x90xf32> {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c100 = arith.constant 100 : index
  %c70 = arith.constant 70 : index
  %c32 = arith.constant 32 : index
  %c16 = arith.constant 16 : index
  %e = tensor.empty() : tensor<100x90xf32>
  %r = scf.for %i = %c0 to %c100 step %c32
      iter_args(%o = %e) -> tensor<100x90xf32> {
    %m = affine.min affine_map<(d0) -> (32, 100 - d0)>(%i)
    %t = tensor.extract_slice %o[%i, 0] [%m, 90] [1, 1]
        : tensor<100x90xf32> to tensor<?x90xf32>
    %f = linalg.fill ins(%z : f32) outs(%t : tensor<?x90xf32>)
        -> tensor<?x90xf32>
    %k = scf.for %j = %c0 to %c70 step %c16
        iter_args(%p = %f) -> tensor<?x90xf32> {
      %kk = affine.min affine_map<(d0) -> (16, 70 - d0)>(%j)
      %at = tensor.extract_slice %a[%i, %j] [%m, %kk] [1, 1]
          : tensor<100x70xf32> to tensor<?x?xf32>
      %bt = tensor.extract_slice %b[%j, 0] [%kk, 90] [1, 1]
          : tensor<70x90xf32> to tensor<?x90xf32>
      %q = linalg.matmul ins(%at, %bt : tensor<?x?xf32>, tensor<?x90xf32>)
          outs(%p : tensor<?x90xf32>) -> tensor<?x90xf32>
      scf.yield %q : tensor<?x90xf32>
    }
    %s = tensor.insert_slice %k into %o[%i, 0] [%m, 90] [1, 1]
        : tensor<?x90xf32> into tensor<100x90xf32>
    scf.yield %s : tensor<100x90xf32>
  }
  return %r : tensor<100x90xf32>
})";

Schedule makeSchedule(llvm::ArrayRef<int64_t> sizes,
                      llvm::ArrayRef<unsigned> order) {
  Schedule schedule;
  schedule.bands.resize(1);
  schedule.bands[0].level = "l1";
  schedule.bands[0].sizes.assign(sizes.begin(), sizes.end());
  schedule.bands[0].order.assign(order.begin(), order.end());
  return schedule;
}

std::string getError(const LoopTree &tree, const OpSchedule &schedule) {
  llvm::Expected<LoopTree> scheduled = scheduleTree(tree, {schedule});
  return scheduled ? "" : llvm::toString(scheduled.takeError());
}

TEST(ScheduleTree, IsTheTreeOfTheTiledProgram) {
  LoopTree scheduled = llvm::cantFail(scheduleTree(
      parseTree(kMatmul), {{1, makeSchedule({32, 0, 16}, {0, 2})}}));
  EXPECT_EQ(print(scheduled), print(parseTree(kTiledMatmul)));
  llvm::Error error = scheduled.check();
  EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
}

TEST(ScheduleTree, NoScheduleChangesNothing) {
  LoopTree tree = parseTree(kTiledMatmul);
  EXPECT_EQ(print(llvm::cantFail(scheduleTree(tree, {}))), print(tree));
}

/// A reduction loop outside: the fill cannot go in.
TEST(ScheduleTree, FillStaysOutsideOfReductions) {
  LoopTree scheduled = llvm::cantFail(scheduleTree(
      parseTree(kMatmul), {{1, makeSchedule({32, 0, 16}, {2, 0})}}));
  EXPECT_EQ(scheduled.ops[0].executions, 1);
  EXPECT_EQ(scheduled.ops[1].executions, 4 * 5);
  EXPECT_EQ(scheduled.nodes[LoopTree::root].children.size(), 2u);
}

/// Runs a tree and counts the stores of an op.
int64_t countStores(const LoopTree &tree, OpId op) {
  int64_t stores = 0;
  test::walkTree(tree, [&](const test::WalkedAccess &walked) {
    stores += walked.nest.op == op && walked.access.isWrite;
  });
  return stores;
}

/// Two bands, with and without remainders: the op runs as often as before.
TEST(ScheduleTree, RunsEveryIterationOnce) {
  LoopTree tree = parseTree(kMatmul);
  for (int64_t m : {1, 7, 33, 100})
    for (int64_t n : {8, 90})
      for (int64_t inner : {1, 3, 7}) {
        Schedule schedule = makeSchedule({m, n, 16}, {1, 0, 2});
        schedule.bands.push_back(schedule.bands[0]);
        schedule.bands[1].sizes = {std::min(m, inner), 0, 4};
        schedule.bands[1].order = {2, 0};
        schedule.leafOrder = {2, 1, 0};
        LoopTree scheduled =
            llvm::cantFail(scheduleTree(tree, {{1, schedule}}));
        llvm::Error error = scheduled.check();
        ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
        EXPECT_EQ(countStores(scheduled, 1), 100 * 90 * 70);
        EXPECT_EQ(countStores(scheduled, 0), 100 * 90);
      }
}

/// Packed in tiles of 70 x 16: element (k, n) at n / 16 * 1120 + k * 16 + n %
/// 16, the last tile padded: 6 tiles.
TEST(ScheduleTree, PacksAnOperand) {
  Schedule schedule = makeSchedule({0, 16, 0}, {1});
  PackedOperand pack;
  pack.operand = 1;
  pack.innerDims = {0, 1};
  pack.innerTiles = {70, 16};
  schedule.packs = {pack};
  LoopTree scheduled =
      llvm::cantFail(scheduleTree(parseTree(kMatmul), {{1, schedule}}));
  ASSERT_EQ(scheduled.ops.size(), 3u);
  EXPECT_EQ(scheduled.ops[2].name, "linalg.pack");
  const Buffer &packed = scheduled.buffers.back();
  EXPECT_EQ(packed.elements, 6 * 70 * 16);
  for (const Node &node : scheduled.nodes) {
    if (node.kind != Node::Kind::Nest || node.nest.op != 1)
      continue;
    const Access &read = node.nest.accesses[1];
    EXPECT_EQ(read.buffer, scheduled.buffers.size() - 1);
    std::multiset<int64_t> strides;
    for (const Term &term : read.element.terms)
      strides.insert(term.stride);
    // The tile loop, n, k, and the outer dimension of k, which stays at 0.
    EXPECT_EQ(strides, (std::multiset<int64_t>{1, 16, 1120}));
  }
  // Ahead of the program: storage, but no packing.
  schedule.packs[0].ahead = true;
  scheduled = llvm::cantFail(scheduleTree(parseTree(kMatmul), {{1, schedule}}));
  EXPECT_EQ(scheduled.ops.size(), 2u);
  EXPECT_EQ(scheduled.buffers.back().kind, BufferKind::Argument);
}

TEST(ScheduleTree, SaysWhatDoesNotFit) {
  LoopTree tree = parseTree(kMatmul);
  EXPECT_EQ(getError(tree, {7, makeSchedule({32, 0, 0}, {0})}),
            "op 7 does not exist");
  EXPECT_NE(getError(tree, {1, makeSchedule({32, 0}, {0})}), "");
  Schedule schedule = makeSchedule({32, 0, 0}, {0});
  schedule.packs.resize(1);
  schedule.packs[0].innerDims = {0};
  schedule.packs[0].innerTiles = {20};
  EXPECT_NE(getError(tree, {1, schedule}).find("do not keep whole"),
            std::string::npos);
}

} // namespace
