//===- FigureAttributes.h - Figures as attributes ---------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_FIGUREATTRIBUTES_H
#define MEMWALL_LIB_PASSES_FIGUREATTRIBUTES_H

#include "memwall/Report/Report.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Sets the `memwall.*` attributes of every op and function of `report`, which
/// was computed for one target from trees of `module`. An op that several call
/// sites execute gets the sums. Figures of an earlier run are removed.
void attachFigures(mlir::ModuleOp module, const Report &report);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_FIGUREATTRIBUTES_H
