//===- ColdSectorsTest.cpp - Cold sectors against enumeration -------------===//

#include "ColdSectors.h"
#include "ParseTree.h"
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

/// A row chosen by data adds no sector where all of its table is touched, and
/// some unknown number where only half of the table is.
TEST(ColdSectors, RowsOfATableThatIsTouched) {
  for (int64_t rows : {16, 32}) {
    LoopTree tree = parseTree(R"(
      table argument 544xf64
      out intermediate 544xf64 live-out
      nest (j in 17)
        read table[j+?()*17<32]
      nest (i in {0}, j in 17)
        read table[17*i+j]
        write out[17*i+j])",
                              rows);
    std::optional<int64_t> count = ColdSectors(tree).countTouched(0, 256);
    EXPECT_EQ(count, rows == 32 ? std::optional<int64_t>(136) : std::nullopt);
  }
}

} // namespace
