//===- FoldNestTest.cpp - Any tiling folds to the same box ----------------===//

#include "memwall/Work/FoldNest.h"
#include "TreeBuilder.h"
#include "WalkTree.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>
#include <set>

using namespace memwall;
using namespace memwall::test;

namespace {

/// C[m, n] += A[m, k] * B[k, n] with any number of tile loops around it.
class TiledMatmul : public TreeBuilder {
public:
  NodeId nest = LoopTree::root;

  TiledMatmul(llvm::ArrayRef<int64_t> sizes) : dims(sizes) {
    for (auto [row, column] : kOperands)
      addBuffer(BufferKind::Argument, sizes[row] * sizes[column], 32);
  }

  /// Adds a loop over tiles of `tile` of dimension `dim`.
  void tileBy(unsigned dim, int64_t tile) {
    nest = addTileLoop(nest, dims, dim, tile);
  }

  void finish() {
    llvm::SmallVector<NestTensor, 3> tensors;
    for (auto [row, column] : kOperands)
      tensors.push_back(
          {unsigned(tensors.size()), {{{row, 1}}, {{column, 1}}}});
    tensors.back().isWritten = true;
    addNest(nest, addOp(), dims, {0, 1, 2}, tensors);
    nest = tree.nodes.size() - 1;
  }

private:
  static constexpr std::pair<unsigned, unsigned> kOperands[] = {
      {0, 2}, {2, 1}, {0, 1}};
  TiledDims dims;
};

/// Runs the tree and collects what an access of a nest touches.
std::set<int64_t> execute(const LoopTree &tree, NodeId nest, unsigned access) {
  const Access *sought = &tree.nodes[nest].nest.accesses[access];
  std::set<int64_t> touched;
  walkTree(tree, [&](const WalkedAccess &walked) {
    if (&walked.access == sought)
      touched.insert(walked.element);
  });
  return touched;
}

} // namespace

/// Sizes of the dims that `access` of a folded matmul uses, ascending.
static llvm::SmallVector<int64_t, 4> dimsOf(const FoldedNest &nest,
                                            unsigned access) {
  llvm::SmallVector<int64_t, 4> result;
  for (FoldedTerm term : nest.accesses[access].terms)
    result.push_back(nest.dims[term.dim].size);
  std::sort(result.begin(), result.end());
  return result;
}

TEST(FoldNest, AnyTilingOfAMatmulFoldsToTheMatmul) {
  std::mt19937 random(3);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 2000; ++i) {
    // Above 1: a dimension of one iteration is no dimension.
    llvm::SmallVector<int64_t, 3> sizes = {draw(2, 40), draw(2, 40),
                                           draw(2, 40)};
    llvm::SmallVector<int64_t, 3> tiles = sizes;
    TiledMatmul matmul(sizes);
    for (int64_t level = draw(0, 5); level > 0; --level) {
      int dim = draw(0, 2);
      tiles[dim] = draw(1, std::min(sizes[dim], 2 * tiles[dim]));
      matmul.tileBy(dim, tiles[dim]);
    }
    matmul.finish();
    FoldedNest folded = foldNest(matmul.tree, matmul.nest);
    ASSERT_TRUE(folded.exact);
    ASSERT_EQ(folded.dims.size(), 3u);
    auto sorted = [](int64_t a, int64_t b) {
      return llvm::SmallVector<int64_t, 4>{std::min(a, b), std::max(a, b)};
    };
    ASSERT_EQ(dimsOf(folded, 0), sorted(sizes[0], sizes[2]));
    ASSERT_EQ(dimsOf(folded, 1), sorted(sizes[1], sizes[2]));
    ASSERT_EQ(dimsOf(folded, 3), sorted(sizes[0], sizes[1]));
    int64_t reductions = 1;
    for (FoldedDim dim : folded.dims)
      reductions *= dim.isReduction ? dim.size : 1;
    ASSERT_EQ(reductions, sizes[2]);
    for (unsigned access = 0; access < 4; ++access)
      ASSERT_EQ(computeDistinctElements(folded, folded.accesses[access]),
                matmul.tree.buffers[std::min(access, 2u)].elements);
  }
}

TEST(FoldNest, OneAccessTouchesWhatExecutionTouches) {
  // Tiles of one dimension at two levels, partial at both, against running it.
  for (int64_t size : {1, 2, 7, 12, 13})
    for (int64_t outer : {1, 2, 5, 6})
      for (int64_t inner : {1, 2, 3}) {
        TiledMatmul matmul({size, 3, 5});
        matmul.tileBy(0, outer);
        matmul.tileBy(2, 2);
        matmul.tileBy(0, inner);
        matmul.finish();
        for (unsigned access = 0; access < 4; ++access) {
          FoldedNest folded = foldAccess(matmul.tree, matmul.nest, access);
          ASSERT_EQ(computeDistinctElements(folded, folded.accesses[0]),
                    (int64_t)execute(matmul.tree, matmul.nest, access).size())
              << size << " by " << outer << " by " << inner;
        }
      }
}

TEST(FoldNest, RandomLoopsNeverCountMoreThanRuns) {
  // Loops whose extents depend on one another in any way: a lower bound, and
  // the hull covers everything.
  std::mt19937 random(4);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 4000; ++i) {
    TiledMatmul matmul({4, 4, 4});
    matmul.tileBy(0, draw(1, 4));
    matmul.tileBy(1, draw(1, 4));
    matmul.finish();
    LoopTree &tree = matmul.tree;
    for (LoopId id = 1; id < tree.loops.size(); ++id) {
      Loop &loop = tree.loops[id];
      loop.step = draw(1, 2);
      int64_t constant = draw(0, 6);
      loop.extent = {AffineForm{constant, {}}};
      if (id > 1 && draw(0, 1))
        loop.extent.push_back(
            AffineForm{draw(0, 6), {{(LoopId)draw(1, id - 1), draw(-2, 2)}}});
      loop.maxTripCount = (constant + loop.step - 1) / loop.step;
    }
    Access &access = tree.nodes[matmul.nest].nest.accesses[0];
    for (Term &term : access.element.terms)
      term.stride = draw(-4, 4);
    std::set<int64_t> touched = execute(tree, matmul.nest, 0);
    FoldedNest folded = foldAccess(tree, matmul.nest, 0);
    int64_t count = computeDistinctElements(folded, folded.accesses[0]);
    ASSERT_LE(count, (int64_t)touched.size());
    if (folded.exact)
      ASSERT_EQ(count, (int64_t)touched.size());
    StridedBox hull = computeHull(tree, matmul.nest, 0);
    if (touched.empty())
      continue;
    ASSERT_LE(hull.first(), *touched.begin());
    ASSERT_GE(hull.last(), *touched.rbegin());
  }
}

TEST(FoldNest, LoopThatNothingDependsOnIsRepetition) {
  TiledMatmul matmul({8, 8, 8});
  matmul.tileBy(0, 3);
  matmul.finish();
  // Make the outermost loop forget its tile: the same 3 rows every time.
  Nest &nest = matmul.tree.nodes[matmul.nest].nest;
  for (Access &access : nest.accesses)
    access.element.terms.erase(
        std::remove_if(access.element.terms.begin(), access.element.terms.end(),
                       [](Term term) { return term.loop == 1; }),
        access.element.terms.end());
  matmul.tree.loops[nest.loops[0]].extent = {AffineForm{3, {}}};
  FoldedNest folded = foldNest(matmul.tree, matmul.nest);
  EXPECT_TRUE(folded.exact);
  EXPECT_EQ(folded.dims.size(), 4u);
  EXPECT_EQ(computeDistinctElements(folded, folded.accesses[0]), 3 * 8);
}

TEST(FoldNest, OutputFilledInALoopIsPrivateToIt) {
  TiledMatmul matmul({8, 8, 8});
  matmul.tileBy(2, 4);
  matmul.finish();
  EXPECT_EQ(foldNest(matmul.tree, matmul.nest).dims.size(), 3u);
  // A second writer of C inside the reduction tile loop.
  Node fill = matmul.tree.nodes[matmul.nest];
  fill.nest.accesses.erase(fill.nest.accesses.begin(),
                           fill.nest.accesses.begin() + 3);
  matmul.tree.nodes.push_back(fill);
  matmul.tree.nodes[1].children.push_back(3);
  FoldedNest folded = foldNest(matmul.tree, matmul.nest);
  ASSERT_EQ(folded.dims.size(), 4u);
  EXPECT_EQ(folded.dims[0].size, 2);
  EXPECT_FALSE(folded.dims[0].isReduction);
}
