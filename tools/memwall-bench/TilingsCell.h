//===- TilingsCell.h - The cells of the table of tilings --------*- C++ -*-===//
//
// A matmul of a public model, an on-chip memory in front of DRAM, and the
// widths of the elements.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BENCH_TILINGSCELL_H
#define MEMWALL_BENCH_TILINGSCELL_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall::tilings {

/// batch times C[m, n] = A[m, k] B[k, n].
struct Shape {
  const char *name;
  int64_t batch, m, n, k;
};
llvm::ArrayRef<Shape> getShapes();

/// Widths in bits. A linalg op accumulates in its result, so that the model's C
/// has the accumulator's width; the output is what is stored in the end.
struct Widths {
  const char *name;
  int64_t a, b, accumulator, output;
};
llvm::ArrayRef<Widths> getWidths();

/// Capacities in bytes: 32 KiB, 256 KiB, 2 MiB, 32 MiB.
llvm::ArrayRef<int64_t> getCapacities();

/// "32 KiB".
std::string toString(int64_t capacityBytes);

/// Filled by the program, in lines of one byte; or a fully associative LRU
/// cache with lines of 64 bytes whose stores do not fetch. In front of DRAM.
Target makeTarget(int64_t capacityBytes, bool isExplicit);

/// A fill and a matmul into its result. Ops 0 and 1.
LoopTree makeTree(const Shape &shape, const Widths &widths);

/// The last store of an element has the width of the output instead of the
/// accumulator's: so much less is moved by any schedule (formulary A9).
int64_t countNarrowing(const Shape &shape, const Widths &widths);

} // namespace memwall::tilings

#endif // MEMWALL_BENCH_TILINGSCELL_H
