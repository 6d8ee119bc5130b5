//===- PackOperands.h - Operands that are laid out in tiles -----*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_PACKOPERANDS_H
#define MEMWALL_LIB_TRANSFORMS_PACKOPERANDS_H

#include "memwall/Schedule/Schedule.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace memwall {

/// An operand and its packed copy.
struct PackedSource {
  PackedOperand pack;
  mlir::Value source; ///< As the op had it.
  mlir::Value packed;
  /// Per packed dimension: every slice starts where a packed tile starts.
  llvm::SmallVector<bool, 2> startsTile;
};

/// Fails, with an error at `op`, where a pack cannot be read tile by tile: it
/// is of an init, of a dimension that is not one dimension of the op, or the
/// tiles of the innermost loops do not stay inside the packed ones.
mlir::LogicalResult checkPacks(mlir::TilingInterface op,
                               const Schedule &schedule);

/// Packs the operands before `op`, or, those that are packed ahead, where they
/// come from. The op still reads the sources.
llvm::SmallVector<PackedSource> packSources(mlir::RewriterBase &rewriter,
                                            mlir::TilingInterface op,
                                            const Schedule &schedule);

/// Makes `op`, the op of a tile, read the packed copies in place of slices of
/// the sources. It becomes generic where a tile comes out transposed.
mlir::LogicalResult readPackedSources(mlir::RewriterBase &rewriter,
                                      mlir::Operation *&op,
                                      llvm::ArrayRef<PackedSource> sources);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_PACKOPERANDS_H
