//===- ObserveAccesses.h - Calls beside every load and store ----*- C++ -*-===//
//
// Makes a lowered function tell what it does: beside every load and store of a
// memref comes a call with the simulated address. Addresses are those of the
// machine that is modelled: a buffer's place in program order, plus the linear
// index times the element's bits (docs/Model.md, "Addresses").
//
//   memref.load %a[%i] : memref<8xf32>
// becomes
//   func.call @memwall_access(%address_in_bits, %what) : (i64, i64) -> ()
//   memref.load %a[%i] : memref<8xf32>
//
// The callbacks (C names; 64-bit integers):
//   memwall_access(address, what)        one access; `what` as packAccess
//   memwall_stream(address, what, stride)
//                                        the next loop makes this access, then
//                                        one `stride` bits further, and so on
//   memwall_loop(iterations)             the loop with the streams before it
//   memwall_die(buffer)                  the buffer's last use is over
//   memwall_unit(unit)                   what follows runs on this unit
//   memwall_bind(pointer, base)          storage at a pointer; base in bits
//   memwall_find(pointer) -> base        of the storage at a pointer
// A loop without loops in it, whose addresses grow by the same bits in every
// iteration, is told as a whole. The last two are used only where a memref is
// one of several buffers.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_OBSERVEACCESSES_H
#define MEMWALL_SIMULATOR_OBSERVEACCESSES_H

#include "memwall/Simulator/Hierarchy.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <optional>

namespace memwall {

/// The second argument of `memwall_access`: bits, and the kind above them.
constexpr int64_t packAccess(int64_t bits, MemoryAccess::Kind kind) {
  return bits | int64_t(kind) << 29;
}

/// Bits of one element in the machine that is modelled: n for iN and fN, 64
/// for index, twice the part for complex, lanes times the element for vectors.
std::optional<int64_t> getSimulatedBits(mlir::Type type);

/// Instruments `function` (see LowerProgram.h) and adds its buffers, in program
/// order, to `memory`: arguments, then globals and allocations as they appear.
/// Iteration i of a parallel loop runs on unit i mod `units`. Fails with a
/// diagnostic at an op that moves data in a way that is not understood, and at
/// an allocation whose size has no constant bound.
mlir::LogicalResult observeAccesses(mlir::func::FuncOp function,
                                    Hierarchy &memory, int64_t units);

/// Accesses that `function` will make, as far as its loops have constant
/// bounds (others count once); saturates.
int64_t estimateAccesses(mlir::func::FuncOp function);

/// Frees what the function allocates after its last use, so that long runs
/// do not pile up temporaries.
void freeTemporaries(mlir::func::FuncOp function);

} // namespace memwall

#endif // MEMWALL_SIMULATOR_OBSERVEACCESSES_H
