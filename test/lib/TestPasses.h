//===- TestPasses.h - Passes that only tests use ----------------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTPASSES_H
#define MEMWALL_TEST_LIB_TESTPASSES_H

namespace memwall::test {

/// Registers test-memwall-describe-ops, test-memwall-print-loop-tree and
/// test-memwall-in-place: the passes of memwall-test-opt.
void registerTestPasses();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTPASSES_H
