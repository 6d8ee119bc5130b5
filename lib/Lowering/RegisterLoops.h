//===- RegisterLoops.h - Products in register tiles -------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_REGISTERLOOPS_H
#define MEMWALL_LIB_LOWERING_REGISTERLOOPS_H

#include "PackPanels.h"
#include "memwall/Target/RegisterTile.h"

namespace memwall {

/// An operand of a product of two matrices, as its loops read it.
struct ProductOperand {
  /// Panels [tile][depth][width] (PackPanels.h) of the type of the sums, or of
  /// lanes, or the operand itself, a tensor of rank 2, or 1 for a left operand
  /// without rows.
  mlir::Value tensor;
  bool isPacked = false;
  /// Of an operand that is not packed: the dimension that is no reduction.
  unsigned across = 0;
  bool isUnsigned = false;
  /// Of a right operand that is not packed: what is read of a row asks for the
  /// same part of the row so many rows further on; 0: nothing is asked for.
  int64_t rowsAhead = 0;
};

/// out[row, column] += left[row, depth] * right[depth, column].
struct ProductLoops {
  ProductOperand left, right;
  /// What `panelsAtOnce` right panels are packed from when the loops come to
  /// their columns, once for all rows; `right` is a buffer for them. Without,
  /// `right` has all panels.
  std::optional<PanelSource> rightSource;
  int64_t panelsAtOnce = 1;
  mlir::Value out; ///< [row, column], or [column] without rows.
  /// What `out` is taken to hold, an element; null: what it does hold.
  mlir::Value start;
  std::optional<Extent> rows;
  Extent columns, depth;
  /// So many steps of the reduction are done for all columns before the next
  /// ones; 0: all of them for a tile before the next tile.
  int64_t depthAtOnce = 0;
  /// Of dot loops: the reduction is in so many parts, a dimension of both
  /// operands in front of the depth.
  std::optional<Extent> groups;
  /// Of dot loops: [column, group] or [column], which the products of a group
  /// are multiplied by; null: by nothing.
  mlir::Value scales;
  /// Of dot loops: columns that are summed up together are read one after the
  /// other and not side by side.
  bool readsColumnsInTurn = false;
  mlir::Type sumType;
  /// What dot instructions take, if there are some that fit.
  DotType dot = {};
};

/// Emits loops over register tiles, in which a loop along the reduction carries
/// the sums in registers:
///
///   for %j = 0 to tiles of columns        // a right panel stays in the L1
///     pack %right[%j] and the next ones, with `rightSource`
///     for %i = 0 to tiles of rows         // left panels come from the L2
///       %sums = vector.transfer_read %out[%i * rows, %j * width]
///       for %k: %sums[r] += broadcast(%left[%i, %k, r]) * %right[%j, %k, :]
///       vector.transfer_write %sums
///
/// Columns are outside because a right panel is the wider one: the smaller of
/// the two is what is fetched again for every tile. Where the right operand is
/// read only once, `depthAtOnce` keeps its rows together, as they lie in
/// memory; the sums are then read and written once for every so many steps.
/// What is beyond the edges is masked. A right operand that is not packed has
/// columns innermost.
///
/// With `dot`, a step is that of an instruction, and so are those that `depth`
/// and `depthAtOnce` count. Lanes are whole where an operand is not packed, and
/// a left one has the reduction innermost. A right operand is packed where the
/// left one is raised.
mlir::Value buildRegisterLoops(mlir::OpBuilder &builder,
                               mlir::Location location,
                               const ProductLoops &product,
                               const RegisterTile &tile, int64_t lanes);

/// The same for operands that both have the reduction innermost: vectors go
/// along it, `rowsAtOnce` rows times `columnsAtOnce` columns of them, and every
/// sum is added up across its lanes in the end. Nothing is packed, and `depth`
/// counts single steps.
mlir::Value buildDotLoops(mlir::OpBuilder &builder, mlir::Location location,
                          const ProductLoops &product, int64_t rowsAtOnce,
                          int64_t columnsAtOnce, int64_t lanes);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_REGISTERLOOPS_H
