//===- ColdSectorsTest.cpp - Cold sectors against enumeration -------------===//

#include "ColdSectors.h"
#include "RandomTree.h"
#include "WalkConstantTree.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <set>

using namespace memwall;
using namespace memwall::test;

namespace {

/// Sectors of every buffer that are touched, or written, one by one.
std::vector<std::set<int64_t>> listSectors(const LoopTree &tree,
                                           int64_t sectorBits, bool written) {
  std::vector<std::set<int64_t>> sectors(tree.buffers.size());
  ConstantWalk(buildConstantTree(tree), /*units=*/1,
               [&](const ConstantAccess &access, int64_t bits, int64_t) {
                 if (written && !access.isWrite)
                   return;
                 int64_t last = bits + access.elementBits - 1;
                 for (int64_t at = bits / sectorBits; at <= last / sectorBits;
                      ++at)
                   sectors[access.buffer].insert(at);
               });
  return sectors;
}

TEST(ColdSectors, RandomTreesAgainstEnumeration) {
  llvm::SmallVector<Family, 0> families = getFamilies();
  families.push_back({"parallel", makeParallel});
  int known = 0, unknown = 0;
  for (const Family &family : families)
    for (unsigned seed = 0; seed < 12; ++seed) {
      Random random(seed);
      LoopTree tree = family.make(random);
      constexpr int64_t kSectors[] = {64, 256, 512, 1024, 384};
      int64_t sectorBits = kSectors[pick(random, 0, 4)];
      ColdSectors cold(tree);
      for (bool written : {false, true}) {
        auto sectors = listSectors(tree, sectorBits, written);
        for (BufferId buffer = 0; buffer < tree.buffers.size(); ++buffer) {
          std::optional<int64_t> count =
              written ? cold.countWritten(buffer, sectorBits)
                      : cold.countTouched(buffer, sectorBits);
          ++(count ? known : unknown);
          if (count)
            EXPECT_EQ(*count, (int64_t)sectors[buffer].size())
                << family.name << ", seed " << seed;
        }
      }
    }
  EXPECT_GT(known, 19 * unknown);
}

} // namespace
