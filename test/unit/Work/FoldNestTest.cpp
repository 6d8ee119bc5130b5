//===- FoldNestTest.cpp - Any tiling folds to the same box ----------------===//

#include "memwall/Work/FoldNest.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>
#include <set>

using namespace memwall;

namespace {

/// C[m, n] += A[m, k] * B[k, n] with any number of tile loops around it.
class TiledMatmul {
public:
  LoopTree tree;
  NodeId nest = 0;

  TiledMatmul(llvm::ArrayRef<int64_t> sizes) : sizes(sizes) {
    Loop once;
    once.extent = {AffineForm{1, {}}};
    tree.loops.push_back(once);
    tree.nodes.push_back(Node());
    for (int operand = 0; operand < 3; ++operand) {
      Buffer buffer;
      buffer.kind = BufferKind::Argument;
      buffer.elements = rowOf(operand) * columnOf(operand);
      tree.buffers.push_back(buffer);
    }
    current.assign(3, {AffineForm{}});
    for (int dim = 0; dim < 3; ++dim)
      current[dim][0].constant = sizes[dim];
    offsets.resize(3);
  }

  /// Adds a loop over tiles of `tile` of dimension `dim`.
  void tileBy(int dim, int64_t tile) {
    LoopId id = addLoop(dim, tile);
    NodeId node = tree.nodes.size();
    tree.nodes.push_back(Node());
    tree.nodes[node].loop = id;
    tree.nodes[node].parent = nest;
    tree.nodes[nest].children.push_back(node);
    nest = node;
    for (AffineForm &form : current[dim])
      form.terms.push_back({id, -tile});
    current[dim].push_back(AffineForm{tile, {}});
    offsets[dim].push_back({id, tile});
  }

  void finish() {
    NodeId node = tree.nodes.size();
    tree.nodes.push_back(Node());
    tree.nodes[node].kind = Node::Kind::Nest;
    tree.nodes[node].parent = nest;
    tree.nodes[nest].children.push_back(node);
    nest = node;
    for (int dim = 0; dim < 3; ++dim) {
      LoopId id = addLoop(dim, 1);
      offsets[dim].push_back({id, 1});
      tree.nodes[node].nest.loops.push_back(id);
    }
    tree.ops.push_back(OpRecord());
    for (int operand : {0, 1, 2, 2})
      addAccess(operand);
    tree.nodes[node].nest.accesses.back().isWrite = true;
  }

private:
  LoopId addLoop(int dim, int64_t step) {
    Loop loop;
    loop.extent.assign(current[dim].begin(), current[dim].end());
    loop.step = step;
    int64_t extent = loop.extent[0].constant;
    for (const AffineForm &form : loop.extent)
      extent = std::min(extent, form.constant);
    loop.maxTripCount = (extent + step - 1) / step;
    tree.loops.push_back(loop);
    return tree.loops.size() - 1;
  }

  void addAccess(int operand) {
    Access access;
    access.buffer = operand;
    for (auto [dim, stride] :
         {std::pair(operand == 1 ? 2 : 0, columnOf(operand)),
          std::pair(operand == 0 ? 2 : 1, (int64_t)1)})
      for (Term term : offsets[dim])
        access.element.terms.push_back({term.loop, term.stride * stride});
    tree.nodes[nest].nest.accesses.push_back(access);
  }

  int64_t rowOf(int operand) { return sizes[operand == 1 ? 2 : 0]; }
  int64_t columnOf(int operand) { return sizes[operand == 0 ? 2 : 1]; }

  llvm::SmallVector<int64_t, 3> sizes;
  llvm::SmallVector<llvm::SmallVector<AffineForm, 3>, 3> current;
  llvm::SmallVector<llvm::SmallVector<Term, 3>, 3> offsets;
};

int64_t evaluate(const AffineForm &form, llvm::ArrayRef<int64_t> iterations) {
  int64_t value = form.constant;
  for (Term term : form.terms)
    value += term.stride * iterations[term.loop];
  return value;
}

/// Runs the loops `remaining` and collects what `access` touches.
void execute(const LoopTree &tree, llvm::ArrayRef<LoopId> remaining,
             llvm::SmallVector<int64_t, 12> &iterations, const Access &access,
             std::set<int64_t> &touched) {
  if (remaining.empty()) {
    touched.insert(evaluate(access.element, iterations));
    return;
  }
  const Loop &loop = tree.loops[remaining.front()];
  int64_t extent = evaluate(loop.extent[0], iterations);
  for (const AffineForm &form : loop.extent)
    extent = std::min(extent, evaluate(form, iterations));
  for (int64_t i = 0; i * loop.step < extent; ++i) {
    iterations[remaining.front()] = i;
    execute(tree, remaining.drop_front(), iterations, access, touched);
  }
}

std::set<int64_t> execute(const LoopTree &tree, NodeId nest, unsigned access) {
  llvm::SmallVector<LoopId, 8> loops;
  for (NodeId n = tree.nodes[nest].parent; n != LoopTree::root;
       n = tree.nodes[n].parent)
    loops.insert(loops.begin(), tree.nodes[n].loop);
  loops.append(tree.nodes[nest].nest.loops);
  llvm::SmallVector<int64_t, 12> iterations(tree.loops.size(), 0);
  std::set<int64_t> touched;
  execute(tree, loops, iterations, tree.nodes[nest].nest.accesses[access],
          touched);
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
