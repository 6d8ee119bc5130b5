//===- FindGroupsTest.cpp - Ops that could share loops --------------------===//

#include "FindGroups.h"
#include "ParseTree.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Attention whose values are projected and scaled. Who reads what is all that
/// counts here, so sums have no accumulators.
constexpr const char *kAttention = R"(
  q argument 64xf32
  keys argument 64xf32
  x argument 128xf32
  w argument 128xf32
  V intermediate 64xf32
  VS intermediate 64xf32{0}
  S intermediate 64xf32
  M intermediate 8xf32
  P intermediate 64xf32
  L intermediate 8xf32
  O intermediate 64xf32
  Y intermediate 64xf32 live-out
  project contraction f32
  scale elementwise f32
  scores contraction f32
  max reduction f32
  exp elementwise f32
  sum reduction f32
  context contraction f32
  divide elementwise f32
  nest project (t in 8, d in 8, c in 16 reduction)
    read x[16*t+c]
    read w[8*c+d]
    write V[8*t+d]
  nest scale (t in 8, d in 8)
    read V[8*t+d]
    write VS[8*t+d]
  nest scores (n in 8, t in 8, d in 8 reduction)
    read q[8*n+d]
    read keys[8*t+d]
    write S[8*n+t]
  nest max (n in 8, t in 8 reduction)
    read S[8*n+t]
    write M[n]
  nest exp (n in 8, t in 8)
    read S[8*n+t]
    read M[n]
    write P[8*n+t]
  nest sum (n in 8, t in 8 reduction)
    read P[8*n+t]
    write L[n]
  nest context (n in 8, d in 8, t in 8 reduction)
    read P[8*n+t]
    read VS[8*t+d]
    write O[8*n+d]
  nest divide (n in 8, d in 8)
    read O[8*n+d]
    read L[n]
    write Y[8*n+d]
)";

/// The groups, each as the names of its ops in program order.
std::vector<std::string> listGroups(const LoopTree &tree) {
  std::vector<std::string> groups;
  for (const GroupNests &nests : findGroups(tree, SearchOptions())) {
    llvm::SmallVector<std::string, 8> names;
    for (NodeId node : nests)
      names.push_back(tree.ops[tree.nodes[node].nest.op].name);
    groups.push_back(llvm::join(names, " "));
  }
  return groups;
}

bool hasGroup(const LoopTree &tree, llvm::StringRef names) {
  return llvm::is_contained(listGroups(tree), names.str());
}

const char *const kWithoutValues = "scores max exp sum context divide";
const char *const kWithValues =
    "project scale scores max exp sum context divide";

TEST(FindGroups, AttentionIsFoundWithAndWithoutTheProjectionOfItsValues) {
  // With it, loops over rows of queries compute the projection once per block.
  // The scores are a contraction that feeds sums along a row: they stay.
  LoopTree tree = parseTree(kAttention, "");
  EXPECT_TRUE(hasGroup(tree, kWithValues));
  EXPECT_TRUE(hasGroup(tree, kWithoutValues));
}

TEST(FindGroups, NothingThatOthersNeedIsAMember) {
  // A cache of values is written as well: neither it nor what it is made of may
  // be computed in the loops of the group.
  LoopTree tree = parseTree(kAttention, " live-out");
  EXPECT_FALSE(hasGroup(tree, kWithValues));
  EXPECT_TRUE(hasGroup(tree, kWithoutValues));
}

TEST(FindGroups, EveryGroupIsInProgramOrderAndHasTwoMembersAtLeast) {
  LoopTree tree = parseTree(kAttention, "");
  llvm::SmallVector<GroupNests, 0> groups = findGroups(tree, SearchOptions());
  ASSERT_FALSE(groups.empty());
  for (const GroupNests &nests : groups) {
    EXPECT_GE(nests.size(), 2u);
    EXPECT_TRUE(llvm::is_sorted(nests));
  }
}

} // namespace
