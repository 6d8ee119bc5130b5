//===- TestDescribeOps.h - Prints describeStructuredOp ----------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTDESCRIBEOPS_H
#define MEMWALL_TEST_LIB_TESTDESCRIBEOPS_H

namespace memwall::test {

/// test-memwall-describe-ops.
void registerTestDescribeOps();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTDESCRIBEOPS_H
