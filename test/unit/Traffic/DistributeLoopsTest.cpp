//===- DistributeLoopsTest.cpp - Dealt loops against enumeration ----------===//

#include "RandomTree.h"
#include "WalkConstantTree.h"
#include "gtest/gtest.h"
#include <map>

using namespace memwall;
using namespace memwall::test;

namespace {

/// Parallel loops of `trips` around a serial loop around one access.
ConstantTree makeTree(llvm::ArrayRef<int64_t> trips, Random &random) {
  ConstantTree tree;
  tree.nodes.emplace_back();
  tree.accesses.emplace_back();
  auto addNode = [&](int64_t tripCount) -> ConstantNode & {
    unsigned id = tree.nodes.size();
    tree.nodes.back().children.push_back(id);
    ConstantNode node;
    node.parent = id - 1;
    node.tripCount = tripCount;
    tree.nodes.push_back(node);
    tree.accesses[0].terms.push_back({id, pick(random, 1, 99)});
    return tree.nodes.back();
  };
  for (int64_t count : trips)
    addNode(count).isParallel = true;
  addNode(pick(random, 2, 3));
  ConstantNode &leaf = addNode(1);
  leaf.isAccess = true;
  tree.accesses[0].terms.pop_back();
  return tree;
}

/// What the units [0, sharing) access, in order.
std::vector<int64_t> listAccesses(const ConstantTree &tree, int64_t units,
                                  int64_t sharing) {
  std::vector<int64_t> accesses;
  ConstantWalk(tree, units,
               [&](const ConstantAccess &, int64_t bits, int64_t unit) {
                 if (unit < sharing)
                   accesses.push_back(bits);
               });
  return accesses;
}

/// Executions of all accesses, in all caches.
double countExecutions(const ConstantTree &tree) {
  double total = 0;
  std::vector<double> executions(tree.nodes.size(), 1);
  for (unsigned n = 0; n < tree.nodes.size(); ++n) {
    const ConstantNode &node = tree.nodes[n];
    executions[n] = (n ? executions[node.parent] : 1) * double(node.tripCount) *
                    node.copies;
    total += node.isAccess ? executions[n] : 0;
  }
  return total;
}

/// The first cache has the accesses of its units, in order. Where the last
/// round of iterations does not reach all of these units, it is left out.
TEST(DistributeLoops, OneDimensionAgainstEnumeration) {
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    int64_t units = pick(random, 2, 12), sharing = pick(random, 1, units - 1);
    int64_t trips = pick(random, 2, 60);
    ConstantTree tree = makeTree({trips}, random);
    std::vector<int64_t> expected = listAccesses(tree, units, sharing);
    ConstantTree dealt = distributeLoops(tree, units, sharing);
    std::vector<int64_t> accesses = listAccesses(dealt, 1, 1);
    int64_t last = trips % units;
    if (last != 0 && last < sharing && trips > units)
      expected.resize(expected.size() - expected.size() /
                                            (trips / units * sharing + last) *
                                            last);
    EXPECT_EQ(accesses, expected)
        << trips << " to " << units << ", " << sharing;
  }
}

/// Two dimensions are numbered together; the first cache is exact where the
/// inner one is a multiple of the units, or the units are a multiple of it.
TEST(DistributeLoops, TwoDimensionsAgainstEnumeration) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    int64_t sharing = int64_t(1) << pick(random, 0, 2);
    int64_t units = sharing * (int64_t(2) << pick(random, 0, 2));
    bool isWide = pick(random, 0, 1);
    int64_t inner =
        isWide ? units * pick(random, 1, 4) : int64_t(2) << pick(random, 0, 4);
    if (!isWide && (inner >= units || units % inner != 0))
      continue;
    int64_t outer =
        isWide ? pick(random, 2, 9) : units / inner * pick(random, 1, 4);
    ConstantTree tree = makeTree({outer, inner}, random);
    EXPECT_EQ(listAccesses(distributeLoops(tree, units, sharing), 1, 1),
              listAccesses(tree, units, sharing))
        << outer << " x " << inner << " to " << units << ", " << sharing;
  }
}

/// No iteration is lost or done twice, whatever divides.
TEST(DistributeLoops, CachesTogetherDoAllOfTheWork) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    ConstantTree tree =
        seed % 2 ? buildConstantTree(makeParallel(random))
                 : makeTree({pick(random, 1, 40), pick(random, 1, 40)}, random);
    int64_t units = pick(random, 2, 24), sharing = pick(random, 1, units);
    double all = countExecutions(tree);
    EXPECT_NEAR(countExecutions(distributeLoops(tree, units, sharing)), all,
                1e-9 * all)
        << "seed " << seed;
  }
}

} // namespace
