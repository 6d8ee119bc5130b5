//===- NearestNameTest.cpp - What was probably meant ----------------------===//

#include "memwall/Target/NearestName.h"
#include <gtest/gtest.h>

using namespace memwall;

TEST(NearestNameTest, SuggestsOnlyWhatIsNear) {
  llvm::StringRef names[] = {"h100-sxm", "h200-sxm", "a100-sxm", "phone"};
  EXPECT_EQ(findNearestName("h100-sx", names), "h100-sxm");
  EXPECT_EQ(findNearestName("H200-SXM", names), "h200-sxm");
  EXPECT_EQ(findNearestName("phine", names), "phone");
  EXPECT_EQ(findNearestName("tpu", names), "");
  EXPECT_EQ(findNearestName("x", {}), "");
  // As near as a100-sxm; the first one wins.
  EXPECT_EQ(findNearestName("100-sxm", names), "h100-sxm");
  // The beginning of a name, and neighbours that changed places.
  EXPECT_EQ(findNearestName("h100", names), "h100-sxm");
  EXPECT_EQ(findNearestName("ph", names), "");
  llvm::StringRef levels[] = {"l1", "l2", "hbm3"};
  EXPECT_EQ(findNearestName("hmb3", levels), "hbm3");
  EXPECT_EQ(findNearestName("l22", levels), "l2");
  EXPECT_EQ(suggestName("phne", names), "; did you mean 'phone'?");
  EXPECT_EQ(suggestName("cray", names), "");
}
