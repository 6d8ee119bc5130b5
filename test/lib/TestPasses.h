//===- TestPasses.h - Passes that only tests use ----------------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTPASSES_H
#define MEMWALL_TEST_LIB_TESTPASSES_H

namespace memwall::test {

/// Registers the passes of memwall-test-opt: test-memwall-describe-ops,
/// test-memwall-explicit-levels, test-memwall-in-place,
/// test-memwall-print-loop-tree and test-memwall-schedule-tree.
void registerTestPasses();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTPASSES_H
