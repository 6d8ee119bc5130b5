//===- BoundsTest.cpp - Bounds against an LRU cache -----------------------===//
//
// An LRU cache of single elements is one schedule's traffic: any nest, run
// through it, moves at least the bound.
//
//===----------------------------------------------------------------------===//

#include "memwall/Bounds/Bounds.h"
#include "ParseTree.h"
#include "TreeBuilder.h"
#include "WalkTree.h"
#include "gtest/gtest.h"
#include <list>
#include <map>
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

/// Bytes in and out of a cache of `capacity` bytes with 8-bit elements.
class ElementCache {
public:
  explicit ElementCache(int64_t capacity) : capacity(capacity) {}

  void access(const Access &access, int64_t element) {
    Key key(access.buffer, element);
    auto found = where.find(key);
    if (found == where.end()) {
      // A store that misses allocates without reading.
      moved += !access.isWrite;
      order.push_front({key, false});
      where[key] = order.begin();
      if ((int64_t)order.size() > capacity)
        evict();
    } else {
      order.splice(order.begin(), order, found->second);
    }
    where[key]->second |= access.isWrite;
  }

  int64_t finish() {
    while (!order.empty())
      evict();
    return moved;
  }

private:
  using Key = std::pair<BufferId, int64_t>;

  void evict() {
    moved += order.back().second;
    where.erase(order.back().first);
    order.pop_back();
  }

  int64_t capacity;
  int64_t moved = 0;
  std::list<std::pair<Key, bool>> order; ///< With whether it is dirty.
  std::map<Key, std::list<std::pair<Key, bool>>::iterator> where;
};

Target makeTarget(int64_t capacity) {
  Target target;
  target.levels.resize(2);
  target.levels[0].capacityBytes = capacity;
  target.levels[1].kind = LevelKind::Memory;
  return target;
}

int64_t runCache(const LoopTree &tree, int64_t capacity) {
  ElementCache cache(capacity);
  walkTree(tree, [&](const WalkedAccess &walked) {
    cache.access(walked.access, walked.element);
  });
  return cache.finish();
}

} // namespace

/// A nest over dims of the given sizes in random order, each dim cut into
/// tiles at random. Tensors have one index: the sum of stride * dim.
static LoopTree buildRandomOrder(llvm::ArrayRef<int64_t> sizes,
                                 llvm::ArrayRef<bool> reduces,
                                 llvm::ArrayRef<NestTensor> tensors,
                                 OpKind kind, std::mt19937 &random,
                                 bool fresh) {
  struct Piece {
    unsigned dim;
    int64_t tripCount, scale;
  };
  llvm::SmallVector<Piece, 8> pieces;
  for (unsigned d = 0; d < sizes.size(); ++d) {
    int64_t tile = 1;
    for (int64_t t = 2; t <= sizes[d]; ++t)
      if (sizes[d] % t == 0 && random() % 3 == 0)
        tile = t;
    pieces.push_back({d, sizes[d] / tile, tile});
    pieces.push_back({d, tile, 1});
  }
  std::shuffle(pieces.begin(), pieces.end(), random);
  TreeBuilder builder;
  // Large enough for anything below.
  for (unsigned b = 0; b < 3; ++b)
    builder.addBuffer(b == 2 && fresh ? BufferKind::Intermediate
                                      : BufferKind::Argument,
                      100000, 8, b == 2);
  llvm::SmallVector<int64_t, 8> tripCounts;
  llvm::SmallVector<bool, 8> isReduction;
  for (const Piece &piece : pieces) {
    tripCounts.push_back(piece.tripCount);
    isReduction.push_back(reduces[piece.dim]);
  }
  TiledDims dims(tripCounts, isReduction);
  NodeId parent = LoopTree::root;
  unsigned outer = random() % (pieces.size() + 1);
  llvm::SmallVector<unsigned, 8> inner;
  for (unsigned p = 0; p < pieces.size(); ++p)
    if (p < outer)
      parent = builder.addTileLoop(parent, dims, p, 1);
    else
      inner.push_back(p);
  llvm::SmallVector<NestTensor, 4> cut(tensors);
  for (NestTensor &tensor : cut) {
    TensorIndex whole = std::move(tensor.indices[0]);
    tensor.indices[0].clear();
    for (auto [dim, stride] : whole)
      for (unsigned p = 0; p < pieces.size(); ++p)
        if (pieces[p].dim == dim && stride != 0)
          tensor.indices[0].push_back({p, stride * pieces[p].scale});
  }
  builder.addNest(parent, builder.addOp(kind), dims, inner, cut);
  return std::move(builder.tree);
}

/// The inputs and the result of C[m, n] += A[m, k] B[k, n].
static llvm::SmallVector<NestTensor, 3> getMatmulTensors(int64_t n, int64_t k,
                                                         bool readsFill) {
  return {{0, {{{0, k}, {2, 1}}}},
          {1, {{{2, n}, {1, 1}}}},
          {2, {{{0, n}, {1, 1}}}, true, true, readsFill}};
}

TEST(Bounds, MatmulsInAnyOrderMoveAtLeastTheBound) {
  std::mt19937 random(9);
  int above = 0;
  for (int i = 0; i < 150; ++i) {
    int64_t m = 1 + random() % 16, n = 1 + random() % 16, k = 1 + random() % 16;
    bool fresh = random() % 2;
    LoopTree tree = buildRandomOrder({m, n, k}, {false, false, true},
                                     getMatmulTensors(n, k, fresh),
                                     OpKind::Contraction, random, fresh);
    int64_t compulsory = computeCompulsory(tree)[0].total();
    ASSERT_EQ(compulsory, m * k + k * n + (fresh ? 1 : 2) * m * n);
    for (int64_t capacity : {1, 4, 16, 40, 100}) {
      Bound bound = computeBounds(tree, makeTarget(capacity))[0][1];
      ASSERT_GE(bound.bytes, compulsory);
      // Reading a fresh C from nowhere is free in the bound, not in the cache.
      ASSERT_LE(bound.bytes, runCache(tree, capacity));
      above += bound.theorem == "contraction";
    }
  }
  EXPECT_GT(above, 100);
}

TEST(Bounds, ConvolutionsInAnyOrderMoveAtLeastTheBound) {
  std::mt19937 random(10);
  int above = 0;
  for (int i = 0; i < 150; ++i) {
    // O[f, x] += I[c, x * stride + r * dilation] F[f, c, r].
    int64_t f = 1 + random() % 6, x = 1 + random() % 12, c = 1 + random() % 6,
            r = 1 + random() % 4, stride = 1 + random() % 3,
            dilation = 1 + random() % 2;
    int64_t width = (x - 1) * stride + (r - 1) * dilation + 1;
    LoopTree tree = buildRandomOrder(
        {f, x, c, r}, {false, false, true, true},
        {{0, {{{1, stride}, {2, width}, {3, dilation}}}},
         {1, {{{0, c * r}, {2, r}, {3, 1}}}},
         {2, {{{0, x}, {1, 1}}}, true, true, /*readsFill=*/true}},
        OpKind::Convolution, random, true);
    for (int64_t capacity : {1, 4, 16, 40, 100}) {
      Bound bound = computeBounds(tree, makeTarget(capacity))[0][1];
      ASSERT_LE(bound.bytes, runCache(tree, capacity));
      above += bound.theorem == "convolution";
    }
  }
  EXPECT_GT(above, 80);
}

TEST(Bounds, AnyNestMovesAtLeastTheBound) {
  // Random strides: shared buffers, outputs that overlap, windows, repetition.
  std::mt19937 random(11);
  for (int i = 0; i < 600; ++i) {
    llvm::SmallVector<int64_t, 4> sizes;
    llvm::SmallVector<NestTensor, 3> tensors(3);
    for (int d = 0; d < 3; ++d)
      sizes.push_back(1 + random() % 7);
    for (unsigned a = 0; a < 3; ++a) {
      tensors[a].buffer = random() % 4 ? a : random() % 3;
      TensorIndex &index = tensors[a].indices.emplace_back();
      for (unsigned d = 0; d < 3; ++d)
        index.push_back({d, random() % 3 ? random() % 12 : 0});
    }
    tensors[2].isWritten = true;
    LoopTree tree = buildRandomOrder(
        sizes, {random() % 2 == 0, random() % 2 == 0, random() % 2 == 0},
        tensors, OpKind::Contraction, random, false);
    for (int64_t capacity : {1, 2, 5, 12, 30}) {
      Bound bound = computeBounds(tree, makeTarget(capacity))[0][1];
      ASSERT_LE(bound.bytes, runCache(tree, capacity));
    }
  }
}

TEST(Bounds, TilingDoesNotChangeTheBound) {
  std::mt19937 random(12);
  int64_t first = 0;
  for (int i = 0; i < 40; ++i) {
    LoopTree tree = buildRandomOrder({64, 48, 96}, {false, false, true},
                                     getMatmulTensors(48, 96, true),
                                     OpKind::Contraction, random, true);
    int64_t bytes = computeBounds(tree, makeTarget(512))[0][1].bytes;
    if (i == 0)
      first = bytes;
    EXPECT_EQ(bytes, first);
  }
  // 2 mnk / sqrt(S), S = 512 and the 4 bytes of one iteration.
  EXPECT_EQ(first, (int64_t)std::ceil(2 * 64 * 48 * 96 / std::sqrt(516.0)));
}

TEST(Bounds, CapacityIsThatOfAllInstancesAbove) {
  LoopTree tree = buildTree(makeMatmul(512, 512, 512, 16), true);
  Target one = makeTarget(65536), four = makeTarget(16384);
  four.units = 8;
  four.levels[0].unitsPerInstance = 2;
  EXPECT_EQ(computeBounds(tree, one)[1][1].bytes,
            computeBounds(tree, four)[1][1].bytes);
  EXPECT_EQ(computeBounds(tree, one)[1][0].theorem, "compulsory");
  EXPECT_EQ(computeBounds(tree, one)[1][1].theorem, "contraction");
  EXPECT_EQ(computeBounds(tree, one)[1].size(), 2u);
}

TEST(Bounds, NarrowWeightsLowerTheBound) {
  // f16 activations, i4 weights, f32 results: 2 mnk sqrt(2 * 0.5 * 4 / S),
  // S = 65536 and the 2 + 0.5 + 4 + 4 bytes of one iteration.
  TestOp op = makeMatmul(1024, 1024, 1024);
  op.operands[0].bits = 16;
  op.operands[1].bits = 4;
  double expected = 2.0 * (1 << 30) * std::sqrt(4 / 65546.5);
  Bound bound = computeBounds(buildTree(op, true), makeTarget(65536))[1][1];
  EXPECT_NEAR(bound.bytes / expected, 1, 1e-6);
}

TEST(Bounds, InitThatIsCopiedOutOfPlace) {
  // The result has storage of its own: the op copies its init there first. A
  // loaded init costs |C| loads more than a fill, unless the same loads serve
  // an input; where everything fits, that moves A, B and C once.
  int64_t n = 128;
  llvm::SmallVector<int64_t, 3> bounds, ample;
  for (const char *init : {"read-fill init", "read init", "read A"}) {
    LoopTree tree = parseTree(R"(
      A argument 16384
      B argument 16384
      init intermediate 16384
      C intermediate 16384 live-out
      product contraction
      nest product (i in 128, j in 128)
        {0}[128*i+j]
        write C[128*i+j]
      nest product (i in 128, j in 128, k in 128 reduction)
        read A[128*i+k]
        read B[128*k+j]
        read C[128*i+j]
        write C[128*i+j])",
                              init);
    Bound bound = computeBounds(tree, makeTarget(4096))[0][1];
    EXPECT_EQ(bound.theorem, "contraction");
    bounds.push_back(bound.bytes);
    ample.push_back(computeBounds(tree, makeTarget(1 << 20))[0][1].bytes);
  }
  EXPECT_EQ(bounds[1] - bounds[0], n * n * 4);
  EXPECT_EQ(bounds[2], bounds[0]);
  EXPECT_EQ(ample[1] - ample[2], n * n * 4);
  EXPECT_EQ(ample[2], 3 * n * n * 4);
}

TEST(Bounds, ResultsOfOneInputAreOneProduct) {
  // C = A B and E = A D in one nest are A [B D], with 3 more words in flight
  // (8 bits each, so that elements are bytes). No run of the nest moves less.
  auto makeFused = [](int64_t m, int64_t n, int64_t k) {
    return parseTree(R"(
      A argument {0}xi8
      B argument {1}xi8
      D argument {1}xi8
      C intermediate {2}xi8 live-out
      E intermediate {2}xi8 live-out
      product contraction
      nest product (i in {3}, j in {4}, k in {5} reduction)
        read A[{5}*i+k] results=3
        read B[{4}*k+j] results=1
        read D[{4}*k+j] results=2
        read-fill C[{4}*i+j] results=1
        read-fill E[{4}*i+j] results=2
        write C[{4}*i+j]
        write E[{4}*i+j])",
                     m * k, k * n, m * n, m, n, k);
  };
  LoopTree joined = parseTree(R"(
    A argument 16384xi8
    B argument 32768xi8
    C intermediate 32768xi8 live-out
    product contraction
    nest product (i in 128, j in 256, k in 128 reduction)
      read A[128*i+k]
      read B[256*k+j]
      read-fill C[256*i+j]
      write C[256*i+j])");
  Bound bound = computeBounds(makeFused(128, 128, 128), makeTarget(1024))[0][1];
  EXPECT_EQ(bound.theorem, "contraction");
  EXPECT_EQ(bound.bytes, computeBounds(joined, makeTarget(1027))[0][1].bytes);
  for (int64_t m : {3, 8})
    for (int64_t n : {2, 7})
      for (int64_t k : {4, 9})
        for (int64_t capacity : {8, 20, 60}) {
          LoopTree tree = makeFused(m, n, k);
          EXPECT_LE(computeBounds(tree, makeTarget(capacity))[0][1].bytes,
                    runCache(tree, capacity));
        }
  // An input of one result only, which the other has none like, adds nothing.
  LoopTree uneven = makeFused(128, 128, 128);
  uneven.nodes.back().nest.accesses[2].results = 1;
  EXPECT_LT(computeBounds(uneven, makeTarget(1024))[0][1].bytes, bound.bytes);
}

TEST(Bounds, AccumulatorsThatARepeatedFillStartsAnew) {
  // for i: fill C; C += A_i B_i. 4 independent products into the same storage:
  // 4 times the bound of one, but C is stored once and never loaded.
  int64_t n = 128;
  LoopTree tree = parseTree(R"(
    A argument 65536
    B argument 65536
    C intermediate 16384 live-out
    fill fill init-fill
    product contraction
    for l in 4
      nest fill (i in 128, j in 128)
        write C[128*i+j]
      nest product (i in 128, j in 128, k in 128 reduction)
        read A[16384*l+128*i+k]
        read B[16384*l+128*k+j]
        read-fill C[128*i+j]
        write C[128*i+j])");
  double one = 2.0 * n * n * n * 4 * std::sqrt(4 / 4112.0);
  double credit = 4.0 * n * n * 4, stored = n * n * 4;
  EXPECT_NEAR(computeBounds(tree, makeTarget(4096))[1][1].bytes,
              4 * one - credit + stored, 2);
}
