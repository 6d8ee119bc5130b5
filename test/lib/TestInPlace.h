//===- TestInPlace.h - Compare with One-Shot Bufferize ----------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_TESTINPLACE_H
#define MEMWALL_TEST_LIB_TESTINPLACE_H

namespace memwall::test {

void registerTestInPlacePass();

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_TESTINPLACE_H
