//===- Extent.h - How long a dimension is -----------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_EXTENT_H
#define MEMWALL_LIB_LOWERING_EXTENT_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace memwall {

/// The length of a dimension of a tensor: the last tiles of loops are shorter
/// than the others, and only their largest length is known.
struct Extent {
  mlir::OpFoldResult length;
  int64_t bound = INT64_MAX; ///< Upper bound; INT64_MAX: none is known.

  std::optional<int64_t> getConstant() const {
    return mlir::getConstantIntValue(length);
  }
  /// Whether tiles of `tile` fill it.
  bool isMultipleOf(int64_t tile) const {
    std::optional<int64_t> constant = getConstant();
    return constant && *constant % tile == 0;
  }
  bool isBounded() const { return bound != INT64_MAX; }
  mlir::Value getValue(mlir::OpBuilder &builder, mlir::Location location) const;
  /// The number of tiles of `tile`, the last of them partial.
  Extent countTiles(mlir::OpBuilder &builder, mlir::Location location,
                    int64_t tile) const;
  /// The number of tiles of `tile` that are whole.
  Extent countWhole(mlir::OpBuilder &builder, mlir::Location location,
                    int64_t tile) const;
};

/// The length of dimension `dim` of a tensor, at the insertion point.
Extent getExtent(mlir::OpBuilder &builder, mlir::Location location,
                 mlir::Value tensor, int64_t dim);

/// index * factor + offset.
mlir::Value buildLinear(mlir::OpBuilder &builder, mlir::Location location,
                        mlir::Value index, int64_t factor, int64_t offset = 0);

/// min(index * factor + offset, extent - 1): the index of a row that exists.
mlir::Value buildClamped(mlir::OpBuilder &builder, mlir::Location location,
                         mlir::Value index, int64_t factor, int64_t offset,
                         const Extent &extent);

/// A loop from `begin` to `end`, in steps of `step`, that carries `inits`.
mlir::ValueRange
buildLoop(mlir::OpBuilder &builder, mlir::Location location, mlir::Value begin,
          mlir::Value end, mlir::Value step, mlir::ValueRange inits,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(
              mlir::OpBuilder &, mlir::Value index, mlir::ValueRange carried)>
              body);

/// The same from 0.
mlir::ValueRange
buildLoop(mlir::OpBuilder &builder, mlir::Location location, mlir::Value end,
          int64_t step, mlir::ValueRange inits,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(
              mlir::OpBuilder &, mlir::Value index, mlir::ValueRange carried)>
              body);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_EXTENT_H
