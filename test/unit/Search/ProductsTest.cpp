//===- ProductsTest.cpp - Products that a search leaves as they stand -----===//
//
// Random products on the shipped targets of caches alone. Where the search
// leaves one as it stands, no order of its own loops and no single band of a
// level moves 5 % less at any level with the rest not worse. A few products by
// default;
//   MEMWALL_PRODUCTS=500 SearchTests --gtest_filter=Products.*
// for as many as the number says, the first MEMWALL_PRODUCTS_SKIPPED left out.
//
//===----------------------------------------------------------------------===//

#include "SearchTest.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Registry.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>
#include <random>

using namespace memwall;
using namespace memwall::test;

namespace {

unsigned readNumber(const char *variable, unsigned otherwise) {
  const char *number = std::getenv(variable);
  return number ? unsigned(std::strtoul(number, nullptr, 10)) : otherwise;
}

/// Targets without a memory that programs fill.
std::vector<Target> listCpus(Registry &registry) {
  std::vector<Target> targets;
  for (const std::string &name : registry.names()) {
    const Target &target = *llvm::cantFail(registry.find(name));
    if (llvm::none_of(target.levels, [](const Level &level) {
          return level.kind == LevelKind::Explicit;
        }))
      targets.push_back(target);
  }
  return targets;
}

/// Bytes by level, as a report counts them.
llvm::SmallVector<int64_t, 4> countBytes(const LoopTree &tree,
                                         const Target &target,
                                         const Schedule &schedule) {
  OpId product = tree.ops.size() - 1;
  LoopTree scheduled =
      llvm::cantFail(scheduleTree(tree, {{product, schedule}}));
  llvm::SmallVector<int64_t, 4> bytes;
  for (const LevelTraffic &level : computeTraffic(scheduled, target).levels)
    bytes.push_back(level.total.total());
  return bytes;
}

/// 5 % less at a level, and no more than 0.1 % more at any.
bool isLess(llvm::ArrayRef<int64_t> other, llvm::ArrayRef<int64_t> than) {
  bool isLess = false;
  for (auto [a, b] : llvm::drop_begin(llvm::zip_equal(other, than))) {
    if (double(a) > 1.001 * double(b))
      return false;
    isLess |= double(a) < 0.95 * double(b);
  }
  return isLess;
}

/// All orders of three loops but the given one.
llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 6> listOrders() {
  llvm::SmallVector<llvm::SmallVector<unsigned, 6>, 6> orders;
  llvm::SmallVector<unsigned, 6> order = {0, 1, 2};
  while (std::next_permutation(order.begin(), order.end()))
    orders.push_back(order);
  return orders;
}

/// Orders alone, and tiles of 16, 64 and 256 iterations or none, with the
/// reduction outermost or innermost of the loops over tiles. The level that a
/// band is meant for changes no loop.
std::vector<Schedule> listAlternatives(const LoopTree &tree,
                                       llvm::ArrayRef<int64_t> extents,
                                       const Target &target) {
  std::vector<Schedule> schedules;
  for (const auto &order : listOrders()) {
    schedules.emplace_back();
    schedules.back().leafOrder = order;
  }
  constexpr int64_t tiles[] = {0, 16, 64, 256};
  for (int64_t m : tiles)
    for (int64_t n : tiles)
      for (int64_t k : tiles)
        for (bool isInside : {false, true}) {
          TileBand band;
          band.level = target.levels.front().name;
          band.sizes = {m < extents[0] ? m : 0, n < extents[1] ? n : 0,
                        k < extents[2] ? k : 0};
          for (unsigned dim : isInside ? std::array<unsigned, 3>{0, 1, 2}
                                       : std::array<unsigned, 3>{2, 0, 1})
            if (band.sizes[dim] != 0)
              band.order.push_back(dim);
          if (band.order.empty())
            continue;
          schedules.emplace_back();
          schedules.back().bands.push_back(std::move(band));
        }
  return schedules;
}

TEST(Products, NoneIsLeftThatASimpleScheduleHelps) {
  Registry registry = llvm::cantFail(createRegistry());
  std::vector<Target> targets = listCpus(registry);
  ASSERT_FALSE(targets.empty());
  unsigned left = 0, bad = 0, count = readNumber("MEMWALL_PRODUCTS", 3);
  unsigned skipped = readNumber("MEMWALL_PRODUCTS_SKIPPED", 0);
  for (unsigned seed = skipped; seed < count; ++seed) {
    std::mt19937_64 random(seed * 7919 + 5);
    auto pick = [&](int64_t low, int64_t high) {
      double exponent = std::uniform_real_distribution<double>(
          std::log(double(low)), std::log(double(high)))(random);
      return int64_t(std::exp(exponent));
    };
    const int64_t extents[] = {pick(1, 600), pick(1, 600), pick(1, 600)};
    const int64_t bits[] = {8, 16, 32};
    LoopTree tree = buildTree(
        makeMatmul(extents[0], extents[1], extents[2], bits[random() % 3]),
        true);
    const Target &target = targets[random() % targets.size()];
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + target.name);
    if (searchSchedules(tree, target).ops.back().schedule)
      continue;
    ++left;
    auto asItIs = countBytes(tree, target, Schedule());
    for (const Schedule &other : listAlternatives(tree, extents, target)) {
      auto bytes = countBytes(tree, target, other);
      if (!isLess(bytes, asItIs))
        continue;
      ADD_FAILURE() << extents[0] << "x" << extents[1] << "x" << extents[2]
                    << " could be " << toString(other);
      ++bad;
      break;
    }
  }
  RecordProperty("left", int(left));
  EXPECT_EQ(bad, 0u) << "of " << left << " that are left, of "
                     << count - skipped;
}

} // namespace
