//===- Normalize.h - One spelling of every program --------------*- C++ -*-===//
//
// Front ends write one computation in many ways. The normal form has one op for
// one pass over data, so that what is between ops is what has to move:
//
//   %n = linalg.fill ins(%cst) outs(%e)
//   %m = linalg.reduce {arith.maximumf} ins(%x : 8x64) outs(%n) dimensions =
//   [1] %k = tensor.expand_shape %m [[0], [1, 2]] : 8 into 8x1 %b =
//   linalg.broadcast ins(%m) outs(%e2 : 8x64) dimensions = [1] %d = arith.subf
//   %x, %b : tensor<8x64xf32> %p = math.exp %d : tensor<8x64xf32>
//   // becomes
//   %m = linalg.generic {(i, j) -> (i, j), (i)} ins(%x) outs(%n) {maximumf}
//   %p = linalg.generic {(i, j) -> (i, j), (i), (i, j)} ins(%x, %m) outs(%e2)
//          {exp(x - m)}
//
// docs/Fusion.md, "Normal form", has the rules. Results are equal to the last
// bit, and no arithmetic is done more often than before.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRANSFORMS_NORMALIZE_H
#define MEMWALL_TRANSFORMS_NORMALIZE_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"
#include <string>

namespace memwall {

/// Something that the normal form says in another way: the op that is gone or
/// changed, and what became of it, "linalg.transpose is read in place by
/// linalg.matmul at f.mlir:7:10".
struct NormalizedSpelling {
  mlir::Location location;
  std::string text;
};

/// Brings everything below `root` into normal form; what was changed, in the
/// order of the steps. A second call changes nothing. Ops that somebody decided
/// about stay as they are: those with `memwall.schedule`, `memwall.tiled`,
/// `memwall.packed_ahead` or `memwall.max_bytes`, and so do linalg ops on
/// memrefs.
llvm::SmallVector<NormalizedSpelling> normalize(mlir::Operation *root);

} // namespace memwall

#endif // MEMWALL_TRANSFORMS_NORMALIZE_H
