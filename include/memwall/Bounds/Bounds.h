//===- Bounds.h - What must move, whatever the schedule ---------*- C++ -*-===//
//
// Lower bounds on traffic. This room sees the work (LoopTree) and the machine,
// never a schedule or the traffic model: that "scheduled >= bound" holds is a
// check, not a construction. Every bound names its theorem (docs/Model.md,
// "Bounds").
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_BOUNDS_H
#define MEMWALL_BOUNDS_BOUNDS_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// A lower bound in bytes (read + written) and the theorem that proves it.
struct Bound {
  int64_t bytes = 0;
  /// "compulsory", "contraction", "convolution", "rows", "attention" or
  /// "matmul pair": docs/Model.md, B4, B6, B8, B9 and B11.
  std::string theorem;
};

/// Distinct bytes that all executions of an op read and write, in isolation,
/// from cold. Reads of fills and fills that only feed inits count 0.
llvm::SmallVector<Bytes, 0> computeCompulsory(const LoopTree &tree);

/// The same by buffer, summed over the ops: what each must move of it when none
/// finds anything that another left behind.
llvm::SmallVector<Bytes, 0> computeCompulsoryOfBuffers(const LoopTree &tree);

/// Distinct live-in bytes read before they are written, and distinct live-out
/// bytes written, of the whole function.
Bytes computeFloor(const LoopTree &tree);

/// The same by buffer; `computeFloor` is their sum.
llvm::SmallVector<Bytes, 0> computeFloorOfBuffers(const LoopTree &tree);

/// Arguments, constants, globals and the peak of live intermediates, in bytes:
/// what must fit in DRAM.
int64_t computeResidentBytes(const LoopTree &tree);

/// For every op the bound on traffic at each level of `target`, level-major
/// order innermost first: result[op][level]. S for a level is the capacity of
/// the memory above it, summed over its instances; the innermost level has the
/// compulsory bound. Always >= compulsory of the op.
llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0>
computeBounds(const LoopTree &tree, const Target &target);

} // namespace memwall

#endif // MEMWALL_BOUNDS_BOUNDS_H
