//===- DecomposePaddedPack.h - linalg.pack with padding ---------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_DECOMPOSEPADDEDPACK_H
#define MEMWALL_LIB_SIMULATOR_DECOMPOSEPADDEDPACK_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Whether the pack has padding, static shapes and static tiles, and no more
/// tiles than it needs.
bool canDecomposePaddedPack(mlir::linalg::PackOp op);

/// Replaces such a pack by one loop nest that reads the plain
/// tensor and writes the packed one; upstream's lowering makes a padded copy of
/// the whole tensor first. What fills up the last tiles is written there; an
/// element that is read in its place is the last one of the dimension.
void decomposePaddedPack(mlir::RewriterBase &rewriter, mlir::linalg::PackOp op);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_DECOMPOSEPADDEDPACK_H
