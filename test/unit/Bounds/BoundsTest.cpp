//===- BoundsTest.cpp - Bounds against an LRU cache -----------------------===//
//
// An LRU cache of single elements is one schedule's traffic: any nest, run
// through it, moves at least the bound.
//
//===----------------------------------------------------------------------===//

#include "memwall/Bounds/Bounds.h"
#include "HandBuiltTree.h"
#include "gtest/gtest.h"
#include <list>
#include <map>
#include <random>

using namespace memwall;
using Kind = BufferKind;

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

int64_t runCache(const HandBuiltTree &tree, int64_t capacity) {
  ElementCache cache(capacity);
  tree.run([&](const Access &access, int64_t element) {
    cache.access(access, element);
  });
  return cache.finish();
}

} // namespace

/// One dimension of a problem, cut into loops of these trip counts.
using Cut = llvm::SmallVector<int64_t, 3>;

/// A nest over dims of the given sizes in random order, each dim cut into
/// tiles at random; strides are per dim and access.
static HandBuiltTree buildRandomOrder(llvm::ArrayRef<int64_t> sizes,
                                      llvm::ArrayRef<bool> reduces,
                                      llvm::ArrayRef<HandAccess> accesses,
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
  HandBuiltTree tree;
  // Large enough for anything below.
  for (unsigned b = 0; b < 3; ++b)
    tree.addBuffer(b == 2 && fresh ? Kind::Intermediate : Kind::Argument,
                   100000, 8, b == 2);
  NodeId parent = LoopTree::root;
  unsigned outer = random() % (pieces.size() + 1);
  llvm::SmallVector<HandDim, 8> dims;
  for (unsigned p = 0; p < pieces.size(); ++p) {
    if (p < outer)
      parent = tree.addLoop(parent, pieces[p].tripCount);
    else
      dims.push_back({pieces[p].tripCount, reduces[pieces[p].dim]});
  }
  llvm::SmallVector<HandAccess, 4> scaled;
  for (const HandAccess &access : accesses) {
    scaled.push_back(access);
    scaled.back().strides.clear();
    for (const Piece &piece : pieces)
      scaled.back().strides.push_back(access.strides[piece.dim] * piece.scale);
  }
  tree.addNest(parent, tree.addOp(kind), dims, scaled);
  return tree;
}

TEST(Bounds, MatmulsInAnyOrderMoveAtLeastTheBound) {
  std::mt19937 random(9);
  int above = 0;
  for (int i = 0; i < 150; ++i) {
    int64_t m = 1 + random() % 16, n = 1 + random() % 16, k = 1 + random() % 16;
    bool fresh = random() % 2;
    HandBuiltTree tree = buildRandomOrder({m, n, k}, {false, false, true},
                                          {{0, false, {k, 0, 1}},
                                           {1, false, {0, 1, n}},
                                           {2, false, {n, 1, 0}, 0, fresh},
                                           {2, true, {n, 1, 0}}},
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
    HandBuiltTree tree =
        buildRandomOrder({f, x, c, r}, {false, false, true, true},
                         {{0, false, {0, stride, width, dilation}},
                          {1, false, {c * r, 0, r, 1}},
                          {2, false, {x, 1, 0, 0}, 0, true},
                          {2, true, {x, 1, 0, 0}}},
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
    llvm::SmallVector<HandAccess, 4> accesses(3);
    for (int d = 0; d < 3; ++d)
      sizes.push_back(1 + random() % 7);
    for (unsigned a = 0; a < 3; ++a) {
      accesses[a].buffer = random() % 4 ? a : random() % 3;
      for (int d = 0; d < 3; ++d)
        accesses[a].strides.push_back(random() % 3 ? random() % 12 : 0);
    }
    accesses.push_back(accesses[2]);
    accesses.back().isWrite = true;
    HandBuiltTree tree = buildRandomOrder(
        sizes, {random() % 2 == 0, random() % 2 == 0, random() % 2 == 0},
        accesses, OpKind::Contraction, random, false);
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
    HandBuiltTree tree = buildRandomOrder({64, 48, 96}, {false, false, true},
                                          {{0, false, {96, 0, 1}},
                                           {1, false, {0, 1, 48}},
                                           {2, false, {48, 1, 0}, 0, true},
                                           {2, true, {48, 1, 0}}},
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
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 512 * 512, 16);
  BufferId b = tree.addBuffer(Kind::Argument, 512 * 512, 16);
  BufferId c = tree.addBuffer(Kind::Intermediate, 512 * 512, 16, true);
  tree.addMatmul(0, a, b, c, 1, 512, 512, 512, true);
  Target one = makeTarget(65536), four = makeTarget(16384);
  four.units = 8;
  four.levels[0].unitsPerInstance = 2;
  EXPECT_EQ(computeBounds(tree, one)[0][1].bytes,
            computeBounds(tree, four)[0][1].bytes);
  EXPECT_EQ(computeBounds(tree, one)[0][0].theorem, "compulsory");
  EXPECT_EQ(computeBounds(tree, one)[0][1].theorem, "contraction");
  EXPECT_EQ(computeBounds(tree, one)[0].size(), 2u);
}

TEST(Bounds, NarrowWeightsLowerTheBound) {
  // f16 activations, i4 weights, f32 results: 2 mnk sqrt(2 * 0.5 * 4 / S),
  // S = 65536 and the 2 + 0.5 + 4 + 4 bytes of one iteration.
  HandBuiltTree tree;
  BufferId a = tree.addBuffer(Kind::Argument, 1024 * 1024, 16);
  BufferId b = tree.addBuffer(Kind::Constant, 1024 * 1024, 4);
  BufferId c = tree.addBuffer(Kind::Intermediate, 1024 * 1024, 32, true);
  tree.addMatmul(0, a, b, c, 1, 1024, 1024, 1024, true);
  double expected = 2.0 * (1 << 30) * std::sqrt(4 / 65546.5);
  EXPECT_NEAR(computeBounds(tree, makeTarget(65536))[0][1].bytes / expected, 1,
              1e-6);
}

TEST(Bounds, InitThatIsCopiedOutOfPlace) {
  // The result has storage of its own: the op copies its init there first. A
  // loaded init costs |C| loads more than a fill.
  int64_t n = 128;
  llvm::SmallVector<int64_t, 2> bounds;
  for (bool fromFill : {true, false}) {
    HandBuiltTree tree;
    BufferId a = tree.addBuffer(Kind::Argument, n * n, 32);
    BufferId b = tree.addBuffer(Kind::Argument, n * n, 32);
    BufferId init = tree.addBuffer(Kind::Intermediate, n * n, 32);
    BufferId c = tree.addBuffer(Kind::Intermediate, n * n, 32, true);
    OpId op = tree.addOp(OpKind::Contraction);
    tree.addNest(0, op, {{n}, {n}},
                 {{init, false, {n, 1}, 0, fromFill}, {c, true, {n, 1}}});
    tree.addNest(0, op, {{n}, {n}, {n, true}},
                 {{a, false, {n, 0, 1}},
                  {b, false, {0, 1, n}},
                  {c, false, {n, 1, 0}},
                  {c, true, {n, 1, 0}}});
    Bound bound = computeBounds(tree, makeTarget(4096))[0][1];
    EXPECT_EQ(bound.theorem, "contraction");
    bounds.push_back(bound.bytes);
  }
  EXPECT_EQ(bounds[1] - bounds[0], n * n * 4);
}

TEST(Bounds, AccumulatorsThatARepeatedFillStartsAnew) {
  // for i: fill C; C += A_i B_i. 4 independent products into the same storage:
  // 4 times the bound of one, but C is stored once and never loaded.
  HandBuiltTree tree;
  int64_t n = 128;
  BufferId a = tree.addBuffer(Kind::Argument, 4 * n * n, 32);
  BufferId b = tree.addBuffer(Kind::Argument, 4 * n * n, 32);
  BufferId c = tree.addBuffer(Kind::Intermediate, n * n, 32, true);
  NodeId loop = tree.addLoop(LoopTree::root, 4);
  OpId fill = tree.addOp(OpKind::Fill);
  tree.ops[fill].isInitFill = true;
  tree.addNest(loop, fill, {{n}, {n}}, {{c, true, {0, n, 1}}});
  tree.addNest(loop, tree.addOp(OpKind::Contraction), {{n}, {n}, {n, true}},
               {{a, false, {n * n, n, 0, 1}},
                {b, false, {n * n, 0, 1, n}},
                {c, false, {0, n, 1, 0}, 0, true},
                {c, true, {0, n, 1, 0}}});
  double one = 2.0 * n * n * n * 4 * std::sqrt(4 / 4112.0);
  double credit = 4.0 * n * n * 4, stored = n * n * 4;
  EXPECT_NEAR(computeBounds(tree, makeTarget(4096))[1][1].bytes,
              4 * one - credit + stored, 2);
}
