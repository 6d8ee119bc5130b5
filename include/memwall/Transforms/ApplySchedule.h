//===- ApplySchedule.h - A schedule becomes loops in IR ---------*- C++ -*-===//
//
// Rewrites one op as its schedule says, with upstream's tiling. Nothing here
// knows what a schedule costs.
//
//   // bands = [<"l2", sizes = [64, 32, 16], order = [0, 1, 2]>]
//   %f = linalg.fill ins(%zero) outs(%empty)
//   %c = linalg.matmul ins(%a, %b) outs(%f)
//   // becomes
//   %c = scf.for %i = 0 to 512 step 64 iter_args(%ci = %empty) {
//     scf.for %j = 0 to 256 step 32 iter_args(%cj = %ci) {
//       %ft = linalg.fill ins(%zero) outs(%cj[%i, %j][64, 32])
//       %ct = scf.for %k = 0 to 128 step 16 iter_args(%ck = %ft) {
//         linalg.matmul ins(%a[%i, %k][64, 16], %b[%k, %j][16, 32]) outs(%ck)
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRANSFORMS_APPLYSCHEDULE_H
#define MEMWALL_TRANSFORMS_APPLYSCHEDULE_H

#include "memwall/Schedule/Schedule.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace memwall {

/// What an op became.
struct ScheduledLoops {
  /// All loops that were made, outermost first; several parallel dimensions are
  /// one scf.forall.
  llvm::SmallVector<mlir::LoopLikeOpInterface, 6> loops;
  /// The op that works on one tile; carries `memwall.tiled`.
  mlir::Operation *tiledOp = nullptr;
};

/// Replaces `op` by the loops of `schedule`. The schedule is checked against
/// the op first; what it asks for and upstream cannot do is an error at the op
/// as well (reductions of ops that do not accumulate, a leaf order of an op
/// that is not linalg, packed tiles that the loops do not stay inside of).
/// After an error the IR is valid, but the op may be half done.
///
/// Fills and broadcasts that an init comes from move into the loops, as far in
/// as no reduction is outside of them, so that every tile is filled once and
/// just before it is used.
mlir::FailureOr<ScheduledLoops> applySchedule(mlir::RewriterBase &rewriter,
                                              mlir::TilingInterface op,
                                              const Schedule &schedule);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_APPLYSCHEDULE_H
