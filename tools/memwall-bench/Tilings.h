//===- Tilings.h - The table of tilings -------------------------*- C++ -*-===//
//
//   memwall-bench --tilings --output=docs/Results.md
//
// What memwall's schedules of matmuls move, beside the proven bound, the best
// integer tiling, what other compilers' tiles move, and the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BENCH_TILINGS_H
#define MEMWALL_BENCH_TILINGS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall::tilings {

/// Writes the tables; the same every time, but for the times of searching,
/// which go to stderr.
void writeTilings(llvm::raw_ostream &stream);

} // namespace memwall::tilings

#endif // MEMWALL_BENCH_TILINGS_H
