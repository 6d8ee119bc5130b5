//===- OptimizedFigures.h - A report beside its optimum ---------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_OPTIMIZEDFIGURES_H
#define MEMWALL_LIB_PASSES_OPTIMIZEDFIGURES_H

#include "memwall/Report/Report.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Sets `TargetFigures::optimized` of every function of `report`, which is of
/// `module`: by running memwall-optimize, with its default options, on a copy
/// for each target.
mlir::LogicalResult addOptimized(Report &report, mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_OPTIMIZEDFIGURES_H
