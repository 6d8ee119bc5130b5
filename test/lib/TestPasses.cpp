//===- TestPasses.cpp - Passes that only show -----------------------------===//

#include "TestPasses.h"

void memwall::test::registerTestPasses() { registerTestDescribeOps(); }
