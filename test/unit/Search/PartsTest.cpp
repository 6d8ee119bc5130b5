//===- PartsTest.cpp - Tile lists, closed forms and choices, each alone ---===//

#include "ClosedForm.h"
#include "FindGroups.h"
#include "IsolatedOp.h"
#include "ParseTree.h"
#include "SearchTest.h"
#include "SimulateTree.h"
#include "TileSizes.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <array>
#include <set>

using namespace memwall;
using namespace memwall::test;

namespace {

//===----------------------------------------------------------------------===//
// Tile sizes
//===----------------------------------------------------------------------===//

/// For every number of tiles the smallest size that makes so many.
TEST(TileSizes, HaveTheSmallestOfEveryNumberOfTiles) {
  for (int64_t extent = 1; extent <= 400; ++extent) {
    std::set<int64_t> expected;
    for (int64_t size = 1; size <= extent; ++size) {
      bool isSmallest = size == 1 || llvm::divideCeil(extent, size - 1) !=
                                         llvm::divideCeil(extent, size);
      if (isSmallest || extent <= 16)
        expected.insert(size);
    }
    expected.insert(extent); // As it is, with no loop.
    auto sizes = listTileSizes(extent);
    EXPECT_TRUE(llvm::is_sorted(sizes));
    EXPECT_EQ(std::set<int64_t>(sizes.begin(), sizes.end()), expected)
        << extent;
    EXPECT_EQ(sizes.size(), expected.size()) << extent;
  }
}

TEST(TileSizes, HaveMultiplesOfALineBesideThem) {
  for (int64_t extent : {100, 777, 4096}) {
    auto all = listTileSizes(extent), withLines = listTileSizes(extent, {16});
    for (int64_t size : all) {
      EXPECT_TRUE(llvm::is_contained(withLines, size));
      EXPECT_TRUE(llvm::is_contained(
          withLines, std::min<int64_t>(extent, llvm::alignTo(size, 16))));
    }
  }
}

//===----------------------------------------------------------------------===//
// Closed forms
//===----------------------------------------------------------------------===//

const IsolatedOp isolateLast(const LoopTree &tree) {
  NodeId last = 0;
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      last = id;
  return llvm::cantFail(isolateOp(tree, last));
}

Schedule makeBand(llvm::ArrayRef<int64_t> sizes) {
  Schedule schedule;
  schedule.bands.resize(1);
  TileBand &band = schedule.bands.front();
  band.level = "l1";
  band.sizes.assign(sizes.begin(), sizes.end());
  for (unsigned d = 0; d < sizes.size(); ++d)
    if (sizes[d] != 0)
      band.order.push_back(d);
  return schedule;
}

/// What the closed form says of a band over the op's own loops in their order,
/// as a part of what the engine counts.
double compareWithEngine(const LoopTree &tree, const Target &target,
                         llvm::ArrayRef<int64_t> sizes) {
  IsolatedOp isolated = isolateLast(tree);
  Schedule schedule = makeBand(sizes);
  llvm::SmallVector<SearchLoop, 4> loops;
  for (unsigned d : schedule.bands.front().order)
    loops.push_back({d, sizes[d]});
  llvm::SmallVector<unsigned, 4> order;
  for (unsigned d = 0; d < sizes.size(); ++d)
    order.push_back(d);
  double estimate = LevelEstimate(isolated.shape, target.levels[0], loops)
                        .computeBytes(order);
  LoopTree scheduled =
      llvm::cantFail(scheduleTree(isolated.tree, {{isolated.op, schedule}}));
  return estimate / double(countDramBytes(scheduled, target));
}

/// Explicit levels hold what is best to hold: both sides are exact where tiles
/// divide.
TEST(ClosedForm, IsTheEngineOnExplicitLevels) {
  LoopTree tree = buildTree(makeMatmul(24, 36, 48), true);
  for (int64_t words : {40, 200, 1000})
    for (int64_t m : {0, 4, 12})
      for (int64_t n : {0, 6, 18})
        for (int64_t k : {0, 8, 16}) {
          if (m + n + k == 0)
            continue;
          SCOPED_TRACE(testing::Message()
                       << words << " words, " << m << "x" << n << "x" << k);
          Target target = makeTarget(LevelKind::Explicit, 4 * words, 4);
          EXPECT_NEAR(compareWithEngine(tree, target, {m, n, k}), 1, 0.001);
        }
}

/// In a cache they rank: a tile that fits in half of it is estimated within a
/// tenth.
TEST(ClosedForm, IsNearTheEngineInCachesWithRoom) {
  LoopTree tree = buildTree(makeMatmul(96, 96, 96), true);
  Target target = makeTarget(LevelKind::Cached, 8192, 64);
  for (auto sizes : {std::array<int64_t, 3>{16, 16, 16},
                     {8, 16, 32},
                     {16, 0, 16},
                     {0, 16, 16}})
    EXPECT_NEAR(compareWithEngine(tree, target, sizes), 1, 0.1)
        << sizes[0] << "x" << sizes[1] << "x" << sizes[2];
}

//===----------------------------------------------------------------------===//
// One op alone
//===----------------------------------------------------------------------===//

std::string getKeyOf(const LoopTree &tree) {
  return makeSearchKey(isolateLast(tree));
}

std::string writeSliceOf(const char *weights, const char *start) {
  return std::string(R"(
    A argument 4096
    W argument )") +
         weights + R"(
    C intermediate 4096 live-out
    product contraction
    nest product (i in 64, j in 64, k in 64 reduction)
      read A[64*i+k]
      read W[)" +
         start + R"(64*k+j]
      read C[64*i+j]
      write C[64*i+j])";
}

/// The weights of all layers in one buffer: each layer is the same op.
TEST(IsolatedOp, IsTheSameForEverySlice) {
  std::string first = getKeyOf(parseTree(writeSliceOf("131072", "")));
  EXPECT_EQ(first, getKeyOf(parseTree(writeSliceOf("131072", "4096+"))));
  EXPECT_EQ(first, getKeyOf(parseTree(writeSliceOf("131072", "65536+"))));
  // Not at the beginning of a line.
  EXPECT_NE(first, getKeyOf(parseTree(writeSliceOf("131072", "4100+"))));
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// Softmaxes of 64 rows of 64 in a row, each a maximum, an exponential, a sum
/// and a division.
LoopTree chainSoftmaxes(unsigned count) {
  std::string buffers = "X0 argument 4096\n", ops, nests;
  for (unsigned i = 0; i < count; ++i) {
    std::string in = "X" + std::to_string(i);
    std::string out = "X" + std::to_string(i + 1);
    std::string n = std::to_string(i);
    buffers += "M" + n + " intermediate 64\nE" + n + " intermediate 4096\nL" +
               n + " intermediate 64\n" + out + " intermediate 4096" +
               (i + 1 == count ? " live-out\n" : "\n");
    ops += "low" + n + " fill\nzero" + n + " fill\nmax" + n +
           " reduction\nexp" + n + " elementwise\nsum" + n + " reduction\ndiv" +
           n + " elementwise\n";
    nests += "nest low" + n + " (m in 64)\n  write M" + n + "[m]\nnest zero" +
             n + " (m in 64)\n  write L" + n + "[m]\n" + "nest max" + n +
             " (m in 64, n in 64 reduction)\n  read " + in +
             "[64*m+n]\n  read M" + n + "[m]\n  write M" + n + "[m]\n" +
             "nest exp" + n + " (m in 64, n in 64)\n  read " + in +
             "[64*m+n]\n  read M" + n + "[m]\n  write E" + n + "[64*m+n]\n" +
             "nest sum" + n + " (m in 64, n in 64 reduction)\n  read E" + n +
             "[64*m+n]\n  read L" + n + "[m]\n  write L" + n + "[m]\n" +
             "nest div" + n + " (m in 64, n in 64)\n  read E" + n +
             "[64*m+n]\n  read L" + n + "[m]\n  write " + out + "[64*m+n]\n";
  }
  return parseTree(llvm::StringRef(buffers + ops + nests));
}

/// Twice the softmaxes are twice the groups, none of which has more members.
TEST(FindGroups, IsLinearInChainedSoftmaxes) {
  auto count = [](unsigned softmaxes) {
    llvm::SmallVector<GroupNests, 0> groups =
        findGroups(chainSoftmaxes(softmaxes), SearchOptions());
    size_t members = 0;
    for (const GroupNests &nests : groups)
      members += nests.size();
    return std::pair(groups.size(), members);
  };
  auto [groups16, members16] = count(16);
  auto [groups32, members32] = count(32);
  auto [groups64, members64] = count(64);
  EXPECT_GT(groups16, 0u);
  EXPECT_EQ(groups64 - groups32, 2 * (groups32 - groups16));
  EXPECT_EQ(members64 - members32, 2 * (members32 - members16));
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

LoopTree schedule(const LoopTree &tree,
                  llvm::ArrayRef<ScheduleChoice> choices) {
  llvm::SmallVector<OpSchedule, 0> schedules;
  for (const ScheduleChoice &choice : choices)
    if (choice.schedule)
      schedules.push_back({choice.op, *choice.schedule});
  return llvm::cantFail(scheduleTree(tree, schedules));
}

/// All tiles that matter, with the reduction innermost or outermost of the
/// loops over tiles and of the op's own.
int64_t findLeastInSets(const LoopTree &tree, llvm::ArrayRef<int64_t> mnk,
                        const Target &target) {
  int64_t least = countDramBytes(tree, target);
  OpId op = tree.ops.size() - 1;
  const llvm::SmallVector<unsigned, 6> orders[] = {{0, 1, 2}, {2, 0, 1}};
  for (int64_t m : listTileSizes(mnk[0]))
    for (int64_t n : listTileSizes(mnk[1]))
      for (int64_t k : listTileSizes(mnk[2]))
        for (const auto &order : orders)
          for (const auto &leafOrder : orders) {
            Schedule tiles = makeBand({m, n, k});
            tiles.bands.front().order = order;
            tiles.leafOrder = leafOrder;
            LoopTree scheduled =
                llvm::cantFail(scheduleTree(tree, {{op, tiles}}));
            least = std::min(least, countDramBytes(scheduled, target));
          }
  return least;
}

/// A cache of four ways, in which rows of 80 bytes share sets.
TEST(Choice, IsNearBruteForceInCachesWithSets) {
  LoopTree tree = buildTree(makeMatmul(17, 20, 20), true);
  Target target = makeTarget(LevelKind::Cached, 1024, 64, 1, 4);
  int64_t found =
      countDramBytes(schedule(tree, searchSchedules(tree, target).ops), target);
  EXPECT_LE(double(found),
            1.1 * double(findLeastInSets(tree, {17, 20, 20}, target)));
}

/// What a choice says that its function moves is what the simulator counts.
TEST(Choice, MovesWhatItSays) {
  for (auto [m, n, k] : {std::array<int64_t, 3>{48, 80, 64},
                         {64, 64, 64},
                         {100, 30, 77},
                         {7, 200, 90}})
    for (int64_t ways : {0, 4}) {
      LoopTree tree = buildTree(makeMatmul(m, n, k), true);
      Target target = makeTarget(LevelKind::Cached, 4096, 64, 2, ways);
      auto choices = searchSchedules(tree, target).ops;
      Traffic measured =
          llvm::cantFail(simulateTree(schedule(tree, choices), target));
      for (size_t level = 1; level < target.levels.size(); ++level) {
        int64_t predicted = 0;
        for (const ScheduleChoice &choice : choices)
          predicted += choice.after[level].total();
        EXPECT_NEAR(double(predicted) /
                        double(measured.levels[level].total.total()),
                    1, level + 1 == target.levels.size() ? 0.02 : 0.1)
            << m << "x" << n << "x" << k << ", " << ways << " ways, level "
            << level;
      }
    }
}

} // namespace
