//===- Sums.h - Sums of figures that cannot overflow ------------*- C++ -*-===//
//
// Figures of one op fit 64 bits (buildLoopTree checks it); sums over ops stop
// at the largest number instead of wrapping around.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_REPORT_SUMS_H
#define MEMWALL_LIB_REPORT_SUMS_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

inline void addSaturating(int64_t &sum, int64_t value) {
  sum = addCounts(sum, value);
}

inline void addArithmetic(Arithmetic &sum, const Arithmetic &arithmetic) {
  addSaturating(sum.flops, arithmetic.flops);
  addSaturating(sum.transcendentals, arithmetic.transcendentals);
  addSaturating(sum.intOps, arithmetic.intOps);
}

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_SUMS_H
