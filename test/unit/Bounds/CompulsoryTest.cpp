//===- CompulsoryTest.cpp - Compulsory, floor and resident bytes ----------===//

#include "ParseTree.h"
#include "TreeBuilder.h"
#include "WalkTree.h"
#include "memwall/Bounds/Bounds.h"
#include "gtest/gtest.h"
#include <random>
#include <set>
#include <tuple>

using namespace memwall;
using namespace memwall::test;

/// Rows x columns elements of a matmul's operands as arguments, C fresh.
static Bytes matmulCompulsory(int64_t batch, int64_t m, int64_t n, int64_t k,
                              int64_t bits) {
  return computeCompulsory(
      buildTree(makeMatmul(m, n, k, bits, batch), /*fills=*/true))[1];
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
  // C[2, 2] += A[2, 3] B[3, 2], the reduction run three times over.
  LoopTree tree = parseTree(R"(
    A argument 6
    B argument 6
    C argument 4 live-out
    product contraction
    for k in 3
      nest product (i in 2, j in 2, one in 1 reduction)
        read A[3*i+k]
        read B[2*k+j]
        read C[2*i+j]
        write C[2*i+j])");
  EXPECT_EQ(computeCompulsory(tree)[0].read, (6 + 6 + 4) * 4);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 4 * 4);
}

TEST(Compulsory, FillsAreNotRead) {
  for (bool marked : {true, false}) {
    LoopTree tree = parseTree(R"(
      A argument 100
      C intermediate 10 live-out
      fill fill init-fill
      sum reduction
      nest fill (i in 10)
        write C[i]
      nest sum (i in 10, j in 10 reduction)
        read A[10*i+j]
        {0} C[i]
        write C[i])",
                              marked ? "read-fill" : "read");
    // The fill that only feeds an init counts nothing; its reader does not
    // read it, whether the builder says so or the tree does.
    EXPECT_EQ(computeCompulsory(tree)[0].total(), 0);
    EXPECT_EQ(computeCompulsory(tree)[1].read, 400);
    EXPECT_EQ(computeCompulsory(tree)[1].written, 40);
  }
}

/// Softmax of [rows, columns] in three nests: row maximum, exponentials and
/// sum, division in place.
static LoopTree buildSoftmax(int64_t rows, int64_t columns, int64_t bits) {
  return parseTree(R"(
    X argument {2} bits={3}
    row intermediate {0} bits={3}
    Y intermediate {2} bits={3} live-out
    op softmax
    nest op (i in {0})
      write row[i]
    nest op (i in {0}, j in {1} reduction)
      read X[{1}*i+j]
      read row[i]
      write row[i]
    nest op (i in {0}, j in {1})
      read X[{1}*i+j]
      read row[i]
      write Y[{1}*i+j]
    nest op (i in {0}, j in {1})
      read Y[{1}*i+j]
      read row[i]
      write Y[{1}*i+j])",
                   rows, columns, rows * columns, bits);
}

TEST(Compulsory, SoftmaxReadsAndWritesOnce) {
  Bytes bytes = computeCompulsory(buildSoftmax(32, 2048, 16))[0];
  EXPECT_EQ(bytes.read, 131072);
  EXPECT_EQ(bytes.written, 131072);
}

TEST(Compulsory, ResultsThatNobodyUsesAreStillWritten) {
  LoopTree tree = buildSoftmax(32, 2048, 16);
  for (Buffer &buffer : tree.buffers)
    buffer.liveOut = false;
  EXPECT_EQ(computeCompulsory(tree)[0].written, 131072);
}

TEST(Compulsory, SoftmaxRowsThatDoNotFitAreReadTwice) {
  LoopTree tree = buildSoftmax(8, 1000, 32);
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
  LoopTree tree = parseTree(R"(
    A argument 7xi4
    B intermediate 7xi4 live-out
    nest (i in 7)
      read A[i]
      write B[i])");
  EXPECT_EQ(computeCompulsory(tree)[0].read, 4);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 4);
}

TEST(Compulsory, GatherCountsOneRow) {
  LoopTree tree = parseTree(R"(
    table constant 2048000xf16
    rows argument 10xindex
    out intermediate 640xf16 live-out
    nest (i in 10, j in 64)
      read rows[i]
      read table[j+?(i)*64<32000]
      write out[64*i+j])");
  EXPECT_EQ(computeCompulsory(tree)[0].read, 80 + 128);
  EXPECT_EQ(computeCompulsory(tree)[0].written, 1280);
  EXPECT_EQ(computeFloor(tree).read, 80 + 128);
}

/// 12 tokens, in tiles or not, that name `hit` rows of a table of 20; all 8
/// columns of a row are read for each. What they touch is `hit` rows, whichever
/// they are.
TEST(Compulsory, GatherOfKnownRows) {
  for (int64_t tile : {1, 3, 12})
    for (int64_t hit : {1, 2, 7, 12}) {
      LoopTree tree = parseTree(R"(
        table argument 160xf16
        out intermediate 96xf16 live-out
        for t in {0}
          nest (j in 8, i in {1})
            read table[j+?(t, i)*8<{2} all]
            write out[{3}*t+8*i+j])",
                                12 / tile, tile, hit, 8 * tile);
      EXPECT_EQ(computeCompulsory(tree)[0].read, hit * 8 * 2);
      EXPECT_EQ(computeFloor(tree).read, hit * 8 * 2);
      // The column follows the token: 12 elements, in any rows.
      Nest &gather = tree.nodes.back().nest;
      gather.accesses[0].element.terms = {{gather.loops[1], 1}};
      EXPECT_EQ(computeCompulsory(tree)[0].read, tile * 2);
    }
}

TEST(Compulsory, OneBufferReadTwiceCountsOnce) {
  // A A^T, A[3, 4].
  LoopTree tree = parseTree(R"(
    A argument 12
    C intermediate 9 live-out
    product contraction
    nest product (i in 3, j in 3, k in 4 reduction)
      read A[4*i+k]
      read A[4*j+k]
      read-fill C[3*i+j]
      write C[3*i+j])");
  EXPECT_EQ(computeCompulsory(tree)[0].read, 48);
}

/// What the definition says, by running the tree: distinct elements read by an
/// op that it did not write before, and those that it wrote.
static llvm::SmallVector<Bytes, 4> runCompulsory(const LoopTree &tree) {
  std::set<std::tuple<OpId, BufferId, int64_t>> read, written;
  llvm::SmallVector<Bytes, 4> bytes(tree.ops.size());
  walkTree(tree, [&](const WalkedAccess &walked) {
    OpId op = walked.nest.op;
    std::tuple<OpId, BufferId, int64_t> key(op, walked.access.buffer,
                                            walked.element);
    if (walked.access.isWrite)
      bytes[op].written += written.insert(key).second;
    else if (!written.count(key))
      bytes[op].read += read.insert(key).second;
  });
  return bytes;
}

/// The same for the function as a whole.
static Bytes runFloor(const LoopTree &tree) {
  std::set<std::pair<BufferId, int64_t>> read, written;
  walkTree(tree, [&](const WalkedAccess &walked) {
    std::pair<BufferId, int64_t> key(walked.access.buffer, walked.element);
    if (walked.access.isWrite)
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
  int trees = 0, exact = 0, exactOps = 0, ops = 0;
  for (int i = 0; i < 3000; ++i) {
    // Elements of 8 bits, so that bytes are elements.
    TreeBuilder builder;
    LoopTree &tree = builder.tree;
    for (int b = 0; b < 3; ++b)
      builder.addBuffer(b == 2 ? BufferKind::Intermediate
                               : BufferKind::Argument,
                        200, 8, draw(0, 1));
    NodeId loop = LoopTree::root;
    bool hasGathers = false;
    for (int n = draw(1, 4); n > 0; --n) {
      if (draw(0, 2) == 0)
        loop = draw(0, 1) ? builder.addLoop(loop, draw(1, 3)) : LoopTree::root;
      Nest &nest =
          builder.addNest(loop, builder.addOp(), {draw(1, 4), draw(1, 5)});
      for (int a = draw(1, 3); a > 0; --a) {
        Access &access = nest.accesses.emplace_back();
        access.buffer = draw(0, 2);
        access.isWrite = draw(0, 1);
        access.element.constant = draw(0, 9);
        for (NodeId l = loop; l != LoopTree::root; l = tree.nodes[l].parent)
          access.element.terms.push_back({tree.nodes[l].loop, draw(0, 2) * 4});
        access.element.terms.push_back({nest.loops[0], draw(0, 1) * 5});
        access.element.terms.push_back({nest.loops[1], draw(0, 2)});
        // A position that data decides, the same or not in every iteration.
        if (draw(0, 9) == 0) {
          GatherTerm &gather = access.gathers.emplace_back();
          gather.stride = draw(1, 6);
          gather.extent = draw(1, 12);
          // Loops that move the access otherwise would let positions coincide
          // that are different columns of a table.
          llvm::erase_if(access.element.terms,
                         [](Term term) { return term.stride == 0; });
          auto movesWith = [&](LoopId l) {
            return llvm::any_of(access.element.terms,
                                [&](Term term) { return term.loop == l; });
          };
          llvm::SmallVector<LoopId> around(nest.loops.begin(),
                                           nest.loops.end());
          if (loop != LoopTree::root)
            around.push_back(tree.nodes[loop].loop);
          for (LoopId l : around)
            if (!movesWith(l) && draw(0, 1))
              gather.loops.push_back(l);
          hasGathers = true;
        }
      }
    }
    Bytes floor = computeFloor(tree), run = runFloor(tree);
    ASSERT_LE(floor.read, run.read);
    ASSERT_LE(floor.written, run.written);
    trees += !hasGathers;
    exact +=
        !hasGathers && floor.read == run.read && floor.written == run.written;
    auto compulsory = computeCompulsory(tree);
    auto runOps = runCompulsory(tree);
    for (unsigned op = 0; op < tree.ops.size(); ++op) {
      ASSERT_LE(compulsory[op].read, runOps[op].read);
      ASSERT_LE(compulsory[op].written, runOps[op].written);
      if (hasGathers)
        continue;
      ASSERT_EQ(compulsory[op].written, runOps[op].written);
      exactOps += compulsory[op].read == runOps[op].read;
      ++ops;
    }
  }
  EXPECT_GT(trees, 1000);
  EXPECT_GT(exact, 0.86 * trees);
  EXPECT_GT(exactOps, 0.9 * ops);
}

TEST(Floor, InPlaceUpdateReadsBeforeItWrites) {
  // A new row is put into the cache, then all of it is read.
  LoopTree tree = parseTree(R"(
    cache argument 100xf16 live-out
    token argument 10xf16
    out intermediate 10xf16 live-out
    nest (i in 10)
      read token[i]
      write cache[40+i]
    nest (i in 10, j in 10 reduction)
      read cache[i+10*j]
      read-fill out[i]
      write out[i])");
  EXPECT_EQ(computeFloor(tree).read, 2 * (10 + 90));
  EXPECT_EQ(computeFloor(tree).written, 2 * (10 + 10));
}

/// A row of a cache of 8 rows of 10 is written at a position that data decides,
/// once or in each of `steps`, before all of the cache is read: no more rows
/// than were written can be missing from what the function reads.
TEST(Floor, RowsAtUnknownPositionsLeaveTheRest) {
  for (int64_t steps : {1, 3, 20}) {
    LoopTree tree = parseTree(R"(
      cache argument 160 live-out
      token argument 10
      out intermediate 160 live-out
      for t in {0}
        nest (i in 10)
          read token[i]
          write cache[i+?(t)*10<8]
      nest (i in 160)
        read cache[i]
        write out[i])",
                              steps);
    // The second half of the buffer is out of reach.
    int64_t lost = std::min<int64_t>(10 * steps, 160);
    EXPECT_EQ(computeFloor(tree).read, 4 * (10 + 160 - lost));
    EXPECT_EQ(computeFloor(tree).written, 4 * (10 + 160));
  }
}

TEST(Floor, IntermediatesNeverCount) {
  LoopTree tree = parseTree(R"(
    A argument 50
    T intermediate 50
    C intermediate 50 live-out
    nest (i in 50)
      read A[i]
      write T[i]
    nest (i in 50)
      read T[i]
      write C[i])");
  EXPECT_EQ(computeFloor(tree).read, 200);
  EXPECT_EQ(computeFloor(tree).written, 200);
}

TEST(Floor, ManyTouchesOfOneBufferStayFast) {
  // 20,000 ops in place on slices of one argument.
  std::string text = "A argument 20000 live-out\n";
  for (int64_t i = 0; i < 20000; ++i)
    text += llvm::formatv(
        "nest (j in 100)\n  read A[{0}+j]\n  write A[{0}+j]\n", i % 199 * 100);
  LoopTree tree = parseTree(text);
  EXPECT_EQ(computeFloor(tree).read, 199 * 400);
  EXPECT_EQ(computeFloor(tree).written, 199 * 400);
}

TEST(ResidentBytes, PeakOfLiveIntermediates) {
  // At most t1 and t2 live together.
  EXPECT_EQ(computeResidentBytes(parseTree(R"(
    A argument 1000xi8
    t1 intermediate 100xi8
    t2 intermediate 200xi8
    t3 intermediate 50xi8
    out intermediate 10xi8 live-out
    nest ()
      read A[0]
      write t1[0]
    nest ()
      read t1[0]
      write t2[0]
    nest ()
      read t2[0]
      write t3[0]
    nest ()
      read t3[0]
      write out[0])")),
            1000 + 300);
}

TEST(ResidentBytes, StorageFromOutsideLastsForTheWholeLoop) {
  // `outer` dies before `inner` is born in an iteration, but not for good;
  // `inner` dies before `other` is born, and is new in each iteration.
  EXPECT_EQ(computeResidentBytes(parseTree(R"(
    A argument 1000xi8
    outer intermediate 100xi8
    inner intermediate 30xi8 in l
    other intermediate 7xi8 in l
    for l in 4
      nest ()
        read A[0]
        write outer[0]
      nest ()
        read outer[0]
        write A[0]
      nest ()
        read A[0]
        write inner[0]
      nest ()
        read inner[0]
        write A[0]
      nest ()
        read A[0]
        write other[0]
      nest ()
        read other[0]
        write A[0])")),
            1000 + 100 + 30);
}
