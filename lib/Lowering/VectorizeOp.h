//===- VectorizeOp.h - Linalg ops one vector at a time ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_VECTORIZEOP_H
#define MEMWALL_LIB_LOWERING_VECTORIZEOP_H

#include "LowerProduct.h"

namespace memwall {

/// Cuts a linalg op that is no product into tiles of one vector, with
/// upstream's tiling, and notes on the op of a tile how long its vectors are
/// (`vectorSizesName`). Vectors go along the dimension that is innermost in
/// most operands:
///
///  - a parallel one: elementwise ops, and reductions over outer dimensions,
///    whose loops are then innermost, so that the sums can stay in registers;
///  - a reduction: the lanes of a vector are partial results, which are reduced
///    at the end (upstream's partial reduction);
///  - where the operands do not agree, as in transposes: square tiles.
///
/// Loops whose steps do not divide are split, so that only their last step is
/// masked. Ops that vectors cannot do are left as they are.
void tileForVectors(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                    const VectorOptions &options);

/// Vectorizes, with upstream's vectorizer, the ops of tiles below `root`. What
/// it refuses stays.
void vectorizeTiles(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// The vector length of each dimension of the op of a tile.
constexpr llvm::StringLiteral vectorSizesName = "memwall.vector_sizes";

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_VECTORIZEOP_H
