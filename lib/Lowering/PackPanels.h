//===- PackPanels.h - Operands in the order that products read --*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_PACKPANELS_H
#define MEMWALL_LIB_LOWERING_PACKPANELS_H

#include "DotLanes.h"
#include "Extent.h"

namespace memwall {

/// An operand of a product, a tensor of rank 2 whose dimension `across` is cut
/// into register tiles and whose other one is the reduction.
struct PanelSource {
  mlir::Value tensor;
  unsigned across = 0;
  Extent acrossExtent;
  Extent depthExtent;
  bool isUnsigned = false;
  /// Panels hold lanes for an instruction, if there is one.
  DotType dot = {};
  /// It is the right operand of a dot, the left one of which is raised: behind
  /// the last step, a panel has -128 times its sum along the depth.
  bool hasCorrection = false;
  /// It is this left operand.
  bool isRaised = false;

  /// Steps of the reduction in an element of a panel.
  int64_t steps() const { return dot ? dot.steps() : 1; }
};

/// Copies `source` into panels [tile][depth][width] of `type`:
///
///   panels[t][d][i] = source[t * width + i, d], or 0 beyond the last row
///
/// or, of i32, the lane of source[.., 2 d] and source[.., 2 d + 1], or of four,
/// so that every step of a register tile along the reduction reads the next
/// `width` elements. The panels lie in a buffer of the whole function (of an
/// iteration, inside of scf.forall) where an upper bound of their size is
/// known, so that it is allocated once. `lanes` is the number of elements that
/// are moved at once.
mlir::Value packPanels(mlir::OpBuilder &builder, mlir::Location location,
                       const PanelSource &source, int64_t width,
                       mlir::Type type, int64_t lanes);

/// A buffer for `count` of these panels, and the copy of as many tiles to it,
/// from tile `first` on: a row of all of them after the other.
mlir::Value createSomePanels(mlir::OpBuilder &builder, mlir::Location location,
                             const PanelSource &source, int64_t width,
                             mlir::Type type, int64_t lanes, int64_t count);
mlir::Value packSomePanels(mlir::OpBuilder &builder, mlir::Location location,
                           const PanelSource &source, int64_t width,
                           int64_t lanes, mlir::Value first, int64_t count,
                           mlir::Value panels);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_PACKPANELS_H
