//===- TestExplicitLevels.h - What explicit levels read back ----*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTEXPLICITLEVELS_H
#define MEMWALL_TEST_LIB_TESTEXPLICITLEVELS_H

namespace memwall::test {

/// Registers test-memwall-explicit-levels.
void registerTestExplicitLevelsPass();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTEXPLICITLEVELS_H
