//===- TestScheduleTree.h - Scheduled trees and rewritten IR ----*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTSCHEDULETREE_H
#define MEMWALL_TEST_LIB_TESTSCHEDULETREE_H

namespace memwall::test {

void registerTestScheduleTreePass();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTSCHEDULETREE_H
