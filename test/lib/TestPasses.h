//===- TestPasses.h - Passes that only show ---------------------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTPASSES_H
#define MEMWALL_TEST_LIB_TESTPASSES_H

namespace memwall::test {

void registerTestDescribeOps();

/// All of the above.
void registerTestPasses();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTPASSES_H
