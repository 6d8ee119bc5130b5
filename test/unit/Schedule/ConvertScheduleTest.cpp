//===- ConvertScheduleTest.cpp - Attribute, text and plain agree ----------===//

#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/IR/MemWallDialect.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;

static Schedule createRandomSchedule(std::mt19937 &random) {
  auto number = [&](int limit) { return int64_t(random() % limit); };
  Schedule schedule;
  for (int64_t band = number(4); band > 0; --band) {
    TileBand &added = schedule.bands.emplace_back();
    added.level = number(2) ? "l3" : "a \"quoted\" level";
    for (int64_t dim : {0, 1, 2})
      if (added.sizes.push_back(number(3) * 64); added.sizes.back())
        added.order.insert(added.order.begin(), dim);
    if (number(2))
      added.parallel.assign(added.order.begin(), added.order.end());
  }
  if (number(2))
    schedule.leafOrder = {2, 0, 1};
  for (int64_t pack = number(3); pack > 0; --pack) {
    PackedOperand &added = schedule.packs.emplace_back();
    added.operand = number(5);
    added.innerDims = {0, 1};
    added.innerTiles = {1 + number(100), int64_t(1) << 40};
    if (number(2))
      added.outerPermutation = {1, 0};
    added.ahead = number(2);
  }
  if (number(2))
    schedule.split = {unsigned(number(3)), 1 + number(100)};
  schedule.units = 1 + number(2) * 15;
  if (number(2)) {
    schedule.group = "g";
    StreamBand &band = schedule.stream.emplace_back();
    band.level = "l2";
    band.dim = number(3);
    band.size = 1 + number(64);
    if (number(2))
      band.parts = 1 + number(100);
  }
  return schedule;
}

TEST(ConvertSchedule, AttributeTextAndPlainScheduleAgree) {
  mlir::MLIRContext context; // toAttribute loads the dialect.
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    Schedule schedule = createRandomSchedule(random);
    ScheduleAttr attribute = toAttribute(schedule, &context);
    std::string printed;
    llvm::raw_string_ostream(printed) << attribute;
    EXPECT_EQ(printed, "#memwall.schedule" + toString(schedule));
    EXPECT_EQ(mlir::parseAttribute(printed, &context), attribute);
    EXPECT_EQ(toAttribute(toSchedule(attribute), &context), attribute);
  }
}

TEST(ConvertSchedule, AnEmptyScheduleIsShort) {
  EXPECT_EQ(toString(Schedule()), "<>");
}
