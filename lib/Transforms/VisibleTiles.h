//===- VisibleTiles.h - Which tiles of a stream masks leave --------*- C++
//-*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_VISIBLETILES_H
#define MEMWALL_LIB_TRANSFORMS_VISIBLETILES_H

#include "memwall/Schedule/Groups.h"
#include "mlir/IR/Builders.h"

namespace memwall {

/// The loops of a group as they are in IR.
struct LoopsInIR {
  /// Of the loops of the plan, in their order: where each begins its tile of
  /// the tile of the loops around it.
  llvm::SmallVector<mlir::Value> begins;
  /// Of the dimensions of the root, whole.
  llvm::SmallVector<int64_t> extents;
};

/// The begin of part number `part` of the stream of `plan`.
mlir::Value createPartBegin(mlir::OpBuilder &builder, mlir::Location loc,
                            const GroupPlan &plan, mlir::Value part);

/// The end of a loop of the stream of `plan` over `extent` iterations, or over
/// part number `part` of them; of the first loop, which is limited, before the
/// tiles that masks hide from all rows of a tile of the group.
mlir::Value createStreamEnd(mlir::OpBuilder &builder, mlir::Location loc,
                            const GroupPlan &plan, const LoopsInIR &loops,
                            int64_t extent, bool isLimited, mlir::Value part);

/// The end of a loop from `tile` on, by ones, around what that loop does for
/// the tile that begins at `tile`: `tile` + 1, or not above `tile` where masks
/// hide all of it from all rows. Null where no mask hides a tile in front of
/// others.
mlir::Value createVisibleEnd(mlir::OpBuilder &builder, mlir::Location loc,
                             const GroupPlan &plan, const LoopsInIR &loops,
                             mlir::Value tile);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_VISIBLETILES_H
