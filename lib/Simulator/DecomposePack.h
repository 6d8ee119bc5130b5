//===- DecomposePack.h - linalg.pack as one loop nest -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_DECOMPOSEPACK_H
#define MEMWALL_LIB_SIMULATOR_DECOMPOSEPACK_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Whether the pack has static shapes and static tiles, and no more tiles than
/// it needs.
bool canDecomposePack(mlir::linalg::PackOp op);

/// Replaces such a pack by one loop nest that reads the plain tensor and writes
/// the packed one; upstream's lowering makes a padded copy of the whole tensor
/// first, even where nothing is padded. What fills up the last tiles is written
/// there; an element that is read in its place is the last one of the
/// dimension.
void decomposePack(mlir::RewriterBase &rewriter, mlir::linalg::PackOp op);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_DECOMPOSEPACK_H
