//===- CompulsoryTest.cpp - Compulsory, floor and resident bytes ----------===//

#include "HandBuiltTree.h"
#include "memwall/Bounds/Bounds.h"
#include "gtest/gtest.h"
#include <random>
#include <set>
#include <tuple>

using namespace memwall;
using Kind = BufferKind;

/// Rows x columns elements of a matmul's operands as arguments, C fresh.
static Bytes matmulCompulsory(int64_t batch, int64_t m, int64_t n, int64_t k,
                              int64_t bits) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, batch * m * k, bits);
  BufferId b = tree.addBuffer(Kind::Argument, batch * k * n, bits);
  BufferId c = tree.addBuffer(Kind::Intermediate, batch * m * n, bits, true);
  tree.addMatmul(LoopTree::root, a, b, c, batch, m, n, k, /*readsFill=*/true);
  return computeCompulsory(tree)[0];
}

TEST(Compulsory, LlamaDecodeAndPrefill) {
  // Llama-2-7B, f16, batch 1: hidden 4096, 32 heads of 128, feed-forward
  // 11008, 2048 tokens of context. Bytes = 2 (mk + kn + mn).
  // q, k, v, o projections: decode 2 (4096 + 4096^2 + 4096).
  EXPECT_EQ(matmulCompulsory(1, 1, 4096, 4096, 16).total(), 33570816);
  EXPECT_EQ(matmulCompulsory(1, 1, 4096, 4096, 16).written, 8192);
  EXPECT_EQ(matmulCompulsory(1, 2048, 4096, 4096, 16).total(), 67108864);
  // QK^T and PV per head.
  EXPECT_EQ(matmulCompulsory(32, 1, 2048, 128, 16).total(), 16916480);
  EXPECT_EQ(matmulCompulsory(32, 1, 128, 2048, 16).total(), 16916480);
  EXPECT_EQ(matmulCompulsory(32, 2048, 2048, 128, 16).total(), 301989888);
  EXPECT_EQ(matmulCompulsory(32, 2048, 128, 2048, 16).total(), 301989888);
  // gate, up and down.
  EXPECT_EQ(matmulCompulsory(1, 1, 11008, 4096, 16).total(), 90207744);
  EXPECT_EQ(matmulCompulsory(1, 2048, 4096, 11008, 16).total(), 152043520);
}

TEST(Compulsory, BertBaseIntensity) {
  // Kim et al. 2023, Table 3: BERT-Base, 12 layers, 128 tokens, 8-bit operands
  // and results; a dot product of length K in the heads counts 2K - 1.
  auto bytes = [](int64_t batch, int64_t m, int64_t n, int64_t k) {
    return (double)matmulCompulsory(batch, m, n, k, 8).total();
  };
  double projections = 4 * 2.0 * 128 * 768 * 768;
  EXPECT_NEAR(projections / (4 * bytes(1, 128, 768, 768)), 192.00, 0.005);
  double heads = 12.0 * 128 * 128 * (2 * 64 - 1) + 12.0 * 128 * 64 * 255;
  EXPECT_NEAR(heads / (bytes(12, 128, 128, 64) + bytes(12, 128, 64, 128)),
              63.62, 0.0051); // 63.625
  double feedForward = 2 * 2.0 * 128 * 768 * 3072;
  EXPECT_NEAR(feedForward /
                  (bytes(1, 128, 3072, 768) + bytes(1, 128, 768, 3072)),
              211.86, 0.005);
}

TEST(Compulsory, AccumulatingReadsItsInitOnce) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 6, 32);
  BufferId b = tree.addBuffer(Kind::Argument, 6, 32);
  BufferId c = tree.addBuffer(Kind::Argument, 4, 32, true);
  // C[2, 2] += A[2, 3] B[3, 2], the reduction run three times over.
  NodeId loop = tree.addLoop(LoopTree::root, 3);
  tree.addNest(loop, tree.addOp(OpKind::Contraction), {{2}, {2}, {1, true}},
               {{a, false, {1, 3, 0, 1}},
                {b, false, {2, 0, 1, 2}},
                {c, false, {0, 2, 1, 0}},
                {c, true, {0, 2, 1, 0}}});
  EXPECT_EQ(computeCompulsory(tree)[0].read, (6 + 6 + 4) * 4);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 4 * 4);
}

TEST(Compulsory, FillsAreNotRead) {
  for (bool marked : {true, false}) {
    HandBuiltTree tree;
    BufferId a = tree.addBuffer(Kind::Argument, 100, 32);
    BufferId c = tree.addBuffer(Kind::Intermediate, 10, 32, true);
    OpId fill = tree.addOp(OpKind::Fill);
    tree.ops[fill].isInitFill = true;
    tree.addNest(LoopTree::root, fill, {{10}}, {{c, true, {1}}});
    tree.addNest(LoopTree::root, tree.addOp(OpKind::Reduction),
                 {{10}, {10, true}},
                 {{a, false, {10, 1}},
                  {c, false, {1, 0}, 0, /*readsFill=*/marked},
                  {c, true, {1, 0}}});
    // The fill that only feeds an init counts nothing; its reader does not
    // read it, whether the builder says so or the tree does.
    EXPECT_EQ(computeCompulsory(tree)[0].total(), 0);
    EXPECT_EQ(computeCompulsory(tree)[1].read, 400);
    EXPECT_EQ(computeCompulsory(tree)[1].written, 40);
  }
}

/// Softmax of [rows, columns] in three nests: row maximum, exponentials and
/// sum, division in place.
static HandBuiltTree buildSoftmax(int64_t rows, int64_t columns, int64_t bits) {
  HandBuiltTree tree;
  BufferId x = tree.addBuffer(Kind::Argument, rows * columns, bits);
  BufferId row = tree.addBuffer(Kind::Intermediate, rows, bits);
  BufferId y = tree.addBuffer(Kind::Intermediate, rows * columns, bits, true);
  OpId op = tree.addOp(OpKind::Softmax);
  tree.addNest(0, op, {{rows}}, {{row, true, {1}}});
  tree.addNest(
      0, op, {{rows}, {columns, true}},
      {{x, false, {columns, 1}}, {row, false, {1, 0}}, {row, true, {1, 0}}});
  tree.addNest(0, op, {{rows}, {columns}},
               {{x, false, {columns, 1}},
                {row, false, {1, 0}},
                {y, true, {columns, 1}}});
  tree.addNest(0, op, {{rows}, {columns}},
               {{y, false, {columns, 1}},
                {row, false, {1, 0}},
                {y, true, {columns, 1}}});
  return tree;
}

TEST(Compulsory, SoftmaxReadsAndWritesOnce) {
  Bytes bytes = computeCompulsory(buildSoftmax(32, 2048, 16))[0];
  EXPECT_EQ(bytes.read, 131072);
  EXPECT_EQ(bytes.written, 131072);
}

TEST(Compulsory, ResultsThatNobodyUsesAreStillWritten) {
  HandBuiltTree tree = buildSoftmax(32, 2048, 16);
  for (Buffer &buffer : tree.buffers)
    buffer.liveOut = false;
  EXPECT_EQ(computeCompulsory(tree)[0].written, 131072);
}

TEST(Compulsory, SoftmaxRowsThatDoNotFitAreReadTwice) {
  HandBuiltTree tree = buildSoftmax(8, 1000, 32);
  Target target;
  target.levels.resize(2);
  for (int64_t capacity : {1024, 2048, 3900, 4096}) {
    target.levels[0].capacityBytes = capacity;
    // Of a row's 4000 bytes all but the capacity and the 10 words of one
    // iteration of each nest (1 + 3 + 3 + 3) are read again.
    int64_t again = std::max<int64_t>(0, 4000 - capacity - 40);
    Bound bound = computeBounds(tree, target)[0][1];
    EXPECT_EQ(bound.bytes, 8 * (8000 + again));
    EXPECT_EQ(bound.theorem, again ? "rows" : "compulsory");
  }
}

TEST(Compulsory, NibblesRoundUpPerBuffer) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 7, 4);
  BufferId b = tree.addBuffer(Kind::Intermediate, 7, 4, true);
  tree.addNest(0, tree.addOp(OpKind::Elementwise), {{7}},
               {{a, false, {1}}, {b, true, {1}}});
  EXPECT_EQ(computeCompulsory(tree)[0].read, 4);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 4);
}

TEST(Compulsory, GatherCountsOneRow) {
  HandBuiltTree tree;
  BufferId table = tree.addBuffer(Kind::Constant, 32000 * 64, 16);
  BufferId indices = tree.addBuffer(Kind::Argument, 10, 64);
  BufferId out = tree.addBuffer(Kind::Intermediate, 640, 16, true);
  NodeId nest = tree.addNest(
      0, tree.addOp(OpKind::Gather), {{10}, {64}},
      {{indices, false, {1, 0}}, {table, false, {0, 1}}, {out, true, {64, 1}}});
  Nest &gather = tree.nodes[nest].nest;
  gather.accesses[1].gathers.push_back({{gather.loops[0]}, 64, 32000});
  EXPECT_EQ(computeCompulsory(tree)[0].read, 80 + 128);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 1280);
  EXPECT_EQ(computeFloor(tree).read, 80 + 128);
}

/// Tokens, in tiles or not, that name `hit` rows of a table; all of a row is
/// read for each. What they touch is `hit` rows, whichever they are.
TEST(Compulsory, GatherOfKnownRows) {
  const int64_t tokens = 12, columns = 8, tableRows = 20;
  for (int64_t tile : {1, 3, 12})
    for (int64_t hit : {1, 2, 7, 12}) {
      HandBuiltTree tree;
      BufferId table = tree.addBuffer(Kind::Argument, tableRows * columns, 16);
      BufferId out =
          tree.addBuffer(Kind::Intermediate, tokens * columns, 16, true);
      NodeId loop = tree.addLoop(LoopTree::root, tokens / tile);
      NodeId nest =
          tree.addNest(loop, tree.addOp(OpKind::Gather), {{columns}, {tile}},
                       {{table, false, {0, 1, 0}},
                        {out, true, {tile * columns, 1, columns}}});
      Nest &gather = tree.nodes[nest].nest;
      gather.accesses[0].gathers.push_back(
          {{tree.nodes[loop].loop, gather.loops[1]}, columns, hit, true});
      EXPECT_EQ(computeCompulsory(tree)[0].read, hit * columns * 2);
      EXPECT_EQ(computeFloor(tree).read, hit * columns * 2);
      // The column follows the token: 12 elements, in any rows.
      gather.accesses[0].element.terms = {{gather.loops[1], 1}};
      EXPECT_EQ(computeCompulsory(tree)[0].read, tile * 2);
    }
}

TEST(Compulsory, OneBufferReadTwiceCountsOnce) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 12, 32);
  BufferId c = tree.addBuffer(Kind::Intermediate, 9, 32, true);
  // A A^T, A[3, 4].
  tree.addNest(0, tree.addOp(OpKind::Contraction), {{3}, {3}, {4, true}},
               {{a, false, {4, 0, 1}},
                {a, false, {0, 4, 1}},
                {c, false, {3, 1, 0}, 0, true},
                {c, true, {3, 1, 0}}});
  EXPECT_EQ(computeCompulsory(tree)[0].read, 48);
}

/// What the definition says, by running the tree: distinct elements read by an
/// op that it did not write before, and those that it wrote.
static llvm::SmallVector<Bytes, 4> runCompulsory(const HandBuiltTree &tree) {
  std::set<std::tuple<OpId, BufferId, int64_t>> read, written;
  llvm::SmallVector<Bytes, 4> bytes(tree.ops.size());
  tree.run([&](const Access &access, int64_t element) {
    OpId op = 0;
    for (const Node &node : tree.nodes)
      if (node.kind == Node::Kind::Nest)
        for (const Access &other : node.nest.accesses)
          if (&other == &access)
            op = node.nest.op;
    std::tuple<OpId, BufferId, int64_t> key(op, access.buffer, element);
    if (access.isWrite)
      bytes[op].written += written.insert(key).second;
    else if (!written.count(key))
      bytes[op].read += read.insert(key).second;
  });
  return bytes;
}

/// The same for the function as a whole.
static Bytes runFloor(const HandBuiltTree &tree) {
  std::set<std::pair<BufferId, int64_t>> read, written;
  tree.run([&](const Access &access, int64_t element) {
    std::pair<BufferId, int64_t> key(access.buffer, element);
    if (access.isWrite)
      written.insert(key);
    else if (!written.count(key))
      read.insert(key);
  });
  Bytes bytes;
  for (auto [buffer, element] : read)
    bytes.read += tree.buffers[buffer].isLiveIn();
  for (auto [buffer, element] : written)
    bytes.written += tree.buffers[buffer].liveOut;
  return bytes;
}

TEST(Floor, NeverAboveWhatRuns) {
  std::mt19937 random(8);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int exact = 0, exactOps = 0, ops = 0;
  for (int i = 0; i < 3000; ++i) {
    // Elements of 8 bits, so that bytes are elements.
    HandBuiltTree tree;
    for (int b = 0; b < 3; ++b)
      tree.addBuffer(b == 2 ? Kind::Intermediate : Kind::Argument, 200, 8,
                     draw(0, 1));
    NodeId loop = LoopTree::root;
    for (int n = draw(1, 4); n > 0; --n) {
      if (draw(0, 2) == 0)
        loop = draw(0, 1) ? tree.addLoop(loop, draw(1, 3)) : LoopTree::root;
      unsigned around = 0;
      for (NodeId l = loop; l != LoopTree::root; l = tree.nodes[l].parent)
        ++around;
      llvm::SmallVector<HandAccess, 3> accesses;
      for (int a = draw(1, 3); a > 0; --a) {
        HandAccess access;
        access.buffer = draw(0, 2);
        access.isWrite = draw(0, 1);
        access.offset = draw(0, 9);
        for (unsigned d = 0; d < around; ++d)
          access.strides.push_back(draw(0, 2) * 4);
        access.strides.push_back(draw(0, 1) * 5);
        access.strides.push_back(draw(0, 2));
        accesses.push_back(access);
      }
      tree.addNest(loop, tree.addOp(OpKind::Other),
                   {{draw(1, 4)}, {draw(1, 5)}}, accesses);
    }
    Bytes floor = computeFloor(tree), run = runFloor(tree);
    ASSERT_LE(floor.read, run.read);
    ASSERT_LE(floor.written, run.written);
    exact += floor.read == run.read && floor.written == run.written;
    auto compulsory = computeCompulsory(tree);
    auto runOps = runCompulsory(tree);
    for (unsigned op = 0; op < tree.ops.size(); ++op) {
      ASSERT_LE(compulsory[op].read, runOps[op].read);
      ASSERT_EQ(compulsory[op].written, runOps[op].written);
      exactOps += compulsory[op].read == runOps[op].read;
      ++ops;
    }
  }
  EXPECT_GT(exact, 2600);
  EXPECT_GT(exactOps, 0.9 * ops);
}

TEST(Floor, InPlaceUpdateReadsBeforeItWrites) {
  HandBuiltTree tree;
  BufferId cache = tree.addBuffer(Kind::Argument, 100, 16, true);
  BufferId token = tree.addBuffer(Kind::Argument, 10, 16);
  BufferId out = tree.addBuffer(Kind::Intermediate, 10, 16, true);
  // A new row is put into the cache, then all of it is read.
  tree.addNest(0, tree.addOp(OpKind::Copy), {{10}},
               {{token, false, {1}}, {cache, true, {1}, 40}});
  tree.addNest(0, tree.addOp(OpKind::Reduction), {{10}, {10, true}},
               {{cache, false, {1, 10}},
                {out, false, {1, 0}, 0, true},
                {out, true, {1, 0}}});
  EXPECT_EQ(computeFloor(tree).read, 2 * (10 + 90));
  EXPECT_EQ(computeFloor(tree).written, 2 * (10 + 10));
}

TEST(Floor, IntermediatesNeverCount) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 50, 32);
  BufferId t = tree.addBuffer(Kind::Intermediate, 50, 32);
  BufferId c = tree.addBuffer(Kind::Intermediate, 50, 32, true);
  for (auto [from, to] : {std::pair(a, t), std::pair(t, c)})
    tree.addNest(0, tree.addOp(OpKind::Elementwise), {{50}},
                 {{from, false, {1}}, {to, true, {1}}});
  EXPECT_EQ(computeFloor(tree).read, 200);
  EXPECT_EQ(computeFloor(tree).written, 200);
}

TEST(Floor, ManyTouchesOfOneBufferStayFast) {
  // 20,000 ops in place on slices of one argument.
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 20000, 32, true);
  for (int64_t i = 0; i < 20000; ++i)
    tree.addNest(
        0, tree.addOp(OpKind::Elementwise), {{100}},
        {{a, false, {1}, i % 199 * 100}, {a, true, {1}, i % 199 * 100}});
  EXPECT_EQ(computeFloor(tree).read, 199 * 400);
  EXPECT_EQ(computeFloor(tree).written, 199 * 400);
}

TEST(ResidentBytes, PeakOfLiveIntermediates) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 1000, 8);
  BufferId t1 = tree.addBuffer(Kind::Intermediate, 100, 8);
  BufferId t2 = tree.addBuffer(Kind::Intermediate, 200, 8);
  BufferId t3 = tree.addBuffer(Kind::Intermediate, 50, 8);
  BufferId out = tree.addBuffer(Kind::Intermediate, 10, 8, true);
  auto step = [&](NodeId parent, BufferId from, BufferId to) {
    tree.addNest(parent, tree.addOp(OpKind::Elementwise), {{1}},
                 {{from, false, {}}, {to, true, {}}});
  };
  // a -> t1 -> t2 -> t3 -> out: at most t1 and t2 live together.
  step(0, a, t1);
  step(0, t1, t2);
  step(0, t2, t3);
  step(0, t3, out);
  EXPECT_EQ(computeResidentBytes(tree), 1000 + 300);
}

TEST(ResidentBytes, StorageFromOutsideLastsForTheWholeLoop) {
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 1000, 8);
  BufferId outer = tree.addBuffer(Kind::Intermediate, 100, 8);
  NodeId loop = tree.addLoop(LoopTree::root, 4);
  BufferId inner = tree.addBuffer(Kind::Intermediate, 30, 8, false, loop);
  BufferId other = tree.addBuffer(Kind::Intermediate, 7, 8, false, loop);
  auto step = [&](BufferId from, BufferId to) {
    tree.addNest(loop, tree.addOp(OpKind::Elementwise), {{1}},
                 {{from, false, {}}, {to, true, {}}});
  };
  // `outer` dies before `inner` is born in an iteration, but not for good;
  // `inner` dies before `other` is born, and is new in each iteration.
  step(a, outer);
  step(outer, a);
  step(a, inner);
  step(inner, a);
  step(a, other);
  step(other, a);
  EXPECT_EQ(computeResidentBytes(tree), 1000 + 100 + 30);
}
