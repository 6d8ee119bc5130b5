//===- MapperTest.cpp - Beside the best of exhaustive mappers -------------===//
//
// Results of Orojenesis (ISCA 2024) and of an exhaustive search over integer
// tiles, in the file that MEMWALL_MAPPER_RESULTS names; skipped without it.
//
//===----------------------------------------------------------------------===//

#include "SearchTest.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <map>

using namespace memwall;
using namespace memwall::test;

namespace {

/// m, n, k, capacity.
using Cell = std::array<int64_t, 4>;

/// Words moved, by cell and tool.
std::map<Cell, std::map<std::string, int64_t>>
readResults(const llvm::MemoryBuffer &file) {
  std::map<Cell, std::map<std::string, int64_t>> results;
  for (llvm::line_iterator line(file, true, '#'); !line.is_at_eof(); ++line) {
    llvm::SmallVector<llvm::StringRef, 8> fields;
    line->split(fields, ',');
    Cell cell;
    int64_t words = 0;
    bool isData = fields.size() >= 6 && !fields[4].getAsInteger(10, words);
    for (size_t i = 0; i < 4 && isData; ++i)
      isData = !fields[i].getAsInteger(10, cell[i]);
    if (isData)
      results[cell][fields[5].str()] = words;
  }
  return results;
}

int64_t countWords(const Cell &cell) {
  LoopTree tree = buildTree(makeMatmul(cell[0], cell[1], cell[2], 8), true);
  Target target = makeTarget(LevelKind::Explicit, cell[3], 1);
  llvm::SmallVector<OpSchedule, 0> schedules;
  for (const ScheduleChoice &choice : searchSchedules(tree, target).ops)
    if (choice.schedule)
      schedules.push_back({choice.op, *choice.schedule});
  return countDramBytes(llvm::cantFail(scheduleTree(tree, schedules)), target);
}

TEST(Mapper, AtOrBelowOrojenesisAndNearTheBestIntegerTiles) {
  auto file = llvm::MemoryBuffer::getFile(MEMWALL_MAPPER_RESULTS);
  if (!file)
    GTEST_SKIP() << "no " << MEMWALL_MAPPER_RESULTS;
  auto results = readResults(**file);
  EXPECT_FALSE(results.empty());
  for (const auto &[cell, words] : results) {
    int64_t found = countWords(cell);
    SCOPED_TRACE(llvm::join(
        llvm::map_range(cell, [](int64_t x) { return std::to_string(x); }),
        ","));
    for (const auto &[tool, moved] : words)
      if (tool == "integer_tiles")
        EXPECT_LE(double(found), 1.02 * double(moved));
      else
        EXPECT_LE(found, moved) << tool;
  }
}

} // namespace
