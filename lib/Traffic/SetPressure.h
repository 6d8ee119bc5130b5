//===- SetPressure.h - Lines that fall into one set -------------*- C++ -*-===//
//
// Internal to the reuse analysis. Sizes of transformers are powers of two, so
// column walks fall into few sets; buffers begin at pages, so streams that run
// side by side fall into the same ones. docs/Model.md, "Sets".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETPRESSURE_H
#define MEMWALL_LIB_TRAFFIC_SETPRESSURE_H

#include "memwall/Work/StridedBox.h"

namespace memwall {

/// Lines of `box`, which starts `startLine` lines into memory, that fall into
/// the set of line `line`: exact for runs, an average over the lattice of the
/// steps otherwise.
double countLinesInSet(const StridedBox &box, int64_t startLine, int64_t line,
                       int64_t lineBits, int64_t sets);

/// How a box spreads over sets.
struct SetShare {
  int64_t period; ///< Sets after which the next one has as many lines again.
  double most;    ///< Lines in the sets that have the most.
};
SetShare computeSetShare(const StridedBox &box, int64_t lineBits, int64_t sets);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETPRESSURE_H
